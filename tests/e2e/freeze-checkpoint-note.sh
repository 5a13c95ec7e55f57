#!/bin/sh
# Signed checkpoints beside a freeze record: what they say, who can verify them, and what becomes of the key. The
# signatures are verified by `openssl pkeyutl` and the spelling by Python, neither of which knows tidemark.
. "${0%/*}/lib.sh"

NAME=example.org/harbour
NOTE=docs/_generated/BASELINE_FREEZE.coverage.note

# ready: a repository that can be frozen, and a key outside it
ready() {
    KEY=$SCRATCH/key
    tm 0 ledger checkpoint-key --new "$NAME" "$KEY"
    VERIFIER=$(cat "$SCRATCH/out")
    git_repo repo
    module alpha alpha
    printf 'one\ntwo\n' >alpha/code.py
    commit_all modules
    observe 1 0
}

observe() {
    printf 'SF:alpha/code.py\nDA:1,%d\nDA:2,%d\nend_of_record\n' "$1" "$2" >"$SCRATCH/r.info"
    "$TIDEMARK" ingest "$SCRATCH/r.info" >/dev/null || exit 1
}

# fresh: what is generated, up to date and committed
fresh() {
    for step in scan fuse trends; do "$TIDEMARK" -q $step >/dev/null || exit 1; done
    git add -A && git commit -q --allow-empty -m fresh
}

# independent NOTE: verifies it with openssl and prints origin, size and root in hexadecimal
independent() {
    /usr/bin/python3 - "$1" "$VERIFIER" "$SCRATCH" <<'END' || exit 1
import base64, hashlib, subprocess, sys
note, (name, id, key) = open(sys.argv[1], "rb").read(), sys.argv[2].split("+", 2)
key = base64.b64decode(key, validate=True)
assert key[0] == 1 and len(key) == 33
assert hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex() == id
text, line = note.rsplit(b"\n\n", 1)
text += b"\n"
dash, who, signature = line.decode().rstrip("\n").split(" ")
assert dash == "\u2014" and who == name
signature = base64.b64decode(signature, validate=True)
assert signature[:4].hex() == id and len(signature) == 68
def put(file, data):
    open(sys.argv[3] + "/" + file, "wb").write(data)
    return sys.argv[3] + "/" + file
# SubjectPublicKeyInfo of an Ed25519 key: RFC 8410
subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin",
                "-inkey", put("public.der", bytes.fromhex("302a300506032b6570032100") + key[1:]),
                "-sigfile", put("signature", signature[4:]), "-in", put("text", text)],
               check=True, stdout=subprocess.DEVNULL)
origin, size, root = text.decode().splitlines()
print(origin, size, base64.b64decode(root, validate=True).hex())
END
}

# pinned PATH-END MEMBER: of a ledger, as the record in the work tree has it
pinned() {
    json docs/_generated/BASELINE_FREEZE.json "[l['$2'] for l in d['ledgers'] if l['path'].endswith('/$1.ndjson')][0]"
}

test_a_note_says_what_the_record_pins_and_openssl_verifies_it() {
    ready
    fresh
    tm 0 freeze v1 --checkpoint-key "$KEY"
    out_has "signed $NOTE"
    clean_tree
    same "$(git show --name-only --format= 'v1^{}')" "$NOTE
docs/_generated/BASELINE_FREEZE.json
manifests/.ledger/freeze.ndjson"
    git show "v1:$NOTE" >"$SCRATCH/note"
    same "$(independent "$SCRATCH/note")" "$NAME/coverage/$(pinned coverage log) 2 $(pinned coverage root)"
    tm 0 -C "$SCRATCH" ledger check-note --key "$VERIFIER" note
    out_has "the note is signed by '$NAME'"
    out_has "$NAME/coverage/$(pinned coverage log)"
    out_has "$(pinned coverage root)"
    tm 0 --format=json ledger check-note --key "$VERIFIER" - <"$SCRATCH/note"
    same "$(json "$SCRATCH/out" 'd["signed"], d["problem"], d["key"], d["size"], d["root"]')" \
        "(True, None, '$NAME', 2, '$(pinned coverage root)')"
}

