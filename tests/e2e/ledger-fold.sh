#!/bin/sh
# Fragments: branches that measured with --pending merge without any driver, count at once,
# and are folded into the ledger in one commit.
. "${0%/*}/lib.sh"

LEDGER=manifests/.ledger/coverage.ndjson
PENDING=manifests/.ledger/pending

# begun_repo: modules a and b, with a ledger that is begun
begun_repo() {
    git_repo repo
    for name in a b; do
        module $name $name
        printf 'int f(void) { return 1; }\n' >$name/f.c
    done
    measure a 5
    commit_all begun
}

# measure MODULE N [OPTION...]: takes in a report of N covered lines of ten
measure() {
    SOURCE_DATE_EPOCH=$((SOURCE_DATE_EPOCH + 3600))
    export SOURCE_DATE_EPOCH
    {
        printf 'TN:\nSF:%s/f.c\n' "$1"
        for line in 1 2 3 4 5 6 7 8 9 10; do
            printf 'DA:%d,%d\n' "$line" "$((line <= $2))"
        done
        echo end_of_record
    } >../report.info
    shift 2
    tm 0 ingest "$@" ../report.info
}

# two_branches: a and b measured on branches of their own, merged by git alone
two_branches() {
    for name in a b; do
        git checkout -q -b on-$name main
        measure $name 8 --pending
        measure $name 9 --pending
        commit_all $name
    done
    git checkout -q main
    expect 0 git merge -q --no-edit on-a
    expect 0 git merge -q --no-edit on-b
}

fragments() { find $PENDING -name '*.ndjson' 2>/dev/null | wc -l; }

test_branches_with_fragments_merge_without_a_driver() {
    begun_repo
    cp $LEDGER ../before
    two_branches
    cmp $LEDGER ../before || fail 'the ledger itself was written to'
    same "$(fragments)" 4
    for file in "$PENDING"/*; do
        same "$(tail -n 1 "$file" | tr -d '\n' | sha256sum | cut -c1-64).ndjson" "${file##*/}"
    done
}

test_what_is_pending_counts_and_is_said() {
    begun_repo
    measure a 9 --pending
    err_has "1 ledger entry is pending in '$PENDING' and counted"
    tm 0 fuse
    err_has "1 ledger entry is pending in '$PENDING' and counted"
    same "$(json docs/_generated/META_REGISTRY.json '[m["coverage"]["observed"] for m in d["modules"]]')" '[90, None]'
    tm 0 trends
    err_has 'is pending'
    same "$(tail -n 1 trends/coverage_trend.csv | cut -d, -f2-)" 'a,90.00,40.00'
    tm 0 ledger log coverage
    out_has '90.00 % (9 of 10 lines) [pending]'
    tm 0 --format=json ledger log coverage
    same "$(json "$SCRATCH/out" '[(e["pending"], e["line"], e["ledger"].split("/")[2]) for e in d]')" \
        "[(False, 1, 'coverage.ndjson'), (False, 2, 'coverage.ndjson'), (True, 1, 'pending')]"
    tm 1 validate
    err_has 'is pending'
    tm 0 doctor
    out_has 'fix: tidemark ledger fold --apply'
}

test_a_fold_is_one_commit_and_changes_no_figure() {
    begun_repo
    two_branches
    tm 0 fuse
    tm 0 trends
    commit_all dashboards
    cp $LEDGER ../before
    tm 0 ledger fold
    out_has "'$LEDGER': 4 entries from 4 fragments"
    err_has '--apply does it'
    clean_tree
    tm 0 --format=json ledger fold --apply
    same "$(json "$SCRATCH/out" 'd["applied"], [(x["entries"], x["fragments"], x["folded"]) for x in d["ledgers"]]')" "(True, [(4, 4, 0)])"
    same "$(json "$SCRATCH/out" 'd["commit"]')" "$(git rev-parse HEAD)"
    clean_tree
    same "$(git log -1 --format=%s)" 'ledger: fold 4 pending entries'
    same "$(git show --name-status --format= HEAD | cut -c1 | sort | uniq -c | tr -s ' ' | paste -sd ,)" ' 4 D, 1 M'
    head -n 2 $LEDGER | cmp - ../before || fail 'the ledger was not only appended to'
    same "$(fragments)" 0
    tm 0 fuse --check
    tm 0 trends --check
    tm 0 ledger normalize --check
    tm 0 ledger fold --apply
    out_has 'nothing is pending'
    measure b 3
    same "$(tail -n 1 $LEDGER | grep -o '"prev":\[[^]]*\]' | grep -o '[0-9a-f]\{64\}' | wc -l)" 2
}

