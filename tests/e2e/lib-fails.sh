# The shell library's own test: a failing body must fail, wherever it fails.
. "${0%/*}/lib.sh"

# inner BODY: a test file with that body, run by the library; its output in $SCRATCH/inner.
inner() {
    printf '. "%s/tests/e2e/lib.sh"\ntest_inner() {\n%s\n}\nrun_tests\n' "$SOURCE" "$1" >inner.sh
    inner_status=0
    sh inner.sh >"$SCRATCH/inner" 2>&1 || inner_status=$?
}

test_a_passing_body_passes() {
    inner 'true'
    same "$inner_status" 0
    has "$SCRATCH/inner" 'ok 1 - inner'
    lacks "$SCRATCH/inner" 'not ok'
}

test_a_failing_command_in_the_middle_fails() {
    inner 'false
true'
    same "$inner_status" 1
    has "$SCRATCH/inner" 'not ok 1 - inner'
}

test_a_wrong_exit_status_fails() {
    inner 'expect 0 false
true'
    same "$inner_status" 1
    inner 'expect 1 true'
    same "$inner_status" 1
}

test_a_failed_check_fails() {
    inner 'expect 0 echo yes
out_has no'
    same "$inner_status" 1
    inner 'expect 0 echo yes
out_lacks yes'
    same "$inner_status" 1
    inner 'same a b'
    same "$inner_status" 1
}

test_a_skipped_test_says_why() {
    inner 'skip "no such tool"'
    same "$inner_status" 0
    has "$SCRATCH/inner" '# SKIP no such tool'
}

run_tests
