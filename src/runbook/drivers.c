#include "runbook/drivers.h"

#include <errno.h>
#include <unistd.h>

#include "base/path.h"
#include "catalog/manifest.h"
#include "sweep/probe.h"

enum { ATTRIBUTES_MAX = 16 << 20 };

#define ATTRIBUTES      ".gitattributes"
#define INFO_ATTRIBUTES "info/attributes"
#define BEGIN           "# tidemark begin: kept up to date by 'tidemark doctor --fix'"
#define BEGIN_MARK      "# tidemark begin"
#define END             "# tidemark end"
#define UNTOUCHED       "-text -ident -filter -working-tree-encoding"
#define CALL            " ledger merge-driver "

/* What stands behind the program; git puts in the rest, and knows %S, %X, %Y from 2.44 on. */
static const struct driver {
    const char *name, *title, *arguments;
} drivers[] = {
    { "tidemark", "tidemark ledgers", "-- %O %A %B %P" },
    { "tidemark-manifest", "tidemark manifests",
      "--manifest --marker-size %L --base %S --ours %X --theirs %Y -- %O %A %B %P" },
};

static void key_of(const struct driver *driver, const char *what, struct tm_buf *key)
{
    tm_buf_clear(key);
    tm_buf_addf(key, "merge.%s.%s", driver->name, what);
}

/* ---- The drivers in the configuration ---- */

/* The path of this very program. */
static enum tm_code own_program(struct tm_buf *out, struct tm_err *err)
{
    char path[TM_PATH_MAX + 1];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path));

    if (n < 0 || (size_t)n == sizeof(path))
        return tm_err_errno(err, n < 0 ? errno : ENAMETOOLONG, "cannot tell where this program is");
    tm_buf_clear(out);
    tm_buf_add(out, path, (size_t)n);
    return TM_OK;
}

/* The shell reads the command after git has replaced what begins with '%'. */
static void spell_driver(const struct driver *driver, struct tm_str program, struct tm_buf *out)
{
    tm_buf_clear(out);
    tm_buf_addc(out, '\'');
    for (size_t i = 0; i < program.len; i++) {
        if (program.data[i] == '\'')
            tm_buf_adds(out, "'\\''");
        else if (program.data[i] == '%')
            tm_buf_adds(out, "%%");
        else
            tm_buf_addc(out, program.data[i]);
    }
    tm_buf_addf(out, "'" CALL "%s", driver->arguments);
}

/* The program that a driver names, as spell_driver spells it or as a plain word; false when there is none. */
static bool program_of(struct tm_str command, struct tm_buf *out)
{
    bool quoted = false;
    size_t i = 0;

    tm_buf_clear(out);
    for (; i < command.len && (quoted || command.data[i] != ' '); i++) {
        if (command.data[i] == '\'') {
            quoted = !quoted;
            continue;
        }
        /* "\'" outside quotes, "%%" anywhere */
        i += i + 1 < command.len &&
             ((command.data[i] == '\\' && !quoted) || (command.data[i] == '%' && command.data[i + 1] == '%'));
        tm_buf_addc(out, command.data[i]);
    }
    return out->len && tm_str_has_prefix(tm_str_from(command, i), TM_STR(CALL));
}

static enum tm_drivers_status look_at_driver(struct tm_repo *repo, const struct driver *driver,
                                             struct tm_buf *detail)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) key = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) command = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) program = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) where = TM_BUF_INIT;

    key_of(driver, "driver", &key);
    tm_buf_clear(detail);
    if (!tm_git_setting(repo->git, key.data, &command)) {
        tm_buf_adds(detail, "git does not know how to merge them in this clone: two branches that both "
                            "measured will conflict");
        return TM_DRIVERS_MISSING;
    }
    if (!program_of(tm_buf_str(&command), &program)) {
        tm_buf_addf(detail, "'%s' is '%s', which is not tidemark's", key.data, command.data);
        return TM_DRIVERS_FOREIGN;
    }
    if (!tm_probe_which(program.data, &where)) {
        tm_buf_addf(detail, "'%s' names '%s', which is not there", key.data, program.data);
        return TM_DRIVERS_STALE;
    }
    if (!tm_str_has_suffix(tm_buf_str(&command), tm_str(driver->arguments))) {
        tm_buf_addf(detail, "'%s' was written by another version of tidemark", key.data);
        return TM_DRIVERS_MISSING;
    }
    tm_buf_addf(detail, "git merges ledgers and manifests by '%s'", program.data);
    return TM_DRIVERS_OK;
}

