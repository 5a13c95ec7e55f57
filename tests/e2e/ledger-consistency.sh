# `tidemark ledger consistency` on histories made with git alone. Ledgers are written by hand after the format page, with printf,
# sha256sum and git hash-object, unless a test says that tidemark wrote them.
. "${0%/*}/lib.sh"

LOG=00112233445566778899aabbccddeeff
RUN=ffeeddccbbaa99887766554433221100
LEDGER=manifests/.ledger/coverage.ndjson
BENCH=manifests/.ledger/bench.ndjson
export GIT_AUTHOR_DATE='1767225600 +0000' GIT_COMMITTER_DATE='1767225600 +0000' # 2026-01-01T00:00:00Z

# entry KIND MODULE TS BODY: appends a chained line to the ledger of that kind, after a genesis.
entry() {
    file=manifests/.ledger/$1.ndjson
    mkdir -p manifests/.ledger
    [ -s "$file" ] || line genesis '' 1 '' 2026-01-01T00:00:00Z '{"format":"tidemark-ledger/1"}'
    n=$(($(grep -c '^{"v":1' "$file") + 1))
    line "$1" "$2" $n "\"$(tail -n 1 "$file" | tr -d '\n' | sha256sum | cut -c1-64)\"" "$3" "$4"
}
line() {
    printf '{"v":1,"log":"%s","lc":%d,"prev":[%s],"run":"%s.%d","ts":"%s","kind":"%s","module":"%s","body":%s}\n' \
        $LOG "$3" "$4" $RUN "$3" "$5" "$1" "$2" "$6" >>"$file"
}

# measured MODULE FIGURE TS: what a sweep does: 100 lines, so that FIGURE of them are covered; MODULE is its folder too.
measured() {
    figures "$1" "$2" "$3"
    entry coverage "$1" "$3" "{\"evidence\":\"measured\",\"lines_covered\":$2,\"lines_valid\":100,\"dirty\":false,\"manifest_blob\":\"$(git hash-object "$1/module.manifest.json")\"}"
}

# figures MODULE FIGURE TS [DESCRIPTION]: the manifest alone.
figures() {
    module "$1" "${1##*/}" "\"description\": \"${4:-about $1}\",
  \"testing\": {
    \"coverage_observed\": $2,
    \"observed_at\": \"$3\"
  }"
}

T1=2026-01-01T10:00:00Z T2=2026-01-02T10:00:00Z T3=2026-01-03T10:00:00Z

# swept: a repository with two modules, and a sweep of both in the last commit
swept() {
    git_repo repo
    module ring ring && module fork fork
    commit_all modules
    measured ring 36 $T1 && measured fork 50 $T1
    commit_all sweep
}

test_the_commit_of_a_sweep_is_consistent() {
    swept
    tm 0 ledger consistency
    same "$(cat "$SCRATCH/out")" '1 commit (HEAD), 2 changed manifests: 2 named by an entry'
    tm 0 ledger consistency --root
    out_has '2 commits (HEAD), 4 changed manifests: 2 named by an entry, 2 with observed fields as before'
}

test_what_ingest_writes_is_consistent() {
    git_repo repo
    module ring ring
    echo 'int ring;' >ring/ring.c
    commit_all module
    printf 'TN:\nSF:ring/ring.c\nDA:1,1\nDA:2,0\nend_of_record\n' >"$SCRATCH/ring.info"
    tm 0 ingest "$SCRATCH/ring.info"
    commit_all ingest
    tm 0 ledger consistency
    out_has '1 named by an entry'
}

test_entries_that_wait_in_fragments_count() {
    git_repo repo
    module ring ring
    echo 'int ring;' >ring/ring.c
    commit_all module
    for i in 0 1 2; do
        printf 'TN:\nSF:ring/ring.c\nDA:1,1\nDA:2,0\nDA:3,%d\nend_of_record\n' $i >"$SCRATCH/ring.info"
        SOURCE_DATE_EPOCH=$((1767225600 + i)) tm 0 ingest --pending "$SCRATCH/ring.info"
        commit_all "ingest $i"
        tm 0 ledger consistency
        out_has '1 named by an entry'
    done
    [ -n "$(ls manifests/.ledger/pending)" ] || fail 'nothing is pending'
    tm 0 ledger fold --apply
    for pack in : 'git gc -q'; do
        $pack
        tm 0 ledger consistency --root
        out_has '3 named by an entry'
    done
    sed -i 's/66.67/77/' ring/module.manifest.json && commit_all edit
    tm 1 ledger consistency
}

