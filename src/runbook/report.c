#include "runbook/report.h"

#include "base/clock.h"
#include "base/md.h"

/* Lists longer than this end with how many more there are; the JSON facts have them all. */
enum { LIST_MAX = 40 };

/* The member at path; null is as good as missing. */
static const struct tm_json_node *get(const struct tm_json_node *node, const char *path)
{
    const struct tm_json_node *found = tm_json_at(node, path);

    return found && found->kind != TM_JSON_KIND_NULL ? found : NULL;
}

static struct tm_str text(const struct tm_json_node *node, const char *path)
{
    struct tm_str s = TM_STR("");

    if (!tm_json_node_str(get(node, path), &s))
        return TM_STR("");
    return s;
}

static uint64_t number(const struct tm_json_node *node, const char *path)
{
    uint64_t value = 0;

    return tm_json_node_u64(get(node, path), &value) ? value : 0;
}

/* A number as it is spelled, "n/a" where there is none. */
static struct tm_str figure(const struct tm_json_node *node, const char *path)
{
    const struct tm_json_node *value = get(node, path);

    return value && value->kind == TM_JSON_KIND_NUMBER ? value->text : TM_STR("n/a");
}

static size_t count(const struct tm_json_node *node, const char *path)
{
    const struct tm_json_node *list = get(node, path);

    return list ? list->count : 0;
}

static const char *icon(struct tm_str status)
{
    static const struct {
        const char *status, *icon;
    } icons[] = {
        { "passed", "✅" },       { "complete", "✅" }, { "skipped", "ℹ️" },
        { "partial", "⚠️" }, { "failed", "❌" },
    };

    for (size_t i = 0; i < TM_LEN(icons); i++)
        if (tm_str_is(status, icons[i].status))
            return icons[i].icon;
    return "";
}

static void add_duration(struct tm_buf *out, const struct tm_json_node *node)
{
    tm_clock_add_duration(out, (int64_t)number(node, "duration_ns"));
}

/* "`a`, `b` and 3 more" of an array of strings. */
static void add_list(struct tm_buf *out, const struct tm_json_node *list, const char *prefix)
{
    size_t i = 0;

    for (const struct tm_json_node *n = list ? list->child : NULL; n; n = n->next, i++) {
        if (i == LIST_MAX) {
            tm_buf_addf(out, "%sand %zu more\n", prefix, list->count - i);
            return;
        }
        tm_buf_adds(out, prefix);
        tm_md_add_code(out, n->text);
        tm_buf_addc(out, '\n');
    }
}

static const struct tm_json_node *phase(const struct tm_json_doc *facts, unsigned wanted)
{
    const struct tm_json_node *phases = get(facts->root, "phases");

    for (const struct tm_json_node *n = phases ? phases->child : NULL; n; n = n->next)
        if (number(n, "number") == wanted)
            return n;
    return NULL;
}

static void add_header(struct tm_buf *out, const struct tm_json_doc *facts)
{
    const struct tm_json_node *root = facts->root;
    struct tm_str started = text(root, "started_at");

    tm_buf_adds(out, "# Runbook execution report\n\n");
    tm_buf_addf(out, "**Execution date**: %.*s  \n", (int)TM_MIN(started.len, (size_t)10), started.data);
    tm_buf_adds(out, "**Duration**: ");
    add_duration(out, root);
    tm_buf_addf(out, "  \n**Status**: %s %.*s  \n", icon(text(root, "status")),
                TM_STR_ARG(text(root, "status")));
    if (text(root, "baseline").len) {
        tm_buf_adds(out, "**Baseline tag**: ");
        tm_md_add_code(out, text(root, "baseline"));
        tm_buf_adds(out, "  \n");
    }
    if (text(root, "release").len) {
        tm_buf_adds(out, "**Production tag**: ");
        tm_md_add_code(out, text(root, "release"));
        tm_buf_adds(out, "  \n");
    }
    tm_buf_addf(out, "**Run**: `%.*s`, tidemark %.*s\n\n", TM_STR_ARG(text(root, "run")),
                TM_STR_ARG(text(root, "tool_version")));
}

