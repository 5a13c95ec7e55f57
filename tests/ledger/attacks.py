"""Attacks on ledgers: attacks.py run PROGRAM carries each of them out and checks what finds it (TAP on standard output);
attacks.py table prints docs/ledger-attacks.md.

A case is a row of the table: what is done, the command that must detect it, its exit status, and the findings as pairs of
line and code. Cases on one file are held against tests/ledger/verify.py as well, and so are those on a repository, but for
what only git knows. Cases on commits have the answers of `ledger consistency` instead, with the fields that were edited, and
are held against tests/ledger/consistency.py. To add a case, add it to file_cases(), repository_cases() or commit_cases()."""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
COVERAGE = "manifests/.ledger/coverage.ndjson"
FREEZE = "manifests/.ledger/freeze.ndjson"
RECORD = "docs/_generated/BASELINE_FREEZE.json"

# Entries, spelled by hand.

GENESIS = '{"format":"tidemark-ledger/1"}'
BODY = '{"evidence":"measured","lines_covered":9,"lines_valid":10,"dirty":false}'


def spell(lc, prev, run, body=BODY, kind="coverage", module="tides", log="a" * 32, ts="2026-11-22T12:00:00Z", v="1"):
    ids = ",".join('"%s"' % p for p in sorted(prev))
    head = '{"v":%s,"log":"%s","lc":%d,"prev":[%s],"run":"%s","ts":"%s"' % (v, log, lc, ids, run, ts)
    return (head + ',"kind":"%s","module":"%s","body":%s}' % (kind, module, body)).encode()


def id_of(line):
    return hashlib.sha256(line).hexdigest()


def run_of(n, digits="b"):
    return "%s.%d" % (digits * 32, n)


def chain(n, genesis=GENESIS, log="a" * 32, runs="b"):
    """A genesis and n - 1 entries, each behind the one before."""
    lines = [spell(1, [], run_of(1, runs), genesis, "genesis", "", log)]
    for lc in range(2, n + 1):
        lines.append(spell(lc, [id_of(lines[-1])], run_of(lc, runs), log=log))
    return lines


def text(lines):
    return b"".join(line + b"\n" for line in lines)


ADOPTED = b'{"ts":"2025-10-05","module":"tides","coverage":36.5}\n\n{"note":1}\n'


def adopting(prefix=ADOPTED):
    said = '"lines":%d,"bytes":%d,"sha256":"%s"' % (prefix.count(b"\n"), len(prefix), hashlib.sha256(prefix).hexdigest())
    return chain(4, '{"format":"tidemark-ledger/1","adopted":{%s}}' % said)


def edited(n, old, new, lines=None):
    """Line n with `old` in place of `new`; the lines behind it stay."""
    lines = list(lines or chain(6))
    assert lines[n - 1].count(old) >= 1, (lines[n - 1], old)
    lines[n - 1] = lines[n - 1].replace(old, new, 1)
    return text(lines)


def last(old, new):
    """The same with the last line, which nobody names: only what it is by itself shows."""
    return edited(6, old, new)


def body(spelling):
    return last(BODY.encode(), spelling if isinstance(spelling, bytes) else spelling.encode())


def behind(line, lines=None):
    return text((lines or chain(6)) + [line])


def forked():
    """Two branches that both appended, put together by union."""
    lines = chain(3)
    ours = spell(4, [id_of(lines[2])], run_of(4))
    theirs = spell(4, [id_of(lines[2])], run_of(1, "c"))
    theirs_next = spell(5, [id_of(theirs)], run_of(2, "c"))
    return lines, [theirs, theirs_next, ours]


def many_parents():
    lines = chain(2)
    heads = [spell(3, [id_of(lines[1])], run_of(i + 3)) for i in range(257)]
    heads.sort(key=lambda line: id_of(line))
    return text(lines + heads + [spell(4, map(id_of, heads), run_of(1, "c"))])


def member_spelling(value):
    return BODY[:-1] + ',"more":%s}' % value


VERIFY, STRICT = "ledger verify FILE", "ledger verify --strict FILE"


class FileCase:
    def __init__(self, title, data, findings, command=VERIFY, status=1):
        self.title, self.data, self.findings, self.command, self.status = title, data, findings, command, status

    def codes(self):
        return sorted({code for _, code in self.findings})


