/*
 * A handler that writes what it is told into a buffer, so that two readers can be compared: "<a
 * x=1>text</a>". The start of an element named "stop" is refused.
 */
#ifndef TM_TEST_XML_TRACE_H
#define TM_TEST_XML_TRACE_H

#include "base/buf.h"
#include "ext/xml.h"

static inline enum tm_code xml_trace_start(void *ctx, const char *name, const char *const *attrs,
                                           struct tm_err *err)
{
    tm_buf_addf(ctx, "<%s", name);
    for (; *attrs; attrs += 2)
        tm_buf_addf(ctx, " %s=%s", attrs[0], attrs[1]);
    tm_buf_addc(ctx, '>');
    return strcmp(name, "stop") == 0 ? tm_err_set(err, TM_E_NO, "stopped") : TM_OK;
}

static inline enum tm_code xml_trace_text(void *ctx, struct tm_str text, struct tm_err *err)
{
    tm_buf_add_str(ctx, text);
    return TM_OK;
}

static inline enum tm_code xml_trace_end(void *ctx, const char *name, struct tm_err *err)
{
    tm_buf_addf(ctx, "</%s>", name);
    return TM_OK;
}

static inline struct tm_xml_handler xml_trace(struct tm_buf *out)
{
    return (struct tm_xml_handler) { xml_trace_start, xml_trace_text, xml_trace_end, out };
}

#endif
