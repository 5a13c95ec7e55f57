# What a sweep says of every way a command can end. The collector runs the module's own
# run.sh, so that each ending is exactly the one a test wants.
# shellcheck disable=SC2016 # what stands in single quotes is for the scripts of modules
. "${0%/*}/lib.sh"

# shell_repo: a repository whose modules are measured by their run.sh, which gets the job's folder as $1.
shell_repo() {
    git_repo repo
    cat >tidemark.yaml <<'END'
sweep:
  timeout_s: 1
collectors:
  shell:
    files: [/run.sh]
    command: [sh, run.sh, "{out}"]
    report: "{out}/lcov.info"
    format: lcov
    no_data_exits: [5]
END
}

# shell_module NAME <<END: a module with one source file of four lines, a test, and run.sh from stdin.
shell_module() {
    module "$1" "$1"
    mkdir "$1/tests"
    printf 'one\ntwo\nthree\nfour\n' >"$1/code.py"
    echo 'check' >"$1/tests/test_code.py"
    cat >"$1/run.sh"
}

# half_covered: commands for run.sh that report two of four lines of code.py as run, and the test file.
half_covered() {
    cat <<'END'
cat >"$1/lcov.info" <<LCOV
SF:$PWD/code.py
DA:1,1
DA:2,5
DA:3,0
DA:4,0
end_of_record
SF:$PWD/tests/test_code.py
DA:1,1
end_of_record
LCOV
END
}

# last_entry MODULE: the body of the module's last coverage entry.
last_entry() {
    grep -F "\"module\":\"$1\"" manifests/.ledger/coverage.ndjson | tail -n 1 >"$SCRATCH/entry"
}

# outcome NAME: "evidence: reason" of a module in the JSON answer.
outcome() {
    json "$SCRATCH/out" "[m['evidence'] + ': ' + m.get('reason', '') for m in d['coverage']['modules'] if m['module'] == '$1'][0]"
}

test_a_measured_module_has_its_figure_in_ledger_and_manifest() {
    shell_repo
    half_covered | shell_module half
    commit_all modules
    tm 0 --format=json sweep
    same "$(outcome half)" 'measured: '
    # Lines 1 and 2 of 4 ran; the test's own line does not count.
    same "$(json "$SCRATCH/out" "d['coverage']['modules'][0]['lines']")" "{'covered': 2, 'valid': 4}"
    same "$(json "$SCRATCH/out" "d['coverage']['modules'][0]['coverage_pct']")" 50
    same "$(json half/module.manifest.json "d['testing']")" \
        "{'coverage_observed': 50, 'observed_at': '2026-01-01T00:00:00Z'}"
    last_entry half
    has "$SCRATCH/entry" '"evidence":"measured","lines_covered":2,"lines_valid":4'
    has "$SCRATCH/entry" "\"commit\":\"$(git rev-parse HEAD)\",\"tree\":\"$(git rev-parse 'HEAD^{tree}')\",\"dirty\":false"
    has "$SCRATCH/entry" '"collector":"shell"'
    has "$SCRATCH/entry" "\"manifest_blob\":\"$(git hash-object half/module.manifest.json)\""
    # Without a bench there is nothing to say, and so no ledger of it.
    same "$(json "$SCRATCH/out" "d['bench']['totals']['skipped']")" 1
    [ ! -e manifests/.ledger/bench.ndjson ] || fail 'a bench ledger was written'
    same "$(git status --porcelain | tr '\n' ' ')" ' M half/module.manifest.json ?? manifests/ '
}

