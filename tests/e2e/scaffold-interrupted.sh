# A run that is killed at any moment leaves whole files only, and the next one completes and records them.
. "${0%/*}/lib.sh"

# Files on disk that look like scaffolds, and files that the ledgers name, must be the same.
consistent() {
    git ls-files -o --exclude-standard | grep -v '^manifests/' | sort >"$SCRATCH/disk"
    cat manifests/.ledger/scaffold.ndjson manifests/.ledger/test_scaffold.ndjson | tr '{' '\n' |
        sed -n 's/^"path":"\([^"]*\)".*/\1/p' | sort >"$SCRATCH/named"
    cmp "$SCRATCH/disk" "$SCRATCH/named" || fail "$(diff "$SCRATCH/disk" "$SCRATCH/named")"
}

test_kill_at_any_moment_then_again() {
    for delay in 0.002 0.005 0.01 0.02 0.03 0.05 0.08; do
        (
            sample "repo-$delay"
            "$TIDEMARK" scaffold --apply >/dev/null 2>&1 &
            pid=$!
            sleep "$delay"
            kill -9 "$pid" 2>/dev/null
            wait "$pid" 2>/dev/null
            # Whatever is there is whole.
            git ls-files -o --exclude-standard | grep '\.md$' | while read -r file; do
                said=$(head -n 1 "$file" | sed 's/.*sha256 \([0-9a-f]\{64\}\).*/\1/')
                same "$(tail -n +2 "$file" | sha256sum | cut -d' ' -f1)" "$said"
            done || exit 1
            tm 0 scaffold --apply
            consistent
            tm 0 scaffold
            out_has '13 of 13 modules already scaffolded'
        ) || exit 1
    done
}

test_files_without_entries_are_recorded() {
    sample repo
    tm 0 scaffold --apply
    rm -r manifests/.ledger
    echo 'mine now' >>crane/AGENTS.md
    tm 0 scaffold --apply
    out_has '  = pilotage/README.md'
    out_has 'of an earlier run recorded'
    out_lacks crane/AGENTS.md
    tm 0 scaffold --apply
    out_lacks recorded
}

run_tests