def file_cases():
    lines = chain(6)
    prev = id_of(lines[4]).encode()
    deep = "[" * 15 + "1" + "]" * 15
    members = ",".join('"k%d":1' % i for i in range(65))
    case = FileCase
    swapped = text(lines[:3] + [lines[4], lines[3], lines[5]])
    two = chain(4, runs="c")
    fork, merged = forked()
    freeze_body = (
        '{"tag":"v1","kind":"baseline","commit":"%s","tree":"%s","record":"r","record_sha256":"%s","ledgers":[]}'
        % ("1" * 40, "2" * 40, "3" * 64)
    )
    yield case("nothing", text(lines), [], status=0)
    yield case("nothing, behind adopted lines", ADOPTED + text(adopting()), [], status=0)
    yield case("a digit of a line is changed", edited(3, b'covered":9', b'covered":8'), [(4, "dangling")])
    yield case("a line is removed", text(lines[:2] + lines[3:]), [(3, "dangling")])
    yield case("the genesis is removed", text(lines[1:]), [(0, "no-genesis"), (1, "dangling")])
    yield case("an entry of another ledger is put in", behind(chain(3, log="f" * 32, runs="e")[2]), [(7, "foreign")])
    yield case(
        "an entry of another ledger is put in with its `log` changed",
        behind(chain(3, log="f" * 32, runs="e")[2].replace(b"f" * 32, b"a" * 32)),
        [(7, "dangling")] + [(7, "reordered")],
    )
    yield case("an entry is written again behind the last", behind(spell(7, [id_of(lines[5])], run_of(3))), [(7, "replay")])
    yield case("`lc` is set forward", behind(spell(70, [id_of(lines[5])], run_of(7))), [(7, "clock")])
    yield case("`lc` is set back", behind(spell(5, [id_of(lines[5])], run_of(7))), [(7, "clock"), (7, "reordered")])
    yield case("`prev` is out of order", last(b'["%s"' % prev, b'["%s","%s"' % (b"f" * 64, prev)), [(6, "prev-order")])
    yield case("`prev` names an entry twice", last(b'["%s"' % prev, b'["%s","%s"' % (prev, prev)), [(6, "prev-order")])
    yield case("`prev` has over 256 ids", many_parents(), [(260, "prev-count")])
    yield case("an id in upper case", last(prev, prev.upper()), [(6, "hex")])
    yield case("an id cut short", last(prev, prev[1:]), [(6, "hex")])
    yield case("a second genesis", behind(two[0]), [(7, "reordered"), (7, "second-genesis")])
    yield case("an entry without parents", behind(spell(1, [], run_of(7))), [(7, "no-parents"), (7, "reordered")])
    yield case(
        "a genesis with parents",
        behind(spell(7, [id_of(lines[5])], run_of(7), GENESIS, "genesis", "")),
        [(7, "genesis-parents")],
    )
    yield case("an unchained line behind an entry", behind(b'{"module":"tides","coverage":99}'), [(7, "unchained")])
    yield case("an adopted line is edited", ADOPTED.replace(b"36.5", b"63.5") + text(adopting()), [(4, "adopted")])
    yield case("an adopted line is removed", ADOPTED[-11:] + text(adopting()), [(2, "adopted")])
    yield case("a line is put before the genesis", ADOPTED[:53] + text(lines), [(2, "adopted")])
    yield case("something else is put before the genesis", b"hello\n" + text(lines), [(1, "unchained-json"), (2, "adopted")])
    yield case("fields change places", last(b'"v":1,"log":"%s"' % (b"a" * 32), b'"log":"%s","v":1' % (b"a" * 32)), [(6, "key-order")])
    yield case("a field is left out", last(b',"module":"tides"', b""), [(6, "key-missing")])
    yield case("a field is added", last(b'}}', b'},"note":1}'), [(6, "key-unknown")])
    yield case("a field is written twice", last(b'}}', b'},"lc":6}'), [(6, "key-twice")])
    yield case("a key stands twice in a body", body(BODY[:-1] + ',"dirty":true}'), [(6, "key-twice")])
    yield case("a key of a body in capitals", body(BODY.replace("dirty", "Dirty")), [(6, "key-spelling")])
    yield case("a version from the future", last(b'"v":1', b'"v":2'), [(6, "version")])
    yield case("a number with a leading zero", body(BODY.replace(":9", ":09")), [(6, "number")])
    yield case("a number as a fraction", body(BODY.replace(":9", ":9.0")), [(6, "number")])
    yield case("a number with an exponent", body(BODY.replace(":9", ":9e0")), [(6, "number")])
    yield case("a negative number", body(BODY.replace(":9", ":-9")), [(6, "number")])
    yield case("a number over 2^53 - 1", body(BODY.replace(":9", ":9007199254740992")), [(6, "number")])
    yield case("`null` for what is not known", body(BODY.replace(":9", ":null")), [(6, "null")])
    yield case("an escape that is not the shortest", last(b'"tides"', b'"t\\u0069des"'), [(6, "escape")])
    yield case("an escaped slash", last(b'"tides"', b'"ti\\/des"'), [(6, "escape")])
    yield case("a control character that is not escaped", last(b'"tides"', b'"ti\x01des"'), [(6, "escape")])
    yield case("white space", last(b'"lc":6', b'"lc": 6'), [(6, "white-space")])
    yield case("CR LF", last(b"}}", b"}}\r"), [(6, "cr")])
    yield case("a byte order mark at the beginning", b"\xef\xbb\xbf" + text(lines), [(1, "bom"), (0, "no-genesis"), (2, "dangling")])
    yield case("a zero byte", last(b'"tides"', b'"ti\0des"'), [(6, "nul")])
    yield case("a blank line", behind(b""), [(7, "blank")])
    yield case(
        "the markers of an unfinished merge",
        text(lines[:5] + [b"<<<<<<< ours", lines[5], b"=======", b">>>>>>> theirs"]),
        [(6, "conflict-marker"), (8, "conflict-marker"), (9, "conflict-marker")],
    )
    yield case("a line of 65537 bytes", last(b'"tides"', b'"%s"' % (b"t" * (65537 - len(lines[5]) + 5))), [(6, "too-long")])
    yield case("a line of 65536 bytes", last(b'"tides"', b'"%s"' % (b"t" * (65536 - len(lines[5]) + 5))), [], status=0)
    yield case("the final LF is removed", text(lines)[:-1], [(6, "no-lf")])
    yield case("the last line is torn", text(lines)[:-20], [(6, "torn")])
    yield case("the last line is torn after 65536 bytes", text(lines) + b'{"v":1,' * 20000, [(7, "torn")])
    yield case("invalid UTF-8", last(b'"tides"', b'"ti\xc3des"'), [(6, "utf8")])
    yield case("an overlong form of UTF-8", last(b'"tides"', b'"ti\xc0\xafdes"'), [(6, "utf8")])
    yield case("nesting deeper than 16", body(member_spelling(deep)), [(6, "depth")])
    yield case("an object of 65 members", body("{%s}" % members), [(6, "members")])
    yield case("a day that there is not", last(b"2026-11-22", b"2026-02-30"), [(6, "stamp")])
    yield case("a time with a fraction", last(b"00:00Z", b"00:00.5Z"), [(6, "stamp")])
    yield case("a kind in capitals", last(b'"coverage"', b'"Coverage"'), [(6, "kind")])
    yield case("something behind the entry", last(b"}}", b"}}x"), [(6, "syntax")])
    yield case("more lines covered than there are", body(BODY.replace(":9", ":11")), [(6, "body")])
    yield case("a coverage without lines", body('{"evidence":"measured","dirty":false}'), [(6, "body")])
    yield case("a reason for what was measured", body(BODY.replace(',"lines', ',"reason":"x","lines', 1)), [(6, "body")])
    yield case("a member that a coverage does not have", body(member_spelling("1")), [(6, "body")])
    yield case("members of a body change places", body('{"dirty":false,"evidence":"no_data"}'), [(6, "body")])
    for kind, good, bad in (
        ("genesis", None, '{"format":"tidemark-ledger/9"}'),
        ("bench", '{"evidence":"measured","benchmark":"b","slowest":true,"p95_ns":5,"dirty":false}', '{"evidence":"measured","dirty":false}'),
        ("scaffold", '{"files":[]}', '{"files":[{"path":"a"}]}'),
        ("test_scaffold", '{"files":[],"commit":"%s"}' % ("1" * 40), '{"files":[],"commit":"1"}'),
        ("freeze", freeze_body, freeze_body.replace("baseline", "basement")),
        ("rollback", '{"tag":"v1","commit":"%s","head":"%s","files":[]}' % ("1" * 40, "2" * 40), '{"tag":"v1"}'),
    ):
        if good:
            entry = spell(7, [id_of(lines[5])], run_of(7), good, kind, "")
            yield case("nothing, with a %s" % kind, behind(entry), [], status=0)
            entry = spell(7, [id_of(lines[5])], run_of(7), bad, kind, "")
            yield case("a %s whose body is none" % kind, behind(entry), [(7, "body")])
        else:
            yield case("a genesis whose body is none", text(chain(3, bad)), [(1, "body")])
    yield case("a genesis with a module", text([spell(1, [], run_of(1), GENESIS, "genesis")]), [(1, "body")])
    yield case("an entry of a kind that nobody knows", behind(spell(7, [id_of(lines[5])], run_of(7), '{"x":1}', "later")), [], status=0)
    yield case("lines change places", swapped, [(5, "reordered")], status=0)
    yield case("lines change places", swapped, [(5, "reordered")], STRICT)
    yield case("a line is written twice", text(lines + lines[3:4]), [(7, "duplicate")], status=0)
    yield case("a line is written twice", text(lines + lines[3:4]), [(7, "duplicate")], STRICT)
    yield case("two branches are put together", text(fork + merged), [(6, "reordered")], status=0)
    yield case("one side of a merge loses an entry", text(fork + merged[1:]), [(4, "dangling"), (5, "reordered")])
    yield case("the last entry is cut off", text(lines[:5]), [], status=0)
    yield case("everything is replaced by noise", b"\x00\xff\r\n" * 3, [(1, "unchained-json"), (2, "unchained-json"), (3, "unchained-json")])


