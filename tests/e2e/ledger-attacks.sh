#!/bin/sh
# Everything that can be done to a ledger is done, and found: by `ledger verify` and by a verifier that was
# written from the format's page alone. So are edits of what ledgers vouch for, by `ledger consistency` and
# by one in Python. The table in docs/ is made from the same cases.
. "${0%/*}/lib.sh"

ATTACKS=$SOURCE/tests/ledger/attacks.py

test_every_attack_is_found_by_both_verifiers() {
    /usr/bin/python3 "$ATTACKS" run "$TIDEMARK" >"$SCRATCH/tap" || {
        grep -v '^ok' "$SCRATCH/tap" | head -n 40
        fail 'an attack was not found, or was found as something else'
    }
    [ "$(grep -c '^ok' "$SCRATCH/tap")" -gt 150 ] || fail "few attacks were carried out: $(cat "$SCRATCH/tap")"
}

test_the_table_of_attacks_is_current() {
    /usr/bin/python3 "$ATTACKS" table >now.md
    cmp now.md "$SOURCE/docs/ledger-attacks.md" ||
        fail 'make it anew: tests/ledger/attacks.py table >docs/ledger-attacks.md'
}

test_every_code_of_the_format_has_an_attack() {
    sed -n '/^## Damage/,$s/^| \(`[^|]*`\) |.*/\1/p' "$SOURCE/docs/formats/ledger.md" | tr -d '`,' | tr ' ' '\n' |
        sort -u >codes
    [ "$(wc -l <codes)" -gt 40 ] || fail "few codes in the format page: $(cat codes)"
    while read -r code; do
        grep -q "\`$code\`" "$SOURCE/docs/ledger-attacks.md" || fail "no attack is found as '$code'"
    done <codes
}

test_every_answer_of_consistency_has_an_attack() {
    sed -n '/^| answer |/,/^$/p' "$SOURCE/docs/formats/consistency.md" | cut -s -d'`' -f2 >answers
    [ "$(wc -l <answers)" -eq 8 ] || fail "not all answers in the format page: $(cat answers)"
    while read -r answer; do
        grep -q "ledger consistency.*\`$answer\`" "$SOURCE/docs/ledger-attacks.md" || fail "no case has '$answer'"
    done <answers
}

run_tests
