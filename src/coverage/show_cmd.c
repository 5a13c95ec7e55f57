#include "base/path.h"
#include "base/alloc.h"
#include "coverage/coverage_cmd.h"
#include "coverage/reading.h"
#include "coverage/states.h"

enum { OPT_AS };

enum { SOURCE_MAX = 64 << 20, TAB = 8 };

static const struct tm_opt show_opts[] = {
    [OPT_AS] = { "as", 0, TM_OPT_STR, "FORMAT",
                 "format of the reports (default: by content); tidemark(1) has the names" },
    { NULL, 0, TM_OPT_FLAG, NULL, NULL },
};

/* A file to show: its text, and what the report has of it. */
struct show {
    struct tm_str path;
    struct tm_buf text;
    const struct tm_report_file *found;
    struct tm_state_counts counts;
    uint32_t n_lines; /* of the text */
    uint32_t last;    /* greatest line of the report */
};

/* Adds up, and finds whether both can be of one version of the file. */
static void measure(struct show *show)
{
    struct tm_states states = tm_states(show->found);
    struct tm_line_view view;

    while (tm_states_next(&states, &view)) {
        show->counts.of[view.state]++;
        show->last = view.line;
    }
    for (size_t i = 0; i < show->text.len; i++)
        show->n_lines += show->text.data[i] == '\n';
    show->n_lines += show->text.len && show->text.data[show->text.len - 1] != '\n';
}

/* A line of source: tabs as spaces, the CR of a CRLF left out, everything else that moves the cursor escaped.
 */
static void add_source(struct tm_buf *out, struct tm_str line)
{
    size_t column = 0;

    if (line.len && line.data[line.len - 1] == '\r')
        line.len--;
    while (line.len) {
        size_t tab = TM_MIN(tm_str_find(line, '\t'), line.len), start = out->len;

        tm_buf_add_escaped(out, tm_str_n(line.data, tab));
        for (size_t i = start; i < out->len; i++)
            column += ((unsigned char)out->data[i] & 0xC0) != 0x80;
        if (tab == line.len)
            return;
        for (bool more = true; more; more = ++column % TAB != 0)
            tm_buf_addc(out, ' ');
        line = tm_str_from(line, tab + 1);
    }
}

/* The mark says the same as the colour. */
static void add_line(struct tm_buf *out, uint32_t number, int width, const struct tm_line_view *view,
                     struct tm_str line, bool color)
{
    static const char marks[] = {
        [TM_LINE_NONE] = ' ', [TM_LINE_COVERED] = '+', [TM_LINE_PARTIAL] = '~', [TM_LINE_MISSED] = '-'
    };
    static const char *const colors[] = { [TM_LINE_NONE] = "",
                                          [TM_LINE_COVERED] = "\033[32m",
                                          [TM_LINE_PARTIAL] = "\033[33m",
                                          [TM_LINE_MISSED] = "\033[31m" };

    color = color && view->state != TM_LINE_NONE;
    tm_buf_addf(out, "%*u %s", width, number, color ? colors[view->state] : "");
    if (view->state == TM_LINE_NONE)
        tm_buf_addf(out, "%12s", "");
    else
        tm_buf_addf(out, "%10llu %c", (unsigned long long)view->hits, marks[view->state]);
    tm_buf_adds(out, " | ");
    add_source(out, line);
    if (view->state == TM_LINE_PARTIAL)
        tm_buf_addf(out, "  [%llu of %llu branches]", (unsigned long long)view->taken,
                    (unsigned long long)view->branches);
    tm_buf_adds(out, color ? "\033[0m\n" : "\n");
}

static enum tm_code print_text(struct tm_ctx *ctx, const struct show *show, struct tm_err *err)
{
    enum { MUCH = 1 << 16 };
    struct tm_states states = tm_states(show->found);
    struct tm_str rest = tm_buf_str(&show->text), line;
    struct tm_line_view view;
    bool more = tm_states_next(&states, &view);
    int width = snprintf(NULL, 0, "%u", show->n_lines);
    enum tm_code code = TM_OK;

    for (uint32_t i = 1; !code && i <= show->n_lines && tm_str_split(&rest, '\n', &line); i++) {
        const struct tm_line_view none = { .line = i };
        bool here;

        while (more && view.line < i)
            more = tm_states_next(&states, &view);
        here = more && view.line == i;
        add_line(&ctx->out, i, width, here ? &view : &none, line, ctx->color);
        if (ctx->out.len > MUCH)
            code = tm_ctx_flush(ctx, err);
    }
    if (code)
        return code;
    tm_buf_adds(&ctx->out, "\n");
    tm_buf_add_escaped(&ctx->out, show->path);
    tm_buf_adds(&ctx->out, ": ");
    tm_ratio_add_percent(&ctx->out, tm_state_counts_ratio(&show->counts));
    tm_buf_addf(&ctx->out, " %%, %llu covered, %llu partial, %llu missed\n",
                (unsigned long long)show->counts.of[TM_LINE_COVERED],
                (unsigned long long)show->counts.of[TM_LINE_PARTIAL],
                (unsigned long long)show->counts.of[TM_LINE_MISSED]);
    return TM_OK;
}

