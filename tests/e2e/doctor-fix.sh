#!/bin/sh
# doctor --fix tells git how to merge ledgers and manifests, once, and keeps what others wrote.
. "${0%/*}/lib.sh"

quiet_repo() {
    git_repo repo
    module m m
    commit_all module
}

finding() { # STATUS: the detail of the merge drivers' finding with that status
    json "$SCRATCH/out" "[f['detail'] for f in d['findings'] if f['subject'] == 'merge drivers' and f['status'] == '$1'][0]"
}

attr() { git check-attr "$1" -- "$2" | sed 's/.*: //'; }

test_what_is_missing_is_said_and_installed() {
    quiet_repo
    tm 0 --format=json doctor
    finding note >../detail
    has ../detail 'git does not know how to merge them in this clone'
    tm 0 --format=json doctor --fix
    finding fixed >../detail
    has ../detail "set 'merge.tidemark.driver'"
    has ../detail "wrote '.gitattributes'"
    finding ok >../detail
    has ../detail "git merges ledgers and manifests by '$TIDEMARK'"
    same "$(git config merge.tidemark.driver)" "'$TIDEMARK' ledger merge-driver -- %O %A %B %P"
    same "$(attr merge manifests/.ledger/coverage.ndjson)" tidemark
    for name in text ident filter working-tree-encoding; do
        same "$(attr $name manifests/.ledger/freeze.ndjson)" unset
        same "$(attr $name manifests/.ledger/pending/0123.ndjson)" unset
    done
    same "$(attr merge manifests/.ledger/pending/0123.ndjson)" unspecified
    same "$(attr merge a/b/module.manifest.json)" tidemark-manifest
    same "$(attr merge other.ndjson)" unspecified
}

test_a_second_time_changes_nothing() {
    quiet_repo
    tm 0 doctor --fix
    commit_all attributes
    cp .git/config ../config
    cp .git/info/attributes ../info
    tm 0 doctor --fix
    out_lacks fixed
    cmp .git/config ../config || fail 'the configuration changed'
    cmp .git/info/attributes ../info || fail 'info/attributes changed'
    clean_tree
}

test_what_users_wrote_stays() {
    quiet_repo
    printf '*.c text=auto # mine\n*.ndjson text' >.gitattributes
    git config merge.other.driver 'true %A'
    printf '# a comment\n' >>.git/config
    tm 0 doctor --fix
    same "$(head -n 2 .gitattributes | sha256sum)" "$(printf '*.c text=auto # mine\n*.ndjson text\n' | sha256sum)"
    same "$(git config merge.other.driver)" 'true %A'
    has .git/config '# a comment'
    printf '*.h text\n' >>.gitattributes
    tm 0 doctor --fix
    same "$(tail -n 1 .gitattributes)" '*.h text'
    same "$(grep -c 'tidemark begin' .gitattributes)" 1
}

test_another_ledger_folder_moves_the_attributes() {
    quiet_repo
    tm 0 doctor --fix
    printf 'paths:\n  ledger: "my ledgers/[x]"\n' >tidemark.yaml
    tm 0 doctor
    out_has "'.gitattributes' does not say that they merge ledgers and manifests"
    tm 0 doctor --fix
    same "$(attr merge 'my ledgers/[x]/coverage.ndjson')" tidemark
    same "$(attr merge manifests/.ledger/coverage.ndjson)" unspecified
    same "$(grep -c 'tidemark begin' .gitattributes)" 1
}

test_a_program_that_is_gone_is_a_problem_and_is_replaced() {
    quiet_repo
    mkdir "../odd 'dir' 100%"
    cp "$TIDEMARK" "../odd 'dir' 100%/tidemark"
    expect 0 "../odd 'dir' 100%/tidemark" doctor --fix
    tm 0 doctor
    out_has "odd 'dir' 100%/tidemark'"
    rm "../odd 'dir' 100%/tidemark"
    tm 1 doctor
    out_has "'merge.tidemark.driver' names '"
    out_has "/odd 'dir' 100%/tidemark', which is not there"
    tm 0 doctor --fix
    same "$(git config merge.tidemark.driver)" "'$TIDEMARK' ledger merge-driver -- %O %A %B %P"
}

test_a_driver_that_somebody_wrote_is_left_to_them() {
    quiet_repo
    git config merge.tidemark.driver 'mine %O %A %B'
    tm 0 doctor
    out_has "'merge.tidemark.driver' is 'mine %O %A %B', which is not tidemark's"
    tm 3 doctor --fix
    err_has "'git config --unset merge.tidemark.driver' first"
    same "$(git config merge.tidemark.driver)" 'mine %O %A %B'
    # What calls tidemark by its name is fine.
    PATH=$PATH:${TIDEMARK%/*}
    git config merge.tidemark.driver 'tidemark ledger merge-driver -- %O %A %B %P'
    tm 0 doctor --fix
    same "$(git config merge.tidemark.driver)" 'tidemark ledger merge-driver -- %O %A %B %P'
}

test_attributes_that_overrule_are_said() {
    quiet_repo
    tm 0 doctor --fix
    echo '*.ndjson merge=union' >>.git/info/attributes
    tm 0 doctor
    out_has "other attributes overrule them: 'merge' of 'manifests/.ledger/coverage.ndjson' is 'union'"
}

test_half_a_block_is_not_guessed_at() {
    quiet_repo
    tm 0 doctor --fix
    sed -i '/tidemark end/d' .gitattributes
    cp .gitattributes ../half
    tm 1 doctor
    out_has "'.gitattributes' has only one of the comments"
    tm 3 doctor --fix
    cmp .gitattributes ../half || fail 'it was written to'
}

test_a_linked_work_tree_shares_what_is_installed() {
    quiet_repo
    tm 0 doctor --fix
    commit_all attributes
    git worktree add -q ../linked
    cd ../linked || exit 1
    tm 0 --format=json doctor
    finding ok >../detail
    tm 0 doctor --fix
    clean_tree
}

run_tests
