/*
 * Is a meta-registry valid? Types by table, then the summary, which must follow from the modules.
 */
#include "health/meta.h"

#include "catalog/registry.h"
#include "catalog/schema.h"

#define END_OF_FIELDS                                                                                        \
    {                                                                                                        \
        NULL, TM_SCHEMA_TEXT, false, NULL                                                                    \
    }

static const struct tm_schema_field coverage_fields[] = {
    { "observed", TM_SCHEMA_NUMBER, true, NULL },     { "target", TM_SCHEMA_NUMBER, false, NULL },
    { "delta", TM_SCHEMA_NUMBER, true, NULL },        { "meets_target", TM_SCHEMA_BOOL, true, NULL },
    { "evidence", TM_SCHEMA_TEXT, true, NULL },       { "reason", TM_SCHEMA_TEXT, true, NULL },
    { "lines_covered", TM_SCHEMA_COUNT, true, NULL }, { "lines_valid", TM_SCHEMA_COUNT, true, NULL },
    { "observed_at", TM_SCHEMA_STAMP, true, NULL },   { "commit", TM_SCHEMA_TEXT, true, NULL },
    { "entry", TM_SCHEMA_TEXT, true, NULL },          { "unreported_files", TM_SCHEMA_COUNT, true, NULL },
    { "carried_s", TM_SCHEMA_COUNT, true, NULL },     END_OF_FIELDS,
};

static const struct tm_schema_field performance_fields[] = {
    { "latency_p50_ms", TM_SCHEMA_NUMBER, true, NULL },
    { "latency_p95_ms", TM_SCHEMA_NUMBER, true, NULL },
    { "latency_p99_ms", TM_SCHEMA_NUMBER, true, NULL },
    { "sla_p95_ms", TM_SCHEMA_NUMBER, true, NULL },
    { "meets_sla", TM_SCHEMA_BOOL, true, NULL },
    { "evidence", TM_SCHEMA_TEXT, true, NULL },
    { "reason", TM_SCHEMA_TEXT, true, NULL },
    { "benchmark", TM_SCHEMA_TEXT, true, NULL },
    { "samples", TM_SCHEMA_COUNT, true, NULL },
    { "env_fingerprint", TM_SCHEMA_TEXT, true, NULL },
    { "observed_at", TM_SCHEMA_STAMP, true, NULL },
    { "commit", TM_SCHEMA_TEXT, true, NULL },
    { "entry", TM_SCHEMA_TEXT, true, NULL },
    END_OF_FIELDS,
};

static const struct tm_schema_field points_fields[] = {
    { "points", TM_SCHEMA_NUMBER, true, NULL },
    { "max", TM_SCHEMA_COUNT, false, NULL },
    { "evidence", TM_SCHEMA_TEXT, true, NULL },
    { "reason", TM_SCHEMA_TEXT, true, NULL },
    END_OF_FIELDS,
};

static const struct tm_schema_field health_fields[] = {
    { "coverage", TM_SCHEMA_OBJECT, false, points_fields },
    { "sla", TM_SCHEMA_OBJECT, false, points_fields },
    { "docs", TM_SCHEMA_OBJECT, false, points_fields },
    END_OF_FIELDS,
};

static const struct tm_schema_field module_fields[] = {
    { "module", TM_SCHEMA_TEXT, false, NULL },
    { "path", TM_SCHEMA_TEXT, false, NULL },
    { "lane", TM_SCHEMA_TEXT, false, NULL },
    { "status", TM_SCHEMA_TEXT, true, NULL },
    { "tags", TM_SCHEMA_TEXTS, false, NULL },
    { "docs_count", TM_SCHEMA_COUNT, false, NULL },
    { "tests_count", TM_SCHEMA_COUNT, false, NULL },
    { "api_count", TM_SCHEMA_COUNT, false, NULL },
    { "coverage", TM_SCHEMA_OBJECT, false, coverage_fields },
    { "performance", TM_SCHEMA_OBJECT, false, performance_fields },
    { "health_score", TM_SCHEMA_NUMBER, false, NULL },
    { "health", TM_SCHEMA_OBJECT, false, health_fields },
    END_OF_FIELDS,
};

static const struct tm_schema_field evidence_fields[] = {
    { "measured", TM_SCHEMA_COUNT, false, NULL },
    { "no_data", TM_SCHEMA_COUNT, false, NULL },
    { "failed", TM_SCHEMA_COUNT, false, NULL },
    { "timeout", TM_SCHEMA_COUNT, false, NULL },
    { "skipped", TM_SCHEMA_COUNT, false, NULL },
    { "none", TM_SCHEMA_COUNT, false, NULL },
    END_OF_FIELDS,
};

