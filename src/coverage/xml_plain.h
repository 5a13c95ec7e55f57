/*
 * A fast reader for the XML that report writers make. It takes plain documents only: UTF-8, a DOCTYPE at most
 * that points elsewhere, no reference but to XML's five entities, ASCII names, short tags. At anything else,
 * right or wrong, it gives up, and the document is to be read with ext/xml.h from its start: that one is the
 * reference, judges every doubt and words every error. What this one reads to the end, the other reads to the
 * same calls (tests/fuzz/xml_plain_fuzz.c).
 *
 * Nothing is allocated for an element. Memory: the window of the source, and TM_XML_PLAIN_TAG bytes.
 */
#ifndef TM_COVERAGE_XML_PLAIN_H
#define TM_COVERAGE_XML_PLAIN_H

#include "coverage/source.h"
#include "ext/xml.h"

enum {
    TM_XML_PLAIN_TAG = 64 << 10, /* bytes of a start tag, unescaped */
    TM_XML_PLAIN_ATTRS = 32,     /* attributes of an element */
};

/*
 * Takes elements without content that are spelled as the format's writers spell nearly all of them, and the
 * white space between them, straight from the text: at is a '<' inside an open element, behind end there are
 * TM_SOURCE_SLACK bytes that may be read. Returns where it stopped, behind what it took or at `at`.
 */
typedef const char *tm_xml_take_fn(void *ctx, const char *at, const char *end);

struct tm_xml_plain_handler {
    struct tm_xml_handler calls; /* none may be NULL; a code other than TM_OK makes it give up */
    tm_xml_take_fn *take;        /* NULL: none; called with calls.ctx */
};

/* True when all of source was read. Else what the handler was told counts for nothing. */
bool tm_xml_plain_read(struct tm_source *source, const struct tm_xml_plain_handler *handler) TM_CHECK;

/* The first byte of p..end that is no white space, or end; TM_SOURCE_SLACK more bytes may be read. */
const char *tm_xml_plain_skip_space(const char *p, const char *end);

#endif
