/*
 * Any bytes as a template, rendered with hostile values. What must hold: a comment that the template
 * opens stays open until the template closes it, whatever the values; a refusal is one line.
 */
#include "fuzz.h"
#include "scaffold/provenance.h"
#include "scaffold/template.h"

static const struct tm_field item[] = { { "name", TM_FIELD_TEXT, NULL }, { NULL, TM_FIELD_TEXT, NULL } };
static const struct tm_field fields[] = {
    { "name", TM_FIELD_TEXT, NULL },
    { "flag", TM_FIELD_FLAG, NULL },
    { "list", TM_FIELD_LIST, item },
    { NULL, TM_FIELD_TEXT, NULL },
};

/* The first byte chooses the language, the second says how many of the next bytes are the value. */
static const char *const paths[] = { "t.md", "t.py", "t.c", "t.mjs", "t.json", "t.html", "t.sh", "Makefile" };

static void check_value(const struct tm_syntax *syntax, struct tm_str value)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    tm_syntax_add_text(&out, syntax, value);
    FUZZ_CHECK(tm_str_is_utf8(tm_buf_str(&out)));
    FUZZ_CHECK(!strchr(out.data, '\n') && !strchr(out.data, '\r') && strlen(out.data) == out.len);
    FUZZ_CHECK(syntax->text != TM_TEXT_C || !strstr(out.data, "*/"));
    FUZZ_CHECK(syntax->text != TM_TEXT_MARKDOWN || !strstr(out.data, "-->"));
    FUZZ_CHECK(syntax->text != TM_TEXT_PYTHON || !strstr(out.data, "\"\"\""));
    if (!syntax->quoted)
        return;
    tm_buf_clear(&out);
    tm_syntax_add_string(&out, syntax, value);
    FUZZ_CHECK(out.len >= 2 && out.data[0] == out.data[out.len - 1] && !strchr(out.data, '\n'));
}

static void check_made(struct tm_buf *out, const struct tm_syntax *syntax)
{
    FUZZ_CHECK(out->len <= TM_TEMPLATE_OUT_MAX + 1 && tm_str_is_utf8(tm_buf_str(out)));
    FUZZ_CHECK(out->len == 0 || out->data[out->len - 1] == '\n');
    if (out->len == 0 || !syntax->comment_open)
        return;
    tm_provenance_add(out, syntax, TM_STR("t"), "0123456789ab");
    FUZZ_CHECK(tm_scaffold_is_untouched(tm_buf_str(out)));
    tm_buf_addc(out, '.');
    FUZZ_CHECK(!tm_scaffold_is_untouched(tm_buf_str(out)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_template tmpl;
    const char *path;
    struct tm_str value, text;

    (void)tm_scaffold_is_untouched(tm_str_n((const char *)data, size));
    if (size < 2)
        return 0;
    path = paths[data[0] % TM_LEN(paths)];
    value = tm_str_n((const char *)data + 2, TM_MIN((size_t)data[1], size - 2));
    text = tm_str_n(value.data + value.len, size - 2 - value.len);
    check_value(tm_syntax_of(tm_str(path)), value);

    const struct tm_value row[] = { { .text = value } };
    const struct tm_item rows[] = { { row }, { row }, { row } };
    const struct tm_value values[] = { { .text = value }, { .flag = true }, { .rows = rows, .n_rows = 3 } };

    if (tm_template_compile(&tmpl, path, text, fields, &err)) {
        FUZZ_CHECK(err.msg && !strchr(err.msg, '\n'));
        return 0;
    }
    if (tm_template_render(&tmpl, values, &out, &err) == TM_OK)
        check_made(&out, tmpl.syntax);
    else
        FUZZ_CHECK(err.code == TM_E_LIMIT && out.len == 0);
    tm_template_release(&tmpl);
    return 0;
}
