"""Random histories of a ledger, merged by the real git with tidemark's driver.

    histories.py TIDEMARK COUNT SEED

Each history is a few branches that append and merge, made in one go by fast-import, some of them from
before there were attributes. Then git merges two of them both ways, and does one thing in a work tree: a
merge, a rebase or a cherry-pick. What must hold afterwards is computed here, from nothing but the
lines: no entry is lost, none is twice, all stand in (lc, id) order, the same in both directions, and
what each entry names is there. Entries are spelled and hashed here as well, by the format page.
"""

import hashlib
import os
import random
import subprocess
import sys

LEDGER = "manifests/.ledger/coverage.ndjson"


def run(*argv, status=0, **kw):
    done = subprocess.run(argv, capture_output=True, **kw)
    if done.returncode != status:
        raise AssertionError("%s: status %d\n%s%s" % (argv, done.returncode, done.stdout.decode(), done.stderr.decode()))
    return done.stdout


class Entry:
    def __init__(self, log, lc, prev, nonce):
        kind, module = ("coverage", "m") if prev else ("genesis", "")
        body = '{"evidence":"no_data","dirty":false}' if prev else '{"format":"tidemark-ledger/1"}'
        self.line = (
            '{"v":1,"log":"%032x","lc":%d,"prev":[%s],"run":"%032x.1","ts":"2026-01-01T00:00:00Z","kind":"%s",'
            '"module":"%s","body":%s}' % (log, lc, ",".join('"%s"' % i for i in sorted(prev)), nonce, kind, module, body)
        )
        self.id = hashlib.sha256(self.line.encode()).hexdigest()
        self.lc, self.prev = lc, prev


def in_order(entries):
    return sorted(entries, key=lambda e: (e.lc, e.id))


def text_of(entries):
    return "".join(e.line + "\n" for e in in_order(entries))


def root_of(ids):
    """The tree hash of RFC 9162, 2.1.1, over ids in their order."""
    if len(ids) == 1:
        return hashlib.sha256(b"\0" + bytes.fromhex(ids[0])).digest()
    k = 1
    while 2 * k < len(ids):
        k *= 2
    return hashlib.sha256(b"\1" + root_of(ids[:k]) + root_of(ids[k:])).digest()


class Commit:
    def __init__(self, mark, entries, attributes, parents):
        self.mark, self.entries, self.attributes, self.parents = mark, entries, attributes, parents


class History:
    """Branches of one ledger; `stream` is what fast-import reads."""

    def __init__(self, number, rng, attributes, first_mark):
        self.rng, self.name, self.attributes_text = rng, "h%d" % number, attributes
        self.log, self.known, self.stream, self.next_mark = rng.getrandbits(64), {}, [], first_mark
        start = self.append(frozenset())
        for _ in range(rng.randrange(3)):
            start = self.append(start)
        root = self.commit(start, rng.random() < 0.5, [])
        self.branches = [root] * rng.choice([2, 2, 3])
        for _ in range(rng.randrange(3, 9)):
            self.step()
        for i in range(len(self.branches)):  # no branch stays where it began
            self.measure(i)
        for i, tip in enumerate(self.branches):
            self.stream.append("reset refs/heads/%s/%d\nfrom :%d\n\n" % (self.name, i, tip.mark))

    def append(self, entries):
        named = {i for e in entries for i in e.prev}
        heads = [e for e in entries if e.id not in named]
        entry = Entry(self.log, 1 + max((e.lc for e in heads), default=0), [e.id for e in heads], self.rng.getrandbits(64))
        self.known[entry.line] = entry
        return entries | {entry}

    def commit(self, entries, attributes, parents):
        text, mark = text_of(entries), self.next_mark
        self.next_mark += 1
        files = [(LEDGER, text)] + ([(".gitattributes", self.attributes_text)] if attributes else [])
        self.stream.append("commit refs/heads/%s/new\nmark :%d\ncommitter A <a@example.com> %d +0000\ndata 1\n.\n" % (self.name, mark, 1700000000 + mark))
        for how, parent in zip(["from"] + ["merge"] * len(parents), parents):
            self.stream.append("%s :%d\n" % (how, parent.mark))
        for path, data in files:
            self.stream.append("M 100644 inline %s\ndata %d\n%s\n" % (path, len(data.encode()), data))
        self.stream.append("\n")
        return Commit(mark, entries, attributes, parents)

    def measure(self, i):
        tip = self.branches[i]
        entries = tip.entries
        for _ in range(self.rng.randrange(1, 4)):
            entries = self.append(entries)
        self.branches[i] = self.commit(entries, tip.attributes or self.rng.random() < 0.2, [tip])

    def step(self):
        i, j = self.rng.randrange(len(self.branches)), self.rng.randrange(len(self.branches))
        a, b = self.branches[i], self.branches[j]
        if self.rng.random() < 0.75 or a is b or a in b.parents or b in a.parents:
            self.measure(i)
        else:
            self.branches[i] = self.commit(a.entries | b.entries, a.attributes or b.attributes, [a, b])