test_a_note_of_openssl_is_good_too() {
    # The other way round: tidemark has only the verifier's key.
    openssl genpkey -algorithm ed25519 -out "$SCRATCH/key.pem" 2>/dev/null
    /usr/bin/python3 - "$SCRATCH" <<'END' || fail 'no note'
import base64, hashlib, subprocess, sys
dir = sys.argv[1]
public = subprocess.run(["openssl", "pkey", "-in", dir + "/key.pem", "-pubout", "-outform", "DER"], check=True,
                        stdout=subprocess.PIPE).stdout[-32:]
text = b"example.org/other\n3\n" + base64.b64encode(hashlib.sha256(b"root").digest()) + b"\nan extension\n"
open(dir + "/text", "wb").write(text)
subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", dir + "/key.pem", "-in", dir + "/text",
                "-out", dir + "/signature"], check=True)
id = hashlib.sha256(b"example.org/other\n\1" + public).digest()[:4]
open(dir + "/verifier", "w").write("example.org/other+%s+%s" % (id.hex(), base64.b64encode(b"\1" + public).decode()))
open(dir + "/note", "wb").write(text + "\n\u2014 example.org/other ".encode() +
                                base64.b64encode(id + open(dir + "/signature", "rb").read()) + b"\n")
END
    tm 0 ledger check-note --key "$(cat "$SCRATCH/verifier")" "$SCRATCH/note"
    out_has "$(printf root | sha256sum | cut -c1-64)"
}

test_the_root_of_a_note_is_one_to_insist_on() {
    ready
    fresh
    tm 0 freeze v1 --checkpoint-key "$KEY"
    entry=$(tail -n 1 manifests/.ledger/coverage.ndjson | tr -d '\n' | sha256sum | cut -c1-64)
    tm 0 ledger proof "$entry"
    cp "$SCRATCH/out" "$SCRATCH/proof"
    tm 0 --format=json ledger check-note --key "$VERIFIER" "$NOTE"
    tm 0 ledger check-proof "$SCRATCH/proof" --root "$(json "$SCRATCH/out" 'd["root"]')"
    out_has ', as given'
}

test_every_ledger_with_entries_has_its_note() {
    ready
    fresh
    tm 0 freeze v1 --checkpoint-key "$KEY"
    tm 0 --format=json freeze v2 --kind production --checkpoint-key "$KEY"
    same "$(json "$SCRATCH/out" 'd["notes"]')" \
        "['docs/_generated/PRODUCTION_FREEZE.coverage.note', 'docs/_generated/PRODUCTION_FREEZE.freeze.note']"
    same "$(independent docs/_generated/PRODUCTION_FREEZE.freeze.note | cut -d' ' -f2)" 2
    tm 0 --format=json freeze v3
    same "$(json "$SCRATCH/out" 'd["notes"]')" '[]'
    same "$(git diff --name-only v2 v3)" 'docs/_generated/BASELINE_FREEZE.json
manifests/.ledger/freeze.ndjson'
}

test_a_signed_freeze_is_rolled_back_to_and_validated() {
    ready
    fresh
    tm 0 freeze v1 --checkpoint-key "$KEY"
    tm 0 validate
    observe 1 1
    fresh
    tm 0 freeze v2 --checkpoint-key "$KEY"
    cp "$NOTE" "$SCRATCH/note"
    tm 0 rollback v1 --apply
    clean_tree
    # The ledger has kept its entries, and so what the later note says of it is still true.
    cmp "$NOTE" "$SCRATCH/note" || fail 'the rollback changed a note'
    same "$(independent "$NOTE" | cut -d' ' -f2)" 3
    tm 0 ledger prove-append v1 v2
}

