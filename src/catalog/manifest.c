#include "catalog/manifest.h"

#include "base/json_doc.h"

enum { NS_PER_MS = 1000000 };

/* What every field is read with. */
struct reading {
    struct tm_json_doc doc;
    struct tm_arena *arena;
    struct tm_manifest out;
};

static void release_doc(struct reading *r)
{
    tm_json_doc_release(&r->doc);
}

/* The member, NULL when it is absent or null. */
static const struct tm_json_node *get(const struct tm_json_node *object, const char *key)
{
    const struct tm_json_node *node = tm_json_get(object, key);

    return node && node->kind != TM_JSON_KIND_NULL ? node : NULL;
}

/* The member, which must be an object when it is there. `field` is its path, for the message. */
static enum tm_code get_object(struct reading *r, const struct tm_json_node *object, const char *key,
                               const char *field, const struct tm_json_node **out, struct tm_err *err)
{
    const struct tm_json_node *node = get(object, key);

    if (node && node->kind != TM_JSON_KIND_OBJECT)
        return tm_json_doc_fail(&r->doc, node, err, "'%s' must be an object", field);
    *out = node;
    return TM_OK;
}

static enum tm_code read_text(struct reading *r, const struct tm_json_node *node, const char *field,
                              struct tm_str *out, struct tm_err *err)
{
    struct tm_str text;

    if (!node) {
        *out = TM_STR("");
        return TM_OK;
    }
    if (!tm_json_node_str(node, &text))
        return tm_json_doc_fail(&r->doc, node, err, "'%s' must be a text", field);
    *out = tm_arena_str(r->arena, text);
    return TM_OK;
}

/* Reads an array of texts or, where `lone` allows it, one text. */
static enum tm_code read_texts(struct reading *r, const struct tm_json_node *node, const char *field,
                               bool lone, struct tm_str **out, size_t *n, struct tm_err *err)
{
    bool is_lone = lone && node && node->kind == TM_JSON_KIND_STRING;
    const struct tm_json_node *item = node;
    struct tm_str *items;
    size_t count = 0;

    if (!node)
        return TM_OK;
    if (!is_lone) {
        if (node->kind != TM_JSON_KIND_ARRAY)
            return tm_json_doc_fail(&r->doc, node, err, "'%s' must be %san array of texts", field,
                                    lone ? "a text or " : "");
        item = node->child;
    }
    items = tm_arena_array(r->arena, is_lone ? 1 : node->count, sizeof(*items));
    for (; item; item = is_lone ? NULL : item->next) {
        if (item->kind != TM_JSON_KIND_STRING)
            return tm_json_doc_fail(&r->doc, item, err, "'%s' must hold texts only", field);
        items[count++] = tm_arena_str(r->arena, item->text);
    }
    *out = items;
    *n = count;
    return TM_OK;
}

/* C0, DEL and C1: what no name may hold, because names are printed everywhere. The text is UTF-8. */
static bool has_control(struct tm_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];

        if (c < 0x20 || c == 0x7F)
            return true;
        if (c == 0xC2 && i + 1 < s.len && (unsigned char)s.data[i + 1] < 0xA0)
            return true;
    }
    return false;
}

static enum tm_code read_name(struct reading *r, const struct tm_json_node *root, struct tm_err *err)
{
    const char *field = "name";
    const struct tm_json_node *node = get(root, field);
    enum tm_code code;

    if (!node) {
        field = "module";
        node = get(root, field);
    }
    code = read_text(r, node, field, &r->out.name, err);
    if (code || !node)
        return code;
    if (r->out.name.len == 0)
        return tm_json_doc_fail(&r->doc, node, err, "'%s' is empty", field);
    if (r->out.name.len > TM_MODULE_NAME_MAX)
        return tm_json_doc_fail(&r->doc, node, err, "'%s' is longer than %d bytes", field,
                                TM_MODULE_NAME_MAX);
    if (has_control(r->out.name))
        return tm_json_doc_fail(&r->doc, node, err, "'%s' holds a control character", field);
    return TM_OK;
}

static enum tm_code read_lane(struct reading *r, const struct tm_json_node *tags, struct tm_err *err)
{
    static const struct tm_str prefix = { "lane:", 5 };
    bool found = false;