static void put_line(struct tm_json_writer *w, const struct tm_line_view *view)
{
    tm_json_object_begin(w);
    tm_json_member_u64(w, "line", view->line);
    tm_json_member_u64(w, "hits", view->hits);
    tm_json_members(w, "state", tm_line_state_name(view->state));
    if (view->branches) {
        tm_json_member_u64(w, "branches_taken", view->taken);
        tm_json_member_u64(w, "branches", view->branches);
    }
    tm_json_object_end(w);
}

static void print_json(struct tm_ctx *ctx, const struct show *show, const struct tm_reading *reading)
{
    struct tm_states states = tm_states(show->found);
    struct tm_line_view view;
    struct tm_json_writer w;

    tm_json_writer_init(&w, &ctx->out, 2);
    tm_json_object_begin(&w);
    tm_json_member_str(&w, "path", show->path);
    tm_reading_put(&w, reading);
    tm_json_member_u64(&w, "source_lines", show->n_lines);
    tm_json_key(&w, "totals");
    tm_json_object_begin(&w);
    tm_state_counts_put(&w, &show->counts);
    tm_json_object_end(&w);
    tm_json_key(&w, "lines");
    tm_json_array_begin(&w);
    while (tm_states_next(&states, &view))
        put_line(&w, &view);
    tm_json_array_end(&w);
    tm_json_object_end(&w);
    tm_buf_addc(&ctx->out, '\n');
}

/* The repository path of a file that the command line names. */
static enum tm_code find_path(const struct tm_repo *repo, const char *name, struct tm_buf *path,
                              struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) real = realpath(name, NULL);
    struct tm_str root = tm_str(repo->root.path), full = tm_str(real);

    if (!real)
        return tm_err_set(err, TM_E_NOT_FOUND, "there is no file '%s'", name);
    if (!tm_path_is_below(full, root) || full.len == root.len)
        return tm_err_set(err, TM_E_PATH, "'%s' is not in the repository", name);
    tm_buf_add_str(path, tm_str_from(full, root.len + 1));
    return TM_OK;
}

static enum tm_code show_file(struct tm_ctx *ctx, const struct tm_reading *reading, struct show *show,
                              struct tm_err *err)
{
    enum tm_code code = tm_root_read(&ctx->repo->root, show->path, SOURCE_MAX, &show->text, err);

    if (code)
        return code;
    tm_reading_tell(reading, &ctx->log);
    show->found = tm_reading_find(reading, show->path);
    if (!show->found)
        return tm_err_set(err, TM_E_NOT_FOUND, "'%.*s' is in no report", TM_STR_ARG(show->path));
    measure(show);
    if (show->last > show->n_lines)
        tm_log_warn(&ctx->log, "the report has line %u of '%.*s', which has %u: it is of another version",
                    show->last, TM_STR_ARG(show->path), show->n_lines);
    if (!ctx->json)
        return print_text(ctx, show, err);
    print_json(ctx, show, reading);
    return TM_OK;
}

static enum tm_code run_show(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_catalog TM_CLEANUP(tm_catalog_release) catalog = TM_CATALOG_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct show show = { .text = TM_BUF_INIT };
    struct tm_reading reading;
    enum tm_code code;

    if (args->n_words == 0)
        return tm_err_set(err, TM_E_USAGE, "no file given, see 'tidemark coverage show --help'");
    code = find_path(ctx->repo, args->words[0], &path, err);
    if (!code)
        code = tm_catalog_load(&catalog, ctx->repo, err);
    if (code)
        return code;
    code = tm_reading_open(&reading, ctx->repo, &catalog,
                           &(struct tm_reading_request) { .paths = args->words + 1,
                                                          .n_paths = args->n_words - 1,
                                                          .as = args->opts[OPT_AS].text,
                                                          .everything = true },
                           err);
    show.path = tm_buf_str(&path);
    if (!code)
        code = show_file(ctx, &reading, &show, err);
    tm_buf_release(&show.text);
    tm_reading_release(&reading);
    return code;
}

const struct tm_cmd tm_coverage_show_cmd = {
    .name = "show",
    .summary = "the source of a file with how often each line ran",
    .usage = "[--as FORMAT] FILE [REPORT...]",
    .help = "Prints the file as it is in the work tree, each line with its number, its hits and a mark: '+' "
            "covered,\n"
            "'~' partial (it ran, but not all of its branches), '-' missed. Lines without code have none. "
            "Without a\n"
            "REPORT: those that the last sweep has kept.\n",
    .opts = show_opts,
    .needs = TM_NEEDS_REPO | TM_NEEDS_JSON,
    .run = run_show,
};