static enum tm_code install_driver(struct tm_repo *repo, const struct driver *driver, struct tm_str program,
                                   struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) key = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) command = TM_BUF_INIT;
    enum tm_code code;

    spell_driver(driver, program, &command);
    key_of(driver, "name", &key);
    code = tm_git_set(repo->git, key.data, driver->title, err);
    key_of(driver, "driver", &key);
    return code ? code : tm_git_set(repo->git, key.data, command.data, err);
}

/* ---- Attributes ---- */

/*
 * A folder as a pattern. Blanks and quotes need a quoting that not every reader of attributes knows: '?'
 * stands for one byte in all of them.
 */
static void add_pattern(struct tm_buf *out, struct tm_str folder, const char *files)
{
    tm_buf_addc(out, '/');
    for (size_t i = 0; i < folder.len; i++) {
        unsigned char c = (unsigned char)folder.data[i];

        if (c <= ' ' || c == '"' || c == 0x7f) {
            tm_buf_addc(out, '?');
            continue;
        }
        if (strchr("\\*?[", c))
            tm_buf_addc(out, '\\');
        tm_buf_addc(out, (char)c);
    }
    tm_buf_addf(out, "%s%s", folder.len ? "/" : "", files);
}

static void spell_block(const struct tm_repo *repo, struct tm_buf *out)
{
    tm_buf_clear(out);
    tm_buf_adds(out, BEGIN "\n");
    add_pattern(out, repo->settings.ledger, "*.ndjson");
    tm_buf_addf(out, " merge=%s " UNTOUCHED "\n", drivers[0].name);
    add_pattern(out, repo->settings.ledger, "pending/*.ndjson");
    tm_buf_addf(out, " " UNTOUCHED "\n" TM_MANIFEST_NAME " merge=%s\n" END "\n", drivers[1].name);
}

static enum tm_code unpaired(const char *name, struct tm_err *err)
{
    return tm_err_set(err, TM_E_FORMAT,
                      "'%s' has only one of the comments '" BEGIN_MARK "' and '" END
                      "': put in the other, or take "
                      "it out",
                      name);
}

enum tm_code tm_drivers_put_block(const char *name, struct tm_str old, struct tm_str block,
                                  struct tm_buf *out, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) made = TM_BUF_INIT;
    bool inside = false, placed = false;

    for (size_t at = 0, end; at < old.len; at = end) {
        struct tm_str rest = tm_str_from(old, at);
        size_t lf = tm_str_find(rest, '\n');
        struct tm_str line = tm_str_trim(tm_str_n(rest.data, lf == SIZE_MAX ? rest.len : lf));
        bool begins = tm_str_has_prefix(line, TM_STR(BEGIN_MARK)), ends = tm_str_is(line, END);

        end = at + (lf == SIZE_MAX ? rest.len : lf + 1);
        if (begins == inside && (begins || ends))
            return unpaired(name, err);
        if (begins && !placed)
            tm_buf_add_str(&made, block);
        placed = placed || begins;
        if (!inside && !begins)
            tm_buf_add(&made, rest.data, end - at);
        inside = (inside || begins) && !ends;
    }
    if (inside)
        return unpaired(name, err);
    if (!placed && made.len && made.data[made.len - 1] != '\n')
        tm_buf_addc(&made, '\n');
    if (!placed)
        tm_buf_add_str(&made, block);
    tm_buf_clear(out);
    tm_buf_add_str(out, tm_buf_str(&made));
    return TM_OK;
}

/* The file as it is, and as it should be. */
static enum tm_code read_attributes(const struct tm_repo *repo, const struct tm_root *root, const char *path,
                                    struct tm_buf *old, struct tm_buf *wanted, struct tm_err *err)
{
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) block = TM_BUF_INIT;
    enum tm_code code = tm_root_read(root, tm_str(path), ATTRIBUTES_MAX, old, &lower);

    if (code && code != TM_E_NOT_FOUND)
        return tm_err_move(err, &lower);
    if (code)
        tm_buf_clear(old);
    spell_block(repo, &block);
    return tm_drivers_put_block(path, tm_buf_str(old), tm_buf_str(&block), wanted, err);
}

/* Where attributes go: the work tree, and the git folder that all work trees share. */
struct places {
    struct tm_root common;
    struct {
        const struct tm_root *root;
        const char *path, *title;
    } items[2];
};

static void places_release(struct places *places)
{
    tm_root_close(&places->common);
}

