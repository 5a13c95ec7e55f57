#!/bin/sh
# The built-in collectors on modules that make it hard for them: each figure was counted by hand, and the work
# tree holds nothing new but what tidemark writes.
. "${0%/*}/lib.sh"

/usr/bin/python3 -c 'import pytest, pytest_cov, pytest_benchmark' 2>/dev/null || skip_all 'no pytest with its plugins'

# outcome KIND EXPRESSION: over `m`, the only module of the last sweep
outcome() {
    json "$SCRATCH/out" "[($2) for m in d['$1']['modules']][0]"
}

# nothing_new: ignored files count too
nothing_new() {
    git status --porcelain --ignored | grep '^[?!]' | grep -v '^?? manifests/$' >"$SCRATCH/new" || :
    [ ! -s "$SCRATCH/new" ] || fail "left behind: $(cat "$SCRATCH/new")"
}

lines="m['evidence'], m['lines']['covered'], m['lines']['valid']"
reason="m['evidence'], m['reason']"

test_python_is_not_disturbed_by_settings_of_the_repository() {
    git_repo r
    cat >pytest.ini <<'END'
[pytest]
addopts = --cov=. --cov-report=html --cov-report=term-missing --cov-fail-under=99 -m "not slow" --junitxml=old.xml
markers = slow
END
    printf '[run]\nsource = a\nparallel = True\nomit = a/omitted.py\n[report]\nfail_under = 98\n[xml]\noutput = c.xml\n' \
        >.coveragerc
    module a a
    mkdir -p a/tests/benchmarks a/lib
    printf 'def size(items):\n    if items:\n        return len(items)\n    return 0\n' >a/queue.py # 3 of 4 run
    printf 'def never():\n    return 1\n' >a/lib/unused.py                                        # 0 of 2
    printf 'def size(items):\n    return 1\n' >a/lib/queue.py                                     # 0 of 2, same name
    printf 'X = 1\n' >a/omitted.py
    cat >a/tests/test_x.py <<'END'
import queue

import pytest

import a.queue


def test_size():
    assert a.queue.size([1]) == 1
    assert queue.Queue


@pytest.mark.slow
def test_slow():
    assert False
END
    printf 'def test_fast(benchmark):\n    assert benchmark(lambda: 1) == 1\n' >a/tests/benchmarks/test_b.py
    # A nested module with a test of the same name, which fails: it is not ours to run.
    module a/b b
    mkdir a/b/tests
    printf 'def f():\n    return 2\n' >a/b/core.py
    printf 'def test_f():\n    assert False\n' >a/b/tests/test_x.py
    commit_all x
    tm 0 --format=json sweep --coverage a
    same "$(outcome coverage "$lines, m['tests_run']")" "('measured', 3, 8, 2)"
    nothing_new
}

test_python_without_a_test_is_no_data() {
    git_repo r
    module a a
    mkdir a/tests
    printf 'X = 1\n' >a/x.py
    printf 'def helper():\n    return 1\n' >a/tests/test_nothing.py
    commit_all x
    tm 0 --format=json sweep --coverage
    same "$(outcome coverage "m['evidence'], 'lines' in m")" "('no_data', False)"
    nothing_new
}

test_javascript_runs_the_module_s_own_test_files() {
    command -v node >/dev/null || skip 'no node'
    git_repo r
    module a a
    mkdir a/lib 'a/test'
    printf 'exports.half = function (n) {\n  if (n < 0) {\n    return 0;\n  }\n  return n / 2;\n};\n' >a/lib/half.js
    cat >'a/test/odd name.js' <<'END'
const test = require('node:test');
const { half } = require('../lib/half.js');

test('half', () => {
  if (half(4) !== 2) throw new Error('wrong');
});
END
    module a/b b
    mkdir a/b/test
    printf 'throw new Error("not ours");\n' >a/b/test/b.js
    printf 'exports.x = 1;\n' >a/b/x.js
    commit_all x
    tm 0 --format=json sweep --coverage a
    # By hand: lines 4 and 6 are punctuation, and line 3 does not run.
    same "$(outcome coverage "$lines, m['tests_run']")" "('measured', 3, 4, 1)"
    nothing_new
}

# c_module DIR EXPECTED-RESULT
c_module() {
    module "$1" "${1##*/}"
    mkdir "$1/tests"
    printf 'int used(int a);\nint used(int a)\n{\n    if (a > 1)\n        return 1;\n    return 0;\n}\n' >"$1/used.c"
    printf 'int never(void);\nint never(void)\n{\n    return 3;\n}\n' >"$1/never.c"
    printf 'int used(int);\nint main(void)\n{\n    return used(1) != %s;\n}\n' "$2" >"$1/tests/test_used.c"
}

# shellcheck disable=SC2016 # make's own variables
# Flags in CC and -O2 in CFLAGS survive; only `check` is there; the folder has a blank.
c_makefile='CC = gcc -std=c11
CFLAGS = -O2 -Wall
check: t
	./t
t: tests/test_used.c used.o never.o
	$(CC) $(CFLAGS) -o t tests/test_used.c used.o never.o
'

test_c_keeps_the_makefile_s_own_flags() {
    command -v lcov >/dev/null || skip 'no lcov'
    git_repo r
    c_module 'a b' 0
    printf %s "$c_makefile" >'a b/Makefile'
    commit_all x
    tm 0 --format=json sweep --coverage
    # By hand: used.c has 4 lines with code, 3 run; never.c has 2, none runs.
    same "$(outcome coverage "$lines")" "('measured', 3, 6)"
    nothing_new
}