static void add_summary(struct tm_buf *out, const struct tm_json_doc *facts)
{
    const struct tm_json_node *after = get(facts->root, "after");
    const struct tm_json_node *before = get(facts->root, "before");
    const struct tm_json_node *discovery = phase(facts, 2);
    const struct tm_json_node *final = phase(facts, 7);

    tm_buf_adds(out, "## Executive summary\n\n");
    if (!after) {
        tm_buf_adds(out, "The run did not reach its end; the phases below say where it stopped and why.\n\n");
        return;
    }
    tm_buf_addf(out, "%llu of %llu modules have measured coverage (before: %llu).\n\n",
                (unsigned long long)number(after, "with_coverage"),
                (unsigned long long)number(after, "modules"),
                (unsigned long long)number(before, "with_coverage"));
    tm_buf_adds(out, "### Key achievements\n\n");
    tm_buf_addf(out,
                "- **Scaffolding**: %llu of %llu modules had all their docs and tests, %llu were given what "
                "they lacked\n",
                (unsigned long long)number(discovery, "scaffolded"),
                (unsigned long long)number(discovery, "modules"),
                (unsigned long long)count(phase(facts, 3), "modules"));
    tm_buf_addf(out, "- **Coverage**: %llu modules measured, %llu meet their target\n",
                (unsigned long long)number(after, "with_coverage"),
                (unsigned long long)number(after, "meeting_coverage_target"));
    tm_buf_addf(out, "- **Benchmarks**: %llu modules measured, %llu meet their SLA\n",
                (unsigned long long)number(after, "with_benchmarks"),
                (unsigned long long)number(after, "meeting_sla"));
    tm_buf_addf(out, "- **Coverage ledger**: %llu entries (before: %llu)\n",
                (unsigned long long)number(after, "coverage_entries"),
                (unsigned long long)number(before, "coverage_entries"));
    tm_buf_addf(out, "- **Average health score**: %.*s/100 (before: %.*s/100)\n",
                TM_STR_ARG(figure(after, "avg_health_score")),
                TM_STR_ARG(figure(before, "avg_health_score")));
    tm_buf_addf(out, "- **Checkpoint**: %llu passed, %llu failed, %llu skipped\n",
                (unsigned long long)number(final, "passed"), (unsigned long long)number(final, "failed"),
                (unsigned long long)number(final, "skipped"));
    for (const struct tm_json_node *tag = get(facts->root, "tags") ? get(facts->root, "tags")->child : NULL;
         tag; tag = tag->next) {
        tm_buf_adds(out, "- **Tag created**: ");
        tm_md_add_code(out, text(tag, "name"));
        tm_buf_addf(out, " (%.*s)\n", TM_STR_ARG(text(tag, "kind")));
    }
    tm_buf_addc(out, '\n');
}

static void add_checks(struct tm_buf *out, const struct tm_json_node *p)
{
    const struct tm_json_node *checks = get(p, "checks");
    uint64_t passed = number(p, "passed"), checked = passed + number(p, "failed");

    for (const struct tm_json_node *n = checks ? checks->child : NULL; n; n = n->next) {
        struct tm_str status = text(n, "status");

        tm_buf_addf(out, "- %s ", icon(status));
        tm_md_add_text(out, text(n, "name"), true);
        tm_buf_adds(out, tm_str_is(status, "passed")   ? " - PASSED"
                         : tm_str_is(status, "failed") ? " - FAILED"
                                                       : " - SKIPPED");
        if (text(n, "detail").len) {
            tm_buf_adds(out, " (");
            tm_md_add_text(out, text(n, "detail"), true);
            tm_buf_adds(out, ")");
        }
        tm_buf_addc(out, '\n');
    }
    tm_buf_addf(out, "\nPassed: %llu/%llu, skipped: %llu\n\n", (unsigned long long)passed,
                (unsigned long long)checked, (unsigned long long)number(p, "skipped"));
}