test_a_silent_edit_is_listed_by_commit_file_and_field() {
    swept
    sed -i 's/36/99/' ring/module.manifest.json
    commit_all edit
    edit=$(git rev-parse HEAD)
    tm 1 ledger consistency
    out_has "$(echo "$edit" | cut -c1-12)  2026-01-01T00:00:00Z  silent edit  ring/module.manifest.json"
    out_has '    testing.coverage_observed: 36 -> 99'
    out_lacks observed_at
    err_is_one_line
    err_has "silent edit: 'testing.coverage_observed' of 'ring/module.manifest.json' changed in commit $(echo "$edit" | cut -c1-12)"
    echo more >note && commit_all later
    tm 0 ledger consistency
    tm 1 ledger consistency HEAD~2..
    out_has '2 commits (HEAD~2..), 1 changed manifest: 1 silent'
    tm 1 ledger consistency "$edit"
}

test_every_observed_field_counts_and_no_other() {
    swept
    module ring ring '"description": "x",
  "testing": {"coverage_observed": 36.0, "observed_at": "'$T1'", "coverage_target": 90},
  "performance": {"sla_targets": {"latency_p95_ms": 3}, "observed": {"latency_p95_ms": null}}'
    commit_all 'other fields and spellings'
    tm 0 ledger consistency
    out_has '1 with observed fields as before'
    for edit in '"observed_at": "'$T1'"/"observed_at": "'$T2'"' 'latency_p95_ms": null/latency_p95_ms": 4' \
        '"coverage_observed": 36.0, /' '"observed": {/"observed": {"throughput": 12, '; do
        sed -i "s/$edit/" ring/module.manifest.json
        commit_all "$edit"
        tm 1 ledger consistency
        same "$(grep -c -- ' -> ' "$SCRATCH/out")" 1
    done
    out_has 'performance.observed.throughput: nothing -> 12'
    tm 1 ledger consistency HEAD~
    out_has 'testing.coverage_observed: 36.0 -> nothing'
}

test_an_entry_that_is_added_later_excuses_nothing() {
    swept
    measured ring 99 $T2
    git add ring && git commit -qm 'the manifest first' && commit_all 'the ledger then'
    tm 0 ledger consistency
    tm 1 ledger consistency HEAD~
    tm 1 ledger consistency HEAD~2..
    out_has '1 silent'
    git gc -q # the same from packs, where the later version is the base of the earlier one
    tm 1 ledger consistency HEAD~2..
    out_has '1 silent'
}

test_a_ledger_that_was_padded_to_the_size_of_its_next_version_names_nothing() {
    swept
    measured ring 99 $T2
    cp $LEDGER "$SCRATCH/good"
    tail -n 1 $LEDGER | tr -d '\n' >"$SCRATCH/last"
    sed -i 's/"coverage_observed": 36/"coverage_observed": 99/' ring/module.manifest.json
    # Another line of the same length stands where the entry will be.
    sed -i '$s/"manifest_blob":"[0-9a-f]*"/"manifest_blob":"0000000000000000000000000000000000000000"/' $LEDGER
    same "$(wc -c <$LEDGER)" "$(wc -c <"$SCRATCH/good")"
    sed -i 's/'$T2'/2026-01-02T10:00:01Z/' $LEDGER # nor does it have the figures at that time
    commit_all edit
    cp "$SCRATCH/good" $LEDGER
    commit_all 'the entry'
    for pack in : 'git gc -q'; do
        $pack
        tm 1 ledger consistency HEAD~2..
        out_has '1 silent'
    done
}

