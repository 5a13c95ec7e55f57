#!/bin/sh
# Proofs that an entry is in a frozen ledger and that a freeze only added to an earlier one: made here, verified
# by tidemark where there is no repository, and by RFC 9162 as Python below has it, which knows no tidemark.
. "${0%/*}/lib.sh"

# observe HITS...: one more entry in the coverage ledger, of a file with a line for each number.
observe() {
    {
        echo SF:alpha/code.py
        line=0
        for hits; do line=$((line + 1)) && echo "DA:$line,$hits"; done
        echo end_of_record
    } >"$SCRATCH/r.info"
    "$TIDEMARK" ingest "$SCRATCH/r.info" >/dev/null || exit 1
}

# freeze TAG: everything up to date, committed, frozen.
freeze() {
    for step in scan fuse trends; do "$TIDEMARK" -q $step >/dev/null || exit 1; done
    git add -A && git commit -q --allow-empty -m "before $1"
    tm 0 freeze "$1"
}

# frozen_repo: freezes one (2 entries in coverage), two (5) and an entry behind it; A to D are their ids.
frozen_repo() {
    git_repo repo
    module alpha alpha
    printf 'one\ntwo\nthree\nfour\n' >alpha/code.py
    commit_all modules
    observe 1
    freeze one
    observe 1 0 && observe 1 1 0 && observe 1 1 1 0
    freeze two
    observe 1 1 1 1
    LEDGER=manifests/.ledger/coverage.ndjson
}

# id N: of the N-th line of the coverage ledger
id() { sed -n "$1p" "$LEDGER" | tr -d '\n' | sha256sum | cut -c1-64; }

# root TAG LEDGER: as the freeze record of the tag has it
root() {
    git show "$1:docs/_generated/BASELINE_FREEZE.json" >"$SCRATCH/record"
    json "$SCRATCH/record" "[l['root'] for l in d['ledgers'] if l['path'].endswith('/$2.ndjson')][0]"
}

# roots TAG: all of them, with commas
roots() {
    git show "$1:docs/_generated/BASELINE_FREEZE.json" >"$SCRATCH/record"
    json "$SCRATCH/record" "','.join(l['root'] for l in d['ledgers'] if 'root' in l)"
}

# elsewhere STATUS ARGS...: check-proof in a folder that is in no repository
elsewhere() {
    mkdir -p "$SCRATCH/elsewhere"
    status=$1
    shift
    tm "$status" -C "$SCRATCH/elsewhere" ledger check-proof "$@"
}

# RFC 9162, 2.1.3.2 and 2.1.4.2, line by line.
cat_verifier() {
    cat <<'END'
import hashlib, json, sys
def node(l, r): return hashlib.sha256(b"\1" + l + r).digest()
def included(leaf, index, size, path, root):
    if index >= size: return False
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0: return False
        if fn & 1 or fn == sn:
            r = node(p, r)
            if not fn & 1:
                while not (fn & 1 or fn == 0): fn >>= 1; sn >>= 1
        else:
            r = node(r, p)
        fn >>= 1; sn >>= 1
    return sn == 0 and r == root
def consistent(first, second, first_hash, second_hash, path):
    if first == 0: return not path
    if first == second: return not path and first_hash == second_hash
    if first & (first - 1) == 0: path = [first_hash] + path
    fn, sn = first - 1, second - 1
    while fn & 1: fn >>= 1; sn >>= 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0: return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            if not fn & 1:
                while not (fn & 1 or fn == 0): fn >>= 1; sn >>= 1
        else:
            sr = node(sr, c)
        fn >>= 1; sn >>= 1
    return fr == first_hash and sr == second_hash and sn == 0
h = bytes.fromhex
d = json.load(open(sys.argv[1]))
if d["kind"] == "inclusion":
    id = hashlib.sha256(d["entry"].encode()).digest()
    leaf = hashlib.sha256(b"\0" + id).digest()
    good = included(leaf, d["index"], d["size"], [h(x) for x in d["hashes"]], h(d["root"]))
else:
    good = all(consistent(t["old_size"], t["size"], h(t["old_root"]), h(t["root"]), [h(x) for x in t["hashes"]])
               for t in d["ledgers"])
sys.exit(not good)
END
}

