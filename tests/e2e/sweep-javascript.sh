# Sweeping JavaScript modules with node's own test runner.
. "${0%/*}/lib.sh"

command -v node >/dev/null || skip_all 'no node'

outcome() {
    json "$SCRATCH/out" "[m['evidence'] + ': ' + m.get('reason', '') for m in d['coverage']['modules'] if m['module'] == '$1'][0]"
}

test_lines_that_ran_are_counted() {
    git_repo repo
    module sign sign
    cat >sign/sign.mjs <<'END'
export function sign(x) {
    if (x < 0) {
        return -1;
    }
    return 1;
}
END
    cat >sign/sign.test.mjs <<'END'
import test from 'node:test';
import assert from 'node:assert';
import { sign } from './sign.mjs';
test('positive', () => assert.equal(sign(3), 1));
test('later', { skip: true }, () => {});
END
    commit_all modules
    tm 0 --format=json sweep --coverage
    same "$(outcome sign)" 'measured: '
    # Lines with code are 1, 2, 3 and 5; all but 3 ran.
    same "$(json "$SCRATCH/out" "d['coverage']['modules'][0]['lines']")" "{'covered': 3, 'valid': 4}"
    same "$(json "$SCRATCH/out" "[d['coverage']['modules'][0][k] for k in ('tests_run', 'tests_skipped')]")" '[1, 1]'
    same "$(git status --porcelain --ignored | sort | tr '\n' ' ')" ' M sign/module.manifest.json ?? manifests/ '
}

test_a_failing_test_fails() {
    git_repo repo
    module wrong wrong
    echo 'export const one = 2;' >wrong/one.mjs
    printf "import test from 'node:test';\nimport assert from 'node:assert';\nimport { one } from './one.mjs';\ntest('one', () => assert.equal(one, 1));\n" >wrong/one.test.mjs
    commit_all modules
    tm 4 --format=json sweep --coverage
    same "$(outcome wrong)" 'failed: exit status 1'
}

run_tests
