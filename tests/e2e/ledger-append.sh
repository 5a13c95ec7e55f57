#!/bin/sh
# What commands append to a ledger: a chain that printf and sha256sum can walk,
# whatever was there before, who writes at the same time, or where a write broke off.
. "${0%/*}/lib.sh"

LEDGER=manifests/.ledger/coverage.ndjson

# measured_repo: a repository with one module and a report of half its lines
measured_repo() {
    git_repo repo
    module m m
    printf 'int f(void) { return 1; }\n' >m/f.c
    commit_all module
    printf 'TN:\nSF:m/f.c\nDA:1,1\nDA:2,0\nend_of_record\n' >../half.info
}

id() { printf %s "$1" | sha256sum | cut -c1-64; }

# chained: every entry names the one before it by its SHA-256; prints how many there are
chained() {
    before='' n=0
    while IFS= read -r line; do
        case $line in
        '{"v":1,'*"\"prev\":[${before:+\"$before\"}]"*) n=$((n + 1)) ;;
        '{"v":1,'*) fail "not chained: $line" ;;
        *) continue ;;
        esac
        before=$(id "$line")
    done <"$LEDGER"
    echo "$n"
}

test_entries_are_chained_by_what_sha256sum_says() {
    measured_repo
    tm 0 ingest ../half.info
    tm 0 ingest ../half.info
    tm 0 ingest ../half.info
    same "$(chained)" 4
    tm 0 --format=json ledger log
    same "$(json "$SCRATCH/out" '" ".join(e["id"] for e in d)')" \
        "$(while IFS= read -r line; do id "$line"; done <"$LEDGER" | paste -sd ' ')"
    same "$(json "$SCRATCH/out" '[e["entry"]["lc"] for e in d]')" '[1, 2, 3, 4]'
    same "$(json "$SCRATCH/out" 'len({e["entry"]["run"] for e in d}), len({e["entry"]["log"] for e in d})')" '(4, 1)'
}

test_what_was_there_before_is_adopted_untouched() {
    measured_repo
    mkdir -p manifests/.ledger
    printf '{"ts": "2025-10-05T11:11:15+00:00", "module": "m", "coverage": 36.5}\n\n{"note": 1}' >"$LEDGER"
    cp "$LEDGER" ../old
    commit_all old
    tm 0 ingest ../half.info
    same "$(head -c "$(wc -c <../old)" "$LEDGER" | sha256sum)" "$(sha256sum <../old)"
    echo >>../old # the line that lacked its LF has it now
    has "$LEDGER" "\"adopted\":{\"lines\":3,\"bytes\":$(wc -c <../old),\"sha256\":\"$(sha256sum <../old | cut -c1-64)\"}"
    same "$(chained)" 2
    tm 0 trends
    same "$(sed -n 3p trends/coverage_trend.csv | cut -d, -f2-)" 'm,50.00,13.50'
}

test_a_write_that_broke_off_is_moved_aside_and_told() {
    measured_repo
    tm 0 ingest ../half.info
    cp "$LEDGER" ../whole
    tm 0 ingest ../half.info
    truncate -s -10 "$LEDGER"
    tail -c +"$(($(wc -c <../whole) + 1))" "$LEDGER" >../torn
    tm 3 ledger log
    err_has "the last line is cut off at line 3 of '$LEDGER'"
    tm 0 ingest ../half.info
    err_has "the last write to '$LEDGER' was cut off, moved $(wc -c <../torn) bytes to '"
    cmp ../torn .git/tidemark/torn/coverage.ndjson-* || fail 'the torn end was not kept as it was'
    head -n 2 "$LEDGER" | cmp - ../whole || fail 'an entry that was acknowledged was lost'
    same "$(chained)" 3
}

test_a_last_line_without_its_line_feed_is_completed() {
    measured_repo
    tm 0 ingest ../half.info
    cp "$LEDGER" ../whole
    truncate -s -1 "$LEDGER"
    tm 3 ledger log
    err_has "the last line has no line feed at line 2 of '$LEDGER'"
    tm 0 ingest ../half.info
    head -n 2 "$LEDGER" | cmp - ../whole || fail 'the line was not completed'
    same "$(chained)" 3
}

