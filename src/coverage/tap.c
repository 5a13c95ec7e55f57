/*
 * TAP as the test runners of node and Vitest write it (docs/formats/tests.md).
 *
 * A test point counts once the lines behind it have told whether it is a test
 * or a suite: node says it in YAML, Vitest puts what is in it between braces. Each depth has its own points
 * and its own plan; a depth ends with the point of the depth above it.
 */
#include "coverage/sniff.h"
#include "coverage/tests.h"

enum {
    INDENT = 4,
    DEPTH_MAX = 256,
};

struct level {
    uint64_t points;
    uint64_t plan;
    bool planned;
    /* Of the group that its last point opened: whether it is open and failed, and what had failed before. */
    bool is_open, failed;
    uint64_t failed_before;
};

struct tap {
    struct tm_source *source;
    struct tm_test_counts *counts;
    struct level levels[DEPTH_MAX];
    size_t depth;   /* deepest level in use */
    uint64_t *open; /* where the last point counts, until it turns out to be a suite; NULL: nowhere */
    size_t yaml;    /* columns before the "---" of the open YAML block, + 1; 0: none is open */
    bool any;       /* a version, plan or point was seen */
    bool braced;    /* the last line was a point that ends with a brace */
    size_t n_open;  /* groups */
};

static size_t indent_of(struct tm_str line)
{
    size_t n = 0;

    while (n < line.len && line.data[n] == ' ')
        n++;
    return n;
}

/* Makes the last point final. */
static void settle(struct tap *tap)
{
    if (tap->open)
        ++*tap->open;
    tap->open = NULL;
}

static enum tm_code check_plan(const struct tap *tap, const struct level *level, struct tm_err *err)
{
    if (!level->planned && level->points)
        return tm_source_fail(tap->source, err, TM_E_FORMAT, "report ends in the middle: plan is missing");
    if (level->planned && level->plan != level->points)
        return tm_source_fail(tap->source, err, TM_E_FORMAT, "plan of %llu tests, but %llu test points",
                              (unsigned long long)level->plan, (unsigned long long)level->points);
    return TM_OK;
}

/* Closes the levels below `depth`. */
static enum tm_code close_levels(struct tap *tap, size_t depth, struct tm_err *err)
{
    while (tap->depth > depth) {
        enum tm_code code = check_plan(tap, &tap->levels[tap->depth], err);

        if (code)
            return code;
        tap->levels[tap->depth--] = (struct level) { 0 };
    }
    return TM_OK;
}

/* The directive of a test point: what follows the first '#' that no backslash quotes and a space precedes. */
static struct tm_str directive_of(struct tm_str line)
{
    for (size_t i = 1; i < line.len; i++)
        if (line.data[i] == '#' && line.data[i - 1] == ' ')
            return tm_str_trim(tm_str_from(line, i + 1));
    return TM_STR("");
}

/* The last point is a group: what is in it counts. */
static void open_group(struct tap *tap)
{
    struct level *level = &tap->levels[tap->depth];

    level->is_open = true;
    level->failed = tap->open == &tap->counts->failed;
    level->failed_before = tap->counts->failed;
    tap->open = NULL;
    tap->n_open++;
}

/* One that failed though nothing in it did (a hook threw, a file could not be loaded) counts itself. */
static enum tm_code close_group(struct tap *tap, size_t depth, struct tm_err *err)
{
    struct level *level = &tap->levels[depth];
    enum tm_code code = close_levels(tap, depth, err);

    if (code)
        return code;
    tap->counts->failed += level->failed && tap->counts->failed == level->failed_before;
    level->is_open = false;
    tap->n_open--;
    return TM_OK;
}

static bool starts_with_word(struct tm_str s, const char *word)
{
    size_t n = strlen(word);

    return s.len >= n && strncasecmp(s.data, word, n) == 0;
}

static enum tm_code on_point(struct tap *tap, size_t depth, struct tm_str line, bool ok, struct tm_err *err)
{
    struct tm_str directive = directive_of(line);
    enum tm_code code;

    if (depth >= DEPTH_MAX)
        return tm_source_fail(tap->source, err, TM_E_LIMIT, "tests are nested too deep");
    code = close_levels(tap, depth, err);
    if (code)
        return code;
    tap->depth = depth;
    tap->levels[depth].points++;
    tap->any = true;
    tap->braced = line.len > 2 && tm_str_is(tm_str_from(line, line.len - 2), " {");
    if (starts_with_word(directive, "skip") || starts_with_word(directive, "todo"))
        tap->open = &tap->counts->skipped;
    else
        tap->open = ok ? &tap->counts->passed : &tap->counts->failed;
    return TM_OK;
}

