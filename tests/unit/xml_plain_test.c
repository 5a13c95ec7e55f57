/*
 * The fast reader of XML against expat: on plain documents both make the same calls, everything else it
 * leaves.
 */
#include "coverage/xml_plain.h"
#include "report.h"
#include "xml_trace.h"

static bool read_plain(struct tm_str text, struct tm_buf *out)
{
    struct tm_xml_plain_handler handler = { xml_trace(out), NULL };
    struct tm_source TM_CLEANUP(tm_source_close) source;

    tm_source_memory(&source, "doc", text);
    return tm_xml_plain_read(&source, &handler);
}

static enum tm_code read_thoroughly(struct tm_str text, struct tm_buf *out, struct tm_err *err)
{
    struct tm_xml_handler handler = xml_trace(out);
    struct tm_xml *xml = tm_xml_new("doc", &handler);
    enum tm_code code = tm_xml_feed(xml, text, err);

    if (!code)
        code = tm_xml_finish(xml, err);
    tm_xml_free(xml);
    return code;
}

static void assert_same(struct tm_str text, const char *about)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) plain = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) thorough = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    if (!read_plain(text, &plain))
        fail_msg("not read: %s", about);
    assert_ok(&err, read_thoroughly(text, &thorough, &err));
    if (!tm_str_eq(tm_buf_str(&plain), tm_buf_str(&thorough)))
        fail_msg("read otherwise: %s", about);
}

static void plain_documents_are_read_as_expat_reads_them(void **state)
{
    static const struct tm_str cases[] = {
        TM_STR("<a/>"),
        TM_STR("\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<a>\r\n <b/>\r\n</a>\r\n"),
        TM_STR("<?xml version='1.0' ?><!-- by hand, <so> & there - --><a x='1' y=\"2\" />"),
        TM_STR("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>"
               "<!DOCTYPE report PUBLIC \"-//JACOCO//DTD Report 1.1//EN\" \"report.dtd\"><report></report>"),
        TM_STR("<!DOCTYPE coverage SYSTEM 'http://localhost:1/coverage-04.dtd'>\n<coverage\n/>"),
        TM_STR("<a x='&lt;init&gt; &amp;&quot;&apos;' y=\"it's\" z='\"]]>'>&lt;t&gt; \"'&amp;</a>"),
        TM_STR("<a x='gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x98\x80'>\xe2\x82\xac</a >"),
        TM_STR("<a><b><a></a>text<a/></b>\n\t<!--x--></a>\n\n<!-- end -->\n"),
        TM_STR("<a>one\r\ntwo\r\n</a>"),
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_same(cases[i], cases[i].data);
}

/* Good and bad ones: which it is, expat says. */
static void everything_else_is_left_to_expat(void **state)
{
    static const struct tm_str cases[] = {
        TM_STR(""),
        TM_STR(" \n"),
        TM_STR("x"),
        TM_STR("<a>"),
        TM_STR("<a></b>"),
        TM_STR("<a/><a/>"),
        TM_STR("<a/>x"),
        TM_STR("<a x='1' x='2'/>"),
        TM_STR("<a x = '1'/>"),
        TM_STR("<a x='1'y='2'/>"),
        TM_STR("<a x='<'/>"),
        TM_STR("<a x='a\tb'/>"),
        TM_STR("<a x='&#65;'/>"),
        TM_STR("<a>&other;</a>"),
        TM_STR("<a>]]></a>"),
        TM_STR("<a><![CDATA[x]]></a>"),
        TM_STR("<a>one\rtwo</a>"),
        TM_STR("<a>\0</a>"),
        TM_STR("<a>\x01</a>"),
        TM_STR("<a>\xff</a>"),
        TM_STR("<a>\xef\xbf\xbf</a>"),
        TM_STR("<a>\xed\xa0\x80</a>"),
        TM_STR("<gr\xc3\xbcn/>"),
        TM_STR("<a><!-- a -- b --></a>"),
        TM_STR("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xe4</a>"),
        TM_STR("<?xml version=\"1.1\"?><a/>"),
        TM_STR("<?pi?><a/>"),
        TM_STR("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"),
        TM_STR("<a/><!DOCTYPE a SYSTEM 'b'>"),
        TM_STR("\xff\xfe<\0a\0/\0>\0"),
        TM_STR("<stop/>"), /* a handler's failure */
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

        if (read_plain(cases[i], &out))
            fail_msg("read: %s", cases[i].data);
    }
}

static void limits_are_those_of_expat(void **state)
{
    for (size_t depth = TM_XML_DEPTH; depth <= TM_XML_DEPTH + 1; depth++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) doc = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

        for (size_t i = 0; i + 1 < depth; i++)
            tm_buf_adds(&doc, "<a>");
        tm_buf_adds(&doc, "<b/>");
        for (size_t i = 0; i + 1 < depth; i++)
            tm_buf_adds(&doc, "</a>");
        assert_int_equal(read_plain(tm_buf_str(&doc), &out), depth == TM_XML_DEPTH);
    }
}

