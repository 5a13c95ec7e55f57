/*
 * The intent of a freeze: what is about to be published, written below the
 * state folder before any file changes, so that a killed freeze can be completed or
 * taken back. Private to the freeze room.
 */
#ifndef TM_FREEZE_INTENT_H
#define TM_FREEZE_INTENT_H

#include "repo/repo.h"

enum { TM_FREEZE_FILES = 2 };

struct tm_freeze_file {
    struct tm_str path;
    struct tm_str data; /* the new content */
    bool existed;
    struct tm_buf old; /* the content before, when it existed */
};

struct tm_freeze_intent {
    const char *tag;
    struct tm_oid freeze; /* F */
    struct tm_freeze_file files[TM_FREEZE_FILES];
};

/* Saves intent and the old contents, durably. */
enum tm_code tm_freeze_intent_save(struct tm_repo *repo, const struct tm_freeze_intent *intent,
                                   struct tm_err *err) TM_CHECK;

/* Puts the files back as they were. */
enum tm_code tm_freeze_intent_undo(struct tm_repo *repo, const struct tm_freeze_intent *intent,
                                   struct tm_err *err) TM_CHECK;

/* Removes what save left. */
enum tm_code tm_freeze_intent_drop(struct tm_repo *repo, struct tm_err *err) TM_CHECK;

#endif
