#!/bin/sh
# Paths that are no plain text: JSON stays valid, Markdown stays one table, links lead to the files.
. "${0%/*}/lib.sh"

registry=docs/_generated/MODULE_REGISTRY.json

# Follows every link of a Markdown file as a browser would; prints those that lead nowhere.
dead_links() {
    /usr/bin/python3 - "$1" <<'PY'
import os, re, sys, urllib.parse
text = open(sys.argv[1], "rb").read()
links = re.findall(rb"(?<!\\)\]\(([^)\s]*)\)", text)
for link in links:
    path = os.path.join(os.path.dirname(os.fsencode(sys.argv[1])), urllib.parse.unquote_to_bytes(link))
    if not os.path.exists(path):
        print("dead:", link)
print(len(links), "links")
PY
}

# shellcheck disable=SC2016 # the names hold backquotes
odd_repository() {
    git_repo r
    module 'a b' spaced
    module 'c|d' 'pi|pe [x](y) <b>' '"description": "Line one.\n# no heading | `code`"'
    touch 'a b/100% sure?.md' 'a b/[draft] (2).md' 'a b/#1.md' "a b/$(printf 'new\nline').md" 'a b/a:b.md' \
        'a b/back\slash.md' "c|d/$(printf 'bad\377utf8').md" 'c|d/x`y.md' 'c|d/ü.md'
}

test_json_stays_valid_and_counts_what_it_could_not_spell() {
    odd_repository
    tm 0 scan
    same "$(json $registry "d['totals']['paths_not_utf8']")" 1
    same "$(json $registry "[p for m in d['modules'] for p in m['docs'] if '\ufffd' in p]")" "['c|d/bad�utf8.md']"
    same "$(json $registry "'a b/new\nline.md' in d['modules'][1]['docs']")" True
    tm 0 scan --check
}

test_every_link_leads_to_its_file() {
    odd_repository
    tm 0 scan
    same "$(dead_links docs/_generated/DOCUMENTATION_MAP.md)" '11 links'
    same "$(dead_links docs/_generated/MODULE_INDEX.md)" '2 links'
}

test_links_are_relative_to_where_the_file_stands() {
    odd_repository
    printf 'paths:\n  generated: out/deep/er\n' >tidemark.yaml
    tm 0 scan
    same "$(dead_links out/deep/er/DOCUMENTATION_MAP.md)" '11 links'
}

# shellcheck disable=SC2016 # as above
test_names_start_no_markup() {
    odd_repository
    tm 0 scan
    has docs/_generated/MODULE_INDEX.md '[pi\|pe \[x\](y) \<b\>](../../c%7Cd)'
    has docs/_generated/DOCUMENTATION_MAP.md 'Line one. \# no heading \| \`code\`'
    same "$(grep -c '^## ' docs/_generated/DOCUMENTATION_MAP.md)" 2
    same "$(grep -c '^| ' docs/_generated/MODULE_INDEX.md)" 3
}

test_a_module_in_a_folder_that_is_not_utf8_needs_a_name() {
    git_repo r
    dir=$(printf 'x\377y')
    mkdir "$dir"
    echo '{}' >"$dir/module.manifest.json"
    tm 4 scan
    err_has "give the module a 'name'"
    echo '{"name": "fine"}' >"$dir/module.manifest.json"
    tm 0 scan
    same "$(json $registry "d['modules'][0]['name'], d['totals']['paths_not_utf8']")" "('fine', 1)"
}

run_tests
