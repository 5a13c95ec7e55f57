/*
 * YAML 1.2 into a tree of nodes that know their line and column, on libfyaml.
 *
 * One document of at most TM_YAML_MAX bytes and TM_YAML_DEPTH levels, UTF-8
 * without a byte order mark or control characters. Anchors, aliases, merge
 * keys and tags are refused: the tree is never larger than the text. Keys are
 * scalars; two equal keys in one mapping are an error.
 */
#ifndef TM_EXT_YAML_H
#define TM_EXT_YAML_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum tm_yaml_kind { TM_YAML_SCALAR, TM_YAML_SEQUENCE, TM_YAML_MAPPING };

enum { TM_YAML_MAX = 1 << 20, TM_YAML_DEPTH = 32 };

struct tm_yaml_node {
    enum tm_yaml_kind kind;
    size_t line, column; /* from 1, of the value; columns count code points */
    struct tm_str key;   /* in a mapping */
    size_t key_line, key_column;
    struct tm_str text;                /* scalar's value, NUL-terminated */
    bool plain;                        /* scalar without quotes: may be a number, bool or null */
    size_t count;                      /* children */
    struct tm_yaml_node *child, *next; /* in document order */
};

/*
 * Parses data; nodes and texts come from arena. *root is NULL for an empty document.
 * TM_E_SETTINGS "<problem> at line L, column C of '<name>'".
 */
enum tm_code tm_yaml_parse(struct tm_arena *arena, const char *name, struct tm_str data,
                           struct tm_yaml_node **root, struct tm_err *err) TM_CHECK;

/* True for a plain scalar that YAML reads as null: nothing, `~`, `null`. */
bool tm_yaml_is_null(const struct tm_yaml_node *node);

#endif