/* "1..N", with a comment perhaps. False when the line is none. */
static bool parse_plan(struct tm_str line, uint64_t *plan)
{
    size_t end;

    if (!tm_str_has_prefix(line, TM_STR("1..")))
        return false;
    line = tm_str_from(line, 3);
    end = tm_str_find(line, '#');
    return tm_str_u64(tm_str_trim(tm_str_n(line.data, TM_MIN(end, line.len))), plan);
}

static enum tm_code on_plan(struct tap *tap, size_t depth, uint64_t plan, struct tm_err *err)
{
    enum tm_code code;

    if (depth >= DEPTH_MAX)
        return tm_source_fail(tap->source, err, TM_E_LIMIT, "tests are nested too deep");
    code = close_levels(tap, depth, err);
    if (code)
        return code;
    tap->depth = depth;
    if (tap->levels[depth].planned)
        return tm_source_fail(tap->source, err, TM_E_FORMAT, "second plan");
    tap->levels[depth].planned = true;
    tap->levels[depth].plan = plan;
    tap->any = true;
    return TM_OK;
}

/* A line of the YAML block behind a point, in which node says whether it is a suite. */
static void on_yaml(struct tap *tap, size_t indent, struct tm_str line)
{
    if (indent + 1 != tap->yaml)
        return;
    if (tm_str_is(line, "..."))
        tap->yaml = 0;
    else if (tm_str_is(line, "type: 'suite'"))
        tap->open = NULL;
}

static enum tm_code read_line(void *ctx, struct tm_str line, struct tm_err *err)
{
    struct tap *tap = ctx;
    size_t indent = indent_of(line);
    size_t depth = indent / INDENT;
    uint64_t plan;

    line = tm_str_from(line, indent);
    if (tap->yaml) {
        on_yaml(tap, indent, line);
        return TM_OK;
    }
    if (indent > tap->depth * INDENT && tm_str_is(line, "---") && tap->open) {
        tap->yaml = indent + 1;
        return TM_OK;
    }
    if (tap->braced && indent == (tap->depth + 1) * INDENT)
        open_group(tap);
    tap->braced = false;
    settle(tap);
    if (indent % INDENT)
        return TM_OK;
    if (tm_str_has_prefix(line, TM_STR("ok")) && (line.len == 2 || line.data[2] == ' '))
        return on_point(tap, depth, line, true, err);
    if (tm_str_has_prefix(line, TM_STR("not ok")) && (line.len == 6 || line.data[6] == ' '))
        return on_point(tap, depth, line, false, err);
    if (tm_str_is(line, "}") && depth < DEPTH_MAX && tap->levels[depth].is_open)
        return close_group(tap, depth, err);
    if (parse_plan(line, &plan))
        return on_plan(tap, depth, plan, err);
    if (tm_str_has_prefix(line, TM_STR("Bail out!")))
        return tm_source_fail(tap->source, err, TM_E_FORMAT, "tests gave up: '%.*s'", TM_STR_ARG(line));
    if (tm_str_has_prefix(line, TM_STR("TAP version 1")))
        tap->any = true;
    return TM_OK;
}

static enum tm_code finish(struct tap *tap, struct tm_err *err)
{
    enum tm_code code;

    if (!tap->any)
        return tm_err_set(err, TM_E_FORMAT, "'%s' is no TAP report", tap->source->name);
    if (tap->yaml || tap->n_open || !tap->levels[0].planned)
        return tm_source_fail(tap->source, err, TM_E_FORMAT, "report ends in the middle");
    settle(tap);
    code = close_levels(tap, 0, err);
    return code ? code : check_plan(tap, &tap->levels[0], err);
}

static enum tm_code read_tap(struct tm_source *source, struct tm_test_counts *counts, struct tm_err *err)
{
    struct tap tap = { .source = source, .counts = counts };
    enum tm_code code = tm_source_each_line(source, read_line, &tap, err);

    return code ? code : finish(&tap, err);
}

const struct tm_tests_format tm_tests_tap = { "tap", read_tap };