test_every_entry_of_a_freeze_is_proved_and_verified_elsewhere() {
    frozen_repo
    cat_verifier >"$SCRATCH/verify.py"
    for n in 1 2 3 4 5; do
        tm 0 ledger proof "$(id $n)"
        cp "$SCRATCH/out" "$SCRATCH/proof"
        same "$(json "$SCRATCH/proof" 'd["freeze"], d["ledger"], d["size"], d["index"]')" "('two', 'coverage', 5, $((n - 1)))"
        expect 0 /usr/bin/python3 "$SCRATCH/verify.py" "$SCRATCH/proof"
        elsewhere 0 "$SCRATCH/proof" --root "$(root two coverage)"
        out_has "the proof holds: entry $n of the 5 in ledger 'coverage' at freeze 'two'"
        out_has "$(id $n)"
        out_has "$(root two coverage), as given"
        elsewhere 1 "$SCRATCH/proof" --root "$(root one coverage)"
        err_has "the proof does not hold: the root of ledger 'coverage' is not one of those given"
        err_is_one_line
    done
}

test_the_root_is_that_of_the_ids_as_sha256sum_gives_them() {
    frozen_repo
    tm 0 ledger proof "$(id 1)"
    cp "$SCRATCH/out" "$SCRATCH/proof"
    want=$(/usr/bin/python3 - "$LEDGER" 5 <<'END'
import hashlib, sys
def mth(d):
    if len(d) == 1: return hashlib.sha256(b"\0" + d[0]).digest()
    k = 1
    while 2 * k < len(d): k *= 2
    return hashlib.sha256(b"\1" + mth(d[:k]) + mth(d[k:])).digest()
lines = open(sys.argv[1], "rb").read().split(b"\n")[:int(sys.argv[2])]
print(mth([hashlib.sha256(l).digest() for l in lines]).hex())
END
    )
    same "$(json "$SCRATCH/proof" 'd["root"]')" "$want"
    same "$(root two coverage)" "$want"
}

test_what_the_entry_says_is_shown() {
    frozen_repo
    tm 0 ledger proof "$(id 3)"
    cp "$SCRATCH/out" "$SCRATCH/proof"
    elsewhere 0 - <"$SCRATCH/proof"
    out_has "coverage  alpha  50.00 % (1 of 2 lines)"
    out_has ', by the proof itself'
    tm 0 --format=json ledger check-proof "$SCRATCH/proof"
    same "$(json "$SCRATCH/out" 'd["holds"], d["problem"], d["kind"], d["id"], d["entry"]["body"]["lines_valid"], d["roots_given"], d["ledgers"][0]["size"]')" \
        "(True, None, 'inclusion', '$(id 3)', 2, False, 5)"
}

test_a_prefix_of_an_id_finds_it_in_any_ledger() {
    frozen_repo
    tm 0 ledger proof "$(id 4 | cut -c1-12)"
    same "$(json "$SCRATCH/out" 'd["index"]')" 3
    freeze_id=$(sed -n 2p manifests/.ledger/freeze.ndjson | tr -d '\n' | sha256sum | cut -c1-12)
    tm 0 ledger proof "$freeze_id"
    same "$(json "$SCRATCH/out" 'd["ledger"], d["index"], d["size"]')" "('freeze', 1, 2)"
    tm 3 ledger proof "$freeze_id" --ledger coverage
    err_has "no entry '$freeze_id'"
    err_is_one_line
}

