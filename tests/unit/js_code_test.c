#include "coverage/js_code.h"
#include "test.h"

/* The source with every character that is no code, but LF, written as '.'; only ASCII. */
static void show(const char *source, struct tm_buf *out)
{
    struct tm_js_code TM_CLEANUP(tm_js_release) code;
    size_t n = strlen(source);

    tm_js_scan(&code, tm_str(source));
    assert_int_equal(code.units, n);
    for (size_t i = 0; i < n; i++)
        tm_buf_addc(out, source[i] == '\n' ? '\n' : '.');
    for (size_t i = 0; i < code.n_spans; i++)
        memcpy(out->data + code.spans[i].from, source + code.spans[i].from,
               code.spans[i].to - code.spans[i].from);
}

static void code_is_told_from_what_is_none(void **state)
{
    /* Expected by reading the sources. */
    static const struct {
        const char *source, *code;
    } cases[] = {
        { "", "" },
        { "a = 1;\n\n}\n", "a.=.1.\n\n.\n" },
        { "f(a, [b]);", "f.a...b..." },
        { "// x\na // y", "....\na....." },
        { "/* x\n y */ a /* z */", "....\n......a........" },
        { "#!/bin/x\na", "........\na" },
        { "a#!b", "a#!b" },
        { "'// x' /* y */", "'// x'........" },
        { "\"a\\\"/*\" // y", "\"a\\\"/*\"....." },
        { "'a\\\n// b'", "'a\\\n// b'" },
        { "'open // x\na // y", "'open // x\na....." },
        /* Templates: their text is code, the expressions in them are scanned, at any depth. */
        { "`// x`", "`//.x`" },
        { "`a\n// b`// c", "`a\n//.b`...." },
        { "`${a /* x */ + `${b}`}//`//", "`${a.........+.`${b}`}//`.." },
        { "`${{a: 1}}`//", "`${.a:.1.}`.." },
        { "`\\`${'}'}`//", "`\\`${'}'}`.." },
        /* Division or regular expression. */
        { "a / b // c", "a./.b....." },
        { "x = /[/'\"]//*c*/", "x.=./[/'\"]/....." },
        { "return /'/ // c", "return./'/....." },
        { "f(/\\//) // c", "f./\\//......" },
        { "a.return / b / '//'", "a.return./.b./.'//'" },
        { "a++ / 1 // '", "a++./.1....." },
        { "if (a) /'/.test(b) // c", "if..a../'/.test.b......" },
        { "(a) / 2 // '", ".a../.2....." },
        { "a[0] / 2 // '", "a.0../.2....." },
        { "1./2 // '", "1./2....." },
        { "a = / b\nc // d", "a.=./.b\nc....." },
        { "while /*'*/ (a) /'/.exec(b)", "while........a../'/.exec.b." },
        { "[] / 1 //", ".../.1..." },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

        show(cases[i].source, &out);
        assert_string_equal(out.data, cases[i].code);
    }
}

static void offsets_count_utf_16_units(void **state)
{
    /* e acute is 1 unit of 2 bytes, the smiley 2 units of 4 bytes, the no-break space is no code. */
    static const char source[] = "'\xc3\xa9\xf0\x9f\x98\x80'\xc2\xa0;\n  b\xff";
    struct tm_js_code TM_CLEANUP(tm_js_release) code;

    tm_js_scan(&code, tm_str(source));
    assert_int_equal(code.units, 12);
    assert_int_equal(code.n_spans, 2);
    assert_int_equal(code.spans[0].from, 0);
    assert_int_equal(code.spans[0].to, 5);
    assert_int_equal(code.spans[0].line, 1);
    assert_int_equal(code.spans[1].from, 10);
    assert_int_equal(code.spans[1].to, 12);
    assert_int_equal(code.spans[1].line, 2);
    assert_int_equal(tm_js_line(&code, 0), 1);
    assert_int_equal(tm_js_line(&code, 7), 1);
    assert_int_equal(tm_js_line(&code, 8), 2);
    assert_int_equal(tm_js_line(&code, 999), 2);
}

static void a_byte_order_mark_is_one_unit_before_the_first_line(void **state)
{
    struct tm_js_code TM_CLEANUP(tm_js_release) code;

    tm_js_scan(&code, TM_STR("\xef\xbb\xbf#!x\na"));
    assert_int_equal(code.units, 6);
    assert_int_equal(code.n_spans, 1);
    assert_int_equal(code.spans[0].from, 5);
}

TM_TESTS(cmocka_unit_test(code_is_told_from_what_is_none), cmocka_unit_test(offsets_count_utf_16_units),
         cmocka_unit_test(a_byte_order_mark_is_one_unit_before_the_first_line))
