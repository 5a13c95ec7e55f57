/*
 * Any bytes as XML: what the fast reader reads to the end, expat reads to the same calls.
 */
#include "../unit/xml_trace.h"
#include "base/buf.h"
#include "coverage/xml_plain.h"
#include "fuzz.h"

static bool read_plain(struct tm_str text, struct tm_buf *out)
{
    struct tm_xml_plain_handler handler = { xml_trace(out), NULL };
    struct tm_source TM_CLEANUP(tm_source_close) source;

    tm_source_memory(&source, "input", text);
    return tm_xml_plain_read(&source, &handler);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_str text = tm_str_n((const char *)data, size);
    struct tm_buf TM_CLEANUP(tm_buf_release) plain = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) thorough = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_xml_handler handler = xml_trace(&thorough);
    struct tm_xml *xml;
    enum tm_code code;

    if (!read_plain(text, &plain))
        return 0;
    xml = tm_xml_new("input", &handler);
    code = tm_xml_feed(xml, text, &err);
    if (!code)
        code = tm_xml_finish(xml, &err);
    tm_xml_free(xml);
    FUZZ_CHECK(code == TM_OK);
    FUZZ_CHECK(tm_str_eq(tm_buf_str(&plain), tm_buf_str(&thorough)));
    return 0;
}
