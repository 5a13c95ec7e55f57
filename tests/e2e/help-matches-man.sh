# --help and the man page name the same commands and options, and --help works everywhere.
. "${0%/*}/lib.sh"

man=$SOURCE/man/tidemark.1.scd

commands() {
    "$TIDEMARK" --help | sed -n '/^commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'
}

test_every_command_is_in_the_man_page_and_has_help() {
    [ -n "$(commands)" ] || fail 'no commands in --help'
    for command in $(commands); do
        grep -q "^\*$command" "$man" || fail "'$command' is not in the man page"
        tm 0 "$command" --help
        out_has "usage: tidemark $command"
    done
}

test_every_command_of_the_man_page_exists() {
    for command in $(sed -n '/^# COMMANDS/,/^# EXIT/s/^\*\([a-z]*\)[ *].*/\1/p' "$man"); do
        commands | grep -qx "$command" || fail "'$command' of the man page does not exist"
    done
}

# options_of COMMAND...: the long options that its own help lists.
options_of() {
    "$TIDEMARK" "$@" --help | sed -n '/^options:/,/^$/s/^ .*--\([a-z-]*\).*/\1/p'
}

test_every_option_is_in_the_man_page() {
    for option in $(options_of); do
        grep -q -- "\*--$option\*" "$man" || fail "'--$option' is not in the man page"
    done
    subs=$(for group in coverage ledger; do
        "$TIDEMARK" "$group" --help | sed -n "/^commands:/,/^\$/s/^  \([a-z][a-z-]*\) .*/$group:\1/p"
    done)
    [ -n "$subs" ] || fail "no commands in 'ledger --help'"
    for command in $(commands) $subs; do
        case $command in *:*) command="${command%%:*} ${command#*:}" ;; esac
        # shellcheck disable=SC2086 # words of a command
        for option in $(options_of $command); do
            sed -n "/^\*$command/,/^$/p" "$man" | grep -q -- "\*--$option\*\|\*-[a-z]\*" ||
                fail "'$command --$option' is not in the man page"
        done
    done
}

test_options_of_the_man_page_exist() {
    for command in $(commands); do
        for option in $(sed -n "s/^\*$command\*\(.*\)/\1/p" "$man" | grep -o -- '--[a-z-]*' | sort -u); do
            "$TIDEMARK" "$command" --help | grep -q -- "$option" || fail "'$command $option' does not exist"
        done
    done
}

test_the_man_page_names_every_format() {
    git_repo repo
    tm 2 ingest --as nonsense report
    formats=$(sed -n "s/.*known are //p" "$SCRATCH/err" | tr -d ,)
    [ -n "$formats" ] || fail 'no formats in the message'
    for format in $formats; do
        sed -n '/^# FORMATS/,/^# [A-EG-Z]/p' "$man" | grep -q "\*$format\*" || fail "'$format' is not in the man page"
    done
    tm 2 coverage convert --to nonsense report
    for format in $(sed -n "s/.*--to wants \(.*\), not .*/\1/p" "$SCRATCH/err" | tr -d , | sed 's/ or / /'); do
        sed -n '/^\*coverage convert/,/^$/p' "$man" | grep -q "\*$format\*" || fail "'--to $format' is not in the man page"
    done
}

run_tests