# Attacks on a repository.


class Repository:
    """A repository with a module that was measured, frozen as v1, measured and frozen as v2, and measured again."""

    def __init__(self, program, root):
        self.program, self.root = program, root

    def run(self, *words, status=0, **more):
        done = subprocess.run(words, cwd=self.root, capture_output=True, **more)
        assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def git(self, *words):
        return self.run("git", *words)

    def tidemark(self, *words):
        return self.run(self.program, *words)

    def commit(self, message="change"):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def ingest(self, *options):
        with open(self.path("..", "report.info"), "w") as file:
            file.write("TN:\nSF:m/f.c\nDA:1,1\nDA:2,0\nend_of_record\n")
        self.tidemark("-q", "ingest", *options, "../report.info")

    def measure(self):
        self.ingest()
        for command in ("scan", "fuse", "trends"):
            self.tidemark("-q", command)
        self.commit("measure")

    def freeze(self, tag, *options):
        self.tidemark("-q", "freeze", tag, *options)

    def build(self):
        os.makedirs(self.path("m"))
        self.git("init", "-q", "-b", "main", ".")
        self.write("m/module.manifest.json", b'{\n  "name": "m"\n}\n')
        self.write("m/f.c", b"int f(void) { return 1; }\n")
        self.commit("module")
        self.measure()
        self.freeze("v1")
        self.measure()
        self.freeze("v2")
        self.measure()

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def read(self, path):
        with open(self.path(path), "rb") as file:
            return file.read()

    def write(self, path, data):
        with open(self.path(path), "wb") as file:
            file.write(data)

    def lines(self, path):
        return self.read(path).split(b"\n")[:-1]

    def put(self, path, lines):
        self.write(path, text(lines))

    def at(self, revision, path):
        return self.git("show", "%s:%s" % (revision, path))


def edit_and_rechain(repo):
    """What somebody does who changes a line and knows how ledgers work."""
    lines = repo.lines(COVERAGE)
    first = lines[1].replace(b'"lines_covered":1', b'"lines_covered":2')
    old, new = id_of(lines[1]).encode(), [lines[0], first]
    for line in lines[2:]:
        changed = line.replace(old, id_of(new[-1]).encode())
        old = id_of(line).encode()
        new.append(changed)
    repo.put(COVERAGE, new)


def edit_record(repo):
    repo.write(RECORD, repo.read(RECORD).replace(b'"tag": "v2"', b'"tag": "v2" '))


def other_number(repo):
    """The last freeze entry, which nobody names, says something else of the ledger."""
    lines = repo.lines(FREEZE)
    body = json.loads(lines[-1])["body"]
    entries = next(l["entries"] for l in body["ledgers"] if l["name"] == "coverage")
    at = lines[-1].index(b'"name":"coverage"')
    lines[-1] = lines[-1][:at] + lines[-1][at:].replace(b'"entries":%d' % entries, b'"entries":%d' % (entries - 1), 1)
    repo.put(FREEZE, lines)


