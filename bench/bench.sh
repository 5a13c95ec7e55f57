#!/bin/sh
# Side-by-side benchmarks: each line is a ratio to a named tool on the same input in the same run.
#
# usage: bench/bench.sh [--small] TIDEMARK
#
# LINUX_SOURCE names an unpacked source tree for the scan; without it, Debian's linux-source-6.1 is unpacked when
# it is installed, else a generated tree of 80,000 files stands in. --small is for CI: small inputs, one run.
set -eu
small=
[ "${1:-}" = --small ] && { small=1; shift; }
tidemark=$(realpath "${1:?usage: bench/bench.sh [--small] TIDEMARK}")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
# What git would pack in the background takes both processors from what is measured.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=gc.auto GIT_CONFIG_VALUE_0=0
export GIT_AUTHOR_NAME=bench GIT_AUTHOR_EMAIL=bench@example.com
export GIT_COMMITTER_NAME=bench GIT_COMMITTER_EMAIL=bench@example.com

# best COMMAND: least wall time of several runs, in seconds, after one to warm up.
best() {
    /usr/bin/python3 "$here/measure.py" time "${small:+2}" "$1"
}

# pair COMMAND OTHER: the same of both, which take turns.
pair() {
    /usr/bin/python3 "$here/measure.py" pair "${small:+2}" "$1" "$2"
}

# once COMMAND: the same of one run, for what takes long.
once() {
    /usr/bin/python3 "$here/measure.py" time 1 "$1"
}

# row NAME "OURS THEIRS" BUDGET: times and ratio against the budget.
row() {
    echo "$2" | awk -v name="$1" -v budget="$3" '{
        ours = $1
        theirs = $2
        ratio = ours / theirs
        printf "%-44s %9.1f ms %9.1f ms  %6.3f (budget %s) %s\n", name, ours * 1000, theirs * 1000, ratio, budget,
            ratio <= budget + 0 ? "ok" : "OVER"
    }'
}

# tree: a repository of many files, with manifests that are not committed: what is untracked costs most.
tree() {
    mkdir "$work/tree"
    if [ -n "$small" ]; then
        /usr/bin/python3 "$here/tree.py" files "$work/tree" 3000
    elif [ -n "${LINUX_SOURCE:-}" ]; then
        cp -a "$LINUX_SOURCE/." "$work/tree"
        rm -rf "$work/tree/.git"
    elif [ -e /usr/src/linux-source-6.1.tar.xz ]; then
        tar -xf /usr/src/linux-source-6.1.tar.xz -C "$work/tree" --strip-components=1
        # Debian's packaging ignores the whole tree in its last lines.
        sed -i '/^\/\*$/,$d' "$work/tree/.gitignore"
    else
        /usr/bin/python3 "$here/tree.py" files "$work/tree" 80000
    fi
    git -C "$work/tree" init -q -b main
    git -C "$work/tree" add -A
    git -C "$work/tree" commit -q -m tree
    /usr/bin/python3 "$here/tree.py" manifests "$work/tree" "${small:+100}"
}

# long_ledger: a repository with one module, a report of it, and a ledger of 1 GB.
long_ledger() {
    mkdir -p "$work/long/m" "$work/long/manifests/.ledger"
    git -C "$work/long" init -q -b main
    echo '{"name": "m"}' >"$work/long/m/module.manifest.json"
    printf 'TN:\nSF:m/f.c\nDA:1,1\nDA:2,0\nend_of_record\n' >"$work/half.info"
    echo 'int f(void) { return 1; }' >"$work/long/m/f.c"
    /usr/bin/python3 "$here/ledger.py" "$work/long/manifests/.ledger/coverage.ndjson" "$([ -n "$small" ] && echo 20000 || echo 1400000)"
}

echo "what                                             tidemark        other   ratio"
row 'start-up: --version, against true(1)' "$(pair "'$tidemark' --version" /bin/true)" 5
tree
scan="'$tidemark' -C '$work/tree' -q scan"
row 'scan, against git ls-files -co' "$(pair "$scan" "git -C '$work/tree' ls-files -co --exclude-standard")" 0.7
echo "scan, peak memory: $(/usr/bin/python3 "$here/measure.py" memory "" "$scan") MiB (budget 64)"

# Reports of 8 million lines, and of 200 MB of JSON, against what reads them otherwise.
/usr/bin/python3 "$here/reports.py" "$work" "${small:+20000}"
summary="'$tidemark' coverage summary"
rate() { # NAME SECONDS FILE LEAST
    awk -v name="$1" -v s="$2" -v bytes="$(wc -c <"$3")" -v least="$4" 'BEGIN {
        printf "%-44s %9.1f ms %9.0f MB/s (at least %s) %s\n", name, s * 1000, bytes / s / 1e6, least,
            (bytes / s / 1e6 >= least + 0) ? "ok" : "UNDER"
    }'
}
lcov=$(best "$summary '$work/report.info'")
rate 'LCOV, 8 million lines' "$lcov" "$work/report.info" 800
row 'LCOV, against lcov --summary' "$lcov $(once "lcov --summary '$work/report.info'")" 0.01
${CC:-cc} -O2 -o "$work/expat_pass" "$here/expat_pass.c" -lexpat
cobertura=$(pair "$summary '$work/report.xml'" "'$work/expat_pass' '$work/report.xml'")
row 'Cobertura, against a bare expat pass' "$cobertura" 0.25
row 'Cobertura, against xml.etree iterparse' "${cobertura% *} $(once "/usr/bin/python3 '$here/iterparse.py' '$work/report.xml'")" 0.05
rate 'llvm-cov JSON, 200 MB' "$(best "$summary '$work/report.json'")" "$work/report.json" 500
for report in info xml json; do
    echo "report.$report, peak memory: $(/usr/bin/python3 "$here/measure.py" memory "" "$summary '$work/report.$report'") MiB"
done

# history: 2,000 commits, packed as a clone is.
history() {
    git init -q -b main "$work/history"
    /usr/bin/python3 "$here/history.py" "${small:+200}" | git -C "$work/history" fast-import --quiet --done
    git -C "$work/history" branch -q -D side
    git -C "$work/history" reset -q --hard main
    git -C "$work/history" repack -q -a -d -f
}

history
row 'consistency, against git log --name-only' "$(pair "'$tidemark' -C '$work/history' ledger consistency --root" \
    "git -C '$work/history' log --name-only -- '*module.manifest.json'")" 1

long_ledger
row 'append to a 1 GB ledger, against openssl dgst' "$(pair "'$tidemark' -C '$work/long' -q ingest '$work/half.info'" \
    "openssl dgst -sha256 '$work/long/manifests/.ledger/coverage.ndjson'")" 0.1
rm -rf "$work/long"

# A ledger of a million entries; openssl hashes the same bytes, and so does whoever verifies them.
ledger=$work/coverage.ndjson
/usr/bin/python3 "$here/ledger.py" "$ledger" "${small:+20000}"
verify="'$tidemark' ledger verify '$ledger'"
hash="openssl dgst -sha256 '$ledger'"
row 'ledger verify on one core, against openssl' "$(pair "taskset -c 0 $verify" "taskset -c 0 $hash")" 2
row 'ledger verify on two cores, against openssl' "$(pair "taskset -c 0,1 $verify" "taskset -c 0,1 $hash")" 1.2
echo "ledger verify, peak memory: $(/usr/bin/python3 "$here/measure.py" memory "" "$verify") MiB, ids included"
