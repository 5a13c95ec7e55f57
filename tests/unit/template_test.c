/* Expected texts are written by hand from docs/formats/templates.md. */
#include "test.h"

#include "scaffold/template.h"

static const struct tm_field api_fields[] = {
    { "name", TM_FIELD_TEXT, NULL },
    { "description", TM_FIELD_TEXT, NULL },
    { NULL, TM_FIELD_TEXT, NULL },
};

static const struct tm_field fields[] = {
    { "name", TM_FIELD_TEXT, NULL },       { "description", TM_FIELD_TEXT, NULL },
    { "path", TM_FIELD_TEXT, NULL },       { "empty", TM_FIELD_TEXT, NULL },
    { "yes", TM_FIELD_FLAG, NULL },        { "no", TM_FIELD_FLAG, NULL },
    { "apis", TM_FIELD_LIST, api_fields }, { "none", TM_FIELD_LIST, api_fields },
    { NULL, TM_FIELD_TEXT, NULL },
};

static const struct tm_value api_1[] = { { .text = { "open", 4 } }, { .text = { "Opens it", 8 } } };
static const struct tm_value api_2[] = { { .text = { "close", 5 } }, { .text = { NULL, 0 } } };
static const struct tm_item apis[] = { { api_1 }, { api_2 } };

static const struct tm_value values[] = {
    { .text = { "lock", 4 } },
    { .text = { "A lock", 6 } },
    { .text = { "a b/lock", 8 } },
    { .text = { NULL, 0 } },
    { .flag = true },
    { .flag = false },
    { .rows = apis, .n_rows = 2 },
    { .rows = NULL },
};

static enum tm_code run(const char *path, const char *text, const struct tm_value *with, struct tm_buf *out,
                        struct tm_err *err)
{
    struct tm_template tmpl;
    enum tm_code code = tm_template_compile(&tmpl, path, tm_str(text), fields, err);

    if (code)
        return code;
    code = tm_template_render(&tmpl, with, out, err);
    tm_template_release(&tmpl);
    return code;
}