def remove_middle_freeze(repo):
    lines = repo.lines(FREEZE)
    repo.put(FREEZE, lines[:1] + lines[2:])


def forge_chain(repo):
    """The freeze before the last is taken out, and the last one chained and recorded as if it had never been."""
    lines = repo.lines(FREEZE)
    changed = lines[2].replace(id_of(lines[1]).encode(), id_of(lines[0]).encode()).replace(b'"lc":3', b'"lc":2')
    repo.put(FREEZE, [lines[0], changed])


def forge_record(repo):
    """The record of the last freeze forgets the one before, and the freeze entry, which nobody names, agrees."""
    data = repo.read(RECORD)
    at = data.index(b'"previous": {')
    forged = data[:at] + b'"previous": null' + data[data.index(b"}", at) + 1 :]
    lines = repo.lines(FREEZE)
    lines[-1] = lines[-1].replace(id_of(data).encode(), id_of(forged).encode())
    repo.put(FREEZE, lines)
    repo.write(RECORD, forged)


def old_state(repo):
    """Everything is put back as it was at v1, ledgers and record alike."""
    for path in (COVERAGE, FREEZE, RECORD):
        repo.write(path, repo.at("v1", path))


def merge_that_drops(repo):
    """Two branches append; the merge takes one side whole."""
    repo.git("switch", "-q", "-c", "side")
    repo.measure()
    repo.git("switch", "-q", "main")
    repo.measure()
    repo.git("merge", "-q", "-s", "ours", "-m", "merge", "side")


def drop_and_commit(repo):
    repo.put(COVERAGE, repo.lines(COVERAGE)[:-1])
    repo.commit("tidy")
    repo.measure()


def drop_and_put_back(repo):
    lines = repo.lines(COVERAGE)
    repo.put(COVERAGE, lines[:-1])
    repo.commit("oops")
    repo.put(COVERAGE, lines)
    repo.commit("put back")


def make_shallow(repo, depth=2):
    repo.git("gc", "-q")
    clone = repo.path("..", "shallow")
    repo.git("clone", "-q", "--depth", str(depth), "file://" + repo.root, clone)
    repo.root = clone


def cut(path, n):
    return lambda repo: repo.put(path, repo.lines(path)[:-n])


def remove(path):
    return lambda repo: os.unlink(repo.path(path))


def edit_pending(repo):
    """An entry that waits in a fragment is changed there."""
    repo.ingest("--pending")
    folder = "manifests/.ledger/pending"
    path = os.path.join(folder, os.listdir(repo.path(folder))[0])
    repo.write(path, repo.read(path).replace(b'"lines_covered":1', b'"lines_covered":2'))


def start_anew(repo):
    os.unlink(repo.path(COVERAGE))
    repo.measure()


WHOLE, HISTORY = "ledger verify", "ledger verify --history"


class RepositoryCase:
    """`python` is False where only git, or a file beside the ledgers, knows what happened."""

    def __init__(self, title, attack, findings, command=WHOLE, status=1, python=True):
        self.title, self.attack, self.findings = title, attack, findings
        self.command, self.status, self.python = command, status, python

    def codes(self):
        return sorted({code for _, _, code in self.findings})


def repository_cases():
    case = RepositoryCase
    lost = (COVERAGE, 0, "lost")
    yield case("nothing", lambda repo: None, [], status=0)
    yield case("the ledger is cut off below the last freeze", cut(COVERAGE, 2), [(COVERAGE, 0, "truncated")])
    yield case("the ledger is removed", remove(COVERAGE), [(COVERAGE, 0, "truncated")] * 2)
    yield case("the ledger is begun anew", start_anew, [(COVERAGE, 0, "truncated")] * 2)
    yield case("an old line is edited and all behind it chained anew", edit_and_rechain, [(COVERAGE, 0, "truncated")] * 2)
    yield case("the freeze record is edited", edit_record, [(RECORD, 0, "record")])
    yield case("the freeze record is removed", remove(RECORD), [(RECORD, 0, "record")])
    yield case(
        "the freeze record of an older freeze is put back",
        lambda repo: repo.write(RECORD, repo.at("v1", RECORD)),
        [(RECORD, 0, "record")],
    )
    yield case("the last freeze is taken out of the freeze ledger", cut(FREEZE, 1), [(RECORD, 0, "freeze-missing")])
    yield case(
        "a freeze is taken out of the middle",
        remove_middle_freeze,
        [(FREEZE, 2, "dangling"), (FREEZE, 2, "freeze-missing"), (FREEZE, 0, "truncated")],
    )
    yield case(
        "a freeze is taken out and those behind it chained anew",
        forge_chain,
        [(FREEZE, 2, "freeze-missing"), (FREEZE, 2, "pinned"), (FREEZE, 2, "pinned")],
    )
    yield case("record and freeze entry are forged to have no predecessor", forge_record, [(FREEZE, 3, "previous")])
    yield case("a freeze entry says less of a ledger", other_number, [(FREEZE, 3, "pinned")])
    pending = ("manifests/.ledger/pending", 0, "fragment")
    yield case("an entry that is pending is edited", edit_pending, [pending], python=False)
    yield case("entries behind the last freeze are cut off", cut(COVERAGE, 1), [], status=0)
    yield case("entries behind the last freeze are cut off", cut(COVERAGE, 1), [lost], HISTORY, python=False)
    yield case(
        "entries behind the last freeze are cut off", cut(COVERAGE, 1), [(COVERAGE, 0, "pin")], "ledger verify --pin coverage:ID"
    )
    yield case("everything is put back to an older freeze", old_state, [], status=0)
    yield case(
        "everything is put back to an older freeze", old_state, [(FREEZE, 0, "pin")], "ledger verify --pin freeze:ID"
    )
    yield case(
        "everything is put back to an older freeze",
        old_state,
        [lost, lost, (FREEZE, 0, "lost")],
        HISTORY,
        python=False,
    )
    yield case("a commit drops a line", drop_and_commit, [lost], HISTORY, python=False)
    yield case("a merge drops what one side had", merge_that_drops, [lost], HISTORY, python=False)
    yield case("a line is dropped and put back", drop_and_put_back, [], HISTORY, 0, python=False)
    yield case("the history is not all there", make_shallow, [], HISTORY, 4, python=False)


