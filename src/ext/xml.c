#include "ext/xml.h"

#include <expat.h>

#include "base/alloc.h"
#include "base/buf.h"

struct tm_xml {
    XML_Parser parser; /* NULL: placeless */
    bool *asked;
    const char *name;
    struct tm_xml_handler handler;
    uint64_t fed; /* bytes */
    unsigned depth;
    bool external_subset; /* undefined entities are no error to expat then */
    enum tm_code code;    /* of the handler that stopped the reading */
    struct tm_err err;
};

static void stop(struct tm_xml *xml, enum tm_code code)
{
    xml->code = code;
    XML_StopParser(xml->parser, XML_FALSE);
}

static void refuse(struct tm_xml *xml, enum tm_code code, const char *problem)
{
    if (!xml->code)
        stop(xml, tm_xml_fail(xml, &xml->err, code, "%s", problem));
}

/* True when the raw bytes of the current tag refer to an entity that is not built into XML. */
static bool has_foreign_entity(const struct tm_xml *xml)
{
    static const struct tm_str own[] = { TM_STR("amp;"),  TM_STR("lt;"),   TM_STR("gt;"),
                                         TM_STR("apos;"), TM_STR("quot;"), TM_STR("#") };
    struct tm_buf TM_CLEANUP(tm_buf_release) tag = TM_BUF_INIT;
    int offset = 0, size = 0;
    const char *data = XML_GetInputContext(xml->parser, &offset, &size);
    int len = XML_GetCurrentByteCount(xml->parser);
    struct tm_str rest;

    if (!data || offset < 0 || len < 0 || len > size - offset)
        return true;
    if (!memchr(data + offset, '&', (size_t)len))
        return false;
    /* In UTF-16 every ASCII character has a NUL beside it; dropping them makes all encodings alike. */
    for (int i = 0; i < len; i++)
        if (data[offset + i])
            tm_buf_addc(&tag, data[offset + i]);
    for (rest = tm_buf_str(&tag); tm_str_find(rest, '&') != SIZE_MAX;) {
        bool known = false;

        rest = tm_str_from(rest, tm_str_find(rest, '&') + 1);
        for (size_t i = 0; i < TM_LEN(own); i++)
            known = known || tm_str_has_prefix(rest, own[i]);
        if (!known)
            return true;
    }
    return false;
}

static size_t count_attrs(const char *const *attrs)
{
    size_t n = 0;

    while (attrs[2 * n])
        n++;
    return n;
}

static void XMLCALL on_start(void *ctx, const XML_Char *name, const XML_Char **attrs)
{
    struct tm_xml *xml = ctx;
    enum tm_code code;

    if (xml->code)
        return;
    if (++xml->depth > TM_XML_DEPTH) {
        refuse(xml, TM_E_LIMIT, "elements are nested too deep");
        return;
    }
    if (count_attrs(attrs) > TM_XML_ATTRS) {
        refuse(xml, TM_E_LIMIT, "element has too many attributes");
        return;
    }
    if (xml->external_subset && has_foreign_entity(xml)) {
        refuse(xml, TM_E_FORMAT, "reference to an entity in an attribute is not accepted");
        return;
    }
    if (!xml->handler.start)
        return;
    code = xml->handler.start(xml->handler.ctx, name, attrs, &xml->err);
    if (code)
        stop(xml, code);
}

static void XMLCALL on_end(void *ctx, const XML_Char *name)
{
    struct tm_xml *xml = ctx;
    enum tm_code code;

    if (xml->code)
        return;
    xml->depth--;
    if (!xml->handler.end)
        return;
    code = xml->handler.end(xml->handler.ctx, name, &xml->err);
    if (code)
        stop(xml, code);
}

static void XMLCALL on_text(void *ctx, const XML_Char *text, int len)
{
    struct tm_xml *xml = ctx;
    enum tm_code code;

    if (xml->code)
        return;
    code = xml->handler.text(xml->handler.ctx, tm_str_n(text, (size_t)len), &xml->err);
    if (code)
        stop(xml, code);
}

static void XMLCALL on_doctype(void *ctx, const XML_Char *name, const XML_Char *system_id,
                               const XML_Char *public_id, int has_internal_subset)
{
    struct tm_xml *xml = ctx;

    if (has_internal_subset)
        refuse(xml, TM_E_FORMAT, "DOCTYPE with declarations is not accepted");
    xml->external_subset = system_id || public_id;
}

static void XMLCALL on_skipped_entity(void *ctx, const XML_Char *name, int is_parameter)
{
    refuse(ctx, TM_E_FORMAT, "reference to an entity is not accepted");
}

