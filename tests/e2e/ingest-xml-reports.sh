# Every XML format is found by its content and gives its module the same figure.
. "${0%/*}/lib.sh"

# one_module: beta with a source file of four lines.
one_module() {
    git_repo repo
    module beta beta
    printf 'one\ntwo\nthree\nfour\n' >beta/code.py
    commit_all module
}

# Reports of one line that ran and one that did not in beta/code.py.
report() { # FORMAT
    case $1 in
    clover)
        echo "<coverage generated='1'><project><file name='code.py' path='$PWD/beta/code.py'><line num='1' type='stmt' count='3'/>" \
            "<line num='3' type='stmt' count='0'/></file></project></coverage>"
        ;;
    jacoco)
        echo "<!DOCTYPE report PUBLIC '-//JACOCO//DTD Report 1.1//EN' 'file:///no/such/report.dtd'><report name='r'>" \
            "<group name='g'><package name='beta'><sourcefile name='code.py'><line nr='1' mi='0' ci='2' mb='0' cb='0'/>" \
            "<line nr='3' mi='1' ci='0' mb='0' cb='0'/></sourcefile></package></group></report>"
        ;;
    opencover)
        echo "<CoverageSession><Modules><Module><Files><File uid='1' fullPath='$PWD/beta/code.py'/></Files><Classes><Class><Methods>" \
            "<Method><Name>F</Name><FileRef uid='1'/><SequencePoints><SequencePoint vc='1' sl='1' el='1'/>" \
            "<SequencePoint vc='0' sl='3' el='3'/></SequencePoints></Method></Methods></Class></Classes></Module></Modules>" \
            "</CoverageSession>"
        ;;
    scoverage)
        echo "<scoverage><packages><statement source='$PWD/beta/code.py' line='1' start='0' end='3' invocation-count='1'/>" \
            "<statement source='$PWD/beta/code.py' line='3' start='8' end='9' invocation-count='0'/></packages></scoverage>"
        ;;
    sonarqube)
        echo "<coverage version='1'><file path='beta/code.py'><lineToCover lineNumber='1' covered='true'/>" \
            "<lineToCover lineNumber='3' covered='false'/></file></coverage>"
        ;;
    visualstudio)
        echo "<results><modules><module><functions><function name='F'><ranges>" \
            "<range source_id='0' start_line='1' end_line='1' covered='partial'/>" \
            "<range source_id='0' start_line='3' end_line='3' covered='no'/></ranges></function></functions>" \
            "<source_files><source_file id='0' path='$PWD/beta/code.py'/></source_files></module></modules></results>"
        ;;
    esac
}

formats='clover jacoco opencover scoverage sonarqube visualstudio'

test_each_format_is_found_by_its_content() {
    for format in $formats; do
        (
            mkdir "$format" && cd "$format" && one_module
            report "$format" >"$SCRATCH/$format.xml"
            tm 0 --format=json ingest "$SCRATCH/$format.xml"
            same "$(json "$SCRATCH/out" "d['reports'][0]['format']")" "$format"
            same "$(json beta/module.manifest.json "d['testing']['coverage_observed']")" 50
        ) || fail "$format"
    done
}

test_each_format_is_in_the_help() {
    tm 0 ingest --help
    for format in $formats; do
        out_has "$format"
    done
}

test_two_formats_in_one_file_are_refused() {
    one_module
    { report clover && report sonarqube; } >"$SCRATCH/both.xml"
    tm 3 ingest "$SCRATCH/both.xml"
    err_has "XML error: junk after document element at line 2 of '$SCRATCH/both.xml'"
    report clover >"$SCRATCH/clover.xml"
    tm 3 ingest --as sonarqube "$SCRATCH/clover.xml"
    err_has 'is not sonarqube, it looks like clover'
    same "$(git status --porcelain)" ''
}

run_tests
