/*
 * The template language of docs/formats/templates.md: fields, conditions, loops, nothing else.
 *
 * A template is compiled against a table of the fields there are, so that
 * everything that can be wrong with it is found before anything is written; rendering can only
 * exceed a limit. What is foreign is escaped by the syntax of the file that is made (scaffold/syntax.h).
 *
 * A compiled template is read-only: several threads may render it.
 */
#ifndef TM_SCAFFOLD_TEMPLATE_H
#define TM_SCAFFOLD_TEMPLATE_H

#include "base/arena.h"
#include "base/err.h"
#include "scaffold/syntax.h"

enum {
    TM_TEMPLATE_MAX = 256 << 10,   /* bytes of a template */
    TM_TEMPLATE_DEPTH = 16,        /* blocks in blocks */
    TM_TEMPLATE_OUT_MAX = 1 << 20, /* bytes of what it makes */
};

enum tm_field_kind { TM_FIELD_TEXT, TM_FIELD_FLAG, TM_FIELD_LIST };

/* A row; the table ends with one whose name is NULL. */
struct tm_field {
    const char *name;
    enum tm_field_kind kind;
    const struct tm_field *item; /* of a list: the fields of its items */
};

/* One item of a list: values parallel to the item's fields. */
struct tm_item {
    const struct tm_value *values;
};

/* The value of a field, by the kind of its row. */
struct tm_value {
    struct tm_str text;
    bool flag;
    const struct tm_item *rows; /* n_rows of them */
    size_t n_rows;
};

struct tm_template {
    struct tm_arena arena;
    const struct tm_syntax *syntax;
    const char *path; /* for messages */
    unsigned depth;   /* folders between the module and the file that is made; set by the owner */
    struct tm_template_node *nodes;
    size_t n;
};

#define TM_TEMPLATE_INIT ((struct tm_template) { .arena = TM_ARENA_INIT })

/*
 * Compiles text. `path` is the template's, for messages; its name decides the syntax. fields and path must
 * outlive the template, text need not. TM_E_SETTINGS "<problem> at line N of '<path>'"; TM_E_LIMIT when it is
 * too long or nested too deep.
 */
enum tm_code tm_template_compile(struct tm_template *tmpl, const char *path, struct tm_str text,
                                 const struct tm_field *fields, struct tm_err *err) TM_CHECK;
void tm_template_release(struct tm_template *tmpl);

/*
 * Renders into out (replaced) with values parallel to the fields it was compiled with. Empty lines at the end
 * are cut; out is empty when there is nothing but white space. TM_E_LIMIT over TM_TEMPLATE_OUT_MAX.
 */
enum tm_code tm_template_render(const struct tm_template *tmpl, const struct tm_value *values,
                                struct tm_buf *out, struct tm_err *err) TM_CHECK;

#endif
