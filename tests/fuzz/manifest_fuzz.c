/*
 * Any bytes as a manifest. What must hold: what is accepted keeps the promises of
 * docs/formats/manifest.md, and what is refused says so in one line.
 */
#include "catalog/manifest.h"
#include "fuzz.h"

static void check_texts(const struct tm_str *texts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        FUZZ_CHECK(tm_str_is_utf8(texts[i]));
        FUZZ_CHECK(texts[i].data[texts[i].len] == '\0');
    }
}

static void check_manifest(const struct tm_manifest *m)
{
    struct tm_ratio target = tm_manifest_target(m);

    FUZZ_CHECK(m->name.len <= TM_MODULE_NAME_MAX && tm_str_is_utf8(m->name));
    for (size_t i = 0; i < m->name.len; i++)
        FUZZ_CHECK((unsigned char)m->name.data[i] >= 0x20 && m->name.data[i] != 0x7F);
    FUZZ_CHECK(tm_str_is_utf8(m->description) && tm_str_is_utf8(m->status));
    check_texts(m->tags, m->n_tags);
    check_texts(m->owners, m->n_owners);
    for (size_t i = 0; i < m->n_apis; i++)
        FUZZ_CHECK(tm_str_is_utf8(m->apis[i].name) && tm_str_is_utf8(m->apis[i].description));
    FUZZ_CHECK(m->lane < TM_LANES);
    FUZZ_CHECK(target.den > 0 && target.num <= target.den);
    FUZZ_CHECK(!m->has_sla_p95 || m->sla_p95_ns > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_manifest manifest;

    if (tm_manifest_parse(&manifest, &arena, "input", tm_str_n((const char *)data, size), &err) == TM_OK)
        check_manifest(&manifest);
    else
        FUZZ_CHECK(err.msg && !strchr(err.msg, '\n'));
    return 0;
}
