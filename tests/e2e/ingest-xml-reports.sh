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

test_a_java_package_leads_to_its_source_folder() {
    git_repo repo
    module shop shop
    module till till
    mkdir -p shop/src/main/java/org/x shop/src/test/java/org/x till/src/main/java/org/y
    printf 'package org.x;\nclass Y {\n  int f() { return 1; }\n  int g() { return 2; }\n}\n' >shop/src/main/java/org/x/Y.java
    printf 'package org.x;\nclass YTest {\n}\n' >shop/src/test/java/org/x/YTest.java
    # The same name in another package, and so in another module.
    printf 'package org.y;\nclass Y {\n}\n' >till/src/main/java/org/y/Y.java
    commit_all java
    mkdir -p shop/target/site/jacoco
    cat >shop/target/site/jacoco/jacoco.xml <<'END'
<?xml version="1.0" encoding="UTF-8" standalone="yes"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="shop"><package name="org/x"><class name="org/x/Y" sourcefilename="Y.java"><method name="f" desc="()I" line="3"><counter type="METHOD" missed="0" covered="1"/></method><method name="g" desc="()I" line="4"><counter type="METHOD" missed="1" covered="0"/></method></class><sourcefile name="Y.java"><line nr="3" mi="0" ci="2" mb="0" cb="0"/><line nr="4" mi="2" ci="0" mb="0" cb="0"/></sourcefile></package></report>
END
    tm 0 --format=json ingest shop/target/site/jacoco/jacoco.xml
    same "$(json "$SCRATCH/out" "sum(d['files_left_out'].values())")" 0
    same "$(json shop/module.manifest.json "d['testing']['coverage_observed']")" 50
    same "$(git status --porcelain till)" ''
    tm 0 coverage convert --resolve --to lcov shop/target/site/jacoco/jacoco.xml
    out_has 'SF:shop/src/main/java/org/x/Y.java'
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