class Checks:
    def __init__(self, tidemark, folder):
        self.tidemark, self.folder, self.counts = tidemark, folder, {}
        self.cat = None

    def git(self, *argv, status=0):
        return run("git", *argv, status=status, cwd=self.folder)

    def blob(self, name):
        if not self.cat:
            self.cat = subprocess.Popen(["git", "cat-file", "--batch"], cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.cat.stdin.write(name.encode() + b"\n")
        self.cat.stdin.flush()
        size = int(self.cat.stdout.readline().split()[2])
        return self.cat.stdout.read(size + 1)[:-1].decode()

    def check(self, history, text, must_have, what):
        """Returns the root over what is there."""
        lines = text.split("\n")
        assert lines.pop() == "", "%s: no line feed at the end" % what
        entries = [history.known[line] for line in lines]  # KeyError: a line that nobody wrote
        there = {e.id for e in entries}
        assert must_have <= set(entries), "%s: %d entries are lost" % (what, len(must_have - set(entries)))
        assert len(there) == len(entries), "%s: an entry is twice" % what
        assert entries == in_order(entries), "%s: not in order" % what
        assert all(p in there for e in entries for p in e.prev), "%s: an entry names one that is not there" % what
        return root_of([e.id for e in entries])

    def both_ways(self, history, a, b):
        roots, texts = [], []
        for left, right in ((0, 1), (1, 0)):
            out = self.git("merge-tree", "--write-tree", "%s/%d" % (history.name, left), "%s/%d" % (history.name, right))
            texts.append(self.blob(out.decode().split()[0] + ":" + LEDGER))
            roots.append(self.check(history, texts[-1], a.entries | b.entries, "merge-tree"))
        assert texts[0] == texts[1] == text_of(a.entries | b.entries), "the two directions differ"
        assert roots[0] == roots[1], "the two roots differ"

    def in_work_tree(self, history, a, b):
        what = history.rng.choice(["merge", "rebase", "cherry-pick"])
        ours, theirs, must_have = "%s/0" % history.name, "%s/1" % history.name, a.entries | b.entries
        self.git("checkout", "-q", "-f", "--detach", theirs if what == "rebase" else ours)
        older = not (b if what == "rebase" else a).attributes
        if what == "merge":
            self.git("merge", "-q", "--no-edit", theirs)
        elif what == "rebase":
            self.git("rebase", "-q", ours)
        else:
            # The tip is never a merge: every branch ends by a measurement.
            self.git("cherry-pick", "--allow-empty", "--keep-redundant-commits", theirs)
        with open(os.path.join(self.folder, LEDGER)) as file:
            self.check(history, file.read(), must_have, what)
        run(self.tidemark, "ledger", "normalize", "--check", cwd=self.folder)
        self.counts[what] = self.counts.get(what, 0) + 1
        self.counts["older"] = self.counts.get("older", 0) + older


def work(tidemark, count, seed, folder):
    checks = Checks(tidemark, folder)
    run("git", "init", "-q", "-b", "main", folder)
    with open(os.path.join(folder, "module.manifest.json"), "w") as file:
        file.write('{"name": "m"}\n')
    checks.git("add", "-A")
    checks.git("commit", "-q", "-m", "start")
    run(tidemark, "doctor", "--fix", cwd=folder)
    checks.git("config", "gc.auto", "0")
    with open(os.path.join(folder, ".gitattributes")) as file:
        attributes = file.read()
    histories, mark = [], 1
    for i in range(count):
        histories.append(History(i, random.Random(seed + i), attributes, mark))
        mark = histories[-1].next_mark
    run("git", "fast-import", "--quiet", "--force", cwd=folder, input="".join("".join(h.stream) for h in histories).encode())
    for i, history in enumerate(histories):
        a, b = history.branches[:2]
        try:
            checks.both_ways(history, a, b)
            checks.in_work_tree(history, a, b)
        except (AssertionError, KeyError) as error:
            print("# seed %d: %s" % (seed + i, str(error).replace("\n", "\n# ")), flush=True)
            return 1
    print("# %d histories: %s" % (count, ", ".join("%s %d" % item for item in sorted(checks.counts.items()))), flush=True)
    return 0


def main():
    tidemark, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    children = []
    for part, n in enumerate([count // 2, count - count // 2]):
        pid = os.fork()
        if pid == 0:
            status = 2
            try:
                status = work(tidemark, n, seed + part * (count // 2), os.path.abspath("r%d" % part))
            finally:
                os._exit(status)
        children.append(pid)
    failed = [pid for pid in children if os.waitpid(pid, 0)[1] != 0]
    sys.exit(1 if failed else 0)


main()