static void add_freeze(struct tm_buf *out, const struct tm_json_node *p)
{
    if (!text(p, "tag").len)
        return;
    tm_buf_addf(out, "**Timestamp**: %.*s  \n**Commit SHA**: `%.*s`  \n**Tag**: ",
                TM_STR_ARG(text(p, "frozen_at")), TM_STR_ARG(text(p, "frozen_commit")));
    tm_md_add_code(out, text(p, "tag"));
    tm_buf_adds(out, "\n\n**Artifacts created**:\n\n- ");
    tm_md_add_code(out, text(p, "record"));
    tm_buf_addf(out, " (pins %llu files)\n- ", (unsigned long long)number(p, "artifacts"));
    tm_md_add_code(out, text(p, "ledger"));
    tm_buf_adds(out, " (freeze entry)\n\n");
}

static void add_discovery(struct tm_buf *out, const struct tm_json_node *p)
{
    const struct tm_json_node *filtered = get(p, "filtered");

    tm_buf_addf(out, "**Modules discovered**: %llu needing scaffolding\n\n",
                (unsigned long long)number(p, "needing"));
    add_list(out, get(p, "needing_modules"), "- ");
    tm_buf_addf(
        out,
        "\n**Analysis**:\n\n- Total modules with manifests: %llu\n- Modules already scaffolded: %llu\n"
        "- Modules needing scaffolding: %llu\n",
        (unsigned long long)number(p, "modules"), (unsigned long long)number(p, "scaffolded"),
        (unsigned long long)number(p, "needing"));
    for (const struct tm_json_node *n = filtered ? filtered->child : NULL; n; n = n->next) {
        tm_buf_addf(out, "- Filtered: %llu ", (unsigned long long)number(n, "count"));
        tm_md_add_text(out, text(n, "what"), true);
        tm_buf_addc(out, '\n');
    }
    tm_buf_addc(out, '\n');
}

static void add_scaffolding(struct tm_buf *out, const struct tm_json_node *p)
{
    const struct tm_json_node *modules = get(p, "modules");
    size_t shown = 0;

    for (const struct tm_json_node *n = modules ? modules->child : NULL; n; n = n->next) {
        if (shown++ == LIST_MAX) {
            tm_buf_addf(out, "And %zu more modules.\n\n", modules->count - LIST_MAX);
            break;
        }
        tm_buf_adds(out, "**Module** ");
        tm_md_add_code(out, text(n, "module"));
        tm_buf_addf(out, ": %zu documentation files, %zu test files\n\n", count(n, "docs"),
                    count(n, "tests"));
        add_list(out, get(n, "docs"), "- ");
        add_list(out, get(n, "tests"), "- ");
        tm_buf_addc(out, '\n');
    }
    tm_buf_addf(out, "**Registry updates**: %llu modules, %llu docs, %llu tests\n\n",
                (unsigned long long)number(p, "registry.modules"),
                (unsigned long long)number(p, "registry.docs"),
                (unsigned long long)number(p, "registry.tests"));
}

/* A table of module and result. */
static void add_results(struct tm_buf *out, const char *title, const struct tm_json_node *list)
{
    size_t shown = 0;

    if (!list || !list->count)
        return;
    tm_buf_addf(out, "**%s**:\n\n| Module | Result |\n|---|---|\n", title);
    for (const struct tm_json_node *n = list->child; n && shown < LIST_MAX; n = n->next, shown++) {
        tm_buf_adds(out, "| ");
        tm_md_add_code(out, text(n, "module"));
        tm_buf_adds(out, " | ");
        tm_md_add_text(out, text(n, "result"), true);
        tm_buf_adds(out, " |\n");
    }
    if (list->count > shown)
        tm_buf_addf(out, "| and %zu more | |\n", list->count - shown);
    tm_buf_addc(out, '\n');
}

