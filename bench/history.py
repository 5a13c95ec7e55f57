"""A history for the benchmarks, as a stream for `git fast-import`: history.py COMMITS, 2,000 when empty. 150 modules in 15
folders; every 25th commit is a sweep that changes all manifests and appends an entry for each, every 40th a merge of a branch of
three, the others change one to four sources, and now and then what people write in a manifest."""
import hashlib
import random
import sys

count = int(sys.argv[1] or 2000)
rng = random.Random(1)
out = sys.stdout.buffer
modules = ["area%02d/module%03d" % (i // 10, i) for i in range(150)]
described = dict.fromkeys(modules, 0)
observed = dict.fromkeys(modules)
ledger = bytearray()
last = None
entries = 0
clock = 1767225600


def data(content):
    out.write(b"data %d\n" % len(content) + content + b"\n")


def put(path, content):
    out.write(b"M 100644 inline %s\n" % path.encode())
    data(content)


def stamp(seconds):
    days, rest = divmod(seconds - 1767225600, 86400)
    return "2026-%02d-%02dT%02d:%02d:%02dZ" % (days // 28 + 1, days % 28 + 1, rest // 3600, rest // 60 % 60, rest % 60)


def manifest(module):
    testing = ""
    if observed[module]:
        testing = ',\n    "coverage_observed": %s,\n    "observed_at": "%s"' % observed[module]
    return (
        '{\n  "name": "%s",\n  "description": "What %s does, draft %d",\n  "tags": ["lane:L2", "area"],\n'
        '  "apis": ["open", "close"],\n  "testing": {\n    "coverage_target": 80%s\n  }\n}\n'
        % (module.split("/")[1], module, described[module], testing)
    ).encode()


def append(kind, module, body):
    global last, entries
    entries += 1
    line = (
        '{"v":1,"log":"00112233445566778899aabbccddeeff","lc":%d,"prev":[%s],"run":"ffeeddccbbaa99887766554433221100.%d",'
        '"ts":"%s","kind":"%s","module":"%s","body":%s}'
        % (entries, '"%s"' % last if last else "", entries, stamp(clock), kind, module, body)
    ).encode()
    last = hashlib.sha256(line).hexdigest()
    ledger.extend(line + b"\n")


def sweep():
    if not last:
        append("genesis", "", '{"format":"tidemark-ledger/1"}')
    for module in modules:
        valid = rng.randrange(100, 900)
        covered = valid * rng.randrange(30, 100) // 100
        points = (covered * 20000 // valid + 1) // 2
        observed[module] = (("%.2f" % (points / 100)).rstrip("0").rstrip("."), stamp(clock))
        content = manifest(module)
        put(module + "/module.manifest.json", content)
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        noise = "%064x" % rng.getrandbits(256)
        append(
            "coverage",
            module.split("/")[1],
            '{"evidence":"measured","lines_covered":%d,"lines_valid":%d,"tests_run":14,"tests_skipped":0,"commit":"%s",'
            '"tree":"%s","dirty":false,"report_sha256":"%s","collector":"python","tool":"python 3.11.2, pytest 7.2.1, '
            'coverage 6.5.0","duration_ns":%d,"manifest_blob":"%s"}'
            % (covered, valid, noise[:40], noise[24:], noise, rng.randrange(10**9), blob),
        )
    put("manifests/.ledger/coverage.ndjson", bytes(ledger))


def work():
    for module in rng.sample(modules, rng.randrange(1, 5)):
        put("%s/src/file%d.py" % (module, rng.randrange(12)), b"x = %d\n" % rng.getrandbits(64) * rng.randrange(5, 60))
    if rng.random() < 0.05:
        described[module] += 1
        put(module + "/module.manifest.json", manifest(module))


def commit(branch, start=None, merge=None):
    global clock
    clock += 900
    out.write(b"commit refs/heads/%s\nmark :%d\ncommitter bench <bench@example.com> %d +0000\n" % (branch, mark, clock))
    data(b"commit %d" % mark)
    if start:
        out.write(b"from :%d\n" % start)
    if merge:
        out.write(b"merge :%d\n" % merge)


main = mark = 1
commit(b"main")
put("README.md", b"bench\n")
for module in modules:
    put(module + "/module.manifest.json", manifest(module))
    for i in range(12):
        put("%s/src/file%d.py" % (module, i), b"x = %d\n" % i)
while mark < count:
    mark += 1
    if mark % 40 == 30 and mark + 4 <= count:
        side = main
        for _ in range(3):
            commit(b"side", side)
            put("docs/note%d.md" % mark, b"note\n")
            side = mark
            mark += 1
        commit(b"main", main, side)
        put("docs/note%d.md" % side, b"note\n")
    else:
        commit(b"main", main)
        sweep() if mark % 25 == 0 else work()
    main = mark
out.write(b"done\n")
