/*
 * JaCoCo XML (docs/formats/coverage.md, "JaCoCo").
 *
 * A package has its classes first and its source files behind them: functions come from the one, lines from
 * the other, and both name the file.
 */
#include "coverage/count.h"
#include "coverage/format.h"
#include "coverage/sniff.h"
#include "coverage/xml_report.h"

/* What the root's own counters claim; UINT64_MAX: nothing. */
struct claim {
    const char *type;
    uint64_t missed, covered;
};

enum { CLAIM_LINE, CLAIM_BRANCH, CLAIM_METHOD, CLAIMS };

struct jacoco {
    struct tm_xml_report x;
    unsigned package_depth; /* of the open package, 0: none */
    struct tm_buf package;  /* "a/b/"; "" for the default package */
    unsigned class_depth;
    struct tm_buf class_name;          /* without the package */
    struct tm_report_file *class_file; /* NULL: the class does not name its file and is dropped */
    unsigned method_depth;
    struct tm_buf method_name;
    struct tm_function method;
    bool method_counted; /* it has a METHOD counter, */
    bool method_lines;   /* or one of its lines, which is all that Kover has */
    unsigned source_depth;
    struct tm_report_file *source_file; /* NULL: it has no name and is dropped */
    struct tm_hits lines;               /* of the open source file */
    struct claim claims[CLAIMS];
};

static bool detect(struct tm_str text)
{
    return tm_sniff_root_is(tm_sniff_root(text), "report") &&
           (tm_sniff_has(text, "//JACOCO//") || tm_sniff_has(text, "<sessioninfo") ||
            tm_sniff_has(text, "<counter ") || tm_sniff_has(text, "<sourcefile"));
}

/* The file of that name in the open package; NULL, and a drop of `what`, when it has none. */
static enum tm_code find_file(struct jacoco *j, const char *name, const char *what,
                              struct tm_report_file **file, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    *file = NULL;
    if (!name || !*name) {
        tm_drops_add(&j->x.report->drops, TM_DROP_NO_NAME, tm_str(what));
        return TM_OK;
    }
    tm_buf_addf(&path, "%s%s", j->package.data, name);
    return tm_xml_report_placed(&j->x, tm_report_file(j->x.report, tm_buf_str(&path), file, err), err);
}

static enum tm_code start_package(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct jacoco *j = ctx;
    const char *name = tm_xml_attr(attrs, "name");

    if (j->package_depth)
        return tm_xml_fail(j->x.xml, err, TM_E_FORMAT, "package inside a package");
    if (!name)
        return tm_xml_report_invalid(&j->x, "package name", name, err);
    j->package_depth = j->x.depth;
    tm_buf_clear(&j->package);
    tm_buf_addf(&j->package, "%s%s", name, *name ? "/" : "");
    return TM_OK;
}

static enum tm_code end_package(void *ctx, struct tm_err *err)
{
    struct jacoco *j = ctx;

    j->package_depth = 0;
    return TM_OK;
}

static enum tm_code start_class(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct jacoco *j = ctx;
    const char *name = tm_xml_attr(attrs, "name");
    struct tm_str own = tm_str(name);

    if (!j->package_depth || j->class_depth)
        return tm_xml_fail(j->x.xml, err, TM_E_FORMAT, "class outside a package");
    j->class_depth = j->x.depth;
    /* Kover takes the name of a class without a package for that of its package. */
    if (own.len && j->package.len == own.len + 1 && tm_str_has_prefix(tm_buf_str(&j->package), own))
        tm_buf_clear(&j->package);
    own = tm_str_from(own, tm_str_rfind(own, '/') + 1);
    tm_buf_clear(&j->class_name);
    tm_buf_add_str(&j->class_name, tm_xml_report_name_end(own));
    return find_file(j, tm_xml_attr(attrs, "sourcefilename"), name, &j->class_file, err);
}

static enum tm_code end_class(void *ctx, struct tm_err *err)
{
    struct jacoco *j = ctx;

    j->class_depth = 0;
    return TM_OK;
}

static enum tm_code start_method(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct jacoco *j = ctx;
    const char *name = tm_xml_attr(attrs, "name"), *desc = tm_xml_attr(attrs, "desc");
    const char *line = tm_xml_attr(attrs, "line");

    if (!j->class_depth || j->method_depth)
        return tm_xml_fail(j->x.xml, err, TM_E_FORMAT, "method outside a class");
    j->method_depth = j->x.depth;
    j->method = (struct tm_function) { .key = TM_FUNCTION_BY_PLACE };
    j->method_counted = j->method_lines = false;
    tm_buf_clear(&j->method_name);
    tm_buf_addf(&j->method_name, "%s.%s%s", j->class_name.data, name ? name : "", desc ? desc : "");
    return line && strcmp(line, "0") != 0 ? tm_xml_report_line(&j->x, attrs, "line", &j->method.line, err)
                                          : TM_OK;
}

static enum tm_code end_method(void *ctx, struct tm_err *err)
{
    struct jacoco *j = ctx;
    enum tm_code code = TM_OK;

    j->method_depth = 0;
    j->method.name = tm_buf_str(&j->method_name);
    if (j->class_file && (j->method_counted || j->method_lines))
        code = tm_report_add_function(j->class_file, j->method, err);
    return tm_xml_report_placed(&j->x, code, err);
}

/* Of a method: its METHOD counter says whether it ran, in the lack of that the one of its lines. */
static enum tm_code count_method(struct jacoco *j, const char *const *attrs, const char *type,
                                 struct tm_err *err)
{
    uint64_t covered;
    bool own = strcmp(type, "METHOD") == 0;
    enum tm_code code;

