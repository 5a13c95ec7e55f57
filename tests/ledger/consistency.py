"""An independent `ledger consistency`, written after docs/formats/consistency.md: consistency.py ROOT [--root] [--tolerance S]
[RANGE] prints the exit status and how many manifests have which answer, as JSON. Of settings it knows `exclude` only, of
unchained lines those of coverage."""
import collections
import functools
import hashlib
import json
import os
import subprocess
import sys
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from verify import read_entry, unchained

MANIFEST, LEDGERS = "module.manifest.json", "manifests/.ledger/"
ORDER = ["unchanged", "figures", "time", "before_ledger", "not_proved", "silent"]  # the worst is last
LATENCIES = {"latency_p50_ms": "p50_ns", "latency_p95_ms": "p95_ns", "latency_p99_ms": "p99_ns"}


class Manifest:
    """`groups` has the observed fields of coverage and bench; null is absent. `broken` when it cannot be read."""

    def __init__(self, path, blob, data):
        self.blob, self.sha256 = blob, hashlib.sha256(data).hexdigest()
        self.groups, self.module = {"coverage": {}, "bench": {}}, os.path.basename(os.path.dirname(path))
        try:
            doc = json.loads(data.decode(), parse_float=Decimal, parse_int=Decimal, object_pairs_hook=refuse_twice)
        except ValueError:
            doc = None
        self.broken = not isinstance(doc, dict) or len(data) > 1 << 20
        if self.broken:
            return
        self.module = doc.get("name") or self.module
        testing, performance = doc.get("testing") or {}, doc.get("performance") or {}
        self.groups["coverage"] = known({k: testing.get(k) for k in ("coverage_observed", "observed_at")})
        self.groups["bench"] = known(performance.get("observed") or {})


def refuse_twice(items):
    if len({key for key, _ in items}) < len(items):
        raise ValueError("a key stands twice")
    return dict(items)


def known(members):
    return {key: value for key, value in members.items() if value is not None}


class Version:
    """The ledgers of a commit: chained entries, lines of before, and whether a line is neither."""

    def __init__(self, files):
        self.entries, self.adopted, self.damaged, self.any = [], [], False, False
        for path, data in files:
            self.any = self.any or os.path.basename(path) in ("coverage.ndjson", "bench.ndjson")
            for line in data.split(b"\n"):
                if line and not isinstance(read_entry(line), str):
                    self.entries.append(json.loads(line))
                elif unchained(line):
                    self.adopted.append(json.loads(line, parse_float=Decimal, parse_int=Decimal))
                else:
                    self.damaged = self.damaged or bool(line.strip())

    def of(self, module):
        return [line for line in self.entries + self.adopted if line.get("module") == module]


class History:
    def __init__(self, root):
        self.root = root
        shallow = os.path.join(root, ".git", "shallow")
        self.shallow = set(open(shallow).read().split()) if os.path.exists(shallow) else set()
        settings = os.path.join(root, "tidemark.yaml")
        lines = open(settings).read().split() if os.path.exists(settings) else []
        self.excluded = tuple(word for word in lines if word.endswith("/"))

    @functools.lru_cache(None)
    def git(self, *words):
        return subprocess.run(("git",) + words, cwd=self.root, capture_output=True, check=True).stdout

    def commits(self, words):
        if "--root" in words:
            return self.git("rev-list", "HEAD").decode().split()
        if not words:
            try:
                words = [self.git("rev-parse", "@{upstream}").decode().strip() + "..HEAD"]
            except subprocess.CalledProcessError:
                words = ["HEAD"]
        one = [] if ".." in words[0] else ["-1"]
        return self.git("rev-list", *one, words[0]).decode().split()

    def parents(self, commit):
        return self.git("rev-list", "--parents", "-1", commit).decode().split()[1:]

    @functools.lru_cache(None)
    def files(self, commit):
        rows = (row.split("\t", 1) for row in self.git("ls-tree", "-r", "-z", commit).decode().split("\0")[:-1])
        return {path: meta.split()[2] for meta, path in rows if meta.startswith("100")}

    def manifests(self, commit):
        named = {path: blob for path, blob in self.files(commit).items() if os.path.basename(path) == MANIFEST}
        return {path: blob for path, blob in named.items() if not path.startswith(self.excluded)}

    @functools.lru_cache(None)
    def manifest(self, path, blob):
        return Manifest(path, blob, self.git("cat-file", "blob", blob))

    @functools.lru_cache(None)
    def version(self, commit):
        paths = [path for path in self.files(commit) if path.startswith(LEDGERS) and path.endswith(".ndjson")]
        return Version([(path, self.git("cat-file", "blob", self.files(commit)[path])) for path in paths])