    r->out.lane = TM_LANE_DEFAULT;
    for (const struct tm_json_node *tag = tags ? tags->child : NULL; tag; tag = tag->next) {
        struct tm_str lane = tag->text;

        if (!tm_str_has_prefix(lane, prefix))
            continue;
        lane = tm_str_from(lane, prefix.len);
        if (lane.len != 2 || lane.data[0] != 'L' || lane.data[1] < '0' || lane.data[1] >= '0' + TM_LANES)
            return tm_json_doc_fail(&r->doc, tag, err, "unknown lane '%.*s', use lane:L0 to lane:L%d",
                                    TM_STR_ARG(tag->text), TM_LANES - 1);
        if (found && r->out.lane != (unsigned)(lane.data[1] - '0'))
            return tm_json_doc_fail(&r->doc, tag, err, "second lane '%.*s', the first is lane:L%u",
                                    TM_STR_ARG(tag->text), r->out.lane);
        r->out.lane = (unsigned)(lane.data[1] - '0');
        found = true;
    }
    return TM_OK;
}

static enum tm_code read_tags(struct reading *r, const struct tm_json_node *root, struct tm_err *err)
{
    const struct tm_json_node *tags = get(root, "tags");
    enum tm_code code = read_texts(r, tags, "tags", false, &r->out.tags, &r->out.n_tags, err);

    return code ? code : read_lane(r, tags, err);
}

/* One element of the array form: a text, or an object with a name. */
static enum tm_code read_api(struct reading *r, const struct tm_json_node *node, struct tm_manifest_api *api,
                             struct tm_err *err)
{
    enum tm_code code;

    if (node->kind == TM_JSON_KIND_STRING) {
        api->name = tm_arena_str(r->arena, node->text);
        api->description = TM_STR("");
        return TM_OK;
    }
    if (node->kind != TM_JSON_KIND_OBJECT || !get(node, "name"))
        return tm_json_doc_fail(&r->doc, node, err, "an entry of 'apis' must be a text or have a 'name'");
    code = read_text(r, get(node, "name"), "apis[].name", &api->name, err);
    if (!code)
        code = read_text(r, get(node, "description"), "apis[].description", &api->description, err);
    return code;
}

/* One member of the object form: its key is the name. */
static enum tm_code read_named_api(struct reading *r, const struct tm_json_node *node,
                                   struct tm_manifest_api *api, struct tm_err *err)
{
    api->name = tm_arena_str(r->arena, node->key);
    api->description = TM_STR("");
    if (node->kind == TM_JSON_KIND_STRING)
        api->description = tm_arena_str(r->arena, node->text);
    else if (node->kind == TM_JSON_KIND_OBJECT)
        return read_text(r, get(node, "description"), "apis[].description", &api->description, err);
    return TM_OK;
}

static enum tm_code read_apis(struct reading *r, const struct tm_json_node *root, struct tm_err *err)
{
    const struct tm_json_node *apis = get(root, "apis");
    size_t n = 0;

    if (!apis)
        return TM_OK;
    if (apis->kind != TM_JSON_KIND_ARRAY && apis->kind != TM_JSON_KIND_OBJECT)
        return tm_json_doc_fail(&r->doc, apis, err, "'apis' must be an array or an object");
    r->out.apis = tm_arena_array(r->arena, apis->count, sizeof(*r->out.apis));
    for (const struct tm_json_node *node = apis->child; node; node = node->next) {
        enum tm_code code = apis->kind == TM_JSON_KIND_ARRAY ? read_api(r, node, &r->out.apis[n], err)
                                                             : read_named_api(r, node, &r->out.apis[n], err);

        if (code)
            return code;
        n++;
    }
    r->out.n_apis = n;
    return TM_OK;
}

static enum tm_code read_owners(struct reading *r, const struct tm_json_node *root, struct tm_err *err)
{
    const struct tm_json_node *ownership = NULL;
    const char *field = "ownership.codeowners";
    const struct tm_json_node *node;
    enum tm_code code = get_object(r, root, "ownership", "ownership", &ownership, err);

    if (code)
        return code;
    node = get(ownership, "codeowners");
    if (!node) {
        field = "owners";
        node = get(root, field);
    }
    return read_texts(r, node, field, true, &r->out.owners, &r->out.n_owners, err);
}

/* Reads a number exactly. Negative ones and those over the digits we keep are refused. */
static enum tm_code read_number(struct reading *r, const struct tm_json_node *node, const char *field,
                                struct tm_ratio *out, struct tm_err *err)
{
    if (node->kind != TM_JSON_KIND_NUMBER)
        return tm_json_doc_fail(&r->doc, node, err, "'%s' must be a number", field);
    if (!tm_ratio_parse(node->text, out))
        return tm_json_doc_fail(&r->doc, node, err,
                                "'%s' must be a number of at most %d digits that is not negative", field,
                                TM_RATIO_DIGITS_MAX);
    return TM_OK;
}

