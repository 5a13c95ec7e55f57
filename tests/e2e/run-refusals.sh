# What 'run', 'freeze' and 'rollback' refuse, and that nothing has changed then.
. "${0%/*}/lib.sh"

repo() {
    git_repo repo
    module alpha alpha
    commit_all start
}

frozen() {
    repo
    tm 0 scan
    tm 0 fuse
    tm 0 trends
    commit_all generated
    tm 0 freeze one
}

unchanged() {
    same "$(git rev-parse HEAD)" "$before"
    same "$(git tag | tr '\n' ' ')" "$tags"
    same "$(git status --porcelain)" "$status"
}

remember() {
    before=$(git rev-parse HEAD) tags=$(git tag | tr '\n' ' ') status=$(git status --porcelain)
}

test_no_commit_yet() {
    git_repo repo
    module alpha alpha
    for command in 'freeze x' run; do
        # shellcheck disable=SC2086
        tm 3 $command
        err_is_one_line
        err_has 'no commit yet'
    done
}

test_a_detached_head() {
    repo
    git checkout -q --detach
    remember
    tm 3 freeze x
    err_has 'detached'
    tm 3 run
    err_has 'detached'
    unchanged
}

test_a_dirty_tree_names_its_files() {
    repo
    echo more >alpha/new.txt
    echo ' ' >>alpha/module.manifest.json
    remember
    tm 3 run
    err_is_one_line
    err_has "'alpha/new.txt'"
    err_has "'alpha/module.manifest.json'"
    tm 3 freeze x
    err_has "'alpha/new.txt'"
    unchanged
}

test_no_identity() {
    repo
    remember
    unset GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
    tm 3 run
    err_is_one_line
    err_has 'user.email'
    unchanged
}

test_a_tag_that_exists() {
    frozen
    remember
    tm 3 freeze one
    err_is_one_line
    err_has "tag 'one' exists already"
    tm 3 run --release one
    err_has "tag 'one' exists already"
    unchanged
}

test_a_bad_tag_name() {
    frozen
    remember
    for tag in 'a b' '-x' 'a..b' 'x.lock' ''; do
        tm 2 freeze -- "$tag"
        err_is_one_line
    done
    tm 2 run --baseline same --release same
    unchanged
}

test_missing_artifacts_and_a_failed_checkpoint() {
    repo
    remember
    tm 3 freeze x
    err_is_one_line
    err_has 'tidemark scan'
    unchanged
}

test_an_ignored_artifact() {
    repo
    echo docs/_generated/ >.gitignore
    tm 0 scan
    tm 0 fuse
    tm 0 trends
    git add -A
    git commit -q -m ignoring
    remember
    tm 3 freeze x
    err_is_one_line
    err_has 'ignored'
    unchanged
    tm 1 doctor
    out_has 'is ignored by git'
}

test_an_unwritable_folder() {
    [ "$(id -u)" -ne 0 ] || skip 'root may write everywhere'
    frozen
    remember
    chmod a-w manifests/.ledger
    tm 3 freeze two
    err_is_one_line
    chmod u+w manifests/.ledger
    unchanged
}

test_a_locked_branch_leaves_nothing() {
    frozen
    remember
    : >.git/refs/heads/main.lock
    tm 3 freeze two
    err_is_one_line
    rm .git/refs/heads/main.lock
    unchanged
    tm 0 freeze two
}

test_a_locked_index_leaves_nothing() {
    frozen
    remember
    : >.git/index.lock
    tm 3 freeze two
    err_is_one_line
    rm .git/index.lock
    unchanged
}

test_a_full_disk_leaves_nothing() {
    frozen
    remember
    # No file may grow past 2 KiB: objects are smaller, the record is not.
    status2=0
    (ulimit -f 1 && exec "$TIDEMARK" freeze two) >"$SCRATCH/out" 2>"$SCRATCH/err" || status2=$?
    same "$status2" 3
    err_is_one_line
    tm 0 scan
    unchanged
    tm 0 freeze two
}

test_two_at_once() {
    frozen
    flock .git/tidemark/lock sleep 5 &
    sleeper=$!
    sleep 0.3
    tm 3 --lock-timeout 1 scan
    err_is_one_line
    err_has 'lock-timeout'
    kill $sleeper 2>/dev/null || :
}

# Each freeze reads what the ones before it pinned of every ledger.
test_one_freeze_after_the_other() {
    frozen
    printf 'x = 1\ny = 2\n' >alpha/a.py
    tm 0 scaffold --apply --docs
    printf 'TN:\nSF:alpha/a.py\nDA:1,1\nDA:2,0\nend_of_record\n' >"$SCRATCH/a.info"
    for tag in two three four; do
        tm 0 ingest "$SCRATCH/a.info"
        tm 0 scan
        tm 0 fuse
        tm 0 trends
        commit_all "before $tag"
        tm 0 freeze "$tag" --kind final --reason "the $tag"
        clean_tree
        tm 0 validate
    done
    same "$(json docs/_generated/FINAL_FREEZE.json 'd["previous"]["tag"]')" three
    same "$(json docs/_generated/FINAL_FREEZE.json '[l["path"] for l in d["ledgers"]] == sorted(l["path"] for l in d["ledgers"])')" True
    tm 0 rollback two --apply
    clean_tree
    git diff --quiet two -- docs/_generated/META_REGISTRY.json alpha/module.manifest.json || fail 'not rolled back'
}

test_rollback_to_what_is_no_freeze() {
    frozen
    git tag plain
    tm 3 rollback plain
    err_is_one_line
    err_has 'not a freeze'
    tm 3 rollback nothing
    err_has 'no tag'
}

test_a_freeze_adds_its_two_files_and_nothing_else() {
    frozen
    same "$(git diff --name-only one^ one | tr '\n' ' ')" 'docs/_generated/BASELINE_FREEZE.json manifests/.ledger/freeze.ndjson '
    same "$(git cat-file -t one)" tag
    clean_tree
    # Staged changes of the user are somebody else's.
    echo x >alpha/x
    git add alpha/x
    tm 3 freeze two
    same "$(git diff --cached --name-only)" alpha/x
}

run_tests
