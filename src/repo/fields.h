/*
 * Settings as tables: a row for each key says how its value is read, where it
 * goes, and between which limits. One reader walks a mapping by such a table, so that an unknown key, a
 * missing value or a wrong type is found and worded in one place. Private to settings.
 */
#ifndef TM_REPO_FIELDS_H
#define TM_REPO_FIELDS_H

#include "base/arena.h"
#include "ext/yaml.h"
#include "repo/settings.h"

/* One file that is being read. */
struct tm_reading {
    struct tm_arena *arena; /* what is read goes here */
    const char *name;       /* of the file, for messages */
    struct tm_err *err;
};

struct tm_field {
    const char *key;
    /* Reads node's value into target, which is `offset` bytes into the structure. */
    enum tm_code (*read)(struct tm_reading *r, const struct tm_field *field, const struct tm_yaml_node *node,
                         void *target);
    size_t offset;
    const void *detail; /* a list of words (choices), rows (a section) */
    uint64_t min, max;  /* of numbers */
};

/*
 * Reads every key of a mapping by rows, which end with a NULL key, into base. A mapping without a value is an
 * empty one. TM_E_SETTINGS for a key that has no row, with the nearest one.
 */
enum tm_code tm_fields_read(struct tm_reading *r, const struct tm_field *rows,
                            const struct tm_yaml_node *node, void *base) TM_CHECK;

/* Sets "<message> at line L, column C of '<name>'" for node's value, or its key. */
enum tm_code tm_reading_fail(struct tm_reading *r, const struct tm_yaml_node *node, const char *fmt, ...)
    TM_PRINTF(3, 4);
enum tm_code tm_reading_fail_key(struct tm_reading *r, const struct tm_yaml_node *node, const char *fmt, ...)
    TM_PRINTF(3, 4);

/* TM_E_SETTINGS unless node is a mapping; one without a value is fine. */
enum tm_code tm_reading_mapping(struct tm_reading *r, const struct tm_yaml_node *node) TM_CHECK;

/* Readers of one value each; the type of the target stands beside them. */
#define TM_READER(name)                                                                                      \
    enum tm_code name(struct tm_reading *r, const struct tm_field *field, const struct tm_yaml_node *node,   \
                      void *target)

TM_READER(tm_read_text);    /* struct tm_str: any text but an empty one */
TM_READER(tm_read_bool);    /* bool: true, false */
TM_READER(tm_read_number);  /* uint64_t: min to max */
TM_READER(tm_read_choice);  /* struct tm_str: one of detail, words ended by NULL */
TM_READER(tm_read_enum);    /* unsigned: index of one of detail */
TM_READER(tm_read_section); /* a mapping; detail are its rows, offsets count from target */
TM_READER(tm_read_path);    /* struct tm_str: normal repository path, not the root, nothing of git's */
TM_READER(tm_read_place);   /* struct tm_str: the same, and "." is the root ("") */
TM_READER(tm_read_folders); /* struct tm_str_list of places, at most TM_GLOBS_MAX */
TM_READER(tm_read_program); /* struct tm_str: name, absolute path, or normal repository path */
TM_READER(tm_read_texts);   /* struct tm_str_list */
TM_READER(tm_read_globs);   /* struct tm_str_list of at most TM_GLOBS_MAX globs */
TM_READER(tm_read_node);    /* const struct tm_yaml_node *: the node itself, to be read later */

#endif
