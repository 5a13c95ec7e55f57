#!/bin/sh
# tidemark.yaml: what is wrong in it ends every command with status 2 and one line that says where.
. "${0%/*}/lib.sh"

# refused TEXT MESSAGE
refused() {
    printf '%b' "$1" >tidemark.yaml
    tm 2 scan
    err_is_one_line
    err_has "$2"
    [ -z "$(git status --porcelain -- docs)" ] || fail "files were written"
}

test_a_wrong_key_or_value_is_named_with_its_place() {
    git_repo r
    module good good
    refused 'sweep:\n  timout_s: 3\n' \
        "unknown key 'timout_s', did you mean 'timeout_s'? at line 2, column 3 of 'tidemark.yaml'"
    refused 'sweep: {jobs: 0}\n' "'jobs' wants a number from 1 to 1024, not '0' at line 1, column 15"
    refused 'exclude: vendor\n' "'exclude' wants a list at line 1, column 10"
    refused 'a: &x [1]\nb: *x\n' 'an anchor, write its value out where it is used, at line 1, column 4'
    refused 'a: [1\n' "of 'tidemark.yaml'"
    refused '\0357\0273\0277exclude: []\n' 'a byte order mark'
}

test_folders_stay_in_the_repository_and_out_of_git() {
    git_repo r
    module good good
    refused 'paths: {generated: ../elsewhere}\n' "path '../elsewhere' leaves the repository"
    refused 'paths: {ledger: /tmp/x}\n' "path '/tmp/x' is absolute"
    refused 'paths: {trends: .git/trends}\n' "path '.git/trends' is git's own"
    [ ! -e ../elsewhere ] || fail 'a folder was created outside'
}

test_an_unknown_format_is_refused_before_anything_runs() {
    git_repo r
    module good good
    printf 'collectors: {x: {command: [touch, "{root}/ran"], report: "{out}/r", format: lvoc}}\n' >tidemark.yaml
    commit_all x
    tm 2 sweep
    err_has "unknown format 'lvoc' of collector 'x' at line 1 of 'tidemark.yaml'"
    [ ! -e ran ] || fail 'the collector ran'
}

test_keys_without_a_value_are_as_if_they_were_not_there() {
    git_repo r
    module good good
    : >tidemark.yaml
    tm 0 scan
    cp -R docs ../without
    tm 0 scan
    printf '# nothing\npaths:\nmodules: {}\n' >tidemark.yaml
    tm 0 scan
    expect 0 diff -r docs ../without
}

test_folders_can_be_moved_and_files_excluded() {
    git_repo r
    module good good
    mkdir vendor
    echo '# x' >good/README.md
    echo '# x' >good/NOTES.md
    module vendor/other other
    printf 'paths: {generated: out/gen}\nexclude: [vendor/, NOTES.md]\n' >tidemark.yaml
    tm 0 scan
    [ ! -e docs ] || fail 'the default folder was used'
    same "$(json out/gen/MODULE_REGISTRY.json "[(m['name'], m['docs_count'] if 'docs_count' in m else len(m['docs'])) for m in d['modules']]")" \
        "[('good', 1)]"
}

run_tests