test_an_entry_of_an_ancestor_counts_even_where_its_line_was_lost() {
    swept
    measured ring 99 $T2
    commit_all 'second sweep'
    git revert -n HEAD
    commit_all 'back, and the line is gone'
    tm 0 ledger consistency
    out_has '1 named by an entry'
    git checkout -q HEAD~ -- ring
    commit_all 'forth, without the line'
    lacks $LEDGER '"lines_covered":99'
    for pack in : 'git gc -q'; do
        $pack
        tm 0 ledger consistency HEAD~2..
        out_has '2 commits (HEAD~2..), 2 changed manifests: 2 named by an entry'
    done
    tm 1 ledger consistency # looks back no further than the parent
}

test_taking_a_figure_away_is_an_edit() {
    swept
    git revert -n HEAD
    git checkout -q HEAD -- manifests
    commit_all 'no figures'
    tm 1 ledger consistency
    out_has 'testing.coverage_observed: 36 -> nothing'
    out_has '2 silent'
}

test_a_person_may_edit_the_manifest_in_the_commit_of_a_sweep() {
    swept
    measured ring 40 $T2
    figures ring 40 $T2 'written by hand'
    commit_all 'sweep and edit'
    tm 0 ledger consistency
    out_has 'by figures only  ring/module.manifest.json'
    out_has '1 by figures only'
    for figure in "41 $T2" "40 $T3"; do # not the figure, not the time
        # shellcheck disable=SC2086 # two words
        figures ring $figure 'written by hand'
        git commit -qa --amend -m 'another figure'
        tm 1 ledger consistency
    done
}

test_benchmarks_are_backed_by_their_own_ledger() {
    swept
    module ring ring '"testing": {"coverage_observed": 36, "observed_at": "'$T1'"},
  "performance": {"observed": {"latency_p50_ms": 1.5, "latency_p95_ms": 2.25, "latency_p99_ms": null, "env_fingerprint": "0123456789abcdef", "observed_at": "'$T2'"}}'
    body='{"evidence":"measured","benchmark":"b","slowest":true,"samples":30,"p50_ns":1500000,"p95_ns":2250000,"env":"0123456789abcdef","dirty":false'
    entry bench ring $T2 "$body}"
    commit_all 'by figures'
    tm 0 ledger consistency
    out_has '1 by figures only'
    sed -i 's/2.25/2.26/' ring/module.manifest.json
    git commit -qa --amend -m 'another figure'
    tm 1 ledger consistency
    out_has 'performance.observed.latency_p95_ms: nothing -> 2.26'
    entry bench ring $T2 "$body,\"manifest_blob\":\"$(git hash-object ring/module.manifest.json)\"}"
    commit_all 'by blob, too late'
    git reset -q --soft HEAD~ && git commit -qa --amend -m 'by blob'
    tm 0 ledger consistency
    out_has '1 named by an entry'
}

test_a_line_from_before_genesis_counts_by_its_time() {
    git_repo repo
    module ring ring
    mkdir -p manifests/.ledger
    echo '{"ts":"2025-12-31T12:00:00Z","module":"fork","coverage":12}' >$LEDGER
    commit_all ledger
    figures ring 36.5 whenever
    echo '{"ts":"2025-12-31T23:59:00Z","module":"ring","coverage":36.50}' >>$LEDGER # a minute before the commit
    commit_all swept
    tm 0 ledger consistency
    out_has 'by time only  ring/module.manifest.json'
    out_has '1 by time only'
    tm 1 ledger consistency --tolerance 59
    tm 0 ledger consistency --tolerance=60
    sed -i 's/36.5/36.6/' ring/module.manifest.json # the line has another figure
    git commit -qa --amend -m swept
    tm 1 ledger consistency
    # Still so when the ledger was begun behind those lines.
    sed -i 's/36.6/36.5/' ring/module.manifest.json
    file=$LEDGER
    line genesis '' 1 '' $T1 "{\"format\":\"tidemark-ledger/1\",\"adopted\":{\"lines\":2,\"bytes\":$(wc -c <$LEDGER),\"sha256\":\"$(sha256sum <$LEDGER | cut -c1-64)\"}}"
    git commit -qa --amend -m swept
    tm 0 ledger consistency
    out_has '1 by time only'
}

