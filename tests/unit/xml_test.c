#include "test.h"
#include "xml_trace.h"

/* Feeds the document in pieces of `step` bytes. */
static enum tm_code parse(struct tm_str text, size_t step, struct tm_buf *out, struct tm_err *err)
{
    struct tm_xml_handler handler = xml_trace(out);
    struct tm_xml *xml = tm_xml_new("doc", &handler);
    enum tm_code code = TM_OK;

    for (size_t at = 0; !code && at < text.len; at += step)
        code = tm_xml_feed(xml, tm_str_n(text.data + at, TM_MIN(step, text.len - at)), err);
    if (!code)
        code = tm_xml_finish(xml, err);
    tm_xml_free(xml);
    return code;
}

static void documents_are_read_in_pieces_of_any_size(void **state)
{
    static const struct {
        struct tm_str text;
        const char *seen;
    } cases[] = {
        { TM_STR("<a x='1'><b>t &amp; &#65;</b></a>"), "<a x=1><b>t & A</b></a>" },
        { TM_STR("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe4</a>"), "<a>\xc3\xa4</a>" },
        { TM_STR("\xef\xbb\xbf<a><![CDATA[<x>]]></a>"), "<a><x></a>" },
        { TM_STR("\xff\xfe<\0a\0>\0\xe4\0<\0/\0a\0>\0"), "<a>\xc3\xa4</a>" },
        { TM_STR("\xfe\xff\0<\0a\0 \0x\0=\0'\0&\0l\0t\0;\0'\0/\0>"), "<a x=<></a>" },
        { TM_STR("<!DOCTYPE a><a/>"), "<a></a>" },
        { TM_STR("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a x='&lt;&#x41;&quot;'>&gt;</a>"),
          "<a x=<A\">></a>" },
        { TM_STR("<!DOCTYPE a PUBLIC '-//X//Y' 'http://localhost:1/a.dtd'><a/>"), "<a></a>" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        for (size_t step = 1; step <= cases[i].text.len; step++) {
            struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
            struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

            assert_ok(&err, parse(cases[i].text, step, &out, &err));
            assert_string_equal(out.data, cases[i].seen);
        }
    }
}

static void hostile_and_broken_documents_are_refused_with_their_line(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "", "empty document at line 1 of 'doc'" },
        { "<a>\n<b>", "document ends in the middle at line 2 of 'doc'" },
        { "<a>\n<b x='", "document ends in the middle at line 2 of 'doc'" },
        { "<a>\n</b>", "XML error: mismatched tag at line 2 of 'doc'" },
        { "<a/>\n<a/>", "XML error: junk after document element at line 2 of 'doc'" },
        { "plain", "XML error: syntax error at line 1 of 'doc'" },
        { "<?xml version='1.0' encoding='EBCDIC'?><a/>", "XML error: unknown encoding at line 1 of 'doc'" },
        { "<a>\n&b;</a>", "reference to an entity is not accepted at line 2 of 'doc'" },
        { "<a>\n<c x='&b;'/>", "reference to an entity is not accepted at line 2 of 'doc'" },
        { "<!DOCTYPE a SYSTEM 'x.dtd'>\n<a>&b;</a>",
          "reference to an entity is not accepted at line 2 of 'doc'" },
        { "<!DOCTYPE a SYSTEM 'x.dtd'>\n<a x='&b;1'/>",
          "reference to an entity in an attribute is not accepted at line 2 of 'doc'" },
        { "<!DOCTYPE a [\n<!ENTITY b 'c'>]><a/>",
          "DOCTYPE with declarations is not accepted at line 1 of 'doc'" },
        { "<!DOCTYPE a [\n<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
          "DOCTYPE with declarations is not accepted at line 1 of 'doc'" },
        { "<!DOCTYPE a [\n<!ENTITY % b 'c'> %b;]><a/>",
          "DOCTYPE with declarations is not accepted at line 1 of 'doc'" },
        { "<!DOCTYPE a []><a/>", "DOCTYPE with declarations is not accepted at line 1 of 'doc'" },
        { "<!DOCTYPE a [\n%b;]><a/>", "DOCTYPE with declarations is not accepted at line 1 of 'doc'" },
        { "<!DOCTYPE a [\n<!ELEMENT a ANY>]><a/>",
          "DOCTYPE with declarations is not accepted at line 1 of 'doc'" },
        { "<!DOCTYPE a [\n<!ATTLIST a x CDATA 'y'>]><a/>",
          "DOCTYPE with declarations is not accepted at line 1 of 'doc'" },
        { "<!DOCTYPE a [\n<!NOTATION n SYSTEM 'y'>]><a/>",
          "DOCTYPE with declarations is not accepted at line 1 of 'doc'" },
        { "<a>\n\xff</a>", "XML error: not well-formed (invalid token) at line 2 of 'doc'" },
        { "<a>\n<stop/>", "stopped" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        for (size_t step = 1; step < 40; step += 19) {
            struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
            struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

            if (parse(tm_str(cases[i].text), step, &out, &err) == TM_OK)
                fail_msg("read: %s", cases[i].text);
            assert_string_equal(tm_err_msg(&err), cases[i].message);
        }
    }
}