static const struct tm_schema_field summary_fields[] = {
    { "total_modules", TM_SCHEMA_COUNT, false, NULL },
    { "with_coverage", TM_SCHEMA_COUNT, false, NULL },
    { "with_benchmarks", TM_SCHEMA_COUNT, false, NULL },
    { "coverage_carried", TM_SCHEMA_COUNT, false, NULL },
    { "meeting_coverage_target", TM_SCHEMA_COUNT, false, NULL },
    { "meeting_sla", TM_SCHEMA_COUNT, false, NULL },
    { "with_sla_verdict", TM_SCHEMA_COUNT, false, NULL },
    { "avg_health_score", TM_SCHEMA_NUMBER, true, NULL },
    { "coverage_evidence", TM_SCHEMA_OBJECT, false, evidence_fields },
    { "benchmark_evidence", TM_SCHEMA_OBJECT, false, evidence_fields },
    { "lines_covered", TM_SCHEMA_COUNT, false, NULL },
    { "lines_valid", TM_SCHEMA_COUNT, false, NULL },
    { "unknown_modules", TM_SCHEMA_COUNT, false, NULL },
    { "claims_without_ledger", TM_SCHEMA_COUNT, false, NULL },
    END_OF_FIELDS,
};

static const struct tm_schema_field meta_fields[] = {
    { "schema_version", TM_SCHEMA_TEXT, false, NULL },
    { "generated_at", TM_SCHEMA_STAMP, false, NULL },
    { "source_registry", TM_SCHEMA_TEXT, false, NULL },
    { "formula", TM_SCHEMA_TEXT, false, NULL },
    { "module_count", TM_SCHEMA_COUNT, false, NULL },
    { "summary", TM_SCHEMA_OBJECT, false, summary_fields },
    { "modules", TM_SCHEMA_ARRAY, false, module_fields },
    END_OF_FIELDS,
};

/* What the modules of the file add up to, recomputed from nothing else. */
struct sums {
    uint64_t total, with_coverage, with_benchmarks, carried, meeting_target, meeting_sla, verdicts;
    uint64_t lines_covered, lines_valid;
    uint64_t score_tenths;
    uint64_t coverage[TM_META_EVIDENCES], bench[TM_META_EVIDENCES];
};

static bool is_true(const struct tm_json_node *node)
{
    bool yes = false;

    return tm_json_node_bool(node, &yes) && yes;
}

static bool is_null(const struct tm_json_node *node)
{
    return node->kind == TM_JSON_KIND_NULL;
}

static uint64_t count_of(const struct tm_json_node *node)
{
    uint64_t n = 0;

    return tm_json_node_u64(node, &n) ? n : 0;
}

/* Index of a module's evidence; TM_META_EVIDENCES when it is no known word. */
static size_t evidence_index(const struct tm_json_node *node)
{
    enum tm_evidence evidence;

    if (is_null(node))
        return TM_META_NEVER;
    return tm_evidence_parse(node->text, &evidence) ? (size_t)evidence : TM_META_EVIDENCES;
}

/* A number that must be a score with one decimal: 0 to 100. */
static bool read_tenths(const struct tm_json_node *node, uint64_t *tenths)
{
    struct tm_ratio score;
    uint64_t hundredths;

    return tm_ratio_parse(node->text, &score) && tm_ratio_round(score, 10, tenths) && *tenths <= 1000 &&
           tm_ratio_round(score, 100, &hundredths) && hundredths == *tenths * 10;
}

static enum tm_code add_module(const struct tm_json_doc *doc, const struct tm_json_node *m, struct sums *sums,
                               struct tm_err *err)
{
    const struct tm_json_node *coverage = tm_json_get(m, "coverage");
    const struct tm_json_node *performance = tm_json_get(m, "performance");
    const struct tm_json_node *observed = tm_json_get(coverage, "observed");
    const struct tm_json_node *verdict = tm_json_get(performance, "meets_sla");
    size_t coverage_evidence = evidence_index(tm_json_get(coverage, "evidence"));
    size_t bench_evidence = evidence_index(tm_json_get(performance, "evidence"));
    uint64_t tenths;