test_figures_from_before_the_first_ledger_are_trusted_as_found() {
    git_repo repo
    figures ring 36 $T1 && figures fork 50 $T1
    commit_all 'modules with figures'
    tm 0 ledger consistency
    out_has '2 from before the ledgers'
    out_lacks ring/
    measured ring 37 $T2
    commit_all 'the first sweep'
    figures horn 99 $T2
    commit_all 'a new module that brings its figure'
    tm 1 ledger consistency
    out_has 'testing.coverage_observed: nothing -> 99'
    git rm -q $LEDGER && figures ring 99 $T2 && commit_all 'without a ledger from now on'
    tm 1 ledger consistency
}

# branches: swept, and a branch "side" from there; on main
branches() {
    swept
    git branch side
}

test_a_merge_is_judged_by_what_differs_from_all_parents() {
    branches
    echo a >a && commit_all a
    git checkout -q side && echo b >b && commit_all b
    git checkout -q main && git merge -q --no-edit side
    tm 0 ledger consistency
    out_has '0 changed manifests'
    sed -i 's/36/99/' ring/module.manifest.json
    git commit -qa --amend --no-edit
    tm 1 ledger consistency
    out_has '    testing.coverage_observed: 36 -> 99'
}

test_a_merge_that_takes_one_side_s_sweep_is_no_edit() {
    branches
    measured ring 40 $T2 && commit_all 'sweep of ring'
    git checkout -q side && sed -i 's/about ring/about rings/' ring/module.manifest.json && commit_all 'description'
    git checkout -q main && git merge -q --no-edit side >/dev/null
    tm 0 ledger consistency
    out_has '1 changed manifest: 1 with observed fields as before'
    # One side's figure with the other side's time is neither's.
    git checkout -q side && figures ring 41 $T3 'about rings' && commit_all 'silent'
    git checkout -q main && git merge -q side >/dev/null || figures ring 40 $T3 'about rings'
    commit_all merge
    tm 1 ledger consistency
    out_has "testing.observed_at: \"$T2\" -> \"$T3\""
}

test_ledgers_of_two_branches_are_read_line_by_line() {
    branches
    measured ring 40 $T2 && commit_all 'sweep of ring'
    git checkout -q side && measured fork 60 $T3 && commit_all 'sweep of fork'
    git checkout -q main && git merge -q side >/dev/null 2>&1 || :
    { git show side:$LEDGER; git show main:$LEDGER | tail -n 1; } >$LEDGER # another order than on main
    commit_all merge
    for pack in : 'git gc -q'; do
        $pack
        tm 0 ledger consistency --root
        out_has '5 commits (HEAD), 6 changed manifests: 4 named by an entry'
    done
}

test_moving_a_module_is_no_edit_and_copying_it_is_one() {
    swept
    mkdir lib && git mv ring lib/ring && commit_all move
    tm 0 ledger consistency
    out_has '1 named by an entry'
    git mv lib/ring horn && sed -i 's/about ring/about horn/' horn/module.manifest.json && commit_all 'move and edit'
    tm 0 ledger consistency
    out_has '1 with observed fields as before'
    sed 's/"ring"/"bell"/' horn/module.manifest.json >"$SCRATCH/bell"
    mkdir bell && mv "$SCRATCH/bell" bell/module.manifest.json && commit_all copy
    tm 1 ledger consistency
    out_has 'bell/module.manifest.json'
    git rm -rq bell horn && commit_all 'remove both'
    tm 0 ledger consistency
    out_has '0 changed manifests'
}