# Edits of what manifests say was observed.

MANIFEST, OTHER = "m/module.manifest.json", "n/module.manifest.json"
BENCH = "manifests/.ledger/bench.ndjson"
FIGURE, TIME, P95 = "testing.coverage_observed", "testing.observed_at", "performance.observed.latency_p95_ms"
HOUR, BEGIN = 3600, 1767225600  # 2026-01-01T00:00:00Z


class Swept(Repository):
    """A repository with two modules, of which each was swept twice: m has 25 %, then 50 %; n 25 % both times. Its clock, and
    that of its commits, goes on by an hour with each commit."""

    def __init__(self, program, root):
        super().__init__(program, root)
        self.now = BEGIN + 24 * HOUR

    def run(self, *words, **more):
        stamp = "%d +0000" % self.now
        times = {"GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp, "SOURCE_DATE_EPOCH": str(self.now)}
        return super().run(*words, env=dict(os.environ, **times), **more)

    def commit(self, message="change"):
        super().commit(message)
        self.now += HOUR

    def take(self, module, covered):
        """A report of four lines."""
        lines = "".join("DA:%d,%d\n" % (n, n <= covered) for n in range(1, 5))
        with open(self.path("..", "report.info"), "w") as file:
            file.write("TN:\nSF:%s/f.c\n%send_of_record\n" % (module, lines))
        self.tidemark("-q", "ingest", "../report.info")

    def sweep(self, module, covered):
        self.take(module, covered)
        self.commit("sweep %s" % module)

    def modules(self, *names):
        self.git("init", "-q", "-b", "main", ".")
        for name in names:
            os.makedirs(self.path(name))
            self.write(name + "/module.manifest.json", b'{\n  "name": "%s",\n  "description": "one"\n}\n' % name.encode())
            self.write(name + "/f.c", b"int f(void)\n{\n    return 1;\n}\n")
        self.commit("modules")

    def build(self):
        self.now = BEGIN
        self.modules("m", "n")
        for m, n in ((1, 1), (2, 1)):
            self.sweep("n", n)
            self.sweep("m", m)

    def elsewhere(self):
        """An empty folder of the case's own."""
        self.root = self.path("..", "new")
        os.mkdir(self.root)

    def replace(self, old, new, path=MANIFEST):
        data = self.read(path)
        assert data.count(old) >= 1, (data, old)
        self.write(path, data.replace(old, new))

    def edit(self, old=b": 50", new=b": 99", path=MANIFEST):
        self.replace(old, new, path)
        self.commit("edit")

    def stamp(self):
        """The time of m's figure, as the manifest has it."""
        return json.loads(self.read(MANIFEST))["testing"]["observed_at"]

    def blob(self, path=MANIFEST):
        return self.git("hash-object", path).decode().strip()

    def forge(self, module="m", path=COVERAGE, kind="coverage", ts="2026-01-05T00:00:00Z", **members):
        """An entry behind the last, spelled and chained well, as somebody writes it who knows how ledgers work."""
        lines = self.lines(path)
        head = json.loads(lines[-1])
        body = json.dumps(members, separators=(",", ":"))
        self.put(path, lines + [spell(head["lc"] + 1, [id_of(lines[-1])], run_of(1, "f"), body, kind, module, head["log"], ts)])

    def observe(self, percent, **members):
        self.forge(evidence="measured", lines_covered=percent, lines_valid=100, dirty=False, **members)


def edits(*replacements, path=MANIFEST):
    """A commit in which every replacement is made in a manifest."""

    def attack(repo):
        for old, new in replacements:
            repo.replace(old, new, path)
        repo.commit("edit")

    return attack


def set_time(repo):
    repo.edit(repo.stamp().encode(), b"2026-01-09T00:00:00Z")


def put_in_twice(repo):
    repo.edit(b'"coverage_observed": 50', b'"coverage_observed": 50, "coverage_observed": 99')


def link_manifest(repo):
    repo.write("m/other.json", repo.read(MANIFEST).replace(b": 50", b": 99"))
    os.unlink(repo.path(MANIFEST))
    os.symlink("other.json", repo.path(MANIFEST))
    repo.commit("link")
    repo.run(repo.program, "scan", status=4)


def put_figure_back(repo):
    """The older figure, with the newer time."""
    repo.edit(b": 50", b": 25")


def put_manifest_back(repo):
    repo.git("checkout", "-q", "HEAD~2", "--", MANIFEST)
    repo.commit("older manifest")


def put_observed_back(repo):
    repo.git("checkout", "-q", "HEAD~2", "--", MANIFEST)
    repo.edit(b'"one"', b'"two"')


def edit_and_revert(repo):
    repo.edit()
    repo.git("revert", "--no-edit", "HEAD")


def sweep_and(old, new):
    """A sweep whose manifest is edited before it is committed."""

    def attack(repo):
        repo.take("m", 3)
        repo.edit(old, new)

    return attack


def with_entry(**members):
    """An edit that comes with an entry which was made up."""

    def attack(repo):
        repo.replace(b": 50", b": 99")
        repo.observe(**{name: value(repo) if callable(value) else value for name, value in members.items()})
        repo.commit("edit and entry")

    return attack


def for_other_module(repo):
    repo.replace(b": 50", b": 99")
    repo.forge("n", evidence="measured", lines_covered=99, lines_valid=100, dirty=False, manifest_blob=repo.blob())
    repo.commit("edit and entry")


def entry_later(repo):
    repo.edit()
    repo.observe(99, manifest_blob=repo.blob())
    repo.commit("entry")


def without_ledger(repo):
    os.unlink(repo.path(COVERAGE))
    repo.edit()


def with_damaged_ledger(repo):
    repo.write(COVERAGE, repo.read(COVERAGE) + b"<<<<<<< HEAD\n")
    repo.edit()


def delete_and_add(repo):
    data = repo.read(MANIFEST)
    os.unlink(repo.path(MANIFEST))
    repo.commit("delete")
    repo.write(MANIFEST, data.replace(b": 50", b": 99"))
    repo.commit("add")


def delete_and_restore(repo):
    data = repo.read(MANIFEST)
    os.unlink(repo.path(MANIFEST))
    repo.commit("delete")
    repo.write(MANIFEST, data)
    repo.commit("add")


def move(*replacements):
    def attack(repo):
        repo.git("mv", "m", "moved")
        for old, new in replacements:
            repo.replace(old, new, "moved/module.manifest.json")
        repo.commit("move")

    return attack


def copy_module(repo):
    shutil.copytree(repo.path("m"), repo.path("copy"))
    repo.edit(b'"m"', b'"copy"', "copy/module.manifest.json")


def branch(repo, side, here=lambda repo: repo.edit(b'"one"', b'"two"', OTHER)):
    """A branch and main, on which each something is done."""
    repo.git("switch", "-q", "-c", "side")
    side(repo)
    repo.git("switch", "-q", "main")
    here(repo)


def merge(repo, *options):
    repo.git("merge", "-q", "--no-ff", *options, "-m", "merge", "side")
    repo.now += HOUR


def amend(repo, old, new):
    repo.replace(old, new)
    repo.git("commit", "-q", "-a", "--amend", "--no-edit")


def edit_in_merge(repo):
    branch(repo, lambda repo: repo.edit(b'"one"', b'"three"'))
    merge(repo)
    amend(repo, b": 50", b": 99")


def edit_in_octopus(repo):
    repo.git("branch", "other")
    branch(repo, lambda repo: repo.edit(b'"one"', b'"three"'))
    repo.git("switch", "-q", "other")
    repo.write("note", b"other")
    repo.commit("note")
    repo.git("switch", "-q", "main")
    merge(repo, "other")
    amend(repo, b": 50", b": 99")


def edit_on_side(repo):
    branch(repo, Swept.edit)
    merge(repo)


def mix_in_merge(repo):
    """One side's figure with the other side's time: neither was observed."""
    branch(repo, lambda repo: repo.edit(b'"one"', b'"three"'), lambda repo: repo.sweep("m", 3))
    merge(repo)
    amend(repo, b": 75", b": 50")


def add_performance(repo):
    repo.edit(b'"one"', b'"one", "performance": {"observed": {"latency_p95_ms": 4}}')


def benchmarked(repo):
    """A benchmark of m, with an entry that is spelled by hand."""
    at = '"observed_at": "2026-01-04T00:00:00Z"'
    repo.replace(b'"one"', b'"one",\n  "performance": {"observed": {"latency_p95_ms": 2.25, %s}}' % at.encode())
    repo.put(BENCH, [spell(1, [], run_of(1, "d"), GENESIS, "genesis", "", "d" * 32)])
    members = {"evidence": "measured", "benchmark": "b", "slowest": True, "samples": 30, "p95_ns": 2250000, "dirty": False}
    repo.forge("m", BENCH, "bench", "2026-01-04T00:00:00Z", **members, manifest_blob=repo.blob())
    repo.commit("benchmark")


def after_benchmark(*replacements):
    def attack(repo):
        benchmarked(repo)
        edits(*replacements)(repo)

    return attack


def unchained(seconds, module="m", figure="36.50"):
    """Figures of before there were chained ledgers: a line so many seconds from the commit of the manifest."""

    def attack(repo):
        repo.elsewhere()
        repo.modules("m")
        os.makedirs(os.path.dirname(repo.path(COVERAGE)))
        repo.write(COVERAGE, b'{"ts":"2025-10-05T00:00:00Z","module":"n","coverage":12}\n')
        repo.commit("ledger")
        repo.now = BEGIN + 48 * HOUR
        line = '{"ts":"2026-01-02T23:%02d:%02dZ","module":"%s","coverage":%s}\n'
        line %= (59 - (seconds - 1) // 60, (60 - seconds) % 60, module, figure)
        repo.write(COVERAGE, repo.read(COVERAGE) + line.encode())
        repo.edit(b'"one"', b'"one", "testing": {"coverage_observed": 36.5}')

    return attack


def before_ledger(repo):
    repo.elsewhere()
    repo.modules("m")
    repo.edit(b'"one"', b'"one", "testing": {"coverage_observed": 99}')


def new_module(repo):
    os.mkdir(repo.path("new"))
    repo.write("new/module.manifest.json", b'{"name": "new", "testing": {"coverage_observed": 99}}\n')
    repo.commit("module")


def roll_back(repo):
    for command in ("scan", "fuse", "trends"):
        repo.tidemark("-q", command)
    repo.commit("generated")
    repo.freeze("v1")
    repo.edit(b'"one"', b'"two"')
    repo.sweep("m", 3)
    repo.tidemark("-q", "rollback", "v1", "--apply")


def roll_back_unmeasured(repo):
    """To a manifest that no entry names."""
    repo.elsewhere()
    repo.modules("m")
    for command in ("scan", "fuse", "trends"):
        repo.tidemark("-q", command)
    repo.commit("generated")
    repo.freeze("v1")
    repo.sweep("m", 3)
    repo.tidemark("-q", "rollback", "v1", "--apply")


def exclude(repo):
    repo.write("tidemark.yaml", b"exclude:\n  - m/\n")
    repo.edit()


def edit_and_cut(repo):
    repo.edit()
    make_shallow(repo, 1)
    repo.git("switch", "-q", "--detach")


CONSISTENCY, SINCE = "ledger consistency", "ledger consistency HEAD~2.."


class CommitCase:
    """`answers` are those of docs/formats/consistency.md, with how many manifests have them; `edited` are the fields of the
    findings: (path, answer, fields)."""

    def __init__(self, title, attack, answers, edited=(), command=CONSISTENCY, status=0):
        self.title, self.attack, self.answers, self.edited = title, attack, answers, list(edited)
        self.command, self.status = command, status

    def codes(self):
        return sorted(self.answers)


def silent(title, attack, *fields, command=CONSISTENCY, path=MANIFEST, **others):
    """A case whose only finding is a silent edit of these fields."""
    return CommitCase(title, attack, dict(others, silent=1), [(path, "silent", sorted(fields))], command, 1)


def commit_cases():
    case = CommitCase
    nothing = lambda repo: None
    yield case("nothing", nothing, {"blob": 1})
    yield case("nothing, since the first commit", nothing, {"blob": 4, "unchanged": 2}, command="ledger consistency --root")
    yield silent("a figure in a manifest is edited", Swept.edit, FIGURE)
    yield silent("a figure is spelled with an escape in its key", edits((b'"coverage_observed": 50', b'"coverage\\u005fobserved": 99')), FIGURE)
    yield silent("the time of a figure is edited", set_time, TIME)
    yield silent("a figure is taken out of a manifest", edits((b'"coverage_observed": 50,', b""),), FIGURE)
    yield case("a figure is spelled otherwise", edits((b": 50", b": 50.000")), {"unchanged": 1})
    yield case("another field of a manifest is edited", edits((b'"one"', b'"two"')), {"unchanged": 1})
    yield silent("an older figure is put in", put_figure_back, FIGURE)
    yield case("an older figure is put in with its time", put_observed_back, {"figures": 1}, [(MANIFEST, "figures", [FIGURE, TIME])])
    yield case("a manifest is put back as an older sweep left it", put_manifest_back, {"blob": 1})
    yield case("a figure is edited, and the edit reverted", edit_and_revert, {"blob": 1})
    yield silent("a figure is edited, and the edit reverted", edit_and_revert, FIGURE, command=SINCE, blob=1)
    yield silent("a sweep's manifest is edited in its commit", sweep_and(b": 75", b": 76"), FIGURE, TIME)
    yield case(
        "another field is edited in the commit of a sweep",
        sweep_and(b'"one"', b'"two"'),
        {"figures": 1},
        [(MANIFEST, "figures", [FIGURE, TIME])],
    )
    yield silent("an edit comes with an entry that names another blob", with_entry(percent=98, manifest_blob="1" * 40), FIGURE)
    yield silent("an edit comes with an entry of another time, without a blob", with_entry(percent=99), FIGURE)
    yield silent("an edit comes with an entry of another module that names its blob", for_other_module, FIGURE)
    yield case("an edit comes with an entry that was made up for it", with_entry(percent=99, manifest_blob=Swept.blob), {"blob": 1})
    yield silent("an edit is committed before its entry", entry_later, FIGURE, command=SINCE)
    yield silent("an edit comes without the ledger", without_ledger, FIGURE)
    yield case("an edit comes with a damaged ledger", with_damaged_ledger, {"not_proved": 1}, [(MANIFEST, "not_proved", [FIGURE])], status=4)
    yield case("a manifest is no longer JSON", edits((b"{", b"[")), {"not_proved": 1}, [(MANIFEST, "not_proved", [])], status=4)
    yield case("a figure is put in a second time", put_in_twice, {"not_proved": 1}, [(MANIFEST, "not_proved", [])], status=4)
    yield case("a manifest is replaced by a link, which `scan` refuses", link_manifest, {})
    yield silent("a manifest is removed, and added with another figure", delete_and_add, FIGURE, TIME)
    yield case("a manifest is removed, and added as it was", delete_and_restore, {"blob": 1})
    yield case("a module is moved", move(), {"blob": 1})
    yield case("a module is moved, with another field edited", move((b'"one"', b'"two"')), {"unchanged": 1})
    yield silent("a module is moved, with its figure edited", move((b": 50", b": 99")), FIGURE, path="moved/module.manifest.json")
    yield silent("a module is copied, with its figures", copy_module, FIGURE, TIME, path="copy/module.manifest.json")
    yield silent("a new module brings a figure", new_module, FIGURE, path="new/module.manifest.json")
    yield case("a figure was there before the ledger", before_ledger, {"before_ledger": 1}, [(MANIFEST, "before_ledger", [FIGURE])])
    yield silent("a merge commit edits a figure", edit_in_merge, FIGURE)
    yield silent("a merge commit of three parents edits a figure", edit_in_octopus, FIGURE)
    yield silent("a merge takes the figure of one side and the time of the other", mix_in_merge, FIGURE)
    yield case("an edit on a side branch is merged", edit_on_side, {})
    yield silent("an edit on a side branch is merged", edit_on_side, FIGURE, command="ledger consistency HEAD^1..")
    yield silent("a figure of a benchmark is put in", add_performance, P95)
    yield case("nothing, after a benchmark", benchmarked, {"blob": 1})
    yield silent("a figure of a benchmark is edited", after_benchmark((b"2.25", b"1.25")), P95)
    yield silent(
        "a figure that no benchmark has is put in beside one",
        after_benchmark((b'"latency_p95_ms"', b'"throughput": 9, "latency_p95_ms"')),
        "performance.observed.throughput",
    )
    yield case("an unchained line is 60 s from the commit", unchained(60), {"time": 1}, [(MANIFEST, "time", [FIGURE])])
    yield silent("an unchained line is 61 s from the commit", unchained(61), FIGURE)
    yield case(
        "an unchained line is 61 s from the commit",
        unchained(61),
        {"time": 1},
        [(MANIFEST, "time", [FIGURE])],
        "ledger consistency --tolerance 61",
    )
    yield silent("an unchained line has another figure", unchained(1, figure="36.51"), FIGURE)
    yield silent("an unchained line is of another module", unchained(1, module="n"), FIGURE)
    yield case("a rollback puts figures back", roll_back, {"rollback": 1})
    yield case("a rollback takes figures away", roll_back_unmeasured, {"rollback": 1})
    yield case("an edit comes with settings that exclude the module", exclude, {})
    yield case("the parent of an edit is not in a shallow clone", edit_and_cut, {"blob": 1, "not_proved": 1}, [(MANIFEST, "not_proved", [FIGURE, TIME])], status=4)
    yield case("there is no commit to look at", Swept.edit, {}, command="ledger consistency HEAD..", status=4)


FILE_CASES = list(file_cases())
REPOSITORY_CASES = list(repository_cases())
COMMIT_CASES = list(commit_cases())


# Carrying them out.


def ours(program, words, cwd):
    done = subprocess.run([program, "--format=json"] + words, cwd=cwd, capture_output=True)
    findings = [(f["file"], f["line"] or 0, f["code"]) for f in json.loads(done.stdout)["findings"]]
    return done.returncode, sorted(findings)


def theirs(words):
    done = subprocess.run([sys.executable, os.path.join(HERE, "verify.py")] + words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = (line.rsplit(" ", 2) for line in done.stdout.splitlines())
    return sorted((path, int(line), code) for path, line, code in rows)


def try_file(program, case, work):
    path = os.path.join(work, "coverage.ndjson")
    with open(path, "wb") as file:
        file.write(case.data)
    wanted = sorted((path, line, code) for line, code in case.findings)
    words = [path if word == "FILE" else word for word in case.command.split()]
    yield "findings and exit status", (case.status, wanted), ours(program, words, work)
    yield "the verifier in Python", wanted, theirs([path])


def try_repository(program, base, case, work):
    shutil.copytree(os.path.join(base, "repo"), os.path.join(work, "repo"), symlinks=True)
    repo = Repository(program, os.path.join(work, "repo"))
    words = case.command.split()
    for i, word in enumerate(words):
        ledger = {"coverage:ID": COVERAGE, "freeze:ID": FREEZE}.get(word)
        words[i] = "%s%s" % (word[:-2], id_of(repo.lines(ledger)[-1])) if ledger else word
    case.attack(repo)
    yield "findings and exit status", (case.status, sorted(case.findings)), ours(program, words, repo.root)
    if case.python:
        yield "the verifier in Python", sorted(case.findings), theirs(["--repository", repo.root] + words[3:])


def try_commits(program, base, case, work):
    shutil.copytree(os.path.join(base, "swept"), os.path.join(work, "repo"), symlinks=True)
    repo = Swept(program, os.path.join(work, "repo"))
    case.attack(repo)
    done = subprocess.run([program, "--format=json"] + case.command.split(), cwd=repo.root, capture_output=True)
    said = json.loads(done.stdout)
    answers = {answer: n for answer, n in said["by"].items() if n}
    edited = [(f["manifest"], f["backing"], sorted(field["field"] for field in f["fields"])) for f in said["findings"]]
    yield "answers and exit status", (case.status, case.answers), (done.returncode, answers)
    yield "edited fields", sorted(case.edited), sorted(edited)
    words = [sys.executable, "-B", os.path.join(HERE, "consistency.py"), repo.root] + case.command.split()[2:]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    yield "the answers in Python", (case.status, case.answers), (said["status"], said["by"])


def attempts(program, base):
    for case in FILE_CASES:
        yield case, lambda work, case=case: try_file(program, case, work)
    for case in REPOSITORY_CASES:
        yield case, lambda work, case=case: try_repository(program, base, case, work)
    for case in COMMIT_CASES:
        yield case, lambda work, case=case: try_commits(program, base, case, work)


def run(program):
    bad = 0
    with tempfile.TemporaryDirectory() as base:
        for name, made in (("repo", Repository), ("swept", Swept)):
            os.mkdir(os.path.join(base, name))
            made(program, os.path.join(base, name)).build()
        print("1..%d" % len(FILE_CASES + REPOSITORY_CASES + COMMIT_CASES))
        for n, (case, attempt) in enumerate(attempts(program, base), 1):
            with tempfile.TemporaryDirectory() as work:
                wrong = [(what, wanted, got) for what, wanted, got in attempt(work) if wanted != got]
            for what, wanted, got in wrong:
                print("# %s: wanted %s\n#   got %s" % (what, wanted, got))
            print("%s %d - %s: %s" % ("not ok" if wrong else "ok", n, case.title.replace("#", ""), case.command))
            bad = bad or bool(wrong)
    return bad


INTRODUCTION = """# Attacks on ledgers

What can be done to a ledger, the command that detects it, its exit status, and the codes by which it is found
([ledger.md](formats/ledger.md), "Damage"). Exit status 0 without a code is what cannot be seen by that command: the rows
next to it show the one that sees it. Warnings are codes with exit status 0.

`ledger consistency` is for edits of the manifests: it is found what backs each one that a commit changed, by the answers of
[consistency.md](formats/consistency.md), of which `figures` and `time` are warnings, and `silent` is the edit that nothing
backs. Without an answer, no changed manifest was looked at.

This page is made by `tests/ledger/attacks.py table`; every row is a test, which carries the attack out.

| what is done | detected by | exit status | found as |
|---|---|---|---|"""


def table():
    print(INTRODUCTION)
    for case in FILE_CASES + REPOSITORY_CASES + COMMIT_CASES:
        codes = ", ".join("`%s`" % code for code in case.codes()) or "-"
        print("| %s | `tidemark %s` | %d | %s |" % (case.title, case.command, case.status, codes))
    return 0


if __name__ == "__main__":
    sys.exit(run(os.path.abspath(sys.argv[2])) if sys.argv[1] == "run" else table())
