#include "checkpoint/claims.h"

#include "base/map.h"
#include "catalog/observed_fields.h"

/* Every figure that the ledger has of a module, as "<module>\0<figure>": one look-up for each claim. */
struct figures {
    struct tm_arena arena;
    struct tm_map coverage, bench;
};

/* Stands for "some figure" in the keys: no figure is spelled so. */
#define MEASURED TM_STR("*")

static void add_figure(struct figures *figures, struct tm_map *map, struct tm_str module,
                       struct tm_str figure)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) key = TM_BUF_INIT;

    tm_buf_add_str(&key, module);
    tm_buf_addc(&key, '\0');
    tm_buf_add_str(&key, figure);
    if (!tm_map_has(map, tm_buf_str(&key)))
        tm_map_at(map, tm_arena_str(&figures->arena, tm_buf_str(&key)), NULL);
}

static bool has_figure(const struct tm_map *map, struct tm_str module, struct tm_str figure)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) key = TM_BUF_INIT;

    tm_buf_add_str(&key, module);
    tm_buf_addc(&key, '\0');
    tm_buf_add_str(&key, figure);
    return tm_map_has(map, tm_buf_str(&key));
}

static void collect(struct figures *figures, const struct tm_observations *all)
{
    for (size_t i = 0; i < all->n_coverage; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        struct tm_ratio ratio;

        if (!tm_coverage_ratio(&all->coverage[i].coverage, &ratio))
            continue;
        tm_ratio_add_percent(&text, ratio);
        add_figure(figures, &figures->coverage, all->coverage[i].module, tm_buf_str(&text));
        add_figure(figures, &figures->coverage, all->coverage[i].module, MEASURED);
    }
    for (size_t i = 0; i < all->n_bench; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

        if (!all->bench[i].bench.p95.known)
            continue;
        tm_buf_addf(&text, "%lld", (long long)all->bench[i].bench.p95.ns);
        add_figure(figures, &figures->bench, all->bench[i].module, tm_buf_str(&text));
        add_figure(figures, &figures->bench, all->bench[i].module, MEASURED);
    }
}

enum claim { CLAIM_NONE, CLAIM_BACKED, CLAIM_UNBACKED, CLAIM_SILENT };

/* What a member claims: a figure of the map, one of a module that was never measured, or another. */
static enum claim judge(const struct tm_json_doc *doc, const char *member, const struct tm_map *map,
                        struct tm_str module, bool (*spell)(struct tm_buf *, const struct tm_json_node *))
{
    const struct tm_json_node *node = tm_json_at(doc->root, member);
    struct tm_buf TM_CLEANUP(tm_buf_release) figure = TM_BUF_INIT;

    if (!node || node->kind != TM_JSON_KIND_NUMBER)
        return CLAIM_NONE;
    if (spell(&figure, node) && has_figure(map, module, tm_buf_str(&figure)))
        return CLAIM_BACKED;
    return has_figure(map, module, MEASURED) ? CLAIM_SILENT : CLAIM_UNBACKED;
}

enum tm_code tm_claims_check(const struct tm_repo *repo, const struct tm_catalog *catalog,
                             const struct tm_observations *observations, size_t *unbacked, struct tm_err *err)
{
    static const char coverage[] = "testing.coverage_observed";
    static const char p95[] = "performance.observed.latency_p95_ms";
    struct figures figures = { TM_ARENA_INIT, TM_MAP_INIT, TM_MAP_INIT };
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    const struct tm_module *first = NULL;
    const char *member = coverage;
    size_t silent = 0;
    enum tm_code code = TM_OK;

    *unbacked = 0;
    collect(&figures, observations);
    for (size_t i = 0; i < catalog->n_modules && !code; i++) {
        const struct tm_module *module = &catalog->modules[i];
        struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
        enum claim claims[2];

        code = tm_root_read(&repo->root, module->manifest_path, TM_MANIFEST_MAX, &data, err);
        if (!code)
            code = tm_json_doc_parse(&doc, module->manifest_path.data, tm_buf_str(&data), err);
        if (code)
            break;
        claims[0] = judge(&doc, coverage, &figures.coverage, module->name, tm_observed_add_percent);
        claims[1] = judge(&doc, p95, &figures.bench, module->name, tm_observed_add_ns);
        *unbacked += claims[0] == CLAIM_UNBACKED || claims[1] == CLAIM_UNBACKED;
        if (claims[0] != CLAIM_SILENT && claims[1] != CLAIM_SILENT)
            continue;
        if (silent++ == 0) {
            first = module;
            member = claims[0] == CLAIM_SILENT ? coverage : p95;
        }
    }
    if (!code && silent > 1)
        code = tm_err_set(err, TM_E_NO,
                          "'%s' of '%.*s' is not what the ledger has, nor are figures of %zu more manifests",
                          member, TM_STR_ARG(first->manifest_path), silent - 1);
    else if (!code && silent)
        code = tm_err_set(err, TM_E_NO, "'%s' of '%.*s' is not what the ledger has", member,
                          TM_STR_ARG(first->manifest_path));
    tm_map_release(&figures.coverage);
    tm_map_release(&figures.bench);
    tm_arena_release(&figures.arena);
    return code;
}