# Without a name the folder is the name: an entry names the blob, but for another module.
test_an_entry_backs_no_copy_of_a_manifest_without_a_name() {
    git_repo repo
    module ring '' && sed -i '/"name"/d' ring/module.manifest.json && commit_all module
    printf '{"testing": {"coverage_observed": 36, "observed_at": "%s"}}\n' $T1 >ring/module.manifest.json
    entry coverage ring $T1 "{\"evidence\":\"measured\",\"lines_covered\":36,\"lines_valid\":100,\"dirty\":false,\"manifest_blob\":\"$(git hash-object ring/module.manifest.json)\"}"
    commit_all sweep
    tm 0 ledger consistency
    out_has '1 named by an entry'
    mkdir fork && cp ring/module.manifest.json fork && commit_all copy
    tm 1 ledger consistency
    git reset -q --hard HEAD~ && git mv ring fork && commit_all move
    tm 0 ledger consistency
}

test_an_empty_range_is_no_pass() {
    swept
    tm 4 ledger consistency HEAD..HEAD
    same "$(cat "$SCRATCH/out")" "no commit in 'HEAD..HEAD', nothing was checked for silent edits"
    err_is_one_line
    tm 4 --format=json ledger consistency HEAD..
    same "$(json "$SCRATCH/out" 'd["verdict"], d["commits"]')" "('nothing_checked', 0)"
    git_repo ../unborn
    tm 4 ledger consistency
}

# pushed: swept, cloned, so that origin/main is the upstream of main
pushed() {
    swept
    cd .. && git clone -q "file://$PWD/repo" clone && cd clone || exit 1
}

test_by_default_the_commits_are_those_that_are_not_pushed() {
    pushed
    tm 4 ledger consistency
    out_has "no commit in 'origin/main..HEAD'"
    sed -i 's/36/99/' ring/module.manifest.json && commit_all edit
    echo more >note && commit_all note
    tm 1 ledger consistency
    out_has '2 commits (origin/main..HEAD), 1 changed manifest: 1 silent'
    git checkout -q --detach
    tm 0 ledger consistency
    out_has '1 commit (HEAD)'
}

# ready: generated files, committed, so that the checkpoint has nothing else to say
ready() {
    tm 0 scan && tm 0 fuse && tm 0 trends && commit_all generated
}

ledger_check() {
    "$TIDEMARK" --format=json validate >"$SCRATCH/out" 2>"$SCRATCH/err" || :
    json "$SCRATCH/out" '[c["status"] + ": " + c["detail"] for c in d["checks"] if c["name"] == "Ledger Consistency Check"][0]'
}

test_the_checkpoint_fails_on_a_silent_edit() {
    swept
    measured ring 40 $T2 && commit_all 'second sweep'
    ready
    same "$(ledger_check)" 'passed: 4 entries, 1 commit (HEAD), 0 changed manifests'
    # An earlier figure: every figure is in the ledger, but this manifest never was.
    sed -i 's/40/36/' ring/module.manifest.json && ready
    case $(ledger_check) in
    "failed: silent edit: 'testing.coverage_observed' of 'ring/module.manifest.json' changed in commit "*) ;;
    *) fail "$(ledger_check)" ;;
    esac
    tm 1 validate
    out_has 'Ledger Consistency Check - FAILED (silent edit: '
}

test_the_checkpoint_skips_what_has_no_commit_or_is_not_proved() {
    swept
    ready
    cd .. && git clone -q "file://$PWD/repo" clone && cd clone || exit 1
    same "$(ledger_check)" "skipped: there is no commit in 'origin/main..HEAD': nothing was checked for silent edits"
    tm 1 validate --strict
    echo '{' >bell.json && mkdir bell && mv bell.json bell/module.manifest.json && commit_all broken
    case $(ledger_check) in
    "skipped: 1 changed manifest in 'origin/main..HEAD' not proved") ;;
    *) fail "$(ledger_check)" ;;
    esac
}

