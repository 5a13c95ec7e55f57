# Names in coverage reports: which file of the repository each is, what is left out and why, and what settings decide.
. "${0%/*}/lib.sh"

# lcov FILE LINE:HITS...: an LCOV section.
lcov() {
    printf 'SF:%s\n' "$1"
    shift
    for line; do echo "DA:${line%:*},${line#*:}"; done
    echo end_of_record
}

# two_modules: api and web, with a file of the same name in each.
two_modules() {
    git_repo repo
    module services/api api
    module services/web web
    mkdir -p services/api/src services/web/src services/api/src/main/java/com/acme
    for m in api web; do
        printf 'a\nb\n' >services/$m/src/index.js
        printf 'a\nb\n' >services/$m/src/$m.js
    done
    printf 'a\nb\n' >services/api/src/main/java/com/acme/A.java
    printf 'a\nb\n' >services/api/src/main/java/Main.java
    commit_all modules
}

lines_of() {
    json "$SCRATCH/out" "{m['module']: (m['lines']['covered'], m['lines']['valid']) for m in d['observed'].get('coverage', {}).get('modules', [])}"
}

test_prefixes_of_containers_and_ci_machines_are_seen_through() {
    two_modules
    {
        lcov /home/runner/work/x/x/services/api/src/api.js 1:1 2:0
        lcov 'D:\a\1\s\services\web\src\web.js' 1:1 2:1
        lcov /Home/Services/API/src/index.js 1:1
    } >"$SCRATCH/r.info"
    tm 0 --format=json ingest "$SCRATCH/r.info"
    same "$(lines_of)" "{'api': (2, 3), 'web': (2, 2)}"
    same "$(json "$SCRATCH/out" "(d['unresolved'], d['files_left_out'], d['ambiguous'])")" '(0, {}, [])'
}

test_a_link_is_no_file_of_a_module() {
    two_modules
    ln -s api.js services/api/src/link.js
    ln -s ../../web/src/web.js services/api/src/elsewhere.js
    commit_all links
    {
        lcov services/api/src/api.js 1:1 2:0
        lcov services/api/src/link.js 1:1 2:1
        lcov /x/services/api/src/elsewhere.js 1:1
    } >"$SCRATCH/r.info"
    tm 0 --format=json ingest "$SCRATCH/r.info"
    same "$(lines_of)" "{'api': (1, 2)}"
    same "$(json "$SCRATCH/out" "d['unresolved']")" 2
}

test_the_name_of_a_link_is_not_given_to_another_file_with_that_end() {
    two_modules
    mkdir lib services/api/lib
    printf 'a\nb\n' >services/api/lib/x.js
    ln -s ../services/web/src/web.js lib/x.js
    commit_all links
    { lcov lib/x.js 1:1 2:1 && lcov services/api/src/api.js 1:0; } >"$SCRATCH/r.info"
    tm 0 --format=json ingest "$SCRATCH/r.info"
    same "$(lines_of)" "{'api': (0, 1)}"
    same "$(json "$SCRATCH/out" "(d['unresolved'], d['ambiguous'])")" '(1, [])'
    # Nor among the files of a commit.
    tm 0 --format=json coverage patch HEAD~1..HEAD "$SCRATCH/r.info"
    same "$(json "$SCRATCH/out" "(d['unresolved'], d['totals']['covered'])")" '(1, 0)'
}

test_packages_of_java_are_found_below_source_folders() {
    two_modules
    { lcov com/acme/A.java 1:1 && lcov Main.java 1:1 2:0; } >"$SCRATCH/r.info"
    tm 0 --format=json ingest "$SCRATCH/r.info"
    # Main.java alone would prove nothing; where com/acme/A.java begins shows it.
    same "$(lines_of)" "{'api': (2, 3)}"
    lcov Main.java 1:1 2:0 >"$SCRATCH/r.info"
    tm 3 --format=json ingest "$SCRATCH/r.info"
    same "$(json "$SCRATCH/out" "d['ambiguous']")" \
        "[{'path': 'Main.java', 'candidates': ['services/api/src/main/java/Main.java'], 'candidate_count': 1}]"
    printf 'coverage: {roots: [services/api/src/main/java]}\n' >tidemark.yaml
    tm 0 --format=json ingest "$SCRATCH/r.info"
    same "$(lines_of)" "{'api': (1, 2)}"
}

test_go_import_paths_lead_through_go_mod() {
    two_modules
    printf 'module example.com/the-api // ours\n\ngo 1.21\n' >services/api/go.mod
    printf 'package x\n' >services/api/x.go
    mkdir services/api/src/pkg
    printf 'package pkg\n' >services/api/src/pkg/y.go
    printf 'module example.com/web\n' >services/web/go.mod
    printf 'package x\n' >services/web/x.go
    printf 'mode: set\nexample.com/the-api/%s:1.1,1.9 1 %d\n' x.go 1 >"$SCRATCH/cover.out"
    printf 'example.com/%s:1.1,1.9 1 %d\n' the-api/src/pkg/y.go 0 web/x.go 1 >>"$SCRATCH/cover.out"
    tm 0 --format=json ingest "$SCRATCH/cover.out"
    same "$(lines_of)" "{'api': (1, 2), 'web': (1, 1)}"
    same "$(json "$SCRATCH/out" "d['unresolved']")" 0
}

