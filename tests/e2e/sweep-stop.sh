# A sweep that is interrupted or killed leaves everything consistent.
# shellcheck disable=SC2016 # what stands in single quotes is for the scripts of modules
. "${0%/*}/lib.sh"

# slow_repo: modules quick and slow; slow's run.sh waits, and leaves its process id in ./child.
slow_repo() {
    git_repo repo
    cat >tidemark.yaml <<'END'
collectors:
  shell:
    files: [/run.sh]
    command: [sh, run.sh, "{out}"]
    report: "{out}/lcov.info"
    format: lcov
END
    for m in quick slow; do
        module $m $m
        mkdir $m/tests && echo 'check' >$m/tests/test_code.py && echo 'one' >$m/code.py
        cat >$m/run.sh <<'END'
printf 'SF:%s/code.py\nDA:1,1\nend_of_record\n' "$PWD" >"$1/lcov.info"
END
    done
    cat >>slow/run.sh <<'END'
test ! -e ../hurry || exit 0
sleep 30 &
echo $! >../child
wait
END
    printf 'child\nhurry\n' >.gitignore
    commit_all modules
}


# is_gone PID
is_gone() {
    for _ in $(seq 100); do
        [ -e "/proc/$1" ] && ! grep -q ') Z ' "/proc/$1/stat" || return 0
        sleep 0.05
    done
    return 1
}

# interrupted SIGNAL: sweeps, sends SIGNAL once quick is done and slow runs; the exit status is in $status. A shell's
# background jobs ignore SIGINT, so a Python starts it as a terminal would.
interrupted() {
    status=$(/usr/bin/python3 - "$1" "$TIDEMARK" "$SCRATCH" <<'END'
import os, signal, subprocess, sys, time

name, program, scratch = sys.argv[1:]
with open(scratch + "/out", "w") as out, open(scratch + "/err", "w") as err:
    sweep = subprocess.Popen([program, "--format=json", "sweep", "--coverage", "-j", "2"], stdout=out, stderr=err,
                             preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    for _ in range(400):
        with open(scratch + "/err") as seen:
            if "quick: " in seen.read() and os.path.exists("child") and os.path.getsize("child"):
                break
        time.sleep(0.05)
    sweep.send_signal(getattr(signal, name))
    print(sweep.wait())
END
    )
}

test_sigint_ends_the_children_and_keeps_what_finished() {
    slow_repo
    interrupted SIGINT
    same "$status" 130
    is_gone "$(cat child)" || fail 'a grandchild is still there'
    err_has 'stopped by signal 2'
    same "$(json "$SCRATCH/out" "[m['module'] for m in d['coverage']['modules']]")" "['quick']"
    same "$(json quick/module.manifest.json "d['testing']['coverage_observed']")" 100
    same "$(json slow/module.manifest.json "'testing' in d")" False
    same "$(grep -c '"kind":"coverage"' manifests/.ledger/coverage.ndjson)" 1
    has manifests/.ledger/coverage.ndjson "\"manifest_blob\":\"$(git hash-object quick/module.manifest.json)\""
}

test_sigterm_does_the_same() {
    slow_repo
    interrupted SIGTERM
    same "$status" 143
    is_gone "$(cat child)" || fail 'a grandchild is still there'
    same "$(json quick/module.manifest.json "d['testing']['coverage_observed']")" 100
}

test_a_killed_sweep_leaves_the_old_state_and_the_next_one_works() {
    slow_repo
    interrupted SIGKILL
    same "$status" -9
    clean_tree
    [ -e "/proc/$(cat child)" ] || fail 'the job should have outlived its sweep'
    : >hurry
    tm 0 sweep --coverage
    err_has 'processes that a killed sweep had left'
    is_gone "$(cat child)" || fail 'what the killed sweep left is still there'
    same "$(grep -c '"kind":"coverage"' manifests/.ledger/coverage.ndjson)" 2
    same "$(json slow/module.manifest.json "d['testing']['coverage_observed']")" 100
    [ -z "$(ls .git/tidemark/work 2>/dev/null)" ] || fail 'a mirror is left'
}

test_two_sweeps_at_once_wait_for_each_other() {
    slow_repo
    "$TIDEMARK" sweep --coverage >"$SCRATCH/first" 2>&1 &
    first=$!
    for _ in $(seq 200); do
        [ ! -s child ] || break
        sleep 0.05
    done
    tm 3 --lock-timeout 1 sweep --coverage
    err_is_one_line
    err_has "process $first "
    kill "$first"
    wait "$first" || same $? 143
    : >hurry
    tm 0 sweep --coverage
}

test_an_unwritable_manifest_does_not_stop_the_others() {
    [ "$(id -u)" -ne 0 ] || skip 'root may write everywhere'
    slow_repo
    : >hurry
    chmod 555 quick
    tm 4 sweep --coverage
    chmod 755 quick
    err_has 'the figure is in the ledger only'
    same "$(json slow/module.manifest.json "d['testing']['coverage_observed']")" 100
    same "$(json quick/module.manifest.json "'testing' in d")" False
    tm 0 sweep --coverage
    same "$(json quick/module.manifest.json "d['testing']['coverage_observed']")" 100
}

run_tests