test_a_shallow_clone_says_where_it_ends() {
    swept
    echo more >note && commit_all note
    cd .. && git clone -q --depth 2 "file://$PWD/repo" clone && cd clone || exit 1
    end=$(git rev-parse HEAD~)
    tm 0 ledger consistency HEAD # its parent is there
    tm 0 ledger consistency HEAD~ # every manifest of it is named by an entry
    out_has "$(echo "$end" | cut -c1-12)  this shallow clone ends here"
    out_has '2 named by an entry'
    tm 4 ledger consistency --root
    err_has 'git fetch --unshallow'
    err_has "$(echo "$end" | cut -c1-12)"
    tm 4 --format=json ledger consistency --root
    same "$(json "$SCRATCH/out" 'd["verdict"], d["horizon"]')" "('not_proved', ['$end'])"
    git fetch -q --unshallow
    tm 0 ledger consistency --root
}

test_an_edit_at_the_end_of_a_shallow_clone_is_not_proved() {
    swept
    sed -i 's/36/99/' ring/module.manifest.json && commit_all edit
    cd .. && git clone -q --depth 1 "file://$PWD/repo" clone && cd clone || exit 1
    git checkout -q --detach
    tm 4 ledger consistency
    out_has 'not proved  ring/module.manifest.json: this shallow clone ends here'
    sed -i 's/99/98/' ring/module.manifest.json && commit_all edit
    tm 1 ledger consistency # this one is seen whole
}

test_a_manifest_that_is_not_json_proves_nothing() {
    swept
    cp ring/module.manifest.json "$SCRATCH/good"
    echo '{"name": "ring",' >ring/module.manifest.json && commit_all break
    tm 4 ledger consistency
    out_has "not proved  ring/module.manifest.json: "
    cp "$SCRATCH/good" ring/module.manifest.json && commit_all mend
    tm 0 ledger consistency # the entry names it
    out_has '1 named by an entry'
    git reset -q --hard HEAD~ && sed 's/36/99/' "$SCRATCH/good" >ring/module.manifest.json && commit_all 'mend and edit'
    tm 4 ledger consistency
    out_has 'the manifest before cannot be read'
}

test_a_damaged_ledger_says_nothing() {
    swept
    measured ring 40 $T2
    printf '<<<<<<< HEAD\n' >>$LEDGER
    commit_all 'an unfinished merge'
    tm 4 ledger consistency
    out_has 'the ledger of this commit is damaged'
    sed -i '$d' $LEDGER && commit_all mended
    tm 0 ledger consistency
    tm 4 ledger consistency HEAD~2..
    out_has '1 not proved'
}

test_the_folder_of_the_ledgers_is_the_one_that_the_commit_s_settings_name() {
    swept
    mkdir -p logs && git mv manifests/.ledger logs/tidemark
    printf 'paths:\n  ledger: logs/tidemark\n' >tidemark.yaml
    figures ring 37 $T2
    file=logs/tidemark/coverage.ndjson
    line coverage ring 4 "\"$(tail -n 1 $file | tr -d '\n' | sha256sum | cut -c1-64)\"" $T2 "{\"evidence\":\"measured\",\"lines_covered\":37,\"lines_valid\":100,\"dirty\":false,\"manifest_blob\":\"$(git hash-object ring/module.manifest.json)\"}"
    commit_all 'move the ledgers and sweep'
    for pack in : 'git gc -q'; do
        $pack
        tm 0 ledger consistency --root
        out_has '3 commits (HEAD), 5 changed manifests: 3 named by an entry'
    done
}

test_what_the_settings_exclude_is_no_manifest() {
    swept
    printf 'exclude:\n  - vendor/\n' >tidemark.yaml
    mkdir vendor && figures vendor/lib 99 $T1 && mkdir -p templates/module && echo '{{' >templates/module/module.manifest.json
    commit_all vendor
    tm 0 ledger consistency
    out_has '0 changed manifests'
}

