# The plan, its application, and that neither touches what is there.
. "${0%/*}/lib.sh"

# Everything but git's own, with its digest.
files() {
    find . -name .git -prune -o -type f -exec sha256sum {} + | sort -k 2
}

test_a_plan_writes_nothing() {
    sample repo
    tm 0 scaffold
    out_has '  + crane/tests/test_smoke.c'
    out_has '  + pilotage/README.md'
    out_has '1 of 13 modules already scaffolded, 12 in need'
    out_has 'nothing is written without --apply'
    clean_tree
}

test_applying_creates_what_the_plan_said() {
    sample repo
    tm 0 scaffold
    sed -n 's/^  + //p' "$SCRATCH/out" | sort >"$SCRATCH/planned"
    tm 0 scaffold --apply
    sed -n 's/^  + //p' "$SCRATCH/out" | sort >"$SCRATCH/created"
    cmp "$SCRATCH/planned" "$SCRATCH/created"
    git ls-files -o --exclude-standard | grep -v '^manifests/.ledger/' | sort >"$SCRATCH/found"
    cmp "$SCRATCH/planned" "$SCRATCH/found"
    git status --porcelain | grep -v '^??' && fail 'an existing file was touched'
    return 0
}

test_a_second_run_changes_no_byte() {
    sample repo
    tm 0 scaffold --apply
    files >"$SCRATCH/before"
    tm 0 scaffold --apply
    out_has '13 of 13 modules already scaffolded, 0 in need'
    files | cmp - "$SCRATCH/before"
}

test_each_file_says_where_it_comes_from_and_passes_its_own_digest() {
    sample repo
    tm 0 scaffold --apply
    git ls-files -o --exclude-standard | grep -v '^manifests/' | while read -r file; do
        head -n 1 "$file" | grep -q 'tidemark: from template [^ ]*, set [0-9a-f]\{12\}; the rest has sha256' ||
            fail "no provenance in $file"
        said=$(head -n 1 "$file" | sed 's/.*sha256 \([0-9a-f]\{64\}\).*/\1/')
        same "$(tail -n +2 "$file" | sha256sum | cut -d' ' -f1)" "$said"
    done
}

test_docs_or_tests_alone_and_single_modules() {
    sample repo
    tm 0 scaffold --tests
    out_has 'to create: 0 docs, 7 test files'
    tm 0 scaffold --docs crane
    out_has 'to create: 6 docs, 0 test files'
    tm 0 scaffold --tests --with-integration pilotage
    out_has 'pilotage/tests/test_integration.py'
    tm 2 scaffold crain
    err_is_one_line
    err_has "'crane'"
}

test_what_is_not_known_leaves_no_sentence() {
    git_repo repo
    module bare bare
    commit_all bare
    tm 0 scaffold --apply
    for word in unknown TBD TODO 'n/a' None null; do
        lacks_everywhere "$word"
    done
    # A heading is followed by something that is not a heading of its own level or above.
    for file in bare/*.md bare/docs/*.md; do
        awk '/^#/ { if (open) exit 1; open = 1; next } /[^ ]/ { open = 0 } END { exit open }' "$file" ||
            { [ "$(sed -n '/^#/{n;n;p;}' "$file" | head -n 1)" ] || fail "empty heading in $file"; }
    done
}

lacks_everywhere() {
    grep -rnwF -e "$1" bare && fail "a scaffold says $1"
    return 0
}

test_owners_come_from_codeowners() {
    sample repo
    tm 0 scaffold --apply
    has tugs/AGENTS.md 'reviewed by @harbour/traffic.'
    has tides/almanac/AGENTS.md 'reviewed by @harbour/hydrography, @ines-almanac.'
}

test_json_says_the_same() {
    sample repo
    tm 0 --format=json scaffold
    cp "$SCRATCH/out" "$SCRATCH/plan.json"
    same "$(json "$SCRATCH/plan.json" 'd["applied"], d["totals"]["scaffolded"], d["totals"]["needed"], d["totals"]["tests"]')" \
        "(False, 1, 12, 7)"
    same "$(json "$SCRATCH/plan.json" '[m["module"] for m in d["modules"] if m["tests"]]')" "['crane', 'pilotage']"
    tm 0 --format=json scaffold --apply
    cp "$SCRATCH/out" "$SCRATCH/done.json"
    same "$(json "$SCRATCH/done.json" 'sorted(c["path"] for c in d["created"]) == sorted(f["path"] for m in d["modules"] for f in m["docs"] + m["tests"])')" True
    same "$(json "$SCRATCH/done.json" 'd["failed"]')" '[]'
}

test_the_ledgers_name_every_file() {
    sample repo
    tm 0 scaffold --apply
    tm 0 ledger log --kind scaffold
    out_has pilotage
    same "$(grep -c '"kind":"scaffold"' manifests/.ledger/scaffold.ndjson)" 12
    same "$(grep -c '"kind":"test_scaffold"' manifests/.ledger/test_scaffold.ndjson)" 2
}

test_a_folder_that_cannot_be_written_is_one_failure_each() {
    [ "$(id -u)" -ne 0 ] || skip 'root may write anywhere'
    sample repo
    chmod a-w crane
    tm 4 scaffold --apply --docs crane tugs
    chmod u+w crane
    err_has 'crane'
    [ -e tugs/AGENTS.md ] || fail 'the other module was not scaffolded'
}

test_a_folder_that_leads_out_of_the_repository_is_refused() {
    sample repo
    mkdir ../outside
    ln -s ../../outside crane/docs
    tm 4 scaffold --apply crane
    err_has 'crane/docs/API.md'
    same "$(ls ../outside)" ''
    [ -e crane/AGENTS.md ] || fail 'the other files were not created'
}

test_a_wrong_template_of_the_user_stops_it_with_its_line() {
    sample repo
    mkdir -p templates/module
    printf 'fine\n{{#if nmae}}\n{{/if}}\n' >templates/module/README.md
    tm 2 scaffold --apply
    err_is_one_line
    err_has "unknown field 'nmae', did you mean 'name'? at line 2 of 'templates/module/README.md'"
    printf '{{#if name}}\n' >templates/module/README.md
    tm 2 scaffold
    err_has "'#if' is not closed, opened at line 1 of 'templates/module/README.md'"
    same "$(git status --porcelain)" '?? templates/'
}

test_two_processes_do_not_mix() {
    sample repo
    "$TIDEMARK" scaffold --apply >"$SCRATCH/one" 2>&1 &
    "$TIDEMARK" scaffold --apply >"$SCRATCH/two" 2>&1 || fail "$(cat "$SCRATCH/two")"
    wait $! || fail "$(cat "$SCRATCH/one")"
    same "$(grep -c '"kind":"scaffold"' manifests/.ledger/scaffold.ndjson)" 12
}

run_tests