    if (coverage_evidence == TM_META_EVIDENCES || bench_evidence == TM_META_EVIDENCES)
        return tm_schema_say_no(doc, m, err, "unknown evidence");
    if (is_null(observed) == (coverage_evidence == TM_MEASURED))
        return tm_schema_say_no(doc, coverage, err, "'observed' and 'evidence' contradict each other");
    if (!read_tenths(tm_json_get(m, "health_score"), &tenths))
        return tm_schema_say_no(doc, tm_json_get(m, "health_score"), err,
                                "'health_score' must be from 0 to 100 with at most one decimal");
    sums->total++;
    sums->coverage[coverage_evidence]++;
    sums->bench[bench_evidence]++;
    sums->with_coverage += !is_null(observed);
    sums->carried += !is_null(tm_json_get(coverage, "carried_s"));
    sums->with_benchmarks += bench_evidence == TM_MEASURED;
    sums->meeting_target += is_true(tm_json_get(coverage, "meets_target"));
    sums->meeting_sla += is_true(verdict);
    sums->verdicts += !is_null(verdict);
    sums->lines_covered += count_of(tm_json_get(coverage, "lines_covered"));
    sums->lines_valid += count_of(tm_json_get(coverage, "lines_valid"));
    sums->score_tenths += tenths;
    return TM_OK;
}

static enum tm_code check_count(const struct tm_json_doc *doc, const struct tm_json_node *object,
                                const char *key, uint64_t expected, struct tm_err *err)
{
    const struct tm_json_node *node = tm_json_get(object, key);

    if (count_of(node) == expected)
        return TM_OK;
    return tm_schema_say_no(doc, node, err, "'%s' is %llu, the modules give %llu", key,
                            (unsigned long long)count_of(node), (unsigned long long)expected);
}

static enum tm_code check_evidence(const struct tm_json_doc *doc, const struct tm_json_node *object,
                                   const uint64_t counts[TM_META_EVIDENCES], struct tm_err *err)
{
    for (size_t i = 0; i < TM_META_EVIDENCES; i++)
        if (check_count(doc, object, tm_meta_evidence_name(i), counts[i], err))
            return TM_E_NO;
    return TM_OK;
}

static enum tm_code check_mean(const struct tm_json_doc *doc, const struct tm_json_node *node,
                               const struct sums *sums, struct tm_err *err)
{
    unsigned mean = 0;
    uint64_t tenths = 0;
    bool known = tm_health_mean(sums->score_tenths, sums->total, &mean);
    bool fits = known ? !is_null(node) && read_tenths(node, &tenths) && tenths == mean : is_null(node);

    if (fits)
        return TM_OK;
    if (!known)
        return tm_schema_say_no(doc, node, err, "'avg_health_score' must be null without modules");
    return tm_schema_say_no(doc, node, err,
                            "'avg_health_score' is not %u.%u, the mean of the modules' scores", mean / 10,
                            mean % 10);
}

static enum tm_code check_summary(const struct tm_json_doc *doc, const struct sums *sums, struct tm_err *err)
{
    const struct tm_json_node *summary = tm_json_get(doc->root, "summary");
    const struct {
        const char *key;
        uint64_t expected;
    } counts[] = {
        { "total_modules", sums->total },
        { "with_coverage", sums->with_coverage },
        { "with_benchmarks", sums->with_benchmarks },
        { "coverage_carried", sums->carried },
        { "meeting_coverage_target", sums->meeting_target },
        { "meeting_sla", sums->meeting_sla },
        { "with_sla_verdict", sums->verdicts },
        { "lines_covered", sums->lines_covered },
        { "lines_valid", sums->lines_valid },
    };

    for (size_t i = 0; i < TM_LEN(counts); i++)
        if (check_count(doc, summary, counts[i].key, counts[i].expected, err))
            return TM_E_NO;
    if (check_evidence(doc, tm_json_get(summary, "coverage_evidence"), sums->coverage, err) ||
        check_evidence(doc, tm_json_get(summary, "benchmark_evidence"), sums->bench, err))
        return TM_E_NO;
    return check_mean(doc, tm_json_get(summary, "avg_health_score"), sums, err);
}

enum tm_code tm_meta_validate(const struct tm_repo *repo, const struct tm_catalog *catalog,
                              struct tm_err *err)
{
    struct tm_generated_doc TM_CLEANUP(tm_generated_doc_release) file;
    const struct tm_json_node *formula;
    struct sums sums = { 0 };
    enum tm_code code = tm_generated_open(&tm_meta_file, repo, meta_fields, TM_META_SCHEMA, &file, err);

    if (!code)
        code = tm_registry_check_modules(&file.doc, "module", catalog, err);
    if (code)
        return code;
    formula = tm_json_get(file.doc.root, "formula");
    if (!tm_health_find(formula->text))
        return tm_schema_say_no(&file.doc, formula, err, "unknown health formula '%.*s'",
                                TM_STR_ARG(formula->text));
    for (const struct tm_json_node *m = tm_json_get(file.doc.root, "modules")->child; m && !code; m = m->next)
        code = add_module(&file.doc, m, &sums, err);
    return code ? code : check_summary(&file.doc, &sums, err);
}
