/*
 * What a file's name says of its language, as far as templates care: how a
 * comment is written in it, and how a foreign text is made safe there
 * (docs/formats/templates.md, "What is foreign").
 */
#ifndef TM_SCAFFOLD_SYNTAX_H
#define TM_SCAFFOLD_SYNTAX_H

#include "base/buf.h"

enum tm_text_style {
    TM_TEXT_PLAIN,    /* fits a '#' comment */
    TM_TEXT_MARKDOWN, /* characters with a meaning get a backslash */
    TM_TEXT_ENTITIES, /* HTML and XML */
    TM_TEXT_PYTHON,   /* fits a comment and a docstring */
    TM_TEXT_C,        /* fits both kinds of comments of C and its kin */
    TM_TEXT_JSON,     /* the inside of a string */
};

struct tm_syntax {
    const char *comment_open;  /* "<!-- ", "# "; NULL when the language has no comments we know */
    const char *comment_close; /* " -->", "" */
    enum tm_text_style text;
    /*
     * Characters besides '"' and '\\' that get a backslash in a string literal; "'" for single quotes as
     * in the shell; NULL when we know of no string literal.
     */
    const char *quoted;
};

/* The syntax of the file at path, by its name. Never NULL; static. */
const struct tm_syntax *tm_syntax_of(struct tm_str path);

/*
 * Adds s as one line of well-formed UTF-8: line ends, controls and characters that turn the direction of
 * writing are a space each, a byte that is not UTF-8 is U+FFFD. Everything below starts from this.
 */
void tm_syntax_add_line(struct tm_buf *out, struct tm_str s);

/* Adds s as text, white space at both ends left out. Looks at the end of out, so that no two bytes join to a
 * comment's end. */
void tm_syntax_add_text(struct tm_buf *out, const struct tm_syntax *syntax, struct tm_str s);

/* Adds s as a string literal; syntax->quoted must not be NULL. */
void tm_syntax_add_string(struct tm_buf *out, const struct tm_syntax *syntax, struct tm_str s);

/* Adds s as a Markdown code span, with as many backquotes as it takes. Nothing for an empty s. */
void tm_syntax_add_code(struct tm_buf *out, struct tm_str s);

/* Adds s as the destination of a Markdown link: what is no plain path character is percent-encoded. */
void tm_syntax_add_link(struct tm_buf *out, struct tm_str s);

/* Adds s as a word of a shell command, for code blocks: as it is when it is plain, else in single quotes. */
void tm_syntax_add_shell(struct tm_buf *out, struct tm_str s);

#endif
