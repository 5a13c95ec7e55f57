"""An independent verifier of ledgers, written from docs/formats/ledger.md alone: verify.py FILE... verifies files by
themselves, verify.py --repository ROOT [PIN...] all ledgers of a repository with its freezes and records.

Prints a line for each finding, "FILE LINE CODE", sorted; line 0 is the file as a whole."""
import hashlib
import json
import os
import re
import sys
from datetime import datetime

FIELDS = ["v", "log", "lc", "prev", "run", "ts", "kind", "module", "body"]
MARKERS = (b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>")
LINE_MAX, NUMBER_MAX, PREV_MAX, DEPTH_MAX, MEMBERS_MAX = 65536, 2**53 - 1, 256, 16, 64
WORD = re.compile(rb"[a-z][a-z0-9_]*")
CHARACTER = re.compile(  # one character beyond ASCII, RFC 3629
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
ESCAPE = re.compile(rb'\\(?:["\\bfnrt]|u00(?:0[0-7be-f]|1[0-9a-f]))')


class Flaw(Exception):
    """What is wrong with a line; args[0] is the code."""


class Line:
    """A line, read from left to right by the grammar."""

    def __init__(self, text):
        self.text, self.at = text, 0

    def peek(self):
        return self.text[self.at : self.at + 1]

    def unexpected(self):
        byte = self.peek()
        if byte and byte >= b"\x80" and not CHARACTER.match(self.text, self.at):
            raise Flaw("utf8")
        raise Flaw({b"\0": "nul", b"\r": "cr", b" ": "white-space", b"\t": "white-space"}.get(byte, "syntax"))

    def take(self, literal):
        for i in range(len(literal)):
            if self.peek() != literal[i : i + 1]:
                self.unexpected()
            self.at += 1

    def word(self, longest, code):
        found = WORD.match(self.text, self.at)
        if not found or len(found[0]) > longest or self.text[found.end() : found.end() + 1] != b'"':
            raise Flaw(code)
        self.at = found.end()
        return found[0].decode()

    def field(self, name):
        """`,"name":`, without the comma before the first."""
        i = FIELDS.index(name)
        if self.text.startswith(b'%s"%s":' % (b"," * (i > 0), name.encode()), self.at):
            self.at += len(name) + 3 + (i > 0)
            return
        if self.peek() == b"}":
            raise Flaw("key-missing")
        self.take(b"," * (i > 0) + b'"')
        start = self.at
        key = self.word(64, "key-unknown")
        if key == name:
            self.take(b'":')
        if key in FIELDS[:i]:
            raise Flaw("key-twice")
        if key in FIELDS[i + 1 :]:
            raise Flaw("key-order" if b'"%s":' % name.encode() in self.text[start:] else "key-missing")
        raise Flaw("key-unknown")

    def hex(self, n):
        found = re.compile(rb"[0-9a-f]*").match(self.text, self.at)
        if len(found[0]) != n:
            raise Flaw("hex")
        self.at = found.end()
        return found[0].decode()

    def number(self):
        found = re.compile(rb"[0-9]*").match(self.text, self.at)
        after = self.text[found.end() : found.end() + 1]
        if not found[0]:
            if after in (b"-", b"+", b"."):
                raise Flaw("number")
            self.unexpected()
        if int(found[0]) > NUMBER_MAX or (found[0][0:1] == b"0" and len(found[0]) > 1) or after in (b".", b"e", b"E"):
            raise Flaw("number")
        self.at = found.end()
        return int(found[0])

    def count(self):
        value = self.number()
        if value == 0:
            raise Flaw("number")
        return value

    def string(self):
        self.take(b'"')
        start = self.at
        while self.peek() != b'"':
            byte = self.peek()
            if not byte:
                raise Flaw("syntax")
            if byte < b" ":
                raise Flaw({b"\0": "nul", b"\r": "cr"}.get(byte, "escape"))
            if byte == b"\\":
                found = ESCAPE.match(self.text, self.at)
                if not found:
                    raise Flaw("escape")
                self.at = found.end()
            elif byte < b"\x80":
                self.at += 1
            else:
                found = CHARACTER.match(self.text, self.at)
                if not found:
                    raise Flaw("utf8")
                self.at = found.end()
        self.at += 1
        return json.loads(b'"%s"' % self.text[start : self.at - 1])

    def array(self, depth):
        self.take(b"[")
        values = []
        if self.peek() == b"]":
            self.at += 1
            return values
        while True:
            values.append(self.value(depth + 1))
            if self.peek() == b"]":
                self.at += 1
                return values
            self.take(b",")

    def object(self, depth):
        """A list of pairs: the order of members counts."""
        self.take(b"{")
        members = []
        if self.peek() == b"}":
            self.at += 1
            return members
        while len(members) < MEMBERS_MAX:
            self.take(b'"')
            key = self.word(64, "key-spelling")
            if key in [k for k, _ in members]:
                raise Flaw("key-twice")
            self.take(b'":')
            members.append((key, self.value(depth + 1)))
            if self.peek() == b"}":
                self.at += 1
                return members
            self.take(b",")
        raise Flaw("members")

    def value(self, depth):
        byte = self.peek()
        if byte in (b"{", b"["):
            if depth > DEPTH_MAX:
                raise Flaw("depth")
            return Object(self.object(depth)) if byte == b"{" else self.array(depth)
        if byte == b'"':
            return self.string()
        if byte == b"t":
            self.take(b"true")
            return True
        if byte == b"f":
            self.take(b"false")
            return False
        if self.text.startswith(b"null", self.at):
            raise Flaw("null")
        return self.number() if byte != b"n" else self.unexpected()

    def ids(self):
        self.take(b"[")
        ids = []
        if self.peek() == b"]":
            self.at += 1
            return ids
        while True:
            if len(ids) == PREV_MAX:
                raise Flaw("prev-count")
            self.take(b'"')
            ids.append(self.hex(64))
            self.take(b'"')
            if ids[-2:-1] >= ids[-1:]:
                raise Flaw("prev-order")
            if self.peek() == b"]":
                self.at += 1
                return ids
            self.take(b",")

    def stamp(self):
        text = self.text[self.at : self.at + 20]
        try:
            if not re.fullmatch(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", text) or text < b"1970":
                raise ValueError
            datetime.strptime(text.decode(), "%Y-%m-%dT%H:%M:%SZ")
            if text[17:19] > b"59" or self.text[self.at + 20 : self.at + 21] != b'"':
                raise ValueError
        except ValueError:
            raise Flaw("stamp") from None
        self.at += 20


class Object(list):
    """An object inside a body."""


class Entry:
    def __init__(self, text):
        line = Line(text)
        self.id = hashlib.sha256(text).hexdigest()
        line.take(b"{")
        line.field("v")
        if line.number() != 1:
            raise Flaw("version")
        line.field("log")
        line.take(b'"')
        self.log = line.hex(32)
        line.take(b'"')
        line.field("lc")
        self.lc = line.count()
        line.field("prev")
        self.prev = line.ids()
        line.field("run")
        line.take(b'"')
        self.run = line.hex(32)
        line.take(b".")
        self.run += ".%d" % line.count()
        line.take(b'"')
        line.field("ts")
        line.take(b'"')
        line.stamp()
        line.take(b'"')
        line.field("kind")
        line.take(b'"')
        self.kind = line.word(32, "kind")
        line.take(b'"')
        line.field("module")
        self.module = line.string()
        line.field("body")
        self.body = Object(line.object(2))
        if line.text.startswith(b',"', line.at):
            line.at += 2
            raise Flaw("key-twice" if line.word(64, "key-unknown") in FIELDS else "key-unknown")
        line.take(b"}")
        if line.at != len(text):
            line.unexpected()


def read_entry(text):
    """An entry, or the code that the line has by itself."""
    if len(text) > LINE_MAX:
        return "too-long"
    if not text:
        return "blank"
    if text.startswith(b"\xef\xbb\xbf"):
        return "bom"
    if text.startswith(MARKERS):
        return "conflict-marker"
    try:
        return Entry(text)
    except Flaw as flaw:
        return flaw.args[0]


# Bodies. A member: name, whether it can be left out, and what its value must be.


def is_hex(n):
    return lambda v: isinstance(v, str) and re.fullmatch("[0-9a-f]{%d}" % n, v) is not None


def is_number(low=0, high=NUMBER_MAX):
    return lambda v: type(v) is int and low <= v <= high


def is_text(v):
    return isinstance(v, str)


def is_some_text(v):
    return isinstance(v, str) and v != ""


def is_bool(v):
    return isinstance(v, bool)


def one_of(*names):
    return lambda v: isinstance(v, str) and v in names


def is_object(members):
    return lambda v: isinstance(v, Object) and has_members(v, members)


def ascending(values):
    return all(a < b for a, b in zip(values, values[1:]))


def is_list(members, by):
    def check(v):
        if not isinstance(v, list) or isinstance(v, Object) or not all(is_object(members)(o) for o in v):
            return False
        keys = [dict(o)[by].encode() for o in v]
        return ascending(keys) and (by != "path" or b"" not in keys)

    return check


def is_heads(v):
    return isinstance(v, list) and not isinstance(v, Object) and v != [] and all(map(is_hex(64), v)) and ascending(v)


OPT, MUST = True, False
ADOPTED = [("lines", MUST, is_number(1)), ("bytes", MUST, is_number(1)), ("sha256", MUST, is_hex(64))]
GENESIS = [("format", MUST, one_of("tidemark-ledger/1")), ("adopted", OPT, is_object(ADOPTED))]
BEGIN = [
    ("evidence", MUST, one_of("measured", "no_data", "failed", "timeout", "skipped")),
    ("reason", OPT, is_some_text),
    ("exit_status", OPT, is_number(0, 255)),
]
END = [
    ("commit", OPT, is_hex(40)),
    ("tree", OPT, is_hex(40)),
    ("dirty", MUST, is_bool),
    ("report_sha256", OPT, is_hex(64)),
    ("collector", OPT, is_some_text),
    ("tool", OPT, is_some_text),
    ("duration_ns", OPT, is_number()),
    ("manifest_blob", OPT, is_hex(40)),
]
COUNTS = [(w + e, OPT, is_number()) for w in ("lines", "branches", "functions") for e in ("_covered", "_valid")]
TESTS = [("tests_run", OPT, is_number()), ("tests_skipped", OPT, is_number())]
FIGURES = [("benchmark", OPT, is_text), ("slowest", OPT, is_bool), ("samples", OPT, is_number(1))]
FIGURES += [(name + "_ns", OPT, is_number()) for name in ("p50", "p95", "p99", "mean", "min", "max")]
FIGURES += [("env", OPT, is_hex(16))]
CREATED = [("path", MUST, is_text), ("template", MUST, is_text), ("sha256", MUST, is_hex(64))]
SCAFFOLD = [("files", MUST, is_list(CREATED, "path")), ("set", OPT, is_hex(12)), ("commit", OPT, is_hex(40))]
PINNED = [
    ("name", MUST, is_text),
    ("log", MUST, is_hex(32)),
    ("entries", MUST, is_number()),
    ("max_lc", MUST, is_number()),
    ("heads", MUST, is_heads),
    ("root", MUST, is_hex(64)),
]
FREEZE = [
    ("tag", MUST, is_text),
    ("kind", MUST, one_of("baseline", "production", "final")),
    ("reason", OPT, is_some_text),
    ("commit", MUST, is_hex(40)),
    ("tree", MUST, is_hex(40)),
    ("record", MUST, is_text),
    ("record_sha256", MUST, is_hex(64)),
    ("ledgers", MUST, is_list(PINNED, "name")),
]
RESTORED = [("path", MUST, is_text), ("sha256", OPT, is_hex(64))]
ROLLBACK = [("tag", MUST, is_text), ("commit", MUST, is_hex(40)), ("head", MUST, is_hex(40))]
ROLLBACK += [("files", MUST, is_list(RESTORED, "path"))]
BODIES = {
    "genesis": GENESIS,
    "coverage": BEGIN + COUNTS + TESTS + END,
    "bench": BEGIN + FIGURES + [("sla_p95_ns", OPT, is_number())] + END,
    "scaffold": SCAFFOLD,
    "test_scaffold": SCAFFOLD,
    "freeze": FREEZE,
    "rollback": ROLLBACK,
}


def has_members(members, wanted):
    members = list(members)
    for name, opt, check in wanted:
        if members and members[0][0] == name:
            if not check(members.pop(0)[1]):
                return False
        elif not opt:
            return False
    return not members


def pairs(body, names):
    return all((a in body) == (b in body) for a, b in names)


def body_is_fine(entry):
    if entry.kind not in BODIES:
        return True
    if not has_members(entry.body, BODIES[entry.kind]):
        return False
    body = dict(entry.body)
    if entry.kind == "genesis":
        return entry.module == ""
    if "evidence" not in body:
        return True
    measured = body["evidence"] == "measured"
    figures = {name for name, _, _ in COUNTS + FIGURES} & set(body)
    if measured == ("reason" in body and measured) or (figures and not measured) or not pairs(body, [("commit", "tree")]):
        return False
    if entry.kind == "bench":
        return not measured or {"benchmark", "slowest"} <= set(body)
    counts = [(w + "_covered", w + "_valid") for w in ("lines", "branches", "functions")]
    if not pairs(body, counts + [("tests_run", "tests_skipped")]) or measured != ("lines_valid" in body):
        return False
    return all(body[a] <= body[b] for a, b in counts if a in body) and body.get("lines_valid", 1) > 0


class Ledger:
    """A file, verified: entries by id, and findings as pairs of line and code."""

    def __init__(self, data):
        self.entries, self.findings, self.order, self.log = {}, [], [], None
        self.lines, self.runs, self.last, self.genesis = {}, set(), None, None
        self.read(data)
        self.check_whole()

    def found(self, line, code):
        self.findings.append((line, code))

    def read(self, data):
        lines = data.split(b"\n")
        tail = lines.pop()
        in_prefix, prefix = True, []
        for n, text in enumerate(lines, 1):
            in_prefix = in_prefix and not text.startswith(b'{"v":')
            if in_prefix:
                prefix.append(text)
                self.read_adopted(n, text)
            else:
                self.read_line(n, text)
        self.prefix = b"".join(text + b"\n" for text in prefix)
        self.prefix_lines = len(prefix)
        if tail:
            self.read_tail(len(lines) + 1, tail, in_prefix)

    def read_adopted(self, n, text):
        if not text.strip(b" \t\r\n\v\f") or unchained(text):
            return
        code = read_entry(text)
        if code in ("too-long", "bom", "conflict-marker"):
            self.found(n, code)
        elif unchained(text) is False:
            self.found(n, code)
        else:
            self.found(n, "unchained-json")

    def read_line(self, n, text):
        entry = read_entry(text)
        if isinstance(entry, str):
            self.found(n, "unchained" if unchained(text) else entry)
        else:
            self.add(n, entry)

    def read_tail(self, n, text, in_prefix):
        entry = read_entry(text)
        begin = b'{"v":1,'
        if not isinstance(entry, str):
            self.found(n, "no-lf")
            self.add(n, entry)
        elif in_prefix and (not text.strip(b" \t\r\n\v\f") or unchained(text)):
            self.found(n, "no-lf")
        elif in_prefix and not text.startswith(begin) and not begin.startswith(text):
            self.found(n, "unchained-json")
        else:
            self.found(n, "torn")

    def add(self, n, entry):
        self.log = self.log or entry.log
        if entry.log != self.log:
            return self.found(n, "foreign")
        if entry.id in self.entries:
            return self.found(n, "duplicate")
        self.entries[entry.id], self.lines[entry.id] = entry, n
        self.order.append(entry)
        if entry.kind == "genesis" and entry.prev:
            self.found(n, "genesis-parents")
        elif entry.kind == "genesis" and self.genesis:
            self.found(n, "second-genesis")
        elif entry.kind == "genesis":
            self.genesis = entry
        elif not entry.prev:
            self.found(n, "no-parents")
        if self.last and (entry.lc, entry.id) < self.last:
            self.found(n, "reordered")
        self.last = (entry.lc, entry.id)
        if entry.run in self.runs:
            self.found(n, "replay")
        self.runs.add(entry.run)
        if not body_is_fine(entry):
            self.found(n, "body")

    def check_whole(self):
        for entry in self.order:
            n = self.lines[entry.id]
            if any(p not in self.entries for p in entry.prev):
                self.found(n, "dangling")
            elif entry.prev or entry.kind == "genesis":
                if entry.lc != 1 + max((self.entries[p].lc for p in entry.prev), default=0):
                    self.found(n, "clock")
        if self.order and not self.genesis:
            self.found(0, "no-genesis")
        if self.genesis:
            said = dict(self.genesis.body).get("adopted") if body_is_fine(self.genesis) else None
            is_there = (self.prefix_lines, len(self.prefix), hashlib.sha256(self.prefix).hexdigest())
            if (tuple(v for _, v in said) if said else None) != (is_there if self.prefix else None):
                self.found(self.lines[self.genesis.id], "adopted")

    def reach(self, heads):
        seen, todo = set(), [h for h in heads if h in self.entries]
        while todo:
            entry = todo.pop()
            if entry not in seen:
                seen.add(entry)
                todo += [p for p in self.entries[entry].prev if p in self.entries]
        return seen


def unchained(text):
    """True for a JSON object without `v`, False for one with it, None for anything else."""

    def refuse_twice(items):
        return dict(items)

    def refuse(name):
        raise ValueError(name)

    if len(text) > LINE_MAX:
        return None
    try:
        value = json.loads(text.decode(), object_pairs_hook=refuse_twice, parse_constant=refuse)
    except (ValueError, RecursionError):
        return None
    return "v" not in value if isinstance(value, dict) else None


# Freezes.


def merkle_root(leaves):
    """RFC 9162, 2.1.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + merkle_root(leaves[:k]) + merkle_root(leaves[k:])).digest()


class Repository:
    def __init__(self, root, pins):
        self.root, self.findings = root, []
        self.ledgers = {}
        for name in ("bench", "coverage", "freeze", "scaffold", "test_scaffold"):
            path = "manifests/.ledger/%s.ndjson" % name
            data = self.file(path)
            self.ledgers[name] = Ledger(data or b"")
            self.findings += [(path, line, code) for line, code in self.ledgers[name].findings]
        own = self.ledgers["freeze"]
        self.freezes = sorted(
            (e for e in own.order if e.kind == "freeze" and body_is_fine(e)), key=lambda e: (e.lc, e.id)
        )
        self.acts = {e.id: dict(e.body) for e in self.freezes}
        for entry in self.freezes:
            for pin in self.acts[entry.id]["ledgers"]:
                self.check_pinned(own, entry, dict(pin))
        for kind in ("baseline", "production", "final"):
            self.check_record(own, kind)
        for pin in pins:
            name, _, entry = pin.rpartition(":")
            if not any(entry in ledger.entries for n, ledger in self.ledgers.items() if name in ("", n)):
                self.findings.append(("manifests/.ledger/%s.ndjson" % (name or "bench"), 0, "pin"))

    def file(self, path):
        try:
            with open(os.path.join(self.root, path), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def line_of(self, own, entry):
        """The freezes whose batches are the leaves of this one's tree, oldest first."""
        line = [entry]
        while True:
            behind = own.reach(line[0].prev)
            before = [e for e in self.freezes if e.id in behind]
            if not before:
                return line
            line.insert(0, before[-1])

    def check_pinned(self, own, entry, pin):
        ledger = self.ledgers.get(pin["name"])
        path, line = "manifests/.ledger/%s.ndjson", own.lines[entry.id]
        missing = [h for h in pin["heads"] if h not in ledger.entries]
        self.findings += [(path % pin["name"], 0, "truncated")] * len(missing)
        if missing or any(code == "dangling" for _, code in ledger.findings):
            return
        leaves, seen = [], set()
        for freeze in self.line_of(own, entry):
            for other in map(dict, self.acts[freeze.id]["ledgers"]):
                if other["name"] == pin["name"]:
                    batch = ledger.reach(other["heads"]) - seen
                    leaves += sorted(batch, key=lambda i: (ledger.entries[i].lc, i))
                    seen |= batch
        codes = [
            ledger.log != pin["log"],
            len(leaves) != pin["entries"] or merkle_root([bytes.fromhex(i) for i in leaves]).hex() != pin["root"],
            max(ledger.entries[h].lc for h in pin["heads"]) != pin["max_lc"],
        ]
        self.findings += [(path % "freeze", line, "pinned")] * sum(codes)

    def check_record(self, own, kind):
        path = "docs/_generated/%s_FREEZE.json" % kind.upper()
        data = self.file(path)
        mine = [e for e in self.freezes if self.acts[e.id]["kind"] == kind]
        standing = [e for e in mine if not any(e.id in own.reach(o.prev) for o in mine)]
        if data is None:
            self.findings += [(path, 0, "record")] * bool(standing)
            return
        digest = hashlib.sha256(data).hexdigest()
        by_digest = {self.acts[e.id]["record_sha256"]: e for e in self.freezes}
        if digest not in [self.acts[e.id]["record_sha256"] for e in standing]:
            known = {self.acts[e.id]["tag"] for e in self.freezes}
            missing = digest not in by_digest and json.loads(data)["tag"] not in known
            self.findings.append((path, 0, "freeze-missing" if missing else "record"))
        if digest not in by_digest:
            return
        entry = by_digest[digest]
        previous, line = json.loads(data)["previous"], self.line_of(own, entry)
        before = self.acts[line[-2].id] if len(line) > 1 else None
        if previous != (before and {"tag": before["tag"], "record_sha256": before["record_sha256"]}):
            missing = previous and previous["record_sha256"] not in by_digest
            code = "freeze-missing" if missing else "previous"
            self.findings.append(("manifests/.ledger/freeze.ndjson", own.lines[entry.id], code))


def main(args):
    if args[0] == "--repository":
        findings = Repository(args[1], args[2:]).findings
    else:
        findings = []
        for path in args:
            with open(path, "rb") as file:
                findings += [(path, line, code) for line, code in Ledger(file.read()).findings]
    for path, line, code in sorted(findings):
        print(path, line, code)


if __name__ == "__main__":
    main(sys.argv[1:])