struct tm_xml *tm_xml_new(const char *name, const struct tm_xml_handler *handler)
{
    struct tm_xml *xml = tm_alloc(sizeof(*xml));

    xml->name = name;
    xml->handler = *handler;
    xml->parser = XML_ParserCreate(NULL);
    if (!xml->parser)
        abort(); /* out of memory, as base/alloc.h has it */
    XML_SetUserData(xml->parser, xml);
    XML_SetElementHandler(xml->parser, on_start, on_end);
    if (handler->text)
        XML_SetCharacterDataHandler(xml->parser, on_text);
    XML_SetStartDoctypeDeclHandler(xml->parser, on_doctype);
    XML_SetSkippedEntityHandler(xml->parser, on_skipped_entity);
    XML_SetParamEntityParsing(xml->parser, XML_PARAM_ENTITY_PARSING_NEVER);
    return xml;
}

struct tm_xml *tm_xml_new_placeless(const char *name, bool *asked)
{
    struct tm_xml *xml = tm_alloc(sizeof(*xml));

    xml->name = name;
    xml->asked = asked;
    return xml;
}

void tm_xml_free(struct tm_xml *xml)
{
    if (!xml)
        return;
    XML_ParserFree(xml->parser);
    tm_err_release(&xml->err);
    free(xml);
}

/* The message for what expat found, in our words where its own would mislead. */
static enum tm_code explain(struct tm_xml *xml, struct tm_err *err)
{
    enum XML_Error error = XML_GetErrorCode(xml->parser);

    if (xml->code) {
        tm_err_move(err, &xml->err);
        return xml->code;
    }
    switch ((int)error) {
    case XML_ERROR_NO_MEMORY:
        abort();
    case XML_ERROR_NO_ELEMENTS:
    case XML_ERROR_UNCLOSED_TOKEN:
    case XML_ERROR_UNCLOSED_CDATA_SECTION:
    case XML_ERROR_PARTIAL_CHAR:
        return tm_xml_fail(xml, err, TM_E_FORMAT,
                           xml->fed ? "document ends in the middle" : "empty document");
    case XML_ERROR_UNDEFINED_ENTITY:
        return tm_xml_fail(xml, err, TM_E_FORMAT, "reference to an entity is not accepted");
    default:
        return tm_xml_fail(xml, err, TM_E_FORMAT, "XML error: %s", XML_ErrorString(error));
    }
}

/* expat keeps an unfinished tag until it is complete: bounded here. */
static enum tm_code check_pending(struct tm_xml *xml, struct tm_err *err)
{
    XML_Index at = XML_GetCurrentByteIndex(xml->parser);

    if (at >= 0 && xml->fed - (uint64_t)at > TM_XML_TOKEN_MAX)
        return tm_xml_fail(xml, err, TM_E_LIMIT, "tag or comment is longer than %d bytes", TM_XML_TOKEN_MAX);
    return TM_OK;
}

enum tm_code tm_xml_feed(struct tm_xml *xml, struct tm_str chunk, struct tm_err *err)
{
    /* Small pieces: what is pending is looked at after each. */
    enum { PIECE = 64 << 10 };

    while (chunk.len) {
        size_t n = TM_MIN(chunk.len, (size_t)PIECE);
        enum tm_code code;

        xml->fed += n;
        if (XML_Parse(xml->parser, chunk.data, (int)n, XML_FALSE) != XML_STATUS_OK)
            return explain(xml, err);
        code = check_pending(xml, err);
        if (code)
            return code;
        chunk = tm_str_from(chunk, n);
    }
    return TM_OK;
}

enum tm_code tm_xml_finish(struct tm_xml *xml, struct tm_err *err)
{
    if (XML_Parse(xml->parser, "", 0, XML_TRUE) != XML_STATUS_OK)
        return explain(xml, err);
    return TM_OK;
}

uint64_t tm_xml_line(const struct tm_xml *xml)
{
    if (xml->parser)
        return XML_GetCurrentLineNumber(xml->parser);
    *xml->asked = true;
    return 0;
}

enum tm_code tm_xml_fail(const struct tm_xml *xml, struct tm_err *err, enum tm_code code, const char *fmt,
                         ...)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;
    va_list ap;

    va_start(ap, fmt);
    tm_buf_vaddf(&message, fmt, ap);
    va_end(ap);
    return tm_err_set(err, code, "%s at line %llu of '%s'", message.data,
                      (unsigned long long)tm_xml_line(xml), xml->name);
}

const char *tm_xml_attr(const char *const *attrs, const char *name)
{
    for (; *attrs; attrs += 2)
        if (strcmp(attrs[0], name) == 0)
            return attrs[1];
    return NULL;
}
