# What every CI job sources: strict mode, the repository's root as current
# folder, and helpers. POSIX shell.
set -eu
cd "$(dirname "$0")/.."

# configure DIR [MESON-OPTION...]: a build folder that treats warnings as errors.
configure() {
    dir=$1
    shift
    [ -f "$dir/build.ninja" ] || meson setup "$dir" -Dwerror=true "$@" >"$dir.log" 2>&1 || {
        cat "$dir.log"
        return 1
    }
    rm -f "$dir.log"
}

build() {
    ninja -C "$1" --quiet
}

# tests DIR [MESON-TEST-ARGUMENT...]: runs them and writes the counts for .ci/run.
tests() {
    dir=$1
    shift
    status=0
    meson test -C "$dir" --no-rebuild --print-errorlogs "$@" || status=$?
    count_tests "$dir"
    return "$status"
}

# The counts of the last run, test case by test case.
count_tests() {
    [ -n "${CI_COUNTS:-}" ] || return 0
    python3 - "$1/meson-logs/testlog.junit.xml" >"$CI_COUNTS" <<'PY'
import sys
import xml.etree.ElementTree as ET

passed = failed = skipped = 0
for case in ET.parse(sys.argv[1]).getroot().iter("testcase"):
    kinds = {child.tag for child in case}
    if kinds & {"failure", "error"}:
        failed += 1
    elif "skipped" in kinds:
        skipped += 1
    else:
        passed += 1
print(passed, failed, skipped)
PY
}
