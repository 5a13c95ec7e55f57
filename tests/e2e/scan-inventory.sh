#!/bin/sh
# What is a module, whose is a file, and that a second scan changes nothing.
. "${0%/*}/lib.sh"

registry=docs/_generated/MODULE_REGISTRY.json

# field MODULE EXPRESSION: of a module `m` of the registry.
field() {
    json "$registry" "[($2) for m in d['modules'] if m['name'] == '$1'][0]"
}

test_a_file_belongs_to_the_innermost_module() {
    git_repo r
    module . whole
    module a alpha
    module a/b/c gamma
    mkdir -p a/tests a/b/tests
    touch README.md a/README.md a/x.py a/tests/test_x.py a/b/notes.md a/b/c/GUIDE.md a/b/c/y.c a.md a-b.md
    tm 0 scan
    same "$(field whole "m['docs']")" "['README.md', 'a-b.md', 'a.md']"
    same "$(field alpha "m['docs']")" "['a/README.md', 'a/b/notes.md']"
    same "$(field gamma "m['docs']")" "['a/b/c/GUIDE.md']"
    same "$(field alpha "m['tests']")" "['a/tests/test_x.py']"
    same "$(field alpha "m['parent']")" whole
    same "$(field gamma "m['parent']")" alpha
    same "$(field whole "m['parent']")" None
    same "$(field whole "(m['docs_count'], m['tree']['docs_count'], m['tree']['modules'])")" "(3, 6, 3)"
    same "$(field alpha "(m['docs_count'], m['tree']['docs_count'], m['tree']['modules'])")" "(2, 3, 2)"
    same "$(field whole "m['path']")" .
    same "$(field alpha "m['language']")" python
    same "$(field gamma "m['language']")" c
    same "$(json $registry "d['module_count'], d['totals']['docs'], d['totals']['nested']")" "(3, 6, 2)"
}

test_what_a_manifest_says_is_in_the_registry() {
    git_repo r
    module m identity '"description": "Who is who.", "status": "production", "tags": ["auth", "lane:L4"],
      "apis": ["in", {"name": "out"}], "owners": "@id", "testing": {"coverage_target": 72.5},
      "performance": {"sla_targets": {"latency_p95_ms": 12.5}}'
    tm 0 scan
    same "$(field identity "m['description'], m['status'], m['tags'], m['owners']")" \
        "('Who is who.', 'production', ['auth', 'lane:L4'], ['@id'])"
    same "$(field identity "m['lane'], m['api_count'], m['coverage_target'], m['sla_p95_ms']")" "('L4', 2, 72.5, 12.5)"
    same "$(field identity "m['manifest']")" m/module.manifest.json
}

test_ignored_excluded_and_generated_files_never_count() {
    git_repo r
    printf 'build/\n' >.gitignore
    printf 'exclude: ["vendor/"]\n' >tidemark.yaml
    module a alpha
    module build/x ghost
    module vendor/y ghost
    module templates/module ghost
    module templates/tests/python ghost
    module docs/_generated ghost
    mkdir -p docs a/build
    touch a/README.md a/build/DOC.md templates/module/README.md docs/_generated/OLD.md
    commit_all start # untracked files in excluded folders are not even seen
    tm 0 --format=json scan
    same "$(json "$SCRATCH/out" "d['modules'], d['docs']")" "(1, 1)"
    same "$(json "$SCRATCH/out" "d['left_out']['template_files'], d['left_out']['left_manifests']")" "(3, 3)"
    same "$(json "$SCRATCH/out" "d['left_out']['excluded_files'] > 0, d['left_out']['ignored_folders'] > 0")" \
        "(True, True)"
    tm 0 scan
    out_has 'modules    1 (0 nested, 0 without docs, 1 without tests)'
    out_has 'templates'
}

test_untracked_files_count_and_removed_ones_do_not() {
    git_repo r
    module a alpha
    touch a/README.md a/OLD.md
    commit_all start
    rm a/OLD.md
    touch a/NEW.md
    tm 0 --format=json scan
    same "$(json "$SCRATCH/out" "d['left_out']['missing_files']")" 1
    same "$(field alpha "m['docs']")" "['a/NEW.md', 'a/README.md']"
}

test_links_and_submodules_are_not_the_modules_files() {
    git_repo r
    module a alpha
    touch a/README.md
    ln -s README.md a/LINK.md
    ln -s /etc a/etc
    git init -q -b main a/sub
    (cd a/sub && touch SUB.md && module . subname && git add -A && git commit -q -m x)
    git add -A 2>/dev/null
    git commit -q -m start
    tm 0 --format=json scan
    same "$(json "$SCRATCH/out" "d['modules'], d['left_out']['links'], d['left_out']['submodules']")" "(1, 2, 1)"
    same "$(field alpha "m['docs']")" "['a/README.md']"
}

test_a_sparse_checkout_gives_the_same_inventory() {
    git_repo r
    module a alpha
    module b beta
    touch a/README.md b/README.md
    tm 0 scan
    commit_all start
    git sparse-checkout set a
    [ ! -e b ] || fail 'b is still there'
    git sparse-checkout add docs
    tm 0 scan --check
    clean_tree
}

test_a_second_scan_changes_no_byte() {
    git_repo r
    module a alpha
    touch a/README.md
    tm 0 scan
    commit_all scanned
    SOURCE_DATE_EPOCH=1800000000 tm 0 scan
    out_has "'docs/_generated/MODULE_REGISTRY.json' unchanged"
    clean_tree
    # Another clock, but also another doc: now the stamp moves.
    touch a/MORE.md
    SOURCE_DATE_EPOCH=1800000000 tm 0 scan
    has $registry '"generated_at": "2027-01-15T08:00:00Z"'
}

test_check_writes_nothing_and_names_what_is_stale() {
    git_repo r
    module a alpha
    module b beta
    tm 1 scan --check
    out_has "'docs/_generated/MODULE_REGISTRY.json' is missing, run 'tidemark scan'"
    [ ! -e docs ] || fail "scan --check wrote something"
    tm 0 scan
    tm 0 scan --check
    out_has "'docs/_generated/MODULE_INDEX.md' up to date"
    commit_all scanned
    touch a/README.md
    rm -r b
    module c gamma
    tm 1 --format=json scan --check
    same "$(json "$SCRATCH/out" "[f['state'] for f in d['files']]")" "['stale', 'stale', 'stale']"
    has "$SCRATCH/out" '(1 module added, 1 module removed, 1 module changed)'
    err_has '3 of 3 generated files are stale'
    [ -z "$(git status --porcelain docs)" ] || fail 'scan --check wrote'
    tm 0 scan
    printf '{' >$registry
    tm 1 scan --check
    out_has "is stale (expected"
    tm 0 scan
    tm 0 scan --check
}

test_a_repository_without_modules_says_so() {
    git_repo r
    touch README.md
    tm 0 scan
    out_has 'modules    0'
    err_has 'no folder has a module.manifest.json'
    same "$(json $registry "d['modules'], d['totals']['unowned_files']")" "([], 1)"
}

test_scan_takes_no_argument() {
    git_repo r
    tm 2 scan somewhere
    err_is_one_line
    mkdir "$SCRATCH/plain"
    tm 3 -C "$SCRATCH/plain" scan
    err_is_one_line
}

run_tests
