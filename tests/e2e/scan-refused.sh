#!/bin/sh
# Manifests that make no module: each is named with its place, the others go on, exit status 4.
. "${0%/*}/lib.sh"

registry=docs/_generated/MODULE_REGISTRY.json

test_a_manifest_that_does_not_parse_is_named_with_line_and_column() {
    git_repo r
    module good good
    mkdir bad
    printf '{\n  "name": "bad",\n  oops\n}\n' >bad/module.manifest.json
    tm 4 scan
    err_has "line 3, column 3 of 'bad/module.manifest.json'"
    err_has '1 of 2 manifests refused'
    same "$(json $registry "[m['name'] for m in d['modules']], d['refused']")" \
        "(['good'], ['bad/module.manifest.json'])"
    tm 4 scan --check
}

test_a_refused_manifest_stays_a_boundary() {
    git_repo r
    module . root
    mkdir -p bad/inner
    echo '[]' >bad/module.manifest.json
    module bad/inner inner
    touch bad/README.md bad/inner/README.md
    tm 4 --format=json scan
    same "$(json "$SCRATCH/out" "d['docs'], d['left_out']['refused_files'], d['refused'][0]['manifest']")" \
        "(1, 2, 'bad/module.manifest.json')"
    same "$(json $registry "[(m['name'], m['parent'], m['tree']['docs_count']) for m in d['modules']]")" \
        "[('inner', 'root', 1), ('root', None, 1)]"
}

test_two_modules_of_one_name_are_both_refused() {
    git_repo r
    module a same
    module b same
    module c same
    module d other
    tm 4 scan
    err_has "module name 'same' in 'a/module.manifest.json' is also in 'b/module.manifest.json'"
    err_has "module name 'same' in 'b/module.manifest.json' is also in 'a/module.manifest.json'"
    err_has "module name 'same' in 'c/module.manifest.json' is also in 'a/module.manifest.json'"
    same "$(json $registry "[m['name'] for m in d['modules']]")" "['other']"
}

test_links_large_and_unreadable_manifests_are_refused() {
    git_repo r
    module good good
    mkdir link out big
    printf '{}\n' >"$SCRATCH/outside.json"
    ln -s "$SCRATCH/outside.json" out/module.manifest.json
    ln -s ../good/module.manifest.json link/module.manifest.json
    { printf '{"x":"' && head -c 1048576 /dev/zero | tr '\0' x && printf '"}'; } >big/module.manifest.json
    tm 4 scan
    err_has "'out/module.manifest.json' is a symbolic link"
    err_has "'link/module.manifest.json' is a symbolic link"
    err_has "'big/module.manifest.json'"
    err_has '3 of 4 manifests refused'
    lacks "$SCRATCH/err" "$SCRATCH"
}

test_an_unreadable_manifest_is_refused() {
    [ "$(id -u)" -ne 0 ] || skip 'root reads everything'
    git_repo r
    module a alpha
    chmod 0 a/module.manifest.json
    tm 4 scan
    err_has "'a/module.manifest.json'"
}

test_case_matters_but_where_git_ignores_it() {
    git_repo r
    module A Alpha
    module a alpha
    mkdir b
    echo '{"name": "beta"}' >b/Module.Manifest.json
    tm 0 scan
    err_has "module names 'Alpha' and 'alpha' differ only in case"
    same "$(json $registry "[m['name'] for m in d['modules']]")" "['Alpha', 'alpha']"
    git config core.ignorecase true
    tm 0 scan
    same "$(json $registry "[m['name'] for m in d['modules']]")" "['Alpha', 'alpha', 'beta']"
    echo '{"name": "twin"}' >b/module.manifest.json
    tm 4 scan
    err_has "is a second manifest beside"
}

test_every_warning_is_one_line_without_control_characters() {
    git_repo r
    bad=$(printf 'x\ny\033[31m')
    mkdir "$bad"
    echo '{' >"$bad/module.manifest.json"
    tm 4 scan
    same "$(wc -l <"$SCRATCH/err")" 2
    ! LC_ALL=C grep -q "$(printf '\033')" "$SCRATCH/err" || fail 'an escape reached the terminal'
    echo '{}' >"$bad/module.manifest.json"
    tm 4 scan
    err_has "give the module a 'name'"
    echo '{"name": "fine"}' >"$bad/module.manifest.json"
    tm 0 scan
}

run_tests
