#!/bin/sh
# Ten thousand modules, some nested: all found, and not in quadratic time.
. "${0%/*}/lib.sh"

test_ten_thousand_modules() {
    git_repo r
    /usr/bin/python3 - <<'PY'
import os
for i in range(10000):
    path = f"p{i // 100:02d}/m{i:05d}" + ("/inner" if i % 2 else "")
    os.makedirs(path)
    with open(path + "/module.manifest.json", "w") as f:
        f.write('{"name": "mod-%05d"}' % i)
    open(path + "/README.md", "w").close()
PY
    # Found by the time limit: a scan that compared each with each would need minutes.
    expect 0 timeout 60 "$TIDEMARK" scan
    out_has 'modules    10000 (0 nested, 0 without docs, 10000 without tests)'
    out_has 'docs       10000'
    expect 0 timeout 60 "$TIDEMARK" scan --check
    expect 0 timeout 60 "$TIDEMARK" fuse
    same "$(json docs/_generated/META_REGISTRY.json "d['module_count'], d['summary']['avg_health_score']")" \
        "(10000, 20)"
}

run_tests