test_a_wrong_signature_is_refused() {
    ready
    fresh
    tm 0 freeze v1 --checkpoint-key "$KEY"
    sed 's/^2$/3/' "$NOTE" >"$SCRATCH/changed"
    tm 1 ledger check-note --key "$VERIFIER" "$SCRATCH/changed"
    err_has "the signature by '$NAME' in"
    err_is_one_line
    same "$(cat "$SCRATCH/out")" ''
    tm 1 --format=json ledger check-note --key "$VERIFIER" "$SCRATCH/changed"
    same "$(json "$SCRATCH/out" 'd["signed"], "size" in d')" '(False, False)'
    rm "$SCRATCH/key"
    tm 0 ledger checkpoint-key --new "$NAME" "$SCRATCH/key"
    tm 1 ledger check-note --key "$(cat "$SCRATCH/out")" "$NOTE"
    err_has 'is not signed by that key of'
    sed 's/$/\r/' "$NOTE" >"$SCRATCH/crlf"
    tm 3 ledger check-note --key "$VERIFIER" "$SCRATCH/crlf"
    err_has 'line ends were converted'
    tm 3 ledger check-note --key "$VERIFIER" missing
    tm 3 ledger check-note --key "$VERIFIER" alpha/code.py
    for args in "--key nothing $NOTE" "--key ${VERIFIER}A $NOTE" "$NOTE" "--key $VERIFIER $NOTE $NOTE"; do
        # shellcheck disable=SC2086 # words
        tm 2 ledger check-note $args
        err_is_one_line
    done
}

test_a_key_is_for_its_owner_alone_and_never_shown() {
    ready
    fresh
    same "$(stat -c %a "$KEY")" 600
    secret=$(cut -d+ -f5- "$KEY")
    [ -n "$secret" ] || fail 'no secret in the key file'
    tm 0 ledger checkpoint-key "$KEY"
    same "$(cat "$SCRATCH/out")" "$VERIFIER"
    out_lacks "$secret"
    tm 3 ledger checkpoint-key --new "$NAME" "$KEY"
    err_has 'is there already'
    for mode in 640 604 620; do
        chmod $mode "$KEY"
        for command in 'freeze v1 --checkpoint-key' 'ledger checkpoint-key'; do
            # shellcheck disable=SC2086 # words
            tm 3 $command "$KEY"
            err_has 'chmod 600'
            err_is_one_line
        done
    done
    chmod 600 "$KEY"
    tm 0 -v freeze v1 --checkpoint-key "$KEY" --reason why
    out_lacks "$secret"
    err_lacks "$secret"
    if git grep -qF -e "$secret" v1; then fail 'the secret is in the commit'; fi
    if grep -rqF -e "$secret" .git; then fail 'the secret is below .git'; fi
}

# untouched BEFORE: nothing has changed since git rev-parse said that
untouched() {
    same "$(git rev-parse HEAD)" "$1"
    clean_tree
    [ -z "$(git tag)" ] || fail "there is a tag: $(git tag)"
}

test_a_freeze_with_a_key_that_is_none_changes_nothing() {
    ready
    fresh
    before=$(git rev-parse HEAD)
    printf 'PRIVATE+KEY+%s+00000000+AAAA\n' "$NAME" >"$SCRATCH/other"
    openssl genpkey -algorithm ed25519 -out "$SCRATCH/pem" 2>/dev/null
    head -c 5000 /dev/zero >"$SCRATCH/long"
    chmod 600 "$SCRATCH/other" "$SCRATCH/pem" "$SCRATCH/long"
    for file in other pem long missing; do
        tm 3 freeze v1 --checkpoint-key "$SCRATCH/$file"
        err_is_one_line
        untouched "$before"
    done
    tm 3 freeze v1 --checkpoint-key "$SCRATCH"
    untouched "$before"
    for name in 'a b' a+b '' "$(head -c 201 /dev/zero | tr '\0' n)"; do
        tm 2 ledger checkpoint-key --new "$name" "$SCRATCH/new"
        err_is_one_line
        [ ! -e "$SCRATCH/new" ] || fail 'a key file was made'
    done
    tm 2 ledger checkpoint-key
}

run_tests
