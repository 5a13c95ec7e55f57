# One run of one C program, written in every form that gcov, lcov, gcovr and we have: the same lines, run or not.
. "${0%/*}/lib.sh"

# Lines that only close a block ran whenever their block did: gcovr leaves out those that did not.
write_program() {
    cat >level.h <<'END'
#ifndef LEVEL_H
#define LEVEL_H

/* Of both files, so that its lines are in two objects. */
static inline int level_within(int level, int low, int high)
{
    if (level < low)
        return low;
    if (level > high)
        return high;
    return level;
}

int level_rise(int level, int by);

#endif
END
    cat >level.c <<'END'
#include "level.h"

int level_rise(int level, int by)
{
    for (int i = 0; i < by; i++) {
        level = level % 2 ? level + 3
                          : level + 1;
        if (level > 1000)
            level = 0;
    }
    return level_within(level, 0, 20);
}
END
    cat >main.c <<'END'
#include "level.h"

int main(int argc, char **argv)
{
    int level = argc;

    switch (argc) {
    case 1:
        level = level_rise(level, 100);
        break;
    case 2:
        level = level_rise(level, 1000);
        break;
    default:
        return 2;
    }
    return level_within(level, 1, 30) == 20 ? 0 : 1;
}
END
}

# The forms, in $SCRATCH/forms.
write_forms() {
    forms=$SCRATCH/forms
    mkdir "$forms"
    gcc --coverage -O0 -o meter main.c level.c
    ./meter
    lcov -q -c -d . -o "$forms/geninfo.info" 2>"$SCRATCH/lcov.err"
    lcov -q -c -i -d . -o "$SCRATCH/none.info" 2>"$SCRATCH/lcov.err"
    lcov -q -a "$SCRATCH/none.info" -a "$forms/geninfo.info" -o "$forms/added.info" 2>"$SCRATCH/lcov.err"
    gcovr -r . --xml "$forms/gcovr.xml"
    gcovr -r . --sonarqube "$forms/gcovr-sonarqube.xml"
    gcovr -r . --coveralls "$forms/gcovr-coveralls.json"
    gcov -t meter-main.gcda meter-level.gcda >"$forms/text.gcov" 2>"$SCRATCH/gcov.err"
    for unit in main level; do
        gcov --json-format -t meter-$unit.gcda 2>"$SCRATCH/gcov.err"
    done >"$SCRATCH/json"
    split -l 1 "$SCRATCH/json" "$forms/gcov-json-"
    gcov --json-format meter-main.gcda meter-level.gcda >"$SCRATCH/gcov.out" 2>&1
    mv ./*.gcov.json.gz "$forms"
    rm -f ./*.gcda ./*.gcno meter
}

# Lines of each file, 1 for those that ran and 0 for those that did not.
lines_of() { # REPORT...
    tm 0 coverage convert --resolve --to lcov "$@"
    sed -n 's/^SF:/file /p; s/^DA:\([0-9]*\),0.*/\1 0/p; s/^DA:\([0-9]*\),[1-9].*/\1 1/p' "$SCRATCH/out"
}

test_every_form_says_the_same_lines() {
    git_repo repo
    module . meter
    write_program
    commit_all program
    write_forms
    lines_of "$forms/geninfo.info" >"$SCRATCH/want"
    lcov --summary "$forms/geninfo.info" >"$SCRATCH/summary" 2>&1
    has "$SCRATCH/summary" '18 of 25 lines'
    same "$(awk '$1 == "file" { name = $2; next } { of[name]++; ran[name] += $2 }
        END { for (name in of) print name, ran[name] "/" of[name] }' "$SCRATCH/want" | sort | tr '\n' ' ')" \
        'level.c 6/7 level.h 5/6 main.c 7/12 '
    forms_seen=0
    for form in added.info gcovr.xml gcovr-sonarqube.xml gcovr-coveralls.json text.gcov gcov-json- .gcov.json.gz; do
        case $form in
        gcov-json-) lines_of "$forms"/gcov-json-* ;;
        .gcov.json.gz) lines_of "$forms"/*.gcov.json.gz ;;
        *) lines_of "$forms/$form" ;;
        esac >"$SCRATCH/got"
        cmp -s "$SCRATCH/want" "$SCRATCH/got" || fail "$form: $(diff "$SCRATCH/want" "$SCRATCH/got")"
        forms_seen=$((forms_seen + 1))
    done
    same "$forms_seen" 7
    for to in lcov cobertura json; do
        tm 0 coverage convert --to "$to" "$forms/geninfo.info"
        cp "$SCRATCH/out" "$forms/ours"
        lines_of "$forms/ours" >"$SCRATCH/got"
        cmp -s "$SCRATCH/want" "$SCRATCH/got" || fail "ours as $to: $(diff "$SCRATCH/want" "$SCRATCH/got")"
    done
}

run_tests