test_c_says_why_there_is_no_figure() {
    command -v lcov >/dev/null || skip 'no lcov'
    git_repo r
    c_module a 1
    printf %s "$c_makefile" >a/Makefile
    commit_all x
    tm 4 --format=json sweep --coverage
    same "$(outcome coverage "m['evidence'], m['exit_status']")" "('failed', 2)"
    printf 'all:\n\ttrue\n' >a/Makefile
    tm 4 --format=json sweep --coverage
    same "$(outcome coverage "m['evidence'], m['exit_status']")" "('failed', 1)"
    expect 0 cat "$(json "$SCRATCH/out" "d['coverage']['modules'][0]['log']")"
    out_has "neither a 'test' nor a 'check' target"
    printf 'test:\n\ttrue\n' >a/Makefile
    tm 0 --format=json sweep --coverage
    same "$(outcome coverage "m['evidence'], 'lines' in m")" "('no_data', False)"
    nothing_new
}

test_c_with_meson_is_built_outside() {
    command -v lcov >/dev/null || skip 'no lcov'
    command -v meson >/dev/null || skip 'no meson'
    git_repo r
    c_module a 0
    cat >a/meson.build <<'END'
project('a', 'c')
lib = static_library('a', 'used.c', 'never.c')
test('used', executable('t', 'tests/test_used.c', link_with: lib))
END
    commit_all x
    tm 0 --format=json sweep --coverage
    same "$(outcome coverage "$lines, m['tests_run']")" "('measured', 3, 6, 1)"
    nothing_new
    echo "sources = files('used.c')" >a/meson.build
    tm 0 --format=json sweep --coverage
    same "$(outcome coverage "m['evidence']")" no_data
}

test_python_benchmarks_run_alone() {
    git_repo r
    printf '[pytest]\naddopts = --benchmark-skip --cov=. --cov-report=html\n' >pytest.ini
    module a a
    mkdir -p a/tests/benchmarks
    printf 'X = 1\n' >a/x.py
    printf 'def test_unit():\n    assert False\n' >a/tests/test_unit.py
    cat >a/tests/benchmarks/bench_x.py <<'END'
import time


def test_nap(benchmark):
    benchmark.pedantic(time.sleep, args=(0.001,), rounds=21)


def test_plain():
    assert False
END
    commit_all x
    tm 0 --format=json sweep --bench
    same "$(outcome bench "m['evidence'], len(m['benchmarks']), m['benchmarks'][0]['samples']")" "('measured', 1, 21)"
    same "$(outcome bench "m['benchmarks'][0]['p50_ns'] >= 1000000, m['benchmarks'][0]['p99_ns']")" "(True, None)"
    nothing_new
}

test_hyperfine_runs_commands_in_a_copy() {
    command -v hyperfine >/dev/null || skip 'no hyperfine'
    git_repo r
    module a a
    mkdir -p a/tests/benchmarks
    # shellcheck disable=SC2016 # for the script that is written
    printf 'printf "#!/bin/sh\\nsleep 0.00$1\\n" >nap\nchmod +x nap\n' >a/tests/benchmarks/setup.sh
    printf '# two naps\n\n./nap 1\n./nap "2" | cat' >a/tests/benchmarks/commands.txt
    commit_all x
    tm 0 --format=json sweep --bench
    same "$(outcome bench "m['evidence'], len(m['benchmarks']), m['benchmarks'][0]['samples'] >= 20")" \
        "('measured', 2, True)"
    nothing_new
    echo false >a/tests/benchmarks/commands.txt
    tm 4 --format=json sweep --bench
    same "$(outcome bench "m['evidence'], m['exit_status']")" "('failed', 1)"
    echo '# none' >a/tests/benchmarks/commands.txt
    tm 0 --format=json sweep --bench
    same "$(outcome bench "m['evidence']")" no_data
    nothing_new
}

test_a_collector_of_the_user_s_own_comes_first() {
    git_repo r
    module a a
    mkdir -p a/tests
    printf 'X = 1\n' >a/x.py
    printf 'def test_x():\n    pass\n' >a/tests/test_x.py
    cat >tidemark.yaml <<'END'
collectors:
  mine:
    languages: [python]
    command: [sh, -c, 'printf "SF:$1/x.py\nDA:1,1\nDA:2,0\nend_of_record\n" >"$2"', sh, "{module}", "{out}/r"]
    report: "{out}/r"
    format: lcov
    versions: [[echo, mine 1.0]]
END
    commit_all x
    tm 0 --format=json sweep --coverage
    same "$(outcome coverage "$lines, m['collector'], m['tool']")" "('measured', 1, 2, 'mine', 'mine 1.0')"
    printf 'modules: {a: {collector: python}}\n' >>tidemark.yaml
    tm 0 --format=json sweep --coverage
    same "$(outcome coverage "$lines, m['collector']")" "('measured', 0, 1, 'python')"
    printf 'modules: {a: {skip: needs a licence}}\n' >tidemark.yaml
    tm 0 --format=json sweep --coverage
    same "$(outcome coverage "$reason")" "('skipped', 'skipped by settings: needs a licence')"
}

run_tests