static void add_sweep(struct tm_buf *out, const struct tm_json_node *p)
{
    static const struct {
        const char *label, *path;
    } rows[] = {
        { "Total modules processed", "totals.modules" },
        { "✅ Measured", "totals.measured" },
        { "No data (ran, but measured nothing)", "totals.no_data" },
        { "⚠️ Skipped (nothing to run)", "totals.skipped" },
        { "❌ Failed", "totals.failed" },
        { "⏱ Timed out", "totals.timeout" },
    };

    if (!get(p, "totals"))
        return;
    tm_buf_adds(out, "| Outcome | Count |\n|---|---:|\n");
    for (size_t i = 0; i < TM_LEN(rows); i++)
        tm_buf_addf(out, "| %s | %llu |\n", rows[i].label, (unsigned long long)number(p, rows[i].path));
    tm_buf_addc(out, '\n');
    add_results(out, "Top results", get(p, "top"));
    add_results(out, "Without a figure", get(p, "problems"));
    tm_buf_addf(out, "**Ledger updates**: %llu entries appended, %llu manifests updated\n\n",
                (unsigned long long)number(p, "entries"), (unsigned long long)number(p, "manifests"));
}

static void add_dashboards(struct tm_buf *out, const struct tm_json_node *p)
{
    const struct tm_json_node *s = get(p, "summary");

    if (s) {
        tm_buf_adds(out, "**META_REGISTRY.json**:\n\n");
        tm_buf_addf(out,
                    "- Modules: %.*s\n- With coverage: %.*s\n- With benchmarks: %.*s\n"
                    "- Meeting their coverage target: %.*s\n- Meeting their SLA: %.*s\n"
                    "- Average health score: %.*s/100\n\n",
                    TM_STR_ARG(figure(s, "total_modules")), TM_STR_ARG(figure(s, "with_coverage")),
                    TM_STR_ARG(figure(s, "with_benchmarks")),
                    TM_STR_ARG(figure(s, "meeting_coverage_target")), TM_STR_ARG(figure(s, "meeting_sla")),
                    TM_STR_ARG(figure(s, "avg_health_score")));
    }
    if (number(s, "coverage_carried"))
        tm_buf_addf(out,
                    "Coverage of %llu modules was not measured in this run: they keep the figure of an "
                    "earlier one, whose age and commit the file has.\n\n",
                    (unsigned long long)number(s, "coverage_carried"));
    tm_buf_addf(out,
                "**Coverage trend**: %llu rows, `date,module,coverage_pct,delta_from_previous`  \n"
                "**Benchmark trend**: ",
                (unsigned long long)number(p, "coverage_rows"));
    if (number(p, "bench_rows"))
        tm_buf_addf(out, "%llu rows, `date,module,p50_ms,p95_ms,p99_ms,delta_p95,env_fingerprint`\n\n",
                    (unsigned long long)number(p, "bench_rows"));
    else
        tm_buf_adds(out, "no benchmark data\n\n");
}

static void add_phases(struct tm_buf *out, const struct tm_json_doc *facts)
{
    static void (*const bodies[])(struct tm_buf *, const struct tm_json_node *) = {
        add_checks, add_freeze,     add_discovery, add_scaffolding, add_sweep,
        add_sweep,  add_dashboards, add_checks,    add_freeze,
    };

    tm_buf_adds(out, "## Phase-by-phase execution\n\n");
    for (unsigned i = 0; i < TM_LEN(bodies); i++) {
        const struct tm_json_node *p = phase(facts, i);
        struct tm_str status = text(p, "status");

        if (!p)
            continue;
        tm_buf_addf(out, "### Phase %u: %.*s %s\n\n", i, TM_STR_ARG(text(p, "title")), icon(status));
        if (!tm_str_is(status, "skipped"))
            bodies[i](out, p);
        if (text(p, "commit.id").len) {
            tm_buf_addf(out, "**Commit**: `%.9s` - ", text(p, "commit.id").data);
            tm_md_add_text(out, text(p, "commit.subject"), true);
            tm_buf_adds(out, "\n\n");
        }
        tm_buf_addf(out, "**Status**: %.*s", TM_STR_ARG(status));
        if (text(p, "reason").len) {
            tm_buf_adds(out, ", ");
            tm_md_add_text(out, text(p, "reason"), true);
        }
        tm_buf_adds(out, " (");
        add_duration(out, p);
        tm_buf_adds(out, ")\n\n");
    }
}