test_an_interrupted_fold_is_finished_by_the_next() {
    begun_repo
    two_branches
    # Appended and not removed: as killed after the append.
    cat $PENDING/* >../pending
    cat ../pending >>$LEDGER
    tm 0 --format=json ledger log coverage
    same "$(json "$SCRATCH/out" 'len(d)')" 6
    # Removed and not committed: as killed before the commit.
    rm "$(find $PENDING -name '*.ndjson' | head -n 1)"
    tm 0 ledger fold
    out_has "'$LEDGER': 3 entries from 3 fragments, 1 fragment folded before and not committed"
    tm 0 ledger fold --apply
    clean_tree
    same "$(wc -l <$LEDGER)" 6
    same "$(git ls-tree -r HEAD -- $PENDING)" ''
    git reset -q --hard HEAD~
    cat $PENDING/* >>$LEDGER
    rm $PENDING/*
    tm 0 ledger fold --apply
    clean_tree
    same "$(git log -1 --format=%s)" 'ledger: finish a fold'
}

test_a_fragment_that_was_deleted_is_not_taken_for_folded() {
    begun_repo
    measure a 8 --pending
    commit_all pending
    rm $PENDING/*
    tm 0 ledger fold --apply
    err_has 'was removed before it was folded'
    out_has 'nothing is pending'
    git status --porcelain | grep -q '^ D' || fail 'the removal was committed'
}

test_nothing_is_appended_beside_what_is_pending() {
    begun_repo
    measure a 8 --pending
    tm 0 fuse
    tm 0 trends
    tm 0 scan
    commit_all pending
    cp $LEDGER ../before
    for command in 'ingest ../report.info' sweep 'scaffold --apply' 'freeze v1' run; do
        # shellcheck disable=SC2086 # words of a command
        tm 3 $command
        err_has "1 ledger entry is pending in '$PENDING', run 'tidemark ledger fold --apply' first"
    done
    cmp $LEDGER ../before || fail 'the ledger was written to'
    clean_tree
    tm 0 ledger fold --apply
    tm 0 freeze v1
    measure a 7 --pending
    commit_all pending
    tm 3 rollback v1 --apply
    err_has "1 ledger entry is pending in '$PENDING', run 'tidemark ledger fold --apply' first"
    tm 0 rollback v1
}

test_a_fold_in_the_middle_of_a_merge_is_refused_before_it_begins() {
    begun_repo
    measure a 8 --pending
    commit_all pending
    git rev-parse HEAD >.git/MERGE_HEAD
    tm 3 ledger fold --apply
    err_has 'a merge is in progress'
    same "$(fragments)" 1
    clean_tree
}

test_a_fragment_that_was_edited_is_refused() {
    begun_repo
    measure a 8 --pending
    sed -i 's/"lines_covered":8/"lines_covered":9/' $PENDING/*
    tm 3 ledger log
    err_has 'is not the id of its last line'
    tm 3 ledger fold --apply
    tm 1 doctor
}

test_sweep_and_scaffold_write_fragments_as_well() {
    git_repo repo
    module py py '"tags": ["lane:L2"]'
    printf 'def f():\n    return 1\n' >py/code.py
    tm 0 scaffold --apply --docs
    tm 0 sweep --coverage --pending
    err_has 'had to be begun, in its file'
    commit_all begun
    same "$(fragments)" 0
    module other other
    printf 'x\n' >other/x.txt
    tm 0 scaffold --apply --docs --pending
    same "$(fragments)" 1
    tm 0 sweep --coverage --pending
    same "$(fragments)" 2
    tm 0 --format=json ledger fold
    same "$(json "$SCRATCH/out" '[x["path"].split("/")[-1] for x in d["ledgers"]]')" "['coverage.ndjson', 'scaffold.ndjson']"
}

run_tests
