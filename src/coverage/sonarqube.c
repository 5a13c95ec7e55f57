/*
 * SonarQube's generic coverage XML (docs/formats/coverage.md, "SonarQube").
 */
#include <strings.h>

#include "coverage/format.h"
#include "coverage/sniff.h"
#include "coverage/xml_report.h"

struct sonarqube {
    struct tm_xml_report x;
    unsigned file_depth;         /* of the open file, 0: none */
    struct tm_report_file *file; /* NULL: it has no path and is dropped */
    struct tm_hits lines;        /* of the open file */
};

/* Cobertura and Clover have the same root, and more in it. */
static bool detect(struct tm_str text)
{
    static const char *const foreign[] = { "line-rate", "lines-valid", "<packages",
                                           "<sources",  "<class ",     "<project" };
    struct tm_str root = tm_sniff_root(text);

    if (!tm_sniff_root_is(root, "coverage"))
        return false;
    for (size_t i = 0; i < TM_LEN(foreign); i++)
        if (tm_sniff_has(text, foreign[i]))
            return false;
    return tm_sniff_has(text, "<lineToCover") || tm_sniff_has(text, "<file path") ||
           tm_sniff_has(root, "version=\"1\"") || tm_sniff_has(root, "version='1'");
}

static enum tm_code start_file(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct sonarqube *s = ctx;
    const char *path = tm_xml_attr(attrs, "path");

    if (s->file_depth)
        return tm_xml_fail(s->x.xml, err, TM_E_FORMAT, "file inside a file");
    s->file_depth = s->x.depth;
    s->file = NULL;
    if (!path || !*path) {
        tm_drops_add(&s->x.report->drops, TM_DROP_NO_NAME, TM_STR("file"));
        return TM_OK;
    }
    return tm_xml_report_placed(&s->x, tm_report_file(s->x.report, tm_str(path), &s->file, err), err);
}

static enum tm_code end_file(void *ctx, struct tm_err *err)
{
    struct sonarqube *s = ctx;
    enum tm_code code = TM_OK;

    tm_hits_settle(&s->lines);
    if (s->file)
        code = tm_report_add_hits(s->file, &s->lines, err);
    tm_hits_clear(&s->lines);
    s->file_depth = 0;
    return tm_xml_report_placed(&s->x, code, err);
}

/* A boolean of XML Schema, or, as SonarQube reads them, one in letters of any case. */
static bool parse_boolean(const char *text, bool *value)
{
    *value = text && (strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0);
    return *value || (text && (strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0));
}

static enum tm_code start_line(void *ctx, const char *const *attrs, struct tm_err *err)
{
    struct sonarqube *s = ctx;
    const char *text = tm_xml_attr(attrs, "covered");
    uint64_t all, taken = 0;
    uint32_t line;
    bool covered;
    enum tm_code code;

    if (!s->file_depth)
        return tm_xml_fail(s->x.xml, err, TM_E_FORMAT, "lineToCover outside a file");
    if (!parse_boolean(text, &covered))
        return tm_xml_report_invalid(&s->x, "covered", text, err);
    code = tm_xml_report_line(&s->x, attrs, "lineNumber", &line, err);
    if (!code)
        code = tm_xml_report_u64_or(&s->x, attrs, "branchesToCover", 0, &all, err);
    if (!code)
        code = tm_xml_report_u64_or(&s->x, attrs, "coveredBranches", 0, &taken, err);
    if (code)
        return code;
    tm_hits_put(&s->lines, line, covered);
    return tm_xml_report_add_branches(&s->x, s->file, line, taken, all, err);
}

static const struct tm_xml_element elements[] = {
    { "lineToCover", start_line, NULL, 0 },
    { "file", start_file, end_file, 0 },
    { NULL, NULL, NULL, 0 },
};

static enum tm_code read_sonarqube(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    struct sonarqube s = {
        .x = { .elements = elements, .root = "coverage" },
        .lines = { .greatest = true },
    };
    enum tm_code code;

    s.x.ctx = &s;
    code = tm_xml_report_read(&s.x, source, report, err);
    tm_hits_release(&s.lines);
    return code;
}

const struct tm_format tm_format_sonarqube = {
    .name = "sonarqube",
    .summary = "SonarQube generic coverage XML (gcovr, converters)",
    .detect = detect,
    .read = read_sonarqube,
};