/* The change of a whole number, as in "+3 (+60%)". */
static void add_change(struct tm_buf *out, uint64_t before, uint64_t after)
{
    int64_t change = (int64_t)after - (int64_t)before;

    if (change == 0)
        tm_buf_adds(out, "unchanged");
    else if (before)
        tm_buf_addf(out, "%+lld (%+lld%%)", (long long)change, (long long)(change * 100 / (int64_t)before));
    else
        tm_buf_addf(out, "%+lld", (long long)change);
}

static void add_comparison(struct tm_buf *out, const struct tm_json_doc *facts)
{
    static const struct {
        const char *label, *key;
    } rows[] = {
        { "Modules", "modules" },
        { "Modules with coverage", "with_coverage" },
        { "Modules meeting their coverage target", "meeting_coverage_target" },
        { "Modules with benchmarks", "with_benchmarks" },
        { "Modules meeting their SLA", "meeting_sla" },
        { "Coverage ledger entries", "coverage_entries" },
        { "Total documentation files", "docs" },
        { "Total test files", "tests" },
        { "Validation checks passing", "checks_passed" },
    };
    const struct tm_json_node *before = get(facts->root, "before"), *after = get(facts->root, "after");
    double from = 0, to = 0;

    if (!before || !after)
        return;
    tm_buf_adds(out, "## Metrics comparison: before → after\n\n| Metric | Before | After | Change "
                     "|\n|---|---:|---:|---|\n");
    for (size_t i = 0; i < TM_LEN(rows); i++) {
        uint64_t b = number(before, rows[i].key), a = number(after, rows[i].key);

        tm_buf_addf(out, "| %s | %llu | %llu | ", rows[i].label, (unsigned long long)b,
                    (unsigned long long)a);
        add_change(out, b, a);
        tm_buf_adds(out, " |\n");
    }
    tm_buf_addf(out, "| Average health score | %.*s/100 | %.*s/100 | ",
                TM_STR_ARG(figure(before, "avg_health_score")),
                TM_STR_ARG(figure(after, "avg_health_score")));
    if (tm_json_node_double(get(before, "avg_health_score"), &from) &&
        tm_json_node_double(get(after, "avg_health_score"), &to))
        tm_buf_addf(out, "%+.1f", to - from);
    tm_buf_adds(out, " |\n\n");
}

static void add_tags(struct tm_buf *out, const struct tm_json_doc *facts)
{
    const struct tm_json_node *tags = get(facts->root, "tags");

    tm_buf_adds(out, "## Git tags created\n\n");
    if (!tags || !tags->count) {
        tm_buf_adds(out,
                    "None: neither `--baseline` nor `--release` was given, or the run stopped before.\n\n");
        return;
    }
    for (const struct tm_json_node *n = tags->child; n; n = n->next) {
        tm_buf_adds(out, "**");
        tm_md_add_text(out, text(n, "name"), true);
        tm_buf_addf(out,
                    "**:\n\n- Frozen commit: `%.*s`\n- Tag stands on: `%.*s`\n- Created: %.*s\n- Purpose: ",
                    TM_STR_ARG(text(n, "commit")), TM_STR_ARG(text(n, "freeze")),
                    TM_STR_ARG(text(n, "created_at")));
        tm_md_add_text(out, text(n, "purpose"), true);
        tm_buf_adds(out, "\n\n");
    }
}