test_a_prefix_that_two_entries_have_is_refused() {
    git_repo repo
    module alpha alpha
    echo one >alpha/code.py
    commit_all modules
    # Ids as they come: more than 2^8 entries have two that begin with the same four digits, sooner or later.
    observe 1
    LEDGER=manifests/.ledger/coverage.ndjson
    /usr/bin/python3 - "$LEDGER" <<'END'
import hashlib, json, sys
lines = open(sys.argv[1]).read().split("\n")[:-1]
ids = [hashlib.sha256(l.encode()).hexdigest() for l in lines]
last = json.loads(lines[-1])
while len({i[:4] for i in ids}) == len(ids):
    last["lc"] += 1
    last["prev"] = [ids[-1]]
    last["run"] = "%032x.1" % last["lc"]
    lines.append(json.dumps(last, separators=(",", ":")))
    ids.append(hashlib.sha256(lines[-1].encode()).hexdigest())
open(sys.argv[1], "w").write("\n".join(lines) + "\n")
END
    last=$(tail -n 1 "$LEDGER" | tr -d '\n' | sha256sum | cut -c1-64)
    tm 2 ledger proof "$(printf %s "$last" | cut -c1-4)"
    err_has 'two entries begin with'
    err_has "$(printf %s "$last" | cut -c1-16) in coverage"
    err_is_one_line
    tm 3 ledger proof "$last"
    err_has 'tidemark freeze TAG'
}

test_an_entry_after_the_last_freeze_says_what_to_do() {
    frozen_repo
    tm 3 ledger proof "$(id 6)"
    err_has 'no freeze has the entry yet, so there is nothing to prove it by, make one: tidemark freeze TAG'
    err_is_one_line
    same "$(cat "$SCRATCH/out")" ''
    freeze three
    tm 0 ledger proof "$(id 6)"
    same "$(json "$SCRATCH/out" 'd["freeze"], d["index"]')" "('three', 5)"
}

test_a_freeze_can_be_asked_for() {
    frozen_repo
    tm 0 ledger proof "$(id 2)" --freeze one
    cp "$SCRATCH/out" "$SCRATCH/proof"
    same "$(json "$SCRATCH/proof" 'd["freeze"], d["size"]')" "('one', 2)"
    elsewhere 0 "$SCRATCH/proof" --root "$(root one coverage)"
    tm 3 ledger proof "$(id 3)" --freeze one
    err_has "freeze 'one' does not have the entry"
    tm 3 ledger proof "$(id 3)" --freeze none
    err_has "no freeze 'none'"
}

test_a_freeze_is_proved_to_have_only_added() {
    frozen_repo
    cat_verifier >"$SCRATCH/verify.py"
    tm 0 ledger prove-append one two
    cp "$SCRATCH/out" "$SCRATCH/proof"
    same "$(json "$SCRATCH/proof" '[(t["ledger"], t["old_size"], t["size"]) for t in d["ledgers"]]')" \
        "[('coverage', 2, 5), ('freeze', 0, 2)]"
    expect 0 /usr/bin/python3 "$SCRATCH/verify.py" "$SCRATCH/proof"
    elsewhere 0 "$SCRATCH/proof" --old-root "$(root one coverage)" --root "$(roots two)"
    out_has "the ledgers of freeze 'two' begin with those of 'one'"
    out_has 'coverage: 5 entries, 2 before'
    # Who knows one root too few or too many is told.
    elsewhere 1 "$SCRATCH/proof" --root "$(root two coverage)"
    elsewhere 1 "$SCRATCH/proof" --old-root "$(root one coverage),$(root two coverage)"
    tm 0 ledger prove-append one one
    cp "$SCRATCH/out" "$SCRATCH/proof"
    elsewhere 0 <"$SCRATCH/proof"
}