static enum tm_code read_testing(struct reading *r, const struct tm_json_node *root, struct tm_err *err)
{
    static const char field[] = "testing.coverage_target";
    const struct tm_json_node *testing = NULL;
    const struct tm_json_node *node;
    struct tm_ratio target = { 0, 1 };
    enum tm_code code = get_object(r, root, "testing", "testing", &testing, err);

    if (code)
        return code;
    node = get(testing, "coverage_observed");
    if (node && node->kind != TM_JSON_KIND_NUMBER)
        return tm_json_doc_fail(&r->doc, node, err, "'testing.coverage_observed' must be a number or null");
    r->out.claims_coverage = node != NULL;
    node = get(testing, "coverage_target");
    if (!node)
        return TM_OK;
    code = read_number(r, node, field, &target, err);
    if (code)
        return code;
    if (tm_ratio_cmp(target, (struct tm_ratio) { 100, 1 }) > 0 ||
        __builtin_mul_overflow(target.den, (uint64_t)100, &target.den))
        return tm_json_doc_fail(&r->doc, node, err, "'%s' must be a percentage from 0 to 100", field);
    r->out.coverage_target = target;
    r->out.has_coverage_target = true;
    return TM_OK;
}

static enum tm_code read_performance(struct reading *r, const struct tm_json_node *root, struct tm_err *err)
{
    static const char field[] = "performance.sla_targets.latency_p95_ms";
    const struct tm_json_node *performance = NULL, *targets = NULL, *observed = NULL;
    const struct tm_json_node *node;
    struct tm_ratio ms = { 0, 1 };
    uint64_t ns;
    enum tm_code code = get_object(r, root, "performance", "performance", &performance, err);

    if (!code)
        code = get_object(r, performance, "sla_targets", "performance.sla_targets", &targets, err);
    if (!code)
        code = get_object(r, performance, "observed", "performance.observed", &observed, err);
    if (code)
        return code;
    node = get(targets, "latency_p95_ms");
    if (!node)
        return TM_OK;
    code = read_number(r, node, field, &ms, err);
    if (code)
        return code;
    if (tm_ratio_cmp(ms, (struct tm_ratio) { 9000000000000, 1 }) >= 0 ||
        !tm_ratio_round(ms, NS_PER_MS, &ns) || ns == 0)
        return tm_json_doc_fail(&r->doc, node, err,
                                "'%s' must be at least a nanosecond and below 9,000,000,000,000", field);
    r->out.sla_p95_ns = (int64_t)ns;
    r->out.has_sla_p95 = true;
    return TM_OK;
}

static enum tm_code read_about(struct reading *r, const struct tm_json_node *root, struct tm_err *err)
{
    enum tm_code code = read_text(r, get(root, "description"), "description", &r->out.description, err);

    return code ? code : read_text(r, get(root, "status"), "status", &r->out.status, err);
}

static enum tm_code read_all(struct reading *r, struct tm_err *err)
{
    static enum tm_code (*const readers[])(struct reading *, const struct tm_json_node *, struct tm_err *) = {
        read_name, read_about, read_tags, read_apis, read_owners, read_testing, read_performance,
    };
    enum tm_code code = TM_OK;

    if (r->doc.root->kind != TM_JSON_KIND_OBJECT)
        return tm_json_doc_fail(&r->doc, r->doc.root, err, "a manifest must be an object");
    for (size_t i = 0; i < TM_LEN(readers) && !code; i++)
        code = readers[i](r, r->doc.root, err);
    return code;
}

enum tm_code tm_manifest_parse(struct tm_manifest *manifest, struct tm_arena *arena, const char *path,
                               struct tm_str data, struct tm_err *err)
{
    struct reading TM_CLEANUP(release_doc) r = { .arena = arena };
    enum tm_code code;

    if (data.len > TM_MANIFEST_MAX)
        return tm_err_set(err, TM_E_LIMIT, "'%s' has %zu bytes, a manifest has at most %d", path, data.len,
                          TM_MANIFEST_MAX);
    code = tm_json_doc_parse(&r.doc, path, data, err);
    if (!code)
        code = read_all(&r, err);
    if (!code)
        *manifest = r.out;
    return code;
}

struct tm_ratio tm_manifest_target(const struct tm_manifest *manifest)
{
    static const uint64_t percent[TM_LANES] = { 70, 75, 80, 85, 90, 90 };

    assert(manifest->lane < TM_LANES);
    if (manifest->has_coverage_target)
        return manifest->coverage_target;
    return (struct tm_ratio) { percent[manifest->lane], 100 };
}