test_every_other_ending_has_its_evidence_and_reason() {
    shell_repo
    echo 'exit 5' | shell_module nothing
    echo ': >"$1/lcov.info"' | shell_module empty
    { half_covered && echo 'sed -i s/code.py/other.py/ "$1/lcov.info"'; } | shell_module foreign
    { half_covered && echo 'echo went wrong; exit 3'; } | shell_module failing
    echo 'kill -SEGV $$' | shell_module crashing
    echo 'sleep 20' | shell_module hanging
    echo 'exec yes flood' | shell_module flooding
    echo 'exit 0' | shell_module silent
    { half_covered && echo 'echo DA:x >>"$1/lcov.info"'; } | shell_module damaged
    commit_all modules
    tm 4 --format=json sweep --coverage -j 4
    same "$(outcome nothing)" 'no_data: nothing to measure (exit status 5)'
    same "$(outcome empty)" 'no_data: the report is empty'
    same "$(outcome foreign)" "no_data: the report has no line of the module's own source"
    same "$(outcome failing)" 'failed: exit status 3'
    same "$(outcome crashing)" 'failed: ended by signal 11 (Segmentation fault)'
    same "$(outcome hanging)" 'timeout: not done after 1 s'
    same "$(outcome flooding)" 'failed: more than 16 MiB of output'
    same "$(outcome silent)" "failed: it wrote no report 'lcov.info'"
    case $(outcome damaged) in 'failed: '*lcov.info*) ;; *) fail "damaged: $(outcome damaged)" ;; esac
    same "$(json "$SCRATCH/out" "d['coverage']['totals']")" \
        "{'modules': 9, 'measured': 0, 'no_data': 3, 'failed': 5, 'timeout': 1, 'skipped': 0}"
    # Nothing was measured: no manifest says anything, no entry has a figure.
    same "$(git status --porcelain)" '?? manifests/'
    ! grep -q lines_covered manifests/.ledger/coverage.ndjson || fail 'an entry has lines'
    same "$(grep -c '"kind":"coverage"' manifests/.ledger/coverage.ndjson)" 9
    last_entry failing
    has "$SCRATCH/entry" '"evidence":"failed","reason":"exit status 3","exit_status":3'
    log=$(json "$SCRATCH/out" "[m['log'] for m in d['coverage']['modules'] if m['module'] == 'failing'][0]")
    same "$(cat "$log")" 'went wrong'
    log=$(json "$SCRATCH/out" "[m['log'] for m in d['coverage']['modules'] if m['module'] == 'flooding'][0]")
    same "$(wc -c <"$log")" 16777216
}

test_a_missing_command_fails_and_says_which() {
    shell_repo
    half_covered | shell_module half
    sed -i 's/command: .*/command: [tm-no-such-tool, x]/' tidemark.yaml
    commit_all modules
    tm 4 --format=json sweep half
    same "$(outcome half)" "failed: cannot start 'tm-no-such-tool': No such file or directory"
}

test_what_cannot_be_swept_is_skipped_with_the_reason() {
    shell_repo
    half_covered | shell_module half
    half_covered | shell_module licensed
    printf 'modules:\n  licensed:\n    skip: needs a licence server\n' >>tidemark.yaml
    module untested untested && echo 'pass' >untested/code.py
    module notes notes && echo 'text' >notes/README.md
    sed -i 's/files: .*/languages: [python]/' tidemark.yaml
    module gopher gopher && echo 'package p' >gopher/p.go && echo 'package p' >gopher/p_test.go
    commit_all modules
    tm 0 --format=json sweep
    same "$(outcome untested)" 'skipped: no tests'
    same "$(outcome notes)" 'skipped: no tests'
    same "$(outcome gopher)" "skipped: no collector for language 'go'"
    same "$(outcome licensed)" 'skipped: skipped by settings: needs a licence server'
    same "$(outcome half)" 'measured: '
    same "$(json "$SCRATCH/out" "d['coverage']['totals']['skipped']")" 4
    # All outcomes are ledgered.
    same "$(grep -c '"evidence":"skipped"' manifests/.ledger/coverage.ndjson)" 4
}

test_a_figure_that_is_no_longer_true_is_taken_back() {
    shell_repo
    half_covered | shell_module half
    commit_all modules
    tm 0 sweep
    echo 'exit 1' >half/run.sh
    SOURCE_DATE_EPOCH=1767312000 tm 4 sweep
    same "$(json half/module.manifest.json "d['testing']")" \
        "{'coverage_observed': None, 'observed_at': '2026-01-02T00:00:00Z'}"
    last_entry half
    has "$SCRATCH/entry" '"evidence":"failed"'
    has "$SCRATCH/entry" '"dirty":true'
    has "$SCRATCH/entry" "\"manifest_blob\":\"$(git hash-object half/module.manifest.json)\""
    # A third time there is nothing to take back, and the manifest stays as it is.
    cp half/module.manifest.json "$SCRATCH/before"
    SOURCE_DATE_EPOCH=1767398400 tm 4 sweep
    cmp "$SCRATCH/before" half/module.manifest.json || fail 'the manifest changed'
}

test_the_manifest_keeps_every_other_byte() {
    shell_repo
    half_covered | shell_module half
    printf '{ "tags":["lane:L3"] ,\r\n\t"testing" : {"coverage_target": 1.50e1},"name":"half"}' >half/module.manifest.json
    commit_all modules
    tm 0 sweep
    printf '{ "tags":["lane:L3"] ,\r\n\t"testing" : {"coverage_target": 1.50e1, "coverage_observed": 50, "observed_at": "2026-01-01T00:00:00Z"},"name":"half"}' |
        cmp - half/module.manifest.json || fail 'other bytes changed'
}

