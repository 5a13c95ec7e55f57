/*
 * Files that tidemark generates whole, below settings.generated: registries, map, index.
 *
 * The same subject gives the same bytes. A file is replaced only when its content differs, and the
 * stamp in it moves only with some other byte, so that a second run changes nothing.
 */
#ifndef TM_CATALOG_GENERATED_H
#define TM_CATALOG_GENERATED_H

#include "catalog/schema.h"
#include "repo/repo.h"

enum { TM_GENERATED_MAX = 256 << 20 };

/* One kind of generated file. */
struct tm_generated {
    const char *name;    /* "MODULE_REGISTRY.json" */
    const char *command; /* that writes it: "tidemark scan" */
    const char *key;     /* of JSON: the member that names an element of "modules"; NULL otherwise */
    /*
     * Appends the whole file for subject, with *stamp_at set to the place of TM_STAMP_LEN bytes left for the
     * stamp; left alone (SIZE_MAX) when the file has none.
     */
    void (*spell)(const struct tm_repo *repo, const void *subject, struct tm_buf *out, size_t *stamp_at);
};

/*
 * Spells the file into out (replaced). Its stamp is the one in `old` when old differs from the rest
 * in no byte, else the time now.
 */
void tm_generated_spell(const struct tm_generated *file, const struct tm_repo *repo, const void *subject,
                        struct tm_str old, struct tm_buf *out);

/* A file as it is to be, before it has its stamp. */
struct tm_generated_text {
    const struct tm_generated *file;
    struct tm_buf text;
    size_t stamp_at;
};

/* Spells n files of one subject at once, on a few threads. The caller releases each with its own call. */
void tm_generated_compose(const struct tm_generated *const *files, size_t n, const struct tm_repo *repo,
                          const void *subject, struct tm_generated_text *out);
void tm_generated_text_release(struct tm_generated_text *text);

/* Reads what is at its path now into old (replaced); *exists is false, and old empty, when nothing is. */
enum tm_code tm_generated_read(const struct tm_generated *file, const struct tm_repo *repo,
                               struct tm_buf *old, bool *exists, struct tm_err *err) TM_CHECK;

/* Brings the file up to date; *changed (may be NULL) says whether a byte changed. */
enum tm_code tm_generated_write(const struct tm_generated *file, const struct tm_repo *repo,
                                const void *subject, bool *changed, struct tm_err *err) TM_CHECK;

enum tm_code tm_generated_write_text(struct tm_generated_text *text, const struct tm_repo *repo,
                                     bool *changed, struct tm_err *err) TM_CHECK;

/*
 * TM_OK when the file in the work tree is what would be written; TM_E_NO when it is missing or differs,
 * with what differs: "'<path>' is stale (1 module added, 2 changed), run 'tidemark scan'".
 */
enum tm_code tm_generated_check(const struct tm_generated *file, const struct tm_repo *repo,
                                const void *subject, struct tm_err *err) TM_CHECK;

enum tm_code tm_generated_check_text(struct tm_generated_text *text, const struct tm_repo *repo,
                                     struct tm_err *err) TM_CHECK;

/* A generated JSON file as it stands in the work tree. */
struct tm_generated_doc {
    struct tm_buf path, data;
    struct tm_json_doc doc;
};

/*
 * Reads and parses the file and checks it against its fields, of which "schema_version" must be `version`.
 * TM_E_NO when it is missing, does not parse or does not fit. The caller releases *out in any case.
 */
enum tm_code tm_generated_open(const struct tm_generated *file, const struct tm_repo *repo,
                               const struct tm_schema_field *fields, const char *version,
                               struct tm_generated_doc *out, struct tm_err *err) TM_CHECK;
void tm_generated_doc_release(struct tm_generated_doc *doc);

/* Writes the key "generated_at" and room for the stamp; sets *stamp_at. */
struct tm_json_writer;
void tm_generated_put_stamp(struct tm_json_writer *w, size_t *stamp_at);

#endif