test_nothing_is_appended_to_a_ledger_that_was_tampered_with() {
    measured_repo
    tm 0 ingest ../half.info
    tm 0 ingest ../half.info
    sed -i '2s/"lines_covered":1/"lines_covered":2/' "$LEDGER"
    cp "$LEDGER" ../tampered
    tm 3 ingest ../half.info
    err_has "prev names an entry that is not there at line 3 of '$LEDGER'"
    cmp "$LEDGER" ../tampered || fail 'the ledger was written to'
}

test_commands_that_write_at_once_make_one_chain() {
    measured_repo
    for i in 1 2 3 4 5 6; do
        "$TIDEMARK" --lock-timeout 120 ingest ../half.info >/dev/null 2>"../err$i" &
    done
    wait
    same "$(chained)" 7
    same "$(cat ../err?)" ''
}

# What was there before makes the ledger longer than the end that is looked at.
test_the_note_on_the_head_is_what_stat_and_sha256sum_say() {
    measured_repo
    mkdir -p manifests/.ledger
    for i in $(seq 1500); do
        printf '{"ts": "2025-10-05T11:11:15Z", "module": "m", "coverage": %d}\n' $((i % 100))
    done >"$LEDGER"
    commit_all old
    tm 0 ingest ../half.info
    last=$(tail -n 1 "$LEDGER")
    # Nanoseconds: seconds of stat's %Y and its fraction.
    ns() { stat -c "%.9$1" "$LEDGER" | tr -d .; }
    printf '{"format":"tidemark-heads/1","bytes":%s,"device":%s,"inode":%s,"mtime_ns":%s,"ctime_ns":%s,' \
        "$(stat -c %s "$LEDGER")" "$(stat -c %d "$LEDGER")" "$(stat -c %i "$LEDGER")" "$(ns Y)" "$(ns Z)" >../note
    printf '"tail_sha256":"%s","log":"%s","head":"%s","lc":2}\n' \
        "$(tail -c 65538 "$LEDGER" | sha256sum | cut -c1-64)" "$(printf %s "$last" | cut -c15-46)" "$(id "$last")" >>../note
    name=coverage.ndjson-$(printf %s "$PWD/$LEDGER" | sha256sum | cut -c1-16)
    cmp ../note ".git/tidemark/heads/$name" || fail "expected $(cat ../note), got $(cat .git/tidemark/heads/*)"
    tm 0 ingest ../half.info
    same "$(chained)" 3
    clean=$(git status --porcelain)
    rm -r .git/tidemark/heads
    same "$(git status --porcelain)" "$clean"
    tm 0 ingest ../half.info
    same "$(chained)" 4
}

# A disk of its own for the ledger, so that nothing but the append meets its end.
test_a_full_disk_leaves_the_ledger_as_it_was() {
    [ "$(command id -u)" -eq 0 ] || skip 'only root may mount a small disk'
    measured_repo
    mkdir -p "${LEDGER%/*}"
    mount -t tmpfs -o size=64k tidemark-test "${LEDGER%/*}" 2>/dev/null || skip 'mounting is not allowed here'
    folder=$PWD/${LEDGER%/*}
    trap 'umount "$folder"' EXIT
    tm 0 ingest ../half.info
    dd if=/dev/zero of="${LEDGER%/*}/filler" bs=4k 2>/dev/null || :
    # What is left of the ledger's last page still takes some entries; the one after is cut short.
    status=0 n=2
    while [ "$status" -eq 0 ]; do
        cp "$LEDGER" ../before
        "$TIDEMARK" ingest ../half.info >"$SCRATCH/out" 2>"$SCRATCH/err" || status=$?
        n=$((n + 1))
    done
    same "$status" 3
    err_is_one_line
    err_has "'$LEDGER': cannot write: No space left on device"
    cmp "$LEDGER" ../before || fail 'the ledger has changed'
    rm "${LEDGER%/*}/filler"
    tm 0 ingest ../half.info
    same "$(chained)" "$n"
    [ ! -e .git/tidemark/torn ] || fail "what was taken back is not torn"
}

run_tests
