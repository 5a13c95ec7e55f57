# Scaffolded tests are real: they pass on a module that works and fail on a broken one.
. "${0%/*}/lib.sh"

PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

python_tests() { # STATUS FOLDER
    expect "$1" /usr/bin/python3 -m pytest -q -p no:cacheprovider "$2"
}

need_pytest() {
    /usr/bin/python3 -c 'import pytest' 2>/dev/null || skip 'no pytest'
}

need_node() {
    command -v node >/dev/null || skip 'no node'
}

need_compiler() {
    command -v cc >/dev/null || skip 'no C compiler'
    command -v make >/dev/null || skip 'no make'
}

test_python_passes_and_fails_with_the_module() {
    need_pytest
    sample repo
    tm 0 scaffold --apply --tests --with-integration pilotage
    python_tests 0 pilotage
    out_has '8 passed'
    (cd pilotage && python_tests 0 tests)
    python_tests 0 pilotage/tests/test_smoke.py
    # An import that does not work.
    cp pilotage/clearance.py "$SCRATCH"
    sed -i '1i import no_such_module' pilotage/clearance.py
    python_tests 1 pilotage/tests/test_smoke.py
    # A public API that is gone.
    sed 's/^def squat/def sqat/' "$SCRATCH/clearance.py" >pilotage/clearance.py
    sed -i 's/, squat$//; s/, "squat"//' pilotage/__init__.py
    python_tests 1 pilotage/tests/test_unit.py
    out_has 'test_public_api_is_defined[squat]'
    # A file that is gone.
    cp "$SCRATCH/clearance.py" pilotage/
    git checkout -q pilotage/__init__.py
    python_tests 0 pilotage
    rm pilotage/clearance.py
    : >pilotage/__init__.py
    python_tests 1 pilotage
}

test_python_in_every_layout() {
    need_pytest
    git_repo repo
    module src-layout src-layout '"apis": ["Box.open"]'
    mkdir -p src-layout/src/pkg
    printf 'from .box import Box\n' >src-layout/src/pkg/__init__.py
    printf 'class Box:\n    def open(self):\n        return 1\n' >src-layout/src/pkg/box.py
    module flat flat
    printf 'import helper\n' >flat/main_file.py
    printf 'X = 1\n' >flat/helper.py
    module deep/er deeper
    : >deep/er/__init__.py
    printf 'from deep.er import low\n' >deep/er/high.py
    : >deep/er/low.py
    : >deep/__init__.py
    module namespace/part part
    printf 'import namespace.part.b\n' >namespace/part/a.py
    : >namespace/part/b.py
    commit_all modules
    tm 0 scaffold --apply --tests
    for each in src-layout flat deep/er namespace/part; do
        python_tests 0 "$each"
    done
    # The first file imported may not lean on another one: a cycle shows in a fresh interpreter only.
    module cycle cycle
    printf 'from cycle.a import x\n' >cycle/b.py
    printf 'import cycle.b\nx = 1\n' >cycle/a.py
    : >cycle/__init__.py
    tm 0 scaffold --apply --tests --with-integration cycle
    python_tests 1 cycle/tests/test_integration.py
    out_has 'test_file_can_be_imported_first[cycle.a]'
}

test_c_passes_and_fails_with_the_module() {
    need_compiler
    sample repo
    tm 0 scaffold --apply --tests crane
    expect 0 make -C crane test
    out_has 'ok 1 - every source is built'
    out_has 'ok 3 - crane_may_lift is defined'
    expect 0 make -C crane/tests
    same "$(git status --porcelain crane/tests/build)" ''
    # A function that is declared and not there.
    cp crane/load_chart.c "$SCRATCH"
    sed -i 's/^unsigned crane_limit/static unsigned limit/; s/= crane_limit(/= limit(/' crane/load_chart.c
    expect 2 make -C crane test
    # A source that does not compile.
    printf 'int x = ;\n' >crane/load_chart.c
    expect 2 make -C crane test
    # A call of something that is not there.
    { cat "$SCRATCH/load_chart.c"; printf 'void gone(void);\nvoid calls(void) { gone(); }\n'; } >crane/load_chart.c
    expect 2 make -C crane test
    cp "$SCRATCH/load_chart.c" crane/
    expect 0 make -C crane test
    expect 0 make -C crane clean
    [ ! -e crane/tests/build ] || fail 'clean left the build folder'
}