static void add_files(struct tm_buf *out, const struct tm_json_doc *facts)
{
    static const struct {
        const char *label, *key;
    } groups[] = { { "Created", "created" }, { "Modified", "modified" }, { "Removed", "removed" } };
    const struct tm_json_node *files = get(facts->root, "files");

    if (!files)
        return;
    tm_buf_adds(out, "## Files created and modified\n\n");
    for (size_t i = 0; i < TM_LEN(groups); i++) {
        const struct tm_json_node *list = get(files, groups[i].key);

        if (i == 2 && (!list || !list->count))
            continue;
        tm_buf_addf(out, "### %s (%zu)\n\n", groups[i].label, list ? list->count : 0);
        add_list(out, list, "- ");
        tm_buf_addc(out, '\n');
    }
}

static void add_commits(struct tm_buf *out, const struct tm_json_doc *facts)
{
    const struct tm_json_node *commits = get(facts->root, "commits");
    size_t i = 0;

    tm_buf_addf(out, "## Commit history\n\n**Total commits**: %zu\n\n", commits ? commits->count : 0);
    for (const struct tm_json_node *n = commits ? commits->child : NULL; n; n = n->next) {
        tm_buf_addf(out, "%zu. `%.9s` - ", ++i, text(n, "id").data);
        tm_md_add_text(out, text(n, "subject"), true);
        tm_buf_addc(out, '\n');
    }
    if (i)
        tm_buf_addc(out, '\n');
}

/* The final checkpoint as it is printed on a terminal, then what was checked of the ledgers. */
static void add_quality(struct tm_buf *out, const struct tm_json_doc *facts)
{
    const struct tm_json_node *final = phase(facts, 7);
    const struct tm_json_node *list = get(facts->root, "ledger_checks");

    tm_buf_adds(out, "## Quality assurance\n\n### Validation checkpoint\n\n");
    if (final)
        add_checks(out, final);
    else
        tm_buf_adds(out, "Not reached.\n\n");
    tm_buf_adds(out, "### Ledger integrity\n\n");
    for (const struct tm_json_node *n = list ? list->child : NULL; n; n = n->next) {
        tm_buf_addf(out, "- %s ", icon(text(n, "status")));
        tm_md_add_text(out, text(n, "name"), true);
        if (text(n, "detail").len) {
            tm_buf_adds(out, ": ");
            tm_md_add_text(out, text(n, "detail"), true);
        }
        tm_buf_addc(out, '\n');
    }
    list = get(facts->root, "ledgers");
    if (list && list->count)
        tm_buf_adds(out, "\n| Ledger | Entries | Added by this run | Adopted lines | Greatest clock "
                         "|\n|---|---:|---:|---:|---:|\n");
    for (const struct tm_json_node *n = list ? list->child : NULL; n; n = n->next) {
        tm_buf_adds(out, "| ");
        tm_md_add_code(out, text(n, "path"));
        tm_buf_addf(out, " | %llu | %llu | %llu | %llu |\n", (unsigned long long)number(n, "entries"),
                    (unsigned long long)number(n, "entries_added"),
                    (unsigned long long)number(n, "adopted_lines"), (unsigned long long)number(n, "max_lc"));
    }
    tm_buf_addc(out, '\n');
}

/* What this run's figures say about the run itself. */
static void add_learnings(struct tm_buf *out, const struct tm_json_doc *facts)
{
    const struct tm_json_node *discovery = phase(facts, 2), *coverage = phase(facts, 4);
    const struct tm_json_node *after = get(facts->root, "after");
    unsigned n = 0;

    tm_buf_adds(out, "## Key learnings\n\n");
    if (discovery)
        tm_buf_addf(out, "%u. **Scaffolding**: %llu of %llu modules needed scaffolding.\n", ++n,
                    (unsigned long long)number(discovery, "needing"),
                    (unsigned long long)number(discovery, "modules"));
    if (get(coverage, "totals")) {
        tm_buf_addf(out, "%u. **Coverage collection**: %llu modules processed in ", ++n,
                    (unsigned long long)number(coverage, "totals.modules"));
        add_duration(out, coverage);
        tm_buf_adds(out, ".\n");
    }
    if (after) {
        tm_buf_addf(
            out,
            "%u. **Health**: the average is %.*s of 100; %llu of %llu modules have no measured coverage.\n",
            ++n, TM_STR_ARG(figure(after, "avg_health_score")),
            (unsigned long long)(number(after, "modules") - number(after, "with_coverage")),
            (unsigned long long)number(after, "modules"));
        tm_buf_addf(out, "%u. **Benchmarks**: %llu of %llu modules have benchmarks.\n", ++n,
                    (unsigned long long)number(after, "with_benchmarks"),
                    (unsigned long long)number(after, "modules"));
    }
    tm_buf_addc(out, '\n');
}

