"""A valid coverage ledger for the benchmarks: ledger.py FILE N writes N entries (a million when empty), genesis included, as
sweeps over 200 modules would leave them."""
import hashlib
import sys
from datetime import datetime, timedelta, timezone

path, count = sys.argv[1], int(sys.argv[2] or 1000000)
MODULES = 200


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


log = digest("log")[:32]
start = datetime(2026, 1, 1, tzinfo=timezone.utc)
prev = ""
with open(path, "wb") as out:
    for i in range(count):
        sweep, module = divmod(i, MODULES)
        # All that changes from sweep to sweep is drawn from one digest, so that a million of them take seconds.
        if module == 0:
            seed = digest("sweep %d" % sweep)
            stamp = (start + timedelta(minutes=sweep)).strftime("%Y-%m-%dT%H:%M:%SZ")
        if i == 0:
            kind, name, body = "genesis", "", '{"format":"tidemark-ledger/1"}'
        else:
            own = hashlib.sha256(b"%d" % i).hexdigest()
            kind, name = "coverage", "services/module-%03d" % module
            body = (
                '{"evidence":"measured","lines_covered":%d,"lines_valid":%d,"branches_covered":%d,"branches_valid":%d,'
                '"tests_run":%d,"tests_skipped":0,"commit":"%s","tree":"%s","dirty":false,"report_sha256":"%s",'
                '"collector":"python","tool":"python 3.11.2, pytest 7.2.1, coverage 6.5.0","duration_ns":%d,'
                '"manifest_blob":"%s"}'
                % (i % 900, 1000, i % 90, 100, i % 50 + 1, seed[:40], seed[24:], own, 812000000 + i, own[:40])
            )
        line = (
            '{"v":1,"log":"%s","lc":%d,"prev":[%s],"run":"%s.%d","ts":"%s","kind":"%s","module":"%s","body":%s}'
            % (log, i + 1, prev and '"%s"' % prev, seed[:32], module + 1, stamp, kind, name, body)
        ).encode()
        prev = hashlib.sha256(line).hexdigest()
        out.write(line + b"\n")