static enum tm_code places_open(struct places *places, const struct tm_repo *repo, struct tm_err *err)
{
    *places = (struct places) { .common = TM_ROOT_INIT };
    places->items[0].root = &repo->root;
    places->items[0].path = places->items[0].title = ATTRIBUTES;
    places->items[1].root = &places->common;
    places->items[1].path = INFO_ATTRIBUTES;
    places->items[1].title = ".git/" INFO_ATTRIBUTES;
    return tm_root_open(&places->common, tm_git_common_dir(repo->git), err);
}

static enum tm_code look_at_files(const struct tm_repo *repo, enum tm_drivers_status *status,
                                  struct tm_buf *detail, struct tm_err *err)
{
    struct places TM_CLEANUP(places_release) places;
    enum tm_code code = places_open(&places, repo, err);

    for (size_t i = 0; i < TM_LEN(places.items) && !code && *status == TM_DRIVERS_OK; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) old = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) wanted = TM_BUF_INIT;

        code = read_attributes(repo, places.items[i].root, places.items[i].path, &old, &wanted, err);
        if (code || tm_str_eq(tm_buf_str(&old), tm_buf_str(&wanted)))
            continue;
        *status = TM_DRIVERS_MISSING;
        tm_buf_clear(detail);
        tm_buf_addf(detail, "'%s' does not say that they merge ledgers and manifests", places.items[i].title);
    }
    return code;
}

/* What git makes of all attributes together. */
static enum tm_code look_at_effect(struct tm_repo *repo, enum tm_drivers_status *status,
                                   struct tm_buf *detail, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) ledger = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) value = TM_BUF_INIT;
    struct tm_str paths[TM_LEN(drivers)];
    enum tm_code code = TM_OK;

    tm_repo_ledger(repo, "coverage.ndjson", &ledger);
    paths[0] = tm_buf_str(&ledger);
    paths[1] = TM_STR(TM_MANIFEST_NAME);
    for (size_t i = 0; i < TM_LEN(paths) && !code && *status == TM_DRIVERS_OK; i++) {
        code = tm_git_attribute(repo->git, paths[i], "merge", &value, err);
        if (code || tm_str_is(tm_buf_str(&value), drivers[i].name))
            continue;
        *status = TM_DRIVERS_OVERRULED;
        tm_buf_clear(detail);
        tm_buf_addf(detail, "other attributes overrule them: 'merge' of '%.*s' is '%s'", TM_STR_ARG(paths[i]),
                    value.data);
    }
    return code;
}

/* ---- Both ---- */

enum tm_code tm_drivers_look(struct tm_repo *repo, enum tm_drivers_status *status, struct tm_buf *detail,
                             struct tm_err *err)
{
    enum tm_code code;

    *status = TM_DRIVERS_OK;
    for (size_t i = 0; i < TM_LEN(drivers) && *status == TM_DRIVERS_OK; i++)
        *status = look_at_driver(repo, &drivers[i], detail);
    code = look_at_files(repo, status, detail, err);
    return code ? code : look_at_effect(repo, status, detail, err);
}

static void note(struct tm_buf *done, const char *what, const char *name)
{
    tm_buf_addf(done, "%s%s '%s'", done->len ? ", " : "", what, name);
}

static enum tm_code install_drivers(struct tm_repo *repo, struct tm_buf *done, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) program = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) detail = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) key = TM_BUF_INIT;
    enum tm_code code = own_program(&program, err);

    for (size_t i = 0; i < TM_LEN(drivers) && !code; i++) {
        enum tm_drivers_status status = look_at_driver(repo, &drivers[i], &detail);

        key_of(&drivers[i], "driver", &key);
        if (status == TM_DRIVERS_OK)
            continue;
        if (status == TM_DRIVERS_FOREIGN)
            return tm_err_set(err, TM_E_REFUSED, "%s: 'git config --unset %s' first", detail.data, key.data);
        code = install_driver(repo, &drivers[i], tm_buf_str(&program), err);
        note(done, "set", key.data);
    }
    return code;
}

enum tm_code tm_drivers_install(struct tm_repo *repo, struct tm_buf *done, struct tm_err *err)
{
    struct places TM_CLEANUP(places_release) places;
    enum tm_code code = places_open(&places, repo, err);

    tm_buf_clear(done);
    if (!code)
        code = install_drivers(repo, done, err);
    for (size_t i = 0; i < TM_LEN(places.items) && !code; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) old = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) wanted = TM_BUF_INIT;
        bool changed = false;

        code = read_attributes(repo, places.items[i].root, places.items[i].path, &old, &wanted, err);
        if (!code)
            code = tm_root_replace(places.items[i].root, tm_str(places.items[i].path), tm_buf_str(&wanted),
                                   &changed, err);
        if (changed)
            note(done, "wrote", places.items[i].title);
    }
    return code;
}
