/* Telling JSON reports apart by their shape, whatever the order of their members. */
#include "base/json.h"
#include "coverage/sniff.h"

enum { PATHS_MAX = 8 };

struct walk {
    struct tm_json_reader json;
    const char *const *paths;
    unsigned matched[PATHS_MAX]; /* steps of each path that lead to where the reader is */
    bool leads_on;               /* the last step was one of a path */
};

/* A step of a path, counted from 1; empty when there are fewer. */
static struct tm_str step_of(const char *path, unsigned level, bool *last)
{
    struct tm_str rest = tm_str(path), step;

    while (tm_str_split(&rest, '/', &step)) {
        *last = !rest.len;
        if (--level == 0)
            return step;
    }
    return TM_STR("");
}

/* Goes on to a member (its key is the last token) or an element, `level` deep; true at the end of a path. */
static bool take_step(struct walk *walk, unsigned level, bool is_element)
{
    walk->leads_on = false;
    for (size_t i = 0; walk->paths[i]; i++) {
        struct tm_str step;
        bool last = false, ok;

        assert(i < PATHS_MAX);
        if (walk->matched[i] + 1 < level)
            continue;
        step = step_of(walk->paths[i], level, &last);
        if (is_element)
            ok = tm_str_is(step, "[]");
        else
            ok = tm_str_is(step, "*") || tm_str_eq(step, tm_json_raw(&walk->json));
        walk->matched[i] = ok ? level : level - 1;
        walk->leads_on |= ok;
        if (ok && last)
            return true;
    }
    return false;
}

bool tm_sniff_json(struct tm_str text, const char *const *paths)
{
    struct walk walk = { .paths = paths };
    enum tm_json_token token;
    bool after_key = false;
    enum tm_code code = TM_OK;

    if (!tm_sniff_starts(text, "{") && !tm_sniff_starts(text, "["))
        return false;
    tm_json_reader_init(&walk.json, "", text);
    while (!code && tm_json_next(&walk.json, &token, NULL) == TM_OK && token != TM_JSON_END) {
        bool opens = token == TM_JSON_OBJECT_BEGIN || token == TM_JSON_ARRAY_BEGIN;
        bool closes = token == TM_JSON_OBJECT_END || token == TM_JSON_ARRAY_END;
        bool is_key = token == TM_JSON_KEY;
        unsigned level = walk.json.depth - opens;

        if (is_key || (!closes && !after_key && level > 0)) {
            if (take_step(&walk, level, !is_key))
                return true;
            /* What no path leads into is passed over. */
            if (!walk.leads_on)
                code = tm_json_skip(&walk.json, NULL);
        }
        after_key = is_key && walk.leads_on;
    }
    return false;
}

/* Rows are tried in order; one of the paths must be there. */
static const struct {
    const char *paths[4]; /* ends with NULL */
    const char *name;
} known[] = {
    { { "coverage/*/lines" }, "a coverage.json of SimpleCov (its .resultset.json is read)" },
    { { "result/line", "result/covered_percent" },
      "a .last_run.json of SimpleCov (its .resultset.json is read)" },
    { { "coverage/sloc" }, "JSON of lab (its lcov is read)" },
    { { "coverage/*/*", "coverage/*/[]", "files/[]/coverage/[]" },
      "coverage for Codecov (LCOV or Cobertura of the same tool is read)" },
    { { "fileReports/[]/coverage" }, "coverage for Codacy (LCOV or Cobertura of the same tool is read)" },
    { { "reportPath" },
      "a coverage-report.json of monocart-coverage-reports (its json and lcovonly are read)" },
    { { "data/[]/functions/[]/ranges" },
      "raw data of monocart-coverage-reports (its json and lcovonly are read)" },
    { { "functions/[]/ranges" }, "raw data of Deno (LCOV of 'deno coverage --lcov' is read)" },
    { { "children/*/children", "children/*/coverage" }, "covdir of grcov (its lcov and cobertura are read)" },
    { { "*/statements/pct" }, "a coverage-summary.json of Istanbul (its coverage-final.json is read)" },
    { { "[]/ranges/[]/start", "[]/functions/[]/ranges" },
      "coverage of scripts in a browser (make Istanbul's JSON of it, with v8-to-istanbul)" },
};

const char *tm_sniff_json_name(struct tm_str text)
{
    for (size_t i = 0; i < TM_LEN(known); i++)
        if (tm_sniff_json(text, known[i].paths))
            return known[i].name;
    /* Its keys have a slash, as paths do. */
    if (tm_sniff_starts(text, "{") && tm_sniff_has(text, "\"gcovr/"))
        return "JSON of gcovr (its --cobertura, --lcov and --sonarqube are read)";
    return NULL;
}
