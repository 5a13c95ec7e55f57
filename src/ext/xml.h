/*
 * XML as a stream, on expat: chunks of bytes in, elements and text out, nothing
 * kept. UTF-8, UTF-16, ISO-8859-1 and US-ASCII; names and texts come out as UTF-8.
 *
 * Input is hostile. A DOCTYPE is accepted when it has no declarations of its own ("[...]"); what it
 * points at is never fetched. A reference to an entity that is not one of XML's five is refused, and so is
 * everything over the limits below. So no entity is ever expanded and memory does not depend on
 * the size of the input.
 *
 * Errors are "<problem> at line L of '<name>'".
 */
#ifndef TM_EXT_XML_H
#define TM_EXT_XML_H

#include "base/err.h"
#include "base/str.h"

enum {
    TM_XML_DEPTH = 256,
    TM_XML_ATTRS = 256,         /* attributes of one element */
    TM_XML_TOKEN_MAX = 1 << 20, /* bytes of one tag, comment, ... */
};

struct tm_xml;

/*
 * What is called, in document order; NULL: not interested. A code other than TM_OK stops
 * reading and is returned by tm_xml_feed with the err that was set. Names and attributes are
 * NUL-terminated, attrs is name, value, name, value, ..., NULL; all are valid during the call.
 * Text of one element can come in several pieces.
 */
struct tm_xml_handler {
    enum tm_code (*start)(void *ctx, const char *name, const char *const *attrs, struct tm_err *err);
    enum tm_code (*text)(void *ctx, struct tm_str text, struct tm_err *err);
    enum tm_code (*end)(void *ctx, const char *name, struct tm_err *err);
    void *ctx;
};

/* A reader for one document; name is used in messages and must stay valid. */
struct tm_xml *tm_xml_new(const char *name, const struct tm_xml_handler *handler);
/*
 * One that reads nothing, for a handler whose calls come from another reader, which knows no lines: where a
 * line is asked for, it is 0 and *asked becomes true.
 */
struct tm_xml *tm_xml_new_placeless(const char *name, bool *asked);
void tm_xml_free(struct tm_xml *xml);

/* Reads the next bytes. TM_E_FORMAT, TM_E_LIMIT, or what a handler returned; the reader is then finished. */
enum tm_code tm_xml_feed(struct tm_xml *xml, struct tm_str chunk, struct tm_err *err) TM_CHECK;

/* Says that the document is over: TM_E_FORMAT when it is not. */
enum tm_code tm_xml_finish(struct tm_xml *xml, struct tm_err *err) TM_CHECK;

/* Line, from 1, of what is being handled. */
uint64_t tm_xml_line(const struct tm_xml *xml);

/* Sets "<message> at line L of '<name>'" for what is being handled. */
enum tm_code tm_xml_fail(const struct tm_xml *xml, struct tm_err *err, enum tm_code code, const char *fmt,
                         ...) TM_PRINTF(4, 5);

/* The value of an attribute, or NULL. */
const char *tm_xml_attr(const char *const *attrs, const char *name);

#endif