test_only_named_modules_are_swept() {
    shell_repo
    half_covered | shell_module half
    half_covered | shell_module other
    commit_all modules
    tm 0 --format=json sweep --coverage other half/
    same "$(json "$SCRATCH/out" "[m['module'] for m in d['coverage']['modules']]")" "['half', 'other']"
    same "$(json "$SCRATCH/out" "'bench' in d")" False
    tm 2 sweep oter
    err_has "'oter'"
    err_has "'other'"
    err_is_one_line
    tm 2 sweep -j 0
    tm 2 sweep -j x
}

test_text_output_is_a_table_with_totals() {
    shell_repo
    half_covered | shell_module half
    echo 'echo why it broke; exit 3' | shell_module failing
    commit_all modules
    tm 4 -v sweep --coverage
    out_has '  half     50.00 % (2 of 4 lines)'
    out_has '  failing  failed: exit status 3, see /'
    out_has '2 modules: 1 measured, 0 no data, 1 failed, 0 timed out, 0 skipped, in '
    # Verbose shows the end of the log.
    err_has 'why it broke'
}

# Most of the commands that ran at one time, by their starts (+1) and ends (-1) in the order of time.
most_at_once() {
    sort -n times | awk '{ n += $2; if (n > most) most = n } END { print most }'
}

test_commands_run_beside_each_other_up_to_j() {
    shell_repo
    for m in a b c d; do
        { half_covered && echo 'echo "$(date +%s%N) 1" >>../times; sleep 0.4; echo "$(date +%s%N) -1" >>../times'; } |
            shell_module $m
    done
    echo times >.gitignore
    commit_all modules
    tm 0 sweep --coverage -j 1
    same "$(most_at_once)" 1
    rm times
    tm 0 sweep --coverage -j 2
    same "$(most_at_once)" 2
}

test_a_collector_for_the_repository_runs_once_for_all() {
    shell_repo
    sed -i 's/files: .*/scope: repository/; s/run.sh/all.sh/' tidemark.yaml
    cat >all.sh <<'END'
echo run >>runs
for m in first second third; do
    printf 'SF:%s/code.py\nDA:1,1\nDA:2,0\nend_of_record\n' "$m"
done | sed 's/DA:2,0/&/' >"$1/lcov.info"
sed -i '/^SF:third/,$d' "$1/lcov.info"
END
    echo runs >.gitignore
    for m in first second third; do
        module $m $m && echo 'code' >$m/code.py
    done
    commit_all modules
    tm 0 --format=json sweep --coverage
    same "$(wc -l <runs)" 1
    same "$(outcome first)" 'measured: '
    same "$(outcome second)" 'measured: '
    same "$(outcome third)" "no_data: the report has no line of the module's own source"
}

test_a_mirror_leaves_the_tree_clean() {
    shell_repo
    sed -i 's/format: lcov/&\n    mirror: true/' tidemark.yaml
    mkdir -p lib/shared && echo 'shared' >lib/shared/common.txt
    module lib/net net && mkdir lib/net/tests && echo 'check' >lib/net/tests/test_code.py
    printf 'one\ntwo\n' >lib/net/code.py
    cat >lib/net/run.sh <<'END'
set -e
test "$(cat ../shared/common.txt)" = shared
echo built >code.o
echo changed >>code.py
mkdir junk && chmod 0 junk
printf 'SF:%s/code.py\nDA:1,1\nDA:2,1\nend_of_record\n' "$PWD" >"$1/lcov.info"
END
    commit_all modules
    tm 0 --format=json sweep net
    same "$(outcome net)" 'measured: '
    same "$(json "$SCRATCH/out" "d['coverage']['modules'][0]['lines']")" "{'covered': 2, 'valid': 2}"
    git checkout -q -- lib/net/module.manifest.json && rm -r manifests
    clean_tree
    [ -z "$(ls .git/tidemark/work 2>/dev/null)" ] || fail 'the mirror is still there'
}

