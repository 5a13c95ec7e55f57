/*
 * Repository paths: relative, '/' separated, without '.', '..' or empty
 * parts; "" names the repository's root. At most TM_PATH_MAX bytes. Any byte
 * but NUL may appear (git allows it); what is printed is escaped by the printer.
 */
#ifndef TM_BASE_PATH_H
#define TM_BASE_PATH_H

#include "base/buf.h"
#include "base/err.h"

enum { TM_PATH_MAX = 4095 };

/*
 * Normalises `path` as seen from the repository folder `base` into `out`
 * (replaced): '\\' stays a byte, "." and ".." are resolved by text, a leading
 * '/' is refused. TM_E_PATH when it is absolute, leaves the root, holds a NUL
 * or is too long.
 */
enum tm_code tm_path_resolve(struct tm_buf *out, struct tm_str base, struct tm_str path, struct tm_err *err)
    TM_CHECK;

/* True when path is already a normal repository path; "" is. */
bool tm_path_is_normal(struct tm_str path);

/* "" + "a" = "a"; "a" + "b" = "a/b"; "a" + "" = "a". Replaces out. */
void tm_path_join(struct tm_buf *out, struct tm_str dir, struct tm_str name);

/* "a/b/c" has the dir "a/b" and the base "c"; "c" has the dir "". */
struct tm_str tm_path_dir(struct tm_str path);
struct tm_str tm_path_base(struct tm_str path);

/* The extension of the base with its dot (".py"), or "" when there is none; ".bashrc" has none. */
struct tm_str tm_path_ext(struct tm_str path);

/* True when path is dir or below it; everything is below "". */
bool tm_path_is_below(struct tm_str path, struct tm_str dir);

/*
 * The path of `to` as seen from the folder `from_dir`: ("docs/x", "docs/a.md") gives
 * "../a.md"; "." when both are the root. Replaces out.
 */
void tm_path_relative(struct tm_buf *out, struct tm_str from_dir, struct tm_str to);

/*
 * Matches a glob against a whole path: '*' and '?' stop at '/', a part of two
 * stars spans folders, [a-z] and [!a-z] are sets, '\\' quotes. A pattern
 * that ends in '/' matches everything below such a folder. One without any other
 * '/' matches the base name, of the path or the folder, at any depth; a '/' at the
 * start ties it to the top. Needs no memory; at most about |pattern| x |path| steps
 * for each folder in the path.
 */
bool tm_path_matches(struct tm_str pattern, struct tm_str path);

#endif