static void add_next_steps(struct tm_buf *out, const struct tm_json_doc *facts)
{
    const struct tm_json_node *steps = get(facts->root, "next_steps");
    size_t i = 0;

    tm_buf_adds(out, "## Next steps (recommended)\n\n");
    if (!steps || !steps->count) {
        tm_buf_adds(out, "Every module meets its targets.\n\n");
        return;
    }
    tm_buf_adds(out, "In the order of the health points they bring:\n\n");
    for (const struct tm_json_node *n = steps->child; n; n = n->next) {
        tm_buf_addf(out, "%zu. ", ++i);
        tm_md_add_code(out, text(n, "module"));
        tm_buf_adds(out, ": ");
        tm_md_add_text(out, text(n, "text"), true);
        tm_buf_addf(out, " (+%.*s points)\n", TM_STR_ARG(figure(n, "gain")));
    }
    tm_buf_addc(out, '\n');
}

/* Quotes s for a POSIX shell. */
static void add_shell(struct tm_buf *out, struct tm_str s)
{
    tm_buf_addc(out, '\'');
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '\'')
            tm_buf_adds(out, "'\\''");
        else
            tm_buf_addc(out, s.data[i]);
    }
    tm_buf_addc(out, '\'');
}

static void add_support(struct tm_buf *out, const struct tm_json_doc *facts)
{
    const struct tm_json_node *tags = get(facts->root, "tags");
    struct tm_str remote = text(facts->root, "remote");

    tm_buf_adds(out, "## Support and rollback\n\n");
    if (!tags || !tags->count) {
        tm_buf_adds(out, "**Undo this run, keeping history**:\n\n```bash\ngit revert --no-edit ");
        tm_buf_addf(out, "%.*s..HEAD\n```\n\n", TM_STR_ARG(text(facts->root, "head")));
        return;
    }
    for (const struct tm_json_node *n = tags->child; n; n = n->next) {
        tm_buf_adds(out, "**Roll back to ");
        tm_md_add_text(out, text(n, "name"), true);
        tm_buf_adds(out, "** (in a new commit; history and ledgers stay):\n\n```bash\ntidemark rollback ");
        add_shell(out, text(n, "name"));
        tm_buf_adds(out, "           # shows the plan\ntidemark rollback ");
        add_shell(out, text(n, "name"));
        tm_buf_adds(out, " --apply\n```\n\n**Look at the frozen state**:\n\n```bash\ngit switch --detach ");
        add_shell(out, text(n, "name"));
        tm_buf_adds(out, "\n```\n\n**Delete the tag** (if needed):\n\n```bash\ngit tag -d ");
        add_shell(out, text(n, "name"));
        if (remote.len) {
            tm_buf_adds(out, "\ngit push --delete ");
            add_shell(out, remote);
            tm_buf_addc(out, ' ');
            add_shell(out, text(n, "name"));
        }
        tm_buf_adds(out, "\n```\n\n");
    }
}