test_c_with_a_program_and_folders() {
    need_compiler
    git_repo repo
    module tool tool '"apis": ["add", "absent"]'
    mkdir -p tool/src/deep tool/include
    printf 'int add(int a, int b);\n' >tool/include/add.h
    printf '#include "add.h"\nint add(int a, int b)\n{\n    return a + b;\n}\n' >tool/src/deep/add.c
    printf '#include "add.h"\nint main(void)\n{\n    return add(1, -1);\n}\n' >tool/src/main.c
    printf 'all:\n\t@echo its own\n' >tool/Makefile
    commit_all tool
    tm 0 scaffold --apply --tests
    same "$(git status --porcelain tool/Makefile)" ''
    expect 0 make -C tool/tests
    out_has 'ok 2 - add is defined'
    out_lacks absent
    printf 'int main(void) { return nothing; }\n' >tool/src/main.c
    expect 2 make -C tool/tests
}

test_javascript_passes_and_fails_with_the_module() {
    need_node
    git_repo repo
    module flags flags '"apis": ["flag", "missing"]'
    mkdir flags/lib
    printf 'import { colour } from "./lib/colour.mjs";\nexport function flag() {\n  return colour;\n}\n' >flags/index.mjs
    printf 'export const colour = "red";\n' >flags/lib/colour.mjs
    printf 'module.exports = { old: 1 };\n' >flags/old.cjs
    printf 'document.title = "x";\nexport const page = 1;\n' >flags/page.mjs
    commit_all flags
    tm 0 scaffold --apply --tests
    has flags/tests/smoke.test.mjs '"lib/colour.mjs"'
    lacks flags/tests/smoke.test.mjs '"missing"'
    (cd flags && expect 0 node --test)
    out_has '# fail 0'
    out_has '# skipped 1'
    printf 'export const color = "red";\n' >flags/lib/colour.mjs
    (cd flags && expect 1 node --test)
    printf 'export const colour = "red";\n' >flags/lib/colour.mjs
    printf 'export function flg() {}\n' >flags/index.mjs
    (cd flags && expect 1 node --test)
    out_has 'no file exports flag'
}

test_hostile_texts_break_nothing() {
    need_pytest
    need_node
    need_compiler
    git_repo repo
    # shellcheck disable=SC2016 # nothing in it is to be expanded
    text='*/ --> \" \"\"\" ` ${x} $(touch pwned) \\\\ \n{{name}} <b> ??/ \u2028 \u202e #'
    for each in py js c; do
        mkdir "$each"
        printf '{"name":"%s %s","description":"%s","status":"%s","tags":["%s"],"apis":[{"name":"%s","description":"%s"}],"owners":["%s"]}' \
            "$each" "$(printf %s "$text" | sed 's/\\n/ /; s/\\u202[8e]//g')" "$text" "$text" "$text" "$text" "$text" "$text" >$each/module.manifest.json
    done
    printf 'x = 1\n' >py/x.py
    printf 'export const x = 1;\n' >js/x.mjs
    printf 'int x;\n' >c/x.c
    commit_all hostile
    tm 0 scaffold --apply --with-integration
    python_tests 0 py
    (cd js && expect 0 node --test)
    expect 0 make -C c test
    grep -q '{{' py/README.md || fail 'braces of a value were taken for a tag'
    # Comments that are opened are closed by the template, not by a value: what follows the provenance is a heading.
    for each in */README.md; do
        same "$(sed -n 2p "$each" | cut -c 1-2)" '# '
    done
    [ -z "$(find . -name pwned)" ] || fail 'a value was executed'
}

run_tests