class Judge:
    """A commit of those that are looked at."""

    def __init__(self, history, commit, looked_at, tolerance):
        self.history, self.commit, self.tolerance = history, commit, tolerance
        self.cut = commit in history.shallow
        self.parents = [] if self.cut else history.parents(commit)
        stand_in = set(looked_at).union(*(history.parents(c) for c in looked_at if c not in history.shallow))
        behind = [c for c in history.git("rev-list", commit).decode().split() if c != commit and c in stand_in]
        self.own, self.past = history.version(commit), [history.version(c) for c in behind]
        self.time = int(history.git("show", "-s", "--format=%ct", commit))

    def answers(self):
        for path, blob in self.history.manifests(self.commit).items():
            before = [self.history.manifests(parent) for parent in self.parents]
            if not any(manifests.get(path) == blob for manifests in before):
                manifest = self.history.manifest(path, blob)
                yield self.answer(path, manifest, [self.earlier(path, manifest, manifests) for manifests in before])

    def earlier(self, path, manifest, manifests):
        """The manifest in a parent, maybe under another name; None when there was none."""
        if path in manifests:
            return self.history.manifest(path, manifests[path])
        here = self.history.manifests(self.commit)
        gone = [self.history.manifest(other, blob) for other, blob in manifests.items() if other not in here]
        same = [m for m in gone if m.blob == manifest.blob] or [m for m in gone if m.module == manifest.module]
        return same[0] if same else None

    def lines(self, module):
        return [line for version in [self.own] + self.past for line in version.of(module)]

    def answer(self, path, manifest, before):
        lines = self.lines(manifest.module)
        if any(line.get("body", {}).get("manifest_blob") == manifest.blob for line in lines):
            return "blob"
        if manifest.broken:
            return "not_proved"
        changed = [group for group in manifest.groups if self.is_changed(manifest, before, group)]
        if changed and self.is_restored(path, manifest):
            return "rollback"
        return max([self.backing(manifest, before, group, lines) for group in changed] + ["unchanged"], key=ORDER.index)

    def is_changed(self, manifest, before, group):
        now = manifest.groups[group]
        return all(m.broken or m.groups[group] != now if m else bool(now) for m in before or [None])

    def is_restored(self, path, manifest):
        acts = [line["body"] for line in self.lines("") if line.get("kind") == "rollback"]
        return any((f["path"], f.get("sha256")) == (path, manifest.sha256) for act in acts for f in act["files"])

    def backing(self, manifest, before, group, lines):
        now = manifest.groups[group]
        first = before[0].groups[group] if before and before[0] else {}
        if any(line.get("kind") == group and has_figures(now, line, first) for line in lines):
            return "figures"
        if group == "coverage" and any("kind" not in line and self.in_time(now, line) for line in lines):
            return "time"
        if not any(version.any for version in self.past) and not self.own.of(manifest.module):
            return "before_ledger"
        cannot_know = self.cut or self.own.damaged or any(m and m.broken for m in before)
        return "not_proved" if cannot_know else "silent"

    def in_time(self, now, line):
        at = datetime.fromisoformat(line["ts"].replace("Z", "+00:00")).timestamp()
        figure = line.get("coverage", line.get("coverage_pct", line.get("coverage_observed")))
        return abs(at - self.time) <= self.tolerance and now.get("coverage_observed") == figure


def has_figures(now, entry, before):
    """Whether a chained entry has the figures of a group, and its time."""
    body = entry["body"]
    if now.get("observed_at") != entry["ts"]:
        return False
    if entry["kind"] == "coverage":
        percent = None
        if body["evidence"] == "measured" and body["lines_valid"]:
            percent = Decimal(body["lines_covered"] * 100) / Decimal(body["lines_valid"])
            percent = percent.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        return now.get("coverage_observed") == percent
    written = {"observed_at": entry["ts"], "env_fingerprint": body.get("env")}
    written.update({k: Decimal(body[v]) / 10**6 if v in body else None for k, v in LATENCIES.items()})
    return all(now.get(k) == (written[k] if k in written else before.get(k)) for k in set(now) | set(written))


def main(root, words):
    tolerance = 60
    if "--tolerance" in words:
        at = words.index("--tolerance")
        tolerance = int(words[at + 1])
        words = words[:at] + words[at + 2 :]
    history = History(root)
    commits = history.commits(words)
    by = collections.Counter(a for commit in commits for a in Judge(history, commit, commits, tolerance).answers())
    unknown = by["not_proved"] or not commits or len(commits) > 1 and history.shallow & set(commits)
    print(json.dumps({"status": 1 if by["silent"] else 4 if unknown else 0, "by": +by}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