test_a_rollback_is_no_silent_edit() {
    git_repo repo
    module ring ring '"description": "one"'
    echo 'int ring;' >ring/ring.c
    commit_all module
    printf 'TN:\nSF:ring/ring.c\nDA:1,1\nDA:2,0\nend_of_record\n' >"$SCRATCH/one"
    printf 'TN:\nSF:ring/ring.c\nDA:1,1\nDA:2,1\nend_of_record\n' >"$SCRATCH/two"
    tm 0 scan && tm 0 fuse && tm 0 trends && commit_all generated
    tm 0 freeze v1
    tm 0 ingest "$SCRATCH/two" && tm 0 fuse && tm 0 trends && commit_all sweep
    sed -i 's/one/two/' ring/module.manifest.json && tm 0 scan && commit_all edit
    tm 0 rollback v1 --apply
    # No entry ever named a manifest without a figure: the rollback's own does.
    tm 0 ledger consistency
    out_has '1 restored by a rollback'
    sed -i 's/null/77/' ring/module.manifest.json && commit_all edit
    tm 1 ledger consistency
}

test_the_json_answer_has_everything() {
    swept
    figures ring 99 $T1 && measured fork 60 $T2 && figures fork 60 $T2 'by hand' && commit_all edit
    tm 1 --format=json ledger consistency --tolerance 5
    same "$(json "$SCRATCH/out" 'd["verdict"], d["range"], d["tolerance_s"], d["commits"], d["manifests"]')" \
        "('silent_edits', 'HEAD', 5, 1, 2)"
    same "$(json "$SCRATCH/out" 'd["by"]')" \
        "{'unchanged': 0, 'blob': 0, 'rollback': 0, 'figures': 1, 'time': 0, 'before_ledger': 0, 'not_proved': 0, 'silent': 1}"
    same "$(json "$SCRATCH/out" '[(f["backing"], f["manifest"], f["module"]) for f in d["findings"]]')" \
        "[('figures', 'fork/module.manifest.json', 'fork'), ('silent', 'ring/module.manifest.json', 'ring')]"
    same "$(json "$SCRATCH/out" 'd["findings"][1]["commit"], d["findings"][1]["time"], d["findings"][1]["fields"]')" \
        "('$(git rev-parse HEAD)', '2026-01-01T00:00:00Z', [{'field': 'testing.coverage_observed', 'before': 36, 'now': 99}])"
}

test_what_is_printed_is_safe_to_print() {
    swept
    name=$(printf 'a\033[31mb')
    mkdir "$name" && printf '{"name":"x","testing":{"coverage_observed":"\\u001b[31m\033"}}' >"$name/module.manifest.json" 2>/dev/null
    printf '{"name":"x","testing":{"coverage_observed":"\302\233"}}' >"$name/module.manifest.json"
    commit_all odd
    tm 1 ledger consistency
    out_has 'a\x1b[31mb/module.manifest.json'
    [ "$(tr -d '\n -~' <"$SCRATCH/out" | wc -c)" -eq 0 ] || fail 'something was not escaped'
}

test_wrong_usage() {
    swept
    tm 2 ledger consistency HEAD HEAD
    tm 2 ledger consistency --tolerance 99999999
    tm 2 ledger consistency --tolerance x
    tm 2 ledger consistency HEAD...HEAD
    tm 2 ledger consistency ''
    tm 3 ledger consistency nothing
    err_has "there is no revision 'nothing'"
    tm 3 ledger consistency HEAD..nothing
    tm 3 ledger consistency HEAD:ring
}

test_a_reader_that_goes_away_ends_it() {
    git_repo repo
    module ring ring
    entry coverage horn $T1 '{"evidence":"no_data","dirty":false}'
    commit_all ledger
    for i in $(seq 600); do
        printf '{"name":"m%d","testing":{"coverage_observed":"%0100d"}}' "$i" "$i" >m.json
        mkdir "m$i" && mv m.json "m$i/module.manifest.json"
    done
    commit_all silent
    "$TIDEMARK" ledger consistency --root >"$SCRATCH/all" 2>/dev/null || :
    [ "$(wc -c <"$SCRATCH/all")" -gt 65536 ] || fail 'too little for a pipe to fill'
    status=$({ { "$TIDEMARK" ledger consistency --root 2>/dev/null || echo $? >&3; } | head -n 1 >/dev/null; } 3>&1)
    [ "$status" -eq 141 ] || [ "$status" -eq 3 ] || fail "exit status $status"
    expect 3 sh -c "'$TIDEMARK' ledger consistency --root >/dev/full"
}

run_tests
