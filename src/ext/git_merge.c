/* Three versions of a text made one. */
#include "ext/git_internal.h"

static git_merge_file_input input_of(struct tm_str text)
{
    git_merge_file_input input = GIT_MERGE_FILE_INPUT_INIT;

    input.ptr = text.len ? text.data : "";
    input.size = text.len;
    return input;
}

static uint32_t flags_of(const struct tm_git_markers *markers)
{
    switch (markers->style) {
    case TM_GIT_STYLE_DIFF3:
        return GIT_MERGE_FILE_STYLE_DIFF3;
    case TM_GIT_STYLE_ZDIFF3:
        return GIT_MERGE_FILE_STYLE_ZDIFF3;
    case TM_GIT_STYLE_MERGE:
        break;
    }
    return GIT_MERGE_FILE_STYLE_MERGE;
}

enum tm_code tm_git_merge_text(struct tm_str base, struct tm_str ours, struct tm_str theirs,
                               const struct tm_git_markers *markers, struct tm_buf *out, bool *clean,
                               struct tm_err *err)
{
    git_merge_file_input inputs[] = { input_of(base), input_of(ours), input_of(theirs) };
    git_merge_file_options options = GIT_MERGE_FILE_OPTIONS_INIT;
    git_merge_file_result result = { 0 };

    tm_git_init();
    options.ancestor_label = markers->base ? markers->base : "base";
    options.our_label = markers->ours ? markers->ours : "ours";
    options.their_label = markers->theirs ? markers->theirs : "theirs";
    options.flags = flags_of(markers);
    options.marker_size = (uint16_t)TM_MIN(markers->size, (unsigned)UINT16_MAX);
    if (git_merge_file(&result, &inputs[0], &inputs[1], &inputs[2], &options) < 0)
        return tm_git_fail(err, GIT_ERROR, "cannot merge");
    tm_buf_clear(out);
    tm_buf_add(out, result.ptr, result.len);
    *clean = result.automergeable;
    git_merge_file_result_free(&result);
    return TM_OK;
}