    if (!own && (strcmp(type, "LINE") != 0 || j->method_counted))
        return TM_OK;
    code = tm_xml_report_u64_or(&j->x, attrs, "covered", 0, &covered, err);
    if (code)
        return code;
    j->method_counted |= own;
    j->method_lines = true;
    j->method.hits = own ? covered : covered > 0;
    return TM_OK;
}

/* Counters are sums of what is read anyway, but for those of a method and of the report. */
static enum tm_code start_counter(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct jacoco *j = ctx;
    const char *type = tm_xml_attr(attrs, "type");

    if (!type)
        return tm_xml_report_invalid(&j->x, "counter type", type, err);
    if (j->method_depth)
        return count_method(j, attrs, type, err);
    for (size_t i = 0; i < CLAIMS && j->x.depth == 2; i++) {
        if (strcmp(type, j->claims[i].type) != 0)
            continue;
        j->claims[i].missed = tm_xml_report_claim(attrs, "missed");
        j->claims[i].covered = tm_xml_report_claim(attrs, "covered");
    }
    return TM_OK;
}

static enum tm_code start_source(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct jacoco *j = ctx;

    if (!j->package_depth || j->source_depth)
        return tm_xml_fail(j->x.xml, err, TM_E_FORMAT, "sourcefile outside a package");
    j->source_depth = j->x.depth;
    return find_file(j, tm_xml_attr(attrs, "name"), "sourcefile", &j->source_file, err);
}

static enum tm_code end_source(void *ctx, struct tm_err *err)
{
    struct jacoco *j = ctx;
    enum tm_code code = TM_OK;

    tm_hits_settle(&j->lines);
    if (j->source_file)
        code = tm_report_add_hits(j->source_file, &j->lines, err);
    tm_hits_clear(&j->lines);
    j->source_depth = 0;
    return tm_xml_report_placed(&j->x, code, err);
}

static enum tm_code start_line(void *ctx, const char *const *attrs, struct tm_err *err)
{
    static const char *const names[] = { "mi", "ci", "mb", "cb" };
    enum { MI, CI, MB, CB };
    struct jacoco *j = ctx;
    uint64_t counts[4];
    uint32_t line;
    enum tm_code code;

    if (!j->source_depth)
        return tm_xml_fail(j->x.xml, err, TM_E_FORMAT, "line outside a sourcefile");
    code = tm_xml_report_code_line(&j->x, attrs, "nr", &line, err);
    for (size_t i = 0; !code && i < TM_LEN(names); i++)
        code = tm_xml_report_u64_or(&j->x, attrs, names[i], 0, &counts[i], err);
    if (code || !line)
        return code;
    /* JaCoCo has no count of runs: a line ran or not. One without instructions and branches is no code. */
    if (counts[MI] || counts[CI] || counts[MB] || counts[CB])
        tm_hits_put(&j->lines, line, counts[CI] || counts[CB]);
    return tm_xml_report_add_branches(&j->x, j->source_file, line, counts[CB],
                                      tm_count_add(counts[CB], counts[MB]), err);
}

static const struct tm_xml_element elements[] = {
    { "line", start_line, NULL, 0 },
    { "counter", start_counter, NULL, 0 },
    { "method", start_method, end_method, 0 },
    { "class", start_class, end_class, 0 },
    { "sourcefile", start_source, end_source, 0 },
    { "package", start_package, end_package, 0 },
    { NULL, NULL, NULL, 0 },
};

static void note_claim(const struct jacoco *j, const struct claim *claim, struct tm_ratio counted)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) what = TM_BUF_INIT;

    if (claim->missed == UINT64_MAX || claim->covered == UINT64_MAX)
        return;
    tm_buf_addf(&what, "%s covered", claim->type);
    tm_report_note_claim(j->x.report, j->x.name, what.data, claim->covered, counted.num);
    tm_buf_clear(&what);
    tm_buf_addf(&what, "%s missed", claim->type);
    tm_report_note_claim(j->x.report, j->x.name, what.data, claim->missed, counted.den - counted.num);
}

static void make_notes(struct jacoco *j)
{
    struct tm_totals totals;

    tm_report_settle(j->x.report);
    totals = tm_report_totals(j->x.report);
    note_claim(j, &j->claims[CLAIM_LINE], totals.lines);
    note_claim(j, &j->claims[CLAIM_BRANCH], totals.branches);
    note_claim(j, &j->claims[CLAIM_METHOD], totals.functions);
}

static enum tm_code read_jacoco(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    struct jacoco j = {
        .x = { .elements = elements, .root = "report" },
        .package = TM_BUF_INIT,
        .class_name = TM_BUF_INIT,
        .method_name = TM_BUF_INIT,
        .lines = { .greatest = true },
        .claims = { { "LINE", UINT64_MAX, 0 }, { "BRANCH", UINT64_MAX, 0 }, { "METHOD", UINT64_MAX, 0 } },
    };
    enum tm_code code;

    j.x.ctx = &j;
    code = tm_xml_report_read(&j.x, source, report, err);
    if (!code)
        make_notes(&j);
    tm_buf_release(&j.package);
    tm_buf_release(&j.class_name);
    tm_buf_release(&j.method_name);
    tm_hits_release(&j.lines);
    return code;
}

const struct tm_format tm_format_jacoco = {
    .name = "jacoco",
    .summary = "JaCoCo XML (JaCoCo, Kover)",
    .detect = detect,
    .read = read_jacoco,
};