test_what_is_ambiguous_is_listed_and_settings_decide() {
    two_modules
    { lcov src/index.js 1:1 2:0 && lcov services/api/src/api.js 1:1; } >"$SCRATCH/r.info"
    tm 0 ingest "$SCRATCH/r.info"
    out_has "1 file left out, ambiguous ('coverage.paths' in tidemark.yaml decides):"
    out_has '  src/index.js could be services/api/src/index.js, services/web/src/index.js'
    printf 'coverage:\n  paths:\n    src/index.js: services/web/src/index.js\n' >tidemark.yaml
    tm 0 --format=json ingest "$SCRATCH/r.info"
    same "$(lines_of)" "{'api': (1, 1), 'web': (1, 2)}"
    # A prefix, and a place that is not there: no other is looked for.
    printf 'coverage:\n  paths:\n    src: services/web/nowhere\n' >tidemark.yaml
    tm 0 ingest "$SCRATCH/r.info"
    out_has '1 file left out, not in the repository: src/index.js'
}

test_strict_refuses_what_is_not_found() {
    two_modules
    { lcov services/api/src/api.js 1:1 && lcov gone.js 1:1 && lcov /usr/include/stdio.h 1:1; } >"$SCRATCH/r.info"
    tm 1 ingest --strict "$SCRATCH/r.info"
    err_has '1 files of the reports are not found in the repository, nothing was written'
    out_has '1 file left out, not in the repository: gone.js'
    out_has '1 file left out, of the system or an installed dependency: /usr/include/stdio.h'
    clean_tree
    { lcov services/api/src/api.js 1:1 && lcov /usr/include/stdio.h 1:1; } >"$SCRATCH/r.info"
    tm 0 ingest --strict "$SCRATCH/r.info"
}

test_generated_and_vendored_files_do_not_count() {
    two_modules
    mkdir services/api/third
    printf 'x\n' >services/api/third/lib.js
    printf 'x\n' >services/api/src/gen.js
    printf 'x\n' >services/api/src/kept.js
    printf 'third/** linguist-vendored\nsrc/gen.js linguist-generated=true\nsrc/kept.js linguist-generated=false\n' >services/api/.gitattributes
    { lcov services/api/third/lib.js 1:0 && lcov services/api/src/gen.js 1:0 && lcov services/api/src/kept.js 1:1; } >"$SCRATCH/r.info"
    tm 0 --format=json ingest "$SCRATCH/r.info"
    same "$(lines_of)" "{'api': (1, 1)}"
    same "$(json "$SCRATCH/out" "(d['files_left_out'], d['unresolved'])")" "({'generated': 1, 'vendored': 1}, 0)"
}

test_files_that_no_report_mentions_are_told_and_change_nothing() {
    two_modules
    printf 'x\n' >services/api/src/gen.js
    printf 'src/gen.js linguist-generated\n' >services/api/.gitattributes
    lcov services/api/src/api.js 1:1 2:0 >"$SCRATCH/r.info"
    tm 0 ingest "$SCRATCH/r.info"
    out_has '  api  50.00 % (1 of 2 lines)'
    lacks manifests/.ledger/coverage.ndjson unreported_files
    printf 'coverage: {all: true}\n' >tidemark.yaml
    tm 0 ingest "$SCRATCH/r.info"
    out_has '  api  50.00 % (1 of 2 lines; 1 source file unreported)'
    has manifests/.ledger/coverage.ndjson '"unreported_files":1,'
    tm 0 --format=json ingest "$SCRATCH/r.info"
    # Not the Java files: no report of the module is about Java.
    same "$(json "$SCRATCH/out" "d['observed']['coverage']['modules'][0]['unreported']")" "['services/api/src/index.js']"
    tm 0 fuse
    same "$(json docs/_generated/META_REGISTRY.json "[m['coverage']['unreported_files'] for m in d['modules']]")" '[1, None]'
}

test_packed_reports_are_read() {
    two_modules
    lcov services/api/src/api.js 1:1 2:0 | gzip >"$SCRATCH/r.info.gz"
    tm 0 ingest "$SCRATCH/r.info.gz"
    out_has '  api  50.00 % (1 of 2 lines)'
    head -c 30 "$SCRATCH/r.info.gz" >"$SCRATCH/cut.gz"
    tm 3 ingest "$SCRATCH/cut.gz"
    err_has 'gzip data ends in the middle in '
}

test_a_gzip_bomb_is_refused() {
    two_modules
    { echo SF:a && head -c 100000000 /dev/zero; } | gzip -1 >"$SCRATCH/bomb.gz"
    tm 3 ingest --as cobertura "$SCRATCH/bomb.gz"
    tm 3 ingest --as v8 "$SCRATCH/bomb.gz"
    { printf '{"result":[' && head -c 300000000 /dev/zero | tr '\0' ' '; } | gzip -9 >"$SCRATCH/bomb.gz"
    tm 3 ingest "$SCRATCH/bomb.gz"
    err_has 'gzip data that unpacks to over 200 times its size'
}

test_notes_on_reports_are_told() {
    two_modules
    printf '<coverage lines-valid="9"><class filename="services/api/src/api.js"><line number="1" hits="1"/></class></coverage>' >"$SCRATCH/r.xml"
    tm 0 --format=json ingest --as cobertura "$SCRATCH/r.xml"
    err_has 'says lines-valid=9, its body has 1'
    same "$(json "$SCRATCH/out" "len(d['notes'])")" 1
}

run_tests