test_a_module_whose_tests_are_all_skipped_has_no_data() {
    shell_repo
    printf '    tests: "{out}/junit.xml"\n    tests_format: junit\n' >>tidemark.yaml
    { half_covered && cat <<'END'
cat >"$1/junit.xml" <<XML
<testsuites><testsuite name="s"><testcase name="a"><skipped/></testcase><testcase name="b"><skipped/></testcase></testsuite></testsuites>
XML
END
    } | shell_module skipping
    { half_covered && cat <<'END'
echo '<testsuites><testsuite name="s"><testcase name="a"/><testcase name="b"><skipped/></testcase></testsuite></testsuites>' >"$1/junit.xml"
END
    } | shell_module running
    { half_covered && echo "echo '<testsuites/>' >\"\$1/junit.xml\""; } | shell_module testless
    half_covered | shell_module unwritten
    commit_all modules
    tm 4 --format=json sweep --coverage
    same "$(outcome skipping)" 'no_data: no test ran: all 2 were skipped'
    same "$(outcome testless)" 'no_data: no test ran'
    same "$(outcome unwritten)" "failed: it wrote no report 'junit.xml'"
    same "$(outcome running)" 'measured: '
    last_entry running
    has "$SCRATCH/entry" '"tests_run":1,"tests_skipped":1'
    same "$(json skipping/module.manifest.json "'testing' in d")" False
}

test_several_reports_are_one() {
    shell_repo
    sed -i 's/lcov.info/*.info/' tidemark.yaml
    shell_module half <<'END'
printf 'SF:%s/code.py\nDA:1,1\nDA:2,0\nend_of_record\n' "$PWD" >"$1/a.info"
printf 'SF:%s/code.py\nDA:2,1\nDA:3,0\nend_of_record\n' "$PWD" >"$1/b.info"
echo 'not a report' >"$1/c.txt"
sha256sum <"$1/a.info" | cut -c 1-64 >../sums
sha256sum <"$1/b.info" | cut -c 1-64 >>../sums
END
    echo sums >.gitignore
    commit_all modules
    tm 0 --format=json sweep --coverage
    same "$(json "$SCRATCH/out" "d['coverage']['modules'][0]['lines']")" "{'covered': 2, 'valid': 3}"
    last_entry half
    has "$SCRATCH/entry" "\"report_sha256\":\"$(sort sums | sha256sum | cut -c 1-64)\""
}

test_a_report_of_an_earlier_run_is_none() {
    shell_repo
    sed -i 's#report: .*#report: "{module}/lcov.info"#' tidemark.yaml
    echo 'test ! -e ../write || printf "SF:code.py\\nDA:1,1\\nend_of_record\\n" >lcov.info' | shell_module stale
    printf 'SF:code.py\nDA:1,1\nend_of_record\n' >stale/lcov.info
    touch -d '1 hour ago' stale/lcov.info
    commit_all modules
    tm 4 --format=json sweep --coverage
    same "$(outcome stale)" "failed: it wrote no report 'lcov.info', the one that is there is older"
    : >write
    tm 0 --format=json sweep --coverage
    same "$(outcome stale)" 'measured: '
}

test_excluded_source_does_not_count() {
    shell_repo
    printf 'coverage:\n  exclude: ["*/code.py"]\n' >>tidemark.yaml
    half_covered | shell_module half
    commit_all modules
    tm 0 --format=json sweep --coverage
    same "$(outcome half)" "no_data: the report has no line of the module's own source"
}

test_a_module_with_a_name_of_its_own_is_reported_by_it() {
    shell_repo
    half_covered | shell_module half
    module half "die Hälfte"
    commit_all modules
    tm 0 --format=json sweep --coverage
    same "$(outcome 'die Hälfte')" 'measured: '
    has manifests/.ledger/coverage.ndjson '"module":"die Hälfte"'
    tm 0 sweep --coverage 'die Hälfte'
}

test_settings_of_unknown_modules_are_warned_of() {
    shell_repo
    half_covered | shell_module half
    printf 'modules:\n  hafl:\n    skip: typing\n' >>tidemark.yaml
    commit_all modules
    tm 0 sweep --coverage
    err_has "no module is called 'hafl'"
}

test_a_broken_manifest_does_not_stop_the_others() {
    shell_repo
    half_covered | shell_module half
    half_covered | shell_module broken
    echo '{"name": ' >broken/module.manifest.json
    commit_all modules
    tm 4 --format=json sweep --coverage
    same "$(outcome half)" 'measured: '
    err_has 'broken/module.manifest.json'
    same "$(cat broken/module.manifest.json)" '{"name": '
}

test_only_the_last_five_runs_are_kept() {
    shell_repo
    echo 'exit 5' | shell_module nothing
    commit_all modules
    for i in 1 2 3 4 5 6 7; do tm 0 sweep --coverage; done
    same "$(find .git/tidemark/runs -mindepth 1 -maxdepth 1 | wc -l)" 5
}

run_tests