test_freezes_that_do_not_follow_each_other_are_not_proved() {
    frozen_repo
    tm 2 ledger prove-append two one
    err_has "freeze 'two' comes after 'one', give the older one first"
    tm 3 ledger prove-append one nowhere
    git checkout -q -- . && git checkout -q -b side
    observe 0
    freeze side
    git checkout -q main
    observe 0 0
    freeze three
    printf '*.ndjson merge=union\n' >.gitattributes
    commit_all attributes
    git merge -q -X ours -m merged side >/dev/null 2>&1 || { git checkout -q --ours . && commit_all merged; }
    tm 1 ledger prove-append side three
    err_has 'they were made on two branches'
    err_is_one_line
    freeze four
    tm 0 ledger prove-append two four
    cp "$SCRATCH/out" "$SCRATCH/proof"
    elsewhere 0 <"$SCRATCH/proof"
    # One of the two is followed by the next, and only one.
    followed=0
    for tag in side three; do
        if "$TIDEMARK" ledger prove-append $tag four >"$SCRATCH/proof" 2>/dev/null; then
            followed=$((followed + 1))
            elsewhere 0 "$SCRATCH/proof"
        fi
    done
    same "$followed" 1
}

test_a_changed_proof_does_not_hold() {
    frozen_repo
    tm 0 ledger proof "$(id 2)"
    cp "$SCRATCH/out" "$SCRATCH/proof"
    for change in 's/"index": 1/"index": 2/' 's/"size": 5/"size": 7/' 's/"freeze": "two"/"freeze": "one"/' \
        's/lines_covered\\":1/lines_covered\\":0/'; do
        sed "$change" "$SCRATCH/proof" >"$SCRATCH/changed"
        if cmp -s "$SCRATCH/proof" "$SCRATCH/changed"; then fail "nothing changed by $change"; fi
        elsewhere 1 "$SCRATCH/changed"
        err_has 'the proof does not hold: '
        err_is_one_line
    done
    tm 1 --format=json ledger check-proof "$SCRATCH/changed"
    same "$(json "$SCRATCH/out" 'd["holds"], d["problem"] is None')" '(False, False)'
    # The digest is what the page says it is.
    same "$(head -n -2 "$SCRATCH/proof" | sha256sum | cut -c1-64)" "$(json "$SCRATCH/proof" 'd["sha256"]')"
}

test_what_is_no_proof_is_unreadable() {
    frozen_repo
    tm 0 ledger proof "$(id 2)"
    cp "$SCRATCH/out" "$SCRATCH/proof"
    head -c 100 "$SCRATCH/proof" >"$SCRATCH/cut"
    sed 's/^  "size"/ "size"/' "$SCRATCH/proof" >"$SCRATCH/spelled"
    : >"$SCRATCH/empty"
    for file in cut spelled empty missing; do
        elsewhere 3 "$SCRATCH/$file"
        err_is_one_line
    done
    elsewhere 3 "$SCRATCH"
}

test_a_ledger_that_was_changed_proves_nothing() {
    frozen_repo
    last=$(id 6)
    sed -i '4s/"lines_covered":2/"lines_covered":3/' "$LEDGER"
    tm 3 ledger proof "$last"
    err_has "of '$LEDGER'"
    tm 3 ledger prove-append one two
    # Cut off below the freeze: every line is chained, but not all are there.
    git checkout -q "$LEDGER"
    head -n 3 "$LEDGER" >"$SCRATCH/shorter"
    cat "$SCRATCH/shorter" >"$LEDGER"
    tm 3 ledger proof "$(id 2)" --freeze two
    err_has 'a head that a freeze pinned is not in'
}

test_wrong_arguments_are_refused() {
    frozen_repo
    for args in proof 'proof a b' 'proof 123' 'proof 12345G' 'proof ABCDEF' "proof $(id 1)0" "proof $(id 1) --ledger covrage" \
        'prove-append one' 'prove-append one two three' 'check-proof a b' 'check-proof --root 12' \
        "check-proof --root $(id 1), --old-root x" 'check-proof --root='; do
        # shellcheck disable=SC2086 # words
        tm 2 ledger $args
        err_is_one_line
    done
}

run_tests
