# Sweeping C modules with make, gcc and lcov.
# shellcheck disable=SC2016 # what stands in single quotes is for the scripts of modules
. "${0%/*}/lib.sh"

for tool in gcc gcov lcov make; do
    command -v $tool >/dev/null || skip_all "no $tool"
done

# ring_module DIR: a module whose test runs three of the five lines that gcov counts.
ring_module() {
    module "$1" "${1##*/}"
    mkdir -p "$1/tests"
    cat >"$1/ring.c" <<'END'
#include "ring.h"
int ring_next(int i)
{
    if (i + 1 == RING)
        return 0;
    return i + 1;
}
int ring_unused(void) { return RING; }
END
    echo 'int ring_next(int i); int ring_unused(void);' >"$1/ring.h"
    echo '#include "../../common/size.h"' >>"$1/ring.h"
    cat >"$1/tests/test_ring.c" <<'END'
#include "../ring.h"
int main(void) { return ring_next(1) == 2 ? 0 : 1; }
END
    printf 'test: tests/test_ring\n\t./tests/test_ring\ntests/test_ring: tests/test_ring.c ring.c\n\t$(CC) $(CFLAGS) -o $@ $^\n.PHONY: test\n' >"$1/Makefile"
    mkdir -p common && echo '#define RING 8' >common/size.h
}

outcome() {
    json "$SCRATCH/out" "[m['evidence'] + ': ' + m.get('reason', '') for m in d['coverage']['modules'] if m['module'] == '$1'][0]"
}

test_a_module_is_built_in_a_copy_and_measured() {
    git_repo repo
    mkdir libs
    ring_module libs/ring
    sed -i 's#../../common#../../common#' libs/ring/ring.h
    commit_all modules
    tm 0 --format=json sweep --coverage
    same "$(outcome ring)" 'measured: '
    # gcov counts lines 2, 4, 5, 6 and 8; 2, 4 and 6 ran.
    same "$(json "$SCRATCH/out" "d['coverage']['modules'][0]['lines']")" "{'covered': 3, 'valid': 5}"
    same "$(json "$SCRATCH/out" "d['coverage']['modules'][0]['functions']")" "{'covered': 1, 'valid': 2}"
    same "$(git status --porcelain --ignored | sort | tr '\n' ' ')" ' M libs/ring/module.manifest.json ?? manifests/ '
    [ -z "$(ls .git/tidemark/work 2>/dev/null)" ] || fail 'the copy is still there'
}

test_a_failing_build_and_a_failing_test_are_failures() {
    git_repo repo
    ring_module broken && echo 'syntax error' >>broken/ring.c
    ring_module wrong && sed -i 's/== 2/== 3/' wrong/tests/test_ring.c
    ring_module targetless && printf 'all:\n\ttrue\n' >targetless/Makefile
    ln -s common ../common 2>/dev/null || :
    sed -i 's#../../common#../common#' broken/ring.h wrong/ring.h targetless/ring.h
    commit_all modules
    tm 4 --format=json sweep --coverage
    same "$(outcome broken)" 'failed: exit status 2'
    same "$(outcome wrong)" 'failed: exit status 2'
    same "$(outcome targetless)" 'failed: exit status 1'
}

run_tests