static void entities_never_multiply(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    tm_buf_adds(&text, "<!DOCTYPE a [<!ENTITY e0 'ha'>");
    for (int i = 1; i < 30; i++)
        tm_buf_addf(&text, "<!ENTITY e%d '&e%d;&e%d;'>", i, i - 1, i - 1);
    tm_buf_adds(&text, "]><a>&e29;</a>");
    assert_fails(&err, TM_E_FORMAT, parse(tm_buf_str(&text), 4096, &out, &err));
    assert_int_equal(out.len, 0);
}

/* What is read at a limit, and refused one past it. */
static void check_limit(struct tm_buf *(*make)(size_t n), size_t limit, const char *message)
{
    for (size_t n = limit; n <= limit + 1; n++) {
        struct tm_buf *text = make(n);
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        enum tm_code code = parse(tm_buf_str(text), 1 << 16, &out, &err);

        tm_buf_release(text);
        free(text);
        if (n == limit)
            assert_ok(&err, code);
        else
            assert_string_equal(tm_err_msg(&err), message);
    }
}

static struct tm_buf *nested(size_t n)
{
    struct tm_buf *text = tm_alloc(sizeof(*text));

    *text = TM_BUF_INIT;
    for (size_t i = 0; i < n; i++)
        tm_buf_adds(text, "<a>");
    for (size_t i = 0; i < n; i++)
        tm_buf_adds(text, "</a>");
    return text;
}

static struct tm_buf *with_attributes(size_t n)
{
    struct tm_buf *text = tm_alloc(sizeof(*text));

    *text = TM_BUF_INIT;
    tm_buf_adds(text, "<a");
    for (size_t i = 0; i < n; i++)
        tm_buf_addf(text, " x%zu=''", i);
    tm_buf_adds(text, "/>");
    return text;
}

static void depth_and_attributes_are_limited(void **state)
{
    check_limit(nested, TM_XML_DEPTH, "elements are nested too deep at line 1 of 'doc'");
    check_limit(with_attributes, TM_XML_ATTRS, "element has too many attributes at line 1 of 'doc'");
}

static void a_tag_without_end_is_refused_but_long_text_is_not(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) filler = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_xml_handler handler = { xml_trace_start, NULL, xml_trace_end, &out };
    struct tm_xml *xml = tm_xml_new("doc", &handler);

    memset(tm_buf_reserve(&filler, 4 << 20), 'x', 4 << 20);
    filler.len = 4 << 20;
    assert_ok(&err, tm_xml_feed(xml, TM_STR("<a>"), &err));
    assert_ok(&err, tm_xml_feed(xml, tm_buf_str(&filler), &err));
    assert_ok(&err, tm_xml_feed(xml, TM_STR("\n<b x='"), &err));
    assert_fails(&err, TM_E_LIMIT, tm_xml_feed(xml, tm_buf_str(&filler), &err));
    assert_string_equal(tm_err_msg(&err), "tag or comment is longer than 1048576 bytes at line 2 of 'doc'");
    tm_xml_free(xml);
}

TM_TESTS(cmocka_unit_test(documents_are_read_in_pieces_of_any_size),
         cmocka_unit_test(hostile_and_broken_documents_are_refused_with_their_line),
         cmocka_unit_test(entities_never_multiply), cmocka_unit_test(depth_and_attributes_are_limited),
         cmocka_unit_test(a_tag_without_end_is_refused_but_long_text_is_not))
