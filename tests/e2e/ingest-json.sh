# JSON coverage reports: found by their shape, read with the sources at hand, and what is said of those that are not read.
. "${0%/*}/lib.sh"

# one_module: code.py with four statements and a docstring, and code.js.
one_module() {
    git_repo repo
    module alpha alpha
    printf '"""Doc."""\none = 1\ntwo = 2\nif one:\n    two = 3\n' >alpha/code.py
    printf 'one();\ntwo();\n' >alpha/code.js
    commit_all module
}

# observed: the coverage in the manifest of alpha.
observed() {
    json alpha/module.manifest.json "d.get('testing', {}).get('coverage_observed', 'nothing')"
}

# report TEXT: what is ingested.
report() {
    printf '%s' "$1" >"$SCRATCH/r"
}

# taken_for FORMAT: the report r is of that format without being told.
taken_for() {
    tm 0 --format=json ingest "$SCRATCH/r"
    same "$(json "$SCRATCH/out" "d['reports'][0]['format']")" "$1"
}

test_each_format_is_found_by_its_shape() {
    one_module
    report '{"'"$PWD"'/alpha/code.js":{"s":{"0":1,"1":0},"statementMap":{"0":{"start":{"line":1}},"1":{"start":{"line":2}}}}}'
    taken_for istanbul
    same "$(observed)" 50
    report '{"RSpec":{"timestamp":1,"coverage":{"alpha/code.py":[null,1,1,1,0]}}}'
    taken_for simplecov
    same "$(observed)" 75
    report '{"git":{},"source_files":[{"source":"\"statementMap\"","coverage":[1,1],"name":"alpha/code.js"}]}'
    taken_for coveralls
    same "$(observed)" 100
    report '{"a.dll":{"alpha\\code.js":{"A":{"f":{"Lines":{"1":0,"2":1}}}}}}'
    taken_for coverlet
    same "$(observed)" 50
    report '{"alpha/code.js":[{"line":1,"isExecutable":true,"executionCount":0}]}'
    taken_for xccov
    same "$(observed)" 0
}

test_docstrings_of_coverage_py_are_found_in_the_source() {
    one_module
    printf '%s' '{"files":{"alpha/code.py":{"executed_lines":[1,2,3,4],"missing_lines":[5],' \
        '"summary":{"covered_lines":3,"num_statements":4},"excluded_lines":[]}}}' | gzip >"$SCRATCH/r"
    taken_for coveragepy
    # Three of four statements; line 1 is none.
    same "$(observed)" 75
}

test_a_report_of_xccov_without_lines_names_the_command() {
    one_module
    report '{"targets":[{"name":"A","lineCoverage":0.5}],"lineCoverage":0.5}'
    tm 3 ingest "$SCRATCH/r"
    err_has 'xcrun xccov view --archive --json'
    err_is_one_line
    same "$(observed)" nothing
}

test_what_has_no_shape_needs_a_name() {
    one_module
    report '{}'
    tm 3 ingest "$SCRATCH/r"
    err_has 'give --as'
    report '{"alpha/code.js":[]}'
    tm 3 ingest "$SCRATCH/r"
    err_has 'give --as'
    report '{"source_files":{"statementMap":{},"s":{}}}'
    tm 3 ingest "$SCRATCH/r"
    err_has 'may be coveralls or istanbul, give --as'
    same "$(observed)" nothing
}

test_every_format_is_in_the_help() {
    for format in coveragepy coveralls coverlet istanbul lcov simplecov v8 xccov; do
        tm 0 ingest --help
        out_has "$format,"
    done
}

run_tests
