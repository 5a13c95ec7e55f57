# Sweeping Python modules with real pytest and coverage.
. "${0%/*}/lib.sh"

/usr/bin/python3 -c 'import pytest, pytest_cov' 2>/dev/null || skip_all 'no pytest with pytest-cov'

# calc_module DIR NAME: four lines of which three run, one branch of two taken.
calc_module() {
    module "$1" "$2"
    mkdir -p "$1/tests"
    cat >"$1/$2.py" <<'END'
def sign(x):
    if x < 0:
        return -1
    return 1
END
    cat >"$1/tests/test_$2.py" <<END
import $2


def test_of_a_positive_number():
    assert $2.sign(3) == 1
END
}

outcome() {
    json "$SCRATCH/out" "[m['evidence'] + ': ' + m.get('reason', '') for m in d['coverage']['modules'] if m['module'] == '$1'][0]"
}

field() {
    json "$SCRATCH/out" "[m['$2'] for m in d['coverage']['modules'] if m['module'] == '$1'][0]"
}

test_lines_branches_and_tests_are_counted() {
    git_repo repo
    calc_module calc calc
    commit_all modules
    tm 0 --format=json sweep --coverage
    # By hand: lines 1, 2 and 4 of 4 run; of the two ways out of line 2 one is taken.
    same "$(field calc lines)" "{'covered': 3, 'valid': 4}"
    same "$(field calc branches)" "{'covered': 1, 'valid': 2}"
    same "$(field calc coverage_pct)" 75
    same "$(field calc tests_run)" 1
    case $(field calc tool) in 'python 3.'*', pytest '*', coverage '*) ;; *) fail "tool: $(field calc tool)" ;; esac
    # Neither caches nor reports are left in the tree, ignored or not.
    same "$(git status --porcelain --ignored | sort | tr '\n' ' ')" ' M calc/module.manifest.json ?? manifests/ '
}

test_pytest_decides_what_failed_and_what_was_nothing() {
    git_repo repo
    calc_module good good
    calc_module bad bad && echo 'def test_no(): assert False' >>bad/tests/test_bad.py
    calc_module broken broken && echo 'import no_such_module' >broken/tests/test_broken.py
    calc_module idle idle && echo 'HELPER = 1' >idle/tests/test_idle.py
    calc_module skips skips && printf 'import pytest\npytestmark = pytest.mark.skip\ndef test_a(): pass\n' >skips/tests/test_skips.py
    commit_all modules
    tm 4 --format=json sweep --coverage
    same "$(outcome good)" 'measured: '
    same "$(outcome bad)" 'failed: exit status 1'
    same "$(outcome broken)" 'failed: exit status 2'
    same "$(outcome idle)" 'no_data: nothing to measure (exit status 5)'
    same "$(outcome skips)" 'no_data: no test ran: all 1 were skipped'
    has "$(field broken log)" "No module named 'no_such_module'"
}

test_a_nested_module_is_measured_by_itself() {
    git_repo repo
    calc_module outer outer
    calc_module outer/inner inner
    echo 'def test_fails(): assert False' >>outer/inner/tests/test_inner.py
    commit_all modules
    tm 4 --format=json sweep --coverage
    same "$(outcome outer)" 'measured: '
    same "$(field outer lines)" "{'covered': 3, 'valid': 4}"
    same "$(outcome inner)" 'failed: exit status 1'
}

test_an_interpreter_without_pytest_is_passed_over() {
    git_repo repo
    calc_module calc calc
    commit_all modules
    mkdir "$SCRATCH/bin"
    # As a version manager's shim that comes first on PATH.
    printf '#!/bin/sh\necho "No module named pytest" >&2\nexit 1\n' >"$SCRATCH/bin/python3"
    chmod +x "$SCRATCH/bin/python3"
    PATH=$SCRATCH/bin:$PATH tm 0 --format=json sweep --coverage
    same "$(outcome calc)" 'measured: '
}

test_settings_name_the_interpreter() {
    git_repo repo
    calc_module calc calc
    mkdir tools
    # shellcheck disable=SC2016 # for the script
    printf '#!/bin/sh\necho "$0" >>"%s"\nexec /usr/bin/python3 "$@"\n' "$SCRATCH/used" >tools/python
    chmod +x tools/python
    printf 'sweep:\n  python: tools/python\n' >tidemark.yaml
    commit_all modules
    tm 0 --format=json sweep --coverage
    same "$(outcome calc)" 'measured: '
    same "$(sort -u "$SCRATCH/used")" "$PWD/tools/python"
}

run_tests
