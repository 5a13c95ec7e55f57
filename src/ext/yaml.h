/*
 * YAML into the tree of base/json_doc's sister: nodes that know their line and
 * column, on libfyaml. One document, at most 1 MiB; aliases and merge keys are
 * refused (no bombs), duplicate keys are an error, custom tags are refused.
 */
#ifndef TM_EXT_YAML_H
#define TM_EXT_YAML_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum tm_yaml_kind { TM_YAML_SCALAR, TM_YAML_SEQUENCE, TM_YAML_MAPPING };

enum { TM_YAML_MAX = 1 << 20 };

struct tm_yaml_node {
    enum tm_yaml_kind kind;
    size_t line, column;  /* from 1, of the value */
    struct tm_str key;    /* in a mapping */
    size_t key_line, key_column;
    struct tm_str text;   /* scalar's value */
    bool plain;           /* scalar without quotes: may be a number, bool or null */
    size_t count;
    struct tm_yaml_node *child, *next; /* in document order */
};

/*
 * Parses data; nodes and texts come from arena. *root is NULL for an empty document.
 * TM_E_SETTINGS "<problem> at line L, column C of '<name>'".
 */
enum tm_code tm_yaml_parse(struct tm_arena *arena, const char *name, struct tm_str data,
                           struct tm_yaml_node **root, struct tm_err *err) TM_CHECK;

#endif
