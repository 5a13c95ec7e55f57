#include "catalog/refresh_cmd.h"

#include "base/alloc.h"

static enum tm_code refresh_one(struct tm_ctx *ctx, struct tm_generated_text *text, struct tm_refresh *file,
                                struct tm_err *err)
{
    enum tm_code code;

    if (!file->check)
        return tm_generated_write_text(text, ctx->repo, &file->changed, err);
    code = tm_generated_check_text(text, ctx->repo, &file->why);
    file->stale = code == TM_E_NO;
    return code && !file->stale ? tm_err_move(err, &file->why) : TM_OK;
}

enum tm_code tm_refresh_files(struct tm_ctx *ctx, const struct tm_generated *const *files, size_t n,
                              const void *subject, bool check, struct tm_refresh *out, struct tm_err *err)
{
    struct tm_generated_text *TM_CLEANUP(tm_freep) texts = tm_alloc_array(n, sizeof(*texts));
    enum tm_code code = TM_OK;

    tm_generated_compose(files, n, ctx->repo, subject, texts);
    for (size_t i = 0; i < n; i++) {
        out[i] = (struct tm_refresh) { .file = files[i], .check = check };
        if (!code)
            code = refresh_one(ctx, &texts[i], &out[i], err);
        tm_generated_text_release(&texts[i]);
    }
    return code;
}

enum tm_code tm_refresh_verdict(const struct tm_refresh *files, size_t n, struct tm_err *err)
{
    size_t stale = 0;

    for (size_t i = 0; i < n; i++)
        stale += files[i].stale;
    if (stale == 0)
        return TM_OK;
    return tm_err_set(err, TM_E_NO, "%zu of %zu generated file%s stale, run '%s'", stale, n,
                      n == 1 ? " is" : "s are", files[0].file->command);
}

static const char *state_of(const struct tm_refresh *file)
{
    if (file->check)
        return file->stale ? "stale" : "up to date";
    return file->changed ? "written" : "unchanged";
}

void tm_refresh_add_text(const struct tm_repo *repo, const struct tm_refresh *files, size_t n,
                         struct tm_buf *out)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    for (size_t i = 0; i < n; i++) {
        if (files[i].stale) {
            tm_buf_addf(out, "%s\n", tm_err_msg(&files[i].why));
            continue;
        }
        tm_repo_generated(repo, files[i].file->name, &path);
        tm_buf_addc(out, '\'');
        tm_buf_add_escaped(out, tm_buf_str(&path));
        tm_buf_addf(out, "' %s\n", state_of(&files[i]));
    }
}

void tm_refresh_put_json(const struct tm_repo *repo, const struct tm_refresh *files, size_t n,
                         struct tm_json_writer *w)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    tm_json_key(w, "files");
    tm_json_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        tm_repo_generated(repo, files[i].file->name, &path);
        tm_json_object_begin(w);
        tm_json_member_str(w, "path", tm_buf_str(&path));
        tm_json_members(w, "state", state_of(&files[i]));
        tm_json_key(w, "detail");
        if (files[i].stale)
            tm_json_puts(w, tm_err_msg(&files[i].why));
        else
            tm_json_put_null(w);
        tm_json_object_end(w);
    }
    tm_json_array_end(w);
}