static void add_final(struct tm_buf *out, const struct tm_json_doc *facts)
{
    struct tm_str status = text(facts->root, "status");
    const struct tm_json_node *final = phase(facts, 7);
    uint64_t checked = number(final, "passed") + number(final, "failed");

    tm_buf_addf(out, "## Final status\n\n%s **%.*s**", icon(status), TM_STR_ARG(status));
    if (tm_str_is(status, "complete"))
        tm_buf_adds(out, ": every phase passed or had nothing to do.\n");
    else if (tm_str_is(status, "partial"))
        tm_buf_adds(out, ": some modules failed or timed out; everything else is measured and written.\n");
    else
        tm_buf_adds(out,
                    ": the run stopped; `tidemark run --resume` goes on after the last finished phase.\n");
    if (final)
        tm_buf_addf(out, "Validation: %llu/%llu checks passed, %llu skipped.\n",
                    (unsigned long long)number(final, "passed"), (unsigned long long)checked,
                    (unsigned long long)number(final, "skipped"));
    tm_buf_addf(out, "Execution completed: %.*s.\n", TM_STR_ARG(text(facts->root, "finished_at")));
}

void tm_report_markdown(const struct tm_json_doc *facts, struct tm_buf *out)
{
    tm_buf_clear(out);
    tm_buf_adds(out, "<!-- Written by 'tidemark run'. -->\n\n");
    add_header(out, facts);
    add_summary(out, facts);
    add_phases(out, facts);
    add_comparison(out, facts);
    add_tags(out, facts);
    add_files(out, facts);
    add_commits(out, facts);
    add_quality(out, facts);
    add_learnings(out, facts);
    add_next_steps(out, facts);
    add_support(out, facts);
    add_final(out, facts);
}

void tm_report_summary(const struct tm_json_doc *facts, struct tm_buf *out)
{
    const struct tm_json_node *after = get(facts->root, "after");
    const struct tm_json_node *phases = get(facts->root, "phases");
    struct tm_buf TM_CLEANUP(tm_buf_release) raw = TM_BUF_INIT;

    for (const struct tm_json_node *n = phases ? phases->child : NULL; n; n = n->next) {
        tm_buf_addf(&raw, "phase %llu  %-22.*s %-8.*s", (unsigned long long)number(n, "number"),
                    TM_STR_ARG(text(n, "title")), TM_STR_ARG(text(n, "status")));
        if (get(n, "totals"))
            tm_buf_addf(&raw, " measured %llu, no data %llu, skipped %llu, failed %llu, timed out %llu",
                        (unsigned long long)number(n, "totals.measured"),
                        (unsigned long long)number(n, "totals.no_data"),
                        (unsigned long long)number(n, "totals.skipped"),
                        (unsigned long long)number(n, "totals.failed"),
                        (unsigned long long)number(n, "totals.timeout"));
        else if (get(n, "checks"))
            tm_buf_addf(&raw, " %llu passed, %llu failed, %llu skipped",
                        (unsigned long long)number(n, "passed"), (unsigned long long)number(n, "failed"),
                        (unsigned long long)number(n, "skipped"));
        else if (text(n, "tag").len)
            tm_buf_addf(&raw, " tag %.*s on %.9s", TM_STR_ARG(text(n, "tag")), text(n, "freeze_commit").data);
        else if (text(n, "reason").len)
            tm_buf_addf(&raw, " %.*s", TM_STR_ARG(text(n, "reason")));
        tm_buf_add_escaped(out, tm_buf_str(&raw));
        tm_buf_addc(out, '\n');
        tm_buf_clear(&raw);
    }
    if (after)
        tm_buf_addf(out,
                    "\n%llu modules, %llu with coverage, %llu with benchmarks, average health %.*s/100\n",
                    (unsigned long long)number(after, "modules"),
                    (unsigned long long)number(after, "with_coverage"),
                    (unsigned long long)number(after, "with_benchmarks"),
                    TM_STR_ARG(figure(after, "avg_health_score")));
    tm_buf_addf(out, "status: %.*s, ", TM_STR_ARG(text(facts->root, "status")));
    add_duration(out, facts->root);
    tm_buf_addc(out, '\n');
}
