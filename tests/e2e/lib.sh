# What every end-to-end test sources: TAP, a fresh folder each, fixed clock,
# locale and author, exact exit status. POSIX shell.
#
#   . "${0%/*}/lib.sh"
#   test_scan_finds_two_modules() { ...; }
#   run_tests
#
# A test is a function whose name starts with test_; it runs in a subshell, in
# an empty folder of its own, and fails when a check fails or its last command
# does. `set -e` is inert inside `if (...)`, so checks exit by themselves and
# the subshell is never run inside a condition.
#
# TIDEMARK names the program, SOURCE the source tree; both are set by the build.

TIDEMARK=${TIDEMARK:?set TIDEMARK to the program under test}
SOURCE=${SOURCE:?set SOURCE to the source tree}
export TIDEMARK SOURCE

LC_ALL=C.UTF-8 TZ=UTC
SOURCE_DATE_EPOCH=1767225600 # 2026-01-01T00:00:00Z
GIT_AUTHOR_NAME='Ada Tester' GIT_AUTHOR_EMAIL=ada@example.com
GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
export LC_ALL TZ SOURCE_DATE_EPOCH GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
export GIT_CONFIG_NOSYSTEM GIT_CONFIG_GLOBAL
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE NO_COLOR 2>/dev/null || :

# fail TEXT...: ends the test.
fail() {
    printf '# %s\n' "$*" | sed '2,$s/^/# /'
    exit 1
}

# skip_all REASON: the whole file has nothing to run here.
skip_all() {
    printf '1..0 # SKIP %s\n' "$*"
    exit 0
}

# expect STATUS COMMAND...: runs it, keeps stdout in ./out and stderr in ./err
# of the test's own scratch folder, and checks the exit status exactly.
expect() {
    want=$1
    shift
    got=0
    "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" || got=$?
    [ "$got" -eq "$want" ] && return 0
    printf '# %s\n' "exit status $got, expected $want: $*"
    sed 's/^/#  out: /' "$SCRATCH/out" | head -n 40
    sed 's/^/#  err: /' "$SCRATCH/err" | head -n 40
    exit 1
}

# tm STATUS ARGS...: expect with the program.
tm() {
    tm_status=$1
    shift
    expect "$tm_status" "$TIDEMARK" "$@"
}

# out_has TEXT, err_has TEXT: a fixed string in what the last expect printed.
out_has() { has "$SCRATCH/out" "$1"; }
err_has() { has "$SCRATCH/err" "$1"; }
out_lacks() { lacks "$SCRATCH/out" "$1"; }
err_lacks() { lacks "$SCRATCH/err" "$1"; }

# has FILE TEXT, lacks FILE TEXT
has() {
    grep -qF -e "$2" -- "$1" && return 0
    printf '# %s\n' "'$1' does not hold: $2"
    sed 's/^/#  | /' "$1" | head -n 40
    exit 1
}
lacks() {
    grep -qF -e "$2" -- "$1" || return 0
    fail "'$1' holds: $2"
}

# err_is_one_line: errors are one line each, and start with the program's name.
err_is_one_line() {
    [ "$(wc -l <"$SCRATCH/err")" -eq 1 ] || fail "not one line on stderr: $(cat "$SCRATCH/err")"
    has "$SCRATCH/err" 'tidemark: '
}

# same A B: two strings.
same() { [ "$1" = "$2" ] || fail "expected '$2', got '$1'"; }

# json FILE EXPRESSION: a Python expression over the document `d`.
json() {
    /usr/bin/python3 -c 'import json,sys
d=json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$1" "$2"
}

# git_repo DIR: an empty repository on branch main, made and entered.
git_repo() {
    git init -q -b main "$1" && cd "$1" || exit 1
}

# commit_all MESSAGE
commit_all() {
    git add -A && git commit -q -m "$1" || exit 1
}

# clean_tree: git status prints nothing.
clean_tree() {
    [ -z "$(git status --porcelain)" ] || fail "tree is not clean: $(git status --porcelain)"
}

# module DIR NAME [JSON-MEMBERS]: a module with a manifest.
module() {
    mkdir -p "$1"
    printf '{\n  "name": "%s"%s\n}\n' "$2" "${3:+,
  $3}" >"$1/module.manifest.json"
}

# sample DIR: the sample monorepo as a repository of its own, entered.
sample() {
    cp -R "$SOURCE/examples/monorepo" "$1" && cd "$1" || exit 1
    git init -q -b main . && commit_all 'sample'
}

run_tests() {
    tests=$(sed -n 's/^\(test_[A-Za-z0-9_]*\)().*/\1/p' "$0")
    base=$(mktemp -d) || exit 1
    trap 'chmod -R u+rwX "$base" 2>/dev/null; rm -rf "$base"' EXIT
    trap 'exit 1' INT TERM
    n=0 bad=0
    # shellcheck disable=SC2086 # names of functions
    set -- $tests
    printf '1..%d\n' "$#"
    for name; do
        n=$((n + 1))
        [ -z "${ONLY:-}" ] || [ "$ONLY" = "$name" ] || continue
        mkdir -p "$base/$n/work" "$base/$n/scratch" "$base/$n/home"
        # Not in a condition: `set -e` works in the body.
        (
            SCRATCH=$base/$n/scratch HOME=$base/$n/home
            export SCRATCH HOME
            cd "$base/$n/work" || exit 1
            set -e
            "$name"
        ) </dev/null
        status=$?
        label=$(printf %s "${name#test_}" | tr _ ' ')
        if [ "$status" -eq 0 ]; then
            printf 'ok %d - %s\n' "$n" "$label"
        elif [ "$status" -eq 77 ]; then
            printf 'ok %d - %s # SKIP %s\n' "$n" "$label" "$(cat "$base/$n/scratch/skip" 2>/dev/null)"
        else
            printf 'not ok %d - %s\n' "$n" "$label"
            bad=1
        fi
    done
    exit "$bad"
}

# skip REASON: this test has nothing to check here.
skip() {
    printf '%s\n' "$*" >"$SCRATCH/skip"
    exit 77
}