static void templates_give_what_their_page_says(void **state)
{
    static const struct {
        const char *text, *out;
    } cases[] = {
        { "", "" },
        { "plain { text } }}\n", "plain { text } }}\n" },
        { "no line end", "no line end\n" },
        { "{{name}} {{ name }}\n", "lock lock\n" },
        { "{{#if description}}is {{description}}{{/if}}\n", "is A lock\n" },
        { "a\n{{#if empty}}\n## Heading\n\n{{empty}}\n{{/if}}\nb\n", "a\nb\n" },
        { "{{#unless empty}}x{{/unless}}{{#unless yes}}y{{/unless}}\n", "x\n" },
        { "{{#if none}}x{{/if}}{{#if apis}}y{{/if}}{{#if no}}z{{/if}}{{#if yes}}!{{/if}}\n", "y!\n" },
        { "{{#each apis}}\n- {{name}}{{#if description}}: {{description}}{{/if}}\n{{/each}}\n",
          "- open: Opens it\n- close\n" },
        { "{{#each apis}}{{#unless first}}, {{/unless}}{{name}} of {{path}}{{#if last}}.{{/if}}{{/each}}\n",
          "open of a b/lock, close of a b/lock.\n" },
        { "{{#each apis}}{{#each apis}}{{name}} {{/each}}{{/each}}\n", "open close open close\n" },
        { "  {{#if yes}}  {{! indented }}\t\nx\n  {{/if}}\r\ny\n", "x\ny\n" },
        { "{{! a comment }}\n\\{{name}} and \\{{{{name}}\n", "{{name}} and {{lock\n" },
        { "{{code path}} [x]({{link path}})\n", "`a b/lock` [x](a%20b/lock)\n" },
        { "    cd {{shell path}} && {{shell name}}\n", "    cd 'a b/lock' && lock\n" },
        { "{{string path}}\n", "\"a b/lock\"\n" },
        { "x\n\n{{#if empty}}\nlast\n{{/if}}\n\n  \n", "x\n" },
        { "{{#if empty}}\neverything\n{{/if}}\n\n", "" },
        { "a\r\nb\r\n", "a\r\nb\n" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_ok(&err, run("t.md", cases[i].text, values, &out, &err));
        assert_string_equal(out.data, cases[i].out);
    }
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
    static const struct {
        const char *path, *text, *message;
    } cases[] = {
        { "t.md", "a\n\n{{nmae}}\n", "unknown field 'nmae', did you mean 'name'? at line 3 of 't.md'" },
        { "t.md", "{{zzzzzzzzz}}", "unknown field 'zzzzzzzzz' at line 1 of 't.md'" },
        { "t.md", "{{first}}", "unknown field 'first' at line 1 of 't.md'" },
        { "t.md", "{{}}", "a tag without a field at line 1 of 't.md'" },
        { "t.md", "{{#if}}{{/if}}", "a tag without a field at line 1 of 't.md'" },
        { "t.md", "x\n{{name",
          "'{{' without '}}' on the same line (a literal one is written '\\{{') at line 2 of 't.md'" },
        { "t.md", "{{apis}}", "field 'apis' is a list and has no text at line 1 of 't.md'" },
        { "t.md", "{{yes}}", "field 'yes' is a flag and has no text at line 1 of 't.md'" },
        { "t.md", "{{#each name}}{{/each}}", "field 'name' is no list at line 1 of 't.md'" },
        { "t.md", "{{#eac apis}}",
          "unknown block '#eac', there are #if, #unless and #each at line 1 of 't.md'" },
        { "t.md", "{{upper name}}",
          "unknown filter 'upper', there are string, code, link and shell at line 1 of 't.md'" },
        { "t.md", "a\n{{#if name}}\nb\n", "'#if' is not closed, opened at line 2 of 't.md'" },
        { "t.md", "{{/if}}", "'/if' closes nothing at line 1 of 't.md'" },
        { "t.md", "{{#if name}}\n{{/each}}", "'/each' where the '#if' of line 1 ends at line 2 of 't.md'" },
        { "t.c", "{{code name}}", "'code', 'link' and 'shell' are for Markdown only at line 1 of 't.c'" },
        { "Makefile", "{{string name}}",
          "'string' in a file whose string literals tidemark does not know at line 1 of 'Makefile'" },
        { "t.md", "\xff", "template 't.md' is not UTF-8" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_fails(&err, TM_E_SETTINGS, run(cases[i].path, cases[i].text, values, &out, &err));
        assert_string_equal(tm_err_msg(&err), cases[i].message);
    }
}

static void blocks_nest_to_the_limit_and_no_further(void **state)
{
    for (int depth = TM_TEMPLATE_DEPTH; depth <= TM_TEMPLATE_DEPTH + 1; depth++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        for (int i = 0; i < depth; i++)
            tm_buf_adds(&text, "{{#if yes}}");
        tm_buf_adds(&text, "deep");
        for (int i = 0; i < depth; i++)
            tm_buf_adds(&text, "{{/if}}");
        if (depth > TM_TEMPLATE_DEPTH) {
            assert_fails(&err, TM_E_LIMIT, run("t.md", text.data, values, &out, &err));
        } else {
            assert_ok(&err, run("t.md", text.data, values, &out, &err));
            assert_string_equal(out.data, "deep\n");
        }
    }
}

static void loops_in_loops_end_at_the_limit(void **state)
{
    struct tm_value with[TM_LEN(values)];
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_item rows[64];

    for (size_t i = 0; i < TM_LEN(rows); i++)
        rows[i] = apis[i % 2];
    memcpy(with, values, sizeof(with));
    with[6] = (struct tm_value) { .rows = rows, .n_rows = TM_LEN(rows) };
    for (int i = 0; i < TM_TEMPLATE_DEPTH; i++)
        tm_buf_adds(&text, "{{#each apis}}");
    for (int i = 0; i < TM_TEMPLATE_DEPTH; i++)
        tm_buf_adds(&text, "{{/each}}");
    assert_fails(&err, TM_E_LIMIT, run("t.md", text.data, with, &out, &err));
    assert_int_equal(out.len, 0);
}

static void a_template_may_be_as_long_as_the_limit(void **state)
{
    for (size_t extra = 0; extra < 2; extra++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_template tmpl;
        size_t n = TM_TEMPLATE_MAX + extra;

        memset(tm_buf_reserve(&text, n), 'x', n);
        text.len = n;
        if (extra) {
            assert_fails(&err, TM_E_LIMIT,
                         tm_template_compile(&tmpl, "t.md", tm_buf_str(&text), fields, &err));
        } else {
            assert_ok(&err, tm_template_compile(&tmpl, "t.md", tm_buf_str(&text), fields, &err));
            tm_template_release(&tmpl);
        }
    }
}

TM_TESTS(cmocka_unit_test(templates_give_what_their_page_says),
         cmocka_unit_test(what_is_wrong_is_named_with_its_line),
         cmocka_unit_test(blocks_nest_to_the_limit_and_no_further),
         cmocka_unit_test(loops_in_loops_end_at_the_limit),
         cmocka_unit_test(a_template_may_be_as_long_as_the_limit))