/* A document of several windows, moved byte by byte, so that a window ends in each byte of `unit`. */
static void a_window_may_end_anywhere(void **state)
{
    static const char unit[] = "<c a=\"&lt;1&gt;\" b='\xe2\x82\xac'>\r\n <d/>t&amp;t</c>\n<!-- - -->";

    for (size_t shift = 0; shift < sizeof(unit); shift++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) doc = TM_BUF_INIT;

        tm_buf_adds(&doc, "<a>");
        for (size_t i = 0; i < shift; i++)
            tm_buf_addc(&doc, ' ');
        while (doc.len < TM_SOURCE_WINDOW + 2 * sizeof(unit))
            tm_buf_adds(&doc, unit);
        tm_buf_adds(&doc, "</a>\n");
        assert_same(tm_buf_str(&doc), "shifted");
    }
}

/* Every cut of a document is left to expat, which says what is missing. */
static void no_cut_is_taken_for_the_whole(void **state)
{
    static const char doc[] =
        "<?xml version=\"1.0\"?><!DOCTYPE a SYSTEM 'b'><a x='1'><b>t</b><!--c--><d/></a>";

    for (size_t len = 0; len + 1 < sizeof(doc); len++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

        assert_false(read_plain(tm_str_n(doc, len), &out));
    }
    assert_same(tm_str(doc), doc);
}

/* ---- Cobertura, whose lines are taken without their tags ---- */

static void read_cobertura(const char *text, bool plain, struct tm_report *report)
{
    struct tm_source TM_CLEANUP(tm_source_close) source;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    tm_source_memory(&source, "report", tm_str(text));
    source.plain_tried = !plain;
    assert_ok(&err, tm_report_read(&source, &tm_format_cobertura, report, &err));
}

static void lines_taken_the_short_way_are_the_same(void **state)
{
    static const char *const lines[] = {
        "<line number=\"1\" hits=\"2\"/>",
        "<line number=\"9999999\" hits=\"9999999\"/>",
        "<line number=\"10000000\" hits=\"10000000\"/>",
        "<line number=\"0012\" hits=\"003\"/>",
        "<line number=\"3\" hits=\"1\" branch=\"true\"/>",
        "<line number=\"3\" hits=\"1\" branch=\"False\" />",
        "<line number=\"3\" hits=\"1\" branch=\"\"/>",
        "<line number=\"3\" hits=\"1\" branch=\"true\" condition-coverage=\"50% (1/2)\"/>",
        "<line number=\"4\" hits=\"0\"></line>",
        "<line hits=\"5\" number=\"4\"/>",
        "<line number='4' hits='1'/>",
        "<line number=\"4\" hits=\"-1\"/>",
        "<line number=\"4\" hits=\"1e3\"/>",
        "<source> <line number=\"4\" hits=\"1\"/> x </source>",
    };

    for (size_t i = 0; i < TM_LEN(lines); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) plain = TM_REPORT_INIT;
        struct tm_report TM_CLEANUP(tm_report_release) thorough = TM_REPORT_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) doc = TM_BUF_INIT;
        struct tm_line a, b;
        struct tm_hits_iter left, right;

        /* Behind them enough for the short way to be gone at all. */
        tm_buf_addf(
            &doc,
            "<coverage><class name=\"c\" filename=\"a.c\"><methods><method name=\"f\"><lines>%s%s</lines>"
            "</method></methods><lines>%s\n\t%s\n</lines></class>\n%80s</coverage>",
            lines[i], lines[i], lines[i], lines[0], "");
        read_cobertura(doc.data, true, &plain);
        read_cobertura(doc.data, false, &thorough);
        assert_int_equal(plain.n_notes, thorough.n_notes);
        assert_int_equal(plain.n_branches, thorough.n_branches);
        assert_int_equal(plain.n_roots, thorough.n_roots);
        assert_int_equal(tm_report_file_at(&plain, 0)->functions[0].hits,
                         tm_report_file_at(&thorough, 0)->functions[0].hits);
        left = tm_hits_iter(&tm_report_file_at(&plain, 0)->lines);
        right = tm_hits_iter(&tm_report_file_at(&thorough, 0)->lines);
        while (tm_hits_next(&left, &a)) {
            assert_true(tm_hits_next(&right, &b));
            assert_int_equal(a.line, b.line);
            assert_int_equal(a.hits, b.hits);
        }
        assert_false(tm_hits_next(&right, &b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_documents_are_read_as_expat_reads_them),
        cmocka_unit_test(everything_else_is_left_to_expat),
        cmocka_unit_test(limits_are_those_of_expat),
        cmocka_unit_test(a_window_may_end_anywhere),
        cmocka_unit_test(no_cut_is_taken_for_the_whole),
        cmocka_unit_test(lines_taken_the_short_way_are_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
