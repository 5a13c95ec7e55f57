# What a person who types something wrong sees.
. "${0%/*}/lib.sh"

test_no_command_is_a_usage_error() {
    tm 2
    err_is_one_line
    err_has 'no command given'
}

test_an_unknown_command_names_the_nearest() {
    tm 2 scna
    err_is_one_line
    err_has "did you mean 'scan'?"
}

test_an_unknown_option_names_the_nearest() {
    git_repo repo
    tm 2 scan --chekc
    err_is_one_line
    err_has "did you mean '--check'?"
}

test_an_option_without_its_value() {
    tm 2 -C
    err_is_one_line
    err_has 'needs a value'
}

test_a_wrong_number() {
    tm 2 --lock-timeout soon scan
    err_is_one_line
    err_has "'soon' is not a number"
}

test_version_and_help_need_no_repository() {
    tm 0 --version
    out_has 'tidemark '
    tm 0 --help
    out_has 'commands:'
    tm 0 scan --help
    out_has 'usage: tidemark scan'
}

test_outside_a_repository() {
    tm 3 scan
    err_is_one_line
    err_has 'not inside a git repository'
}

test_stdout_that_cannot_be_written_is_a_failure() {
    [ -e /dev/full ] || skip 'no /dev/full'
    status=0
    "$TIDEMARK" --help >/dev/full 2>"$SCRATCH/err" || status=$?
    same "$status" 3
    err_is_one_line
}

test_a_pipe_that_closes_is_no_crash() {
    git_repo repo
    i=0
    while [ $i -lt 300 ]; do
        module "m$i" "module-with-a-long-name-$i"
        i=$((i + 1))
    done
    { "$TIDEMARK" scan --format=json 2>"$SCRATCH/err" || echo $? >"$SCRATCH/status"; } | head -c 1 >/dev/null
    [ ! -s "$SCRATCH/err" ] || err_is_one_line
}

test_control_characters_are_escaped() {
    tm 2 "$(printf 'a\033[31mb')"
    err_is_one_line
    err_has 'a\x1b[31mb'
}

run_tests
