#!/bin/sh
# Random histories, merged by git in every way: see histories.py. TM_TEST_HISTORIES says how many, TM_TEST_SEED
# where they start; a failure names its seed.
. "${0%/*}/lib.sh"

test_no_random_history_loses_doubles_or_misorders_an_entry() {
    /usr/bin/python3 "$SOURCE/tests/e2e/histories.py" "$TIDEMARK" "${TM_TEST_HISTORIES:-60}" "${TM_TEST_SEED:-1}"
}

run_tests
