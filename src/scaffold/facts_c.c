#include "scaffold/facts_build.h"

#include "base/alloc.h"
#include "base/path.h"
#include "scaffold/c_includes.h"

/* What make can name in a rule without quoting, and no compiler takes for an option. */
static bool is_plain(struct tm_str path)
{
    for (size_t i = 0; i < path.len; i++) {
        char c = path.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (c && strchr("._/+-", c))))
            return false;
    }
    return path.len && path.data[0] != '-';
}

enum noise { CODE, LINE_COMMENT, COMMENT, STRING, CHARACTER, DIRECTIVE };

/* What comes after a line end. */
static enum noise after_line(enum noise state, bool goes_on)
{
    if (state == COMMENT || (state == DIRECTIVE && goes_on))
        return state;
    return CODE;
}

/* What starts or ends with the character c that next follows; *taken is how many characters belong to it. */
static enum noise after_char(enum noise state, char c, char next, bool line_start, size_t *taken)
{
    *taken = 1;
    if (state == CODE && c == '/' && (next == '/' || next == '*')) {
        *taken = 2;
        return next == '/' ? LINE_COMMENT : COMMENT;
    }
    if (state == COMMENT && c == '*' && next == '/') {
        *taken = 2;
        return CODE;
    }
    if (state == CODE && c == '#' && line_start)
        return DIRECTIVE;
    if (state == CODE && c == '"')
        return STRING;
    if (state == CODE && c == '\'')
        return CHARACTER;
    if ((state == STRING && c == '"') || (state == CHARACTER && c == '\''))
        return CODE;
    if ((state == STRING || state == CHARACTER) && c == '\\' && next && next != '\n')
        *taken = 2;
    return state;
}

/* Blanks comments, strings and preprocessor lines in place: what stands there declares nothing. Line ends
 * stay. */
static void blank_noise(struct tm_buf *text)
{
    enum noise state = CODE;
    bool line_start = true;
    char last = '\0';

    for (size_t i = 0, taken; i < text->len; i += taken) {
        char c = text->data[i];
        enum noise before = state;

        taken = 1;
        if (c == '\n') {
            state = after_line(state, last == '\\');
            line_start = true;
        } else {
            /* The buffer ends with a NUL. */
            state = after_char(state, c, text->data[i + 1], line_start, &taken);
            if (state != CODE || before != CODE)
                memset(text->data + i, ' ', taken);
            line_start = line_start && (c == ' ' || c == '\t');
        }
        last = c;
    }
}

/* True when the name stands before a '(' somewhere in the text. */
static bool is_called_or_declared(struct tm_str text, struct tm_str name)
{
    for (size_t at = 0; (at = tm_facts_find_word(text, name, at)) != SIZE_MAX; at += name.len) {
        struct tm_str after = tm_facts_after(text, at + name.len);

        if (after.len && after.data[0] == '(')
            return true;
    }
    return false;
}

/* What is gathered of a C module. */
struct unit_lists {
    struct tm_facts_list sources, programs, headers, functions;
    bool stands_alone; /* so far: no file needs what is not in the module */
};

static bool stands_alone(const struct tm_facts_work *work, struct tm_str path, struct tm_str text)
{
    return tm_c_stands_alone(&work->facts->catalog->files, work->module->path, path, text);
}

/* A C file: with a main of its own it is a program, which is compiled but not linked with the others. */
static void add_unit(struct tm_facts_work *work, struct tm_str path, struct unit_lists *lists)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_str below = tm_facts_below(work, path);
    struct tm_str stem = tm_str_n(below.data, below.len - strlen(".c"));
    bool has_main = false;

    if (tm_facts_read(work, path, &text)) {
        lists->stands_alone = lists->stands_alone && stands_alone(work, path, tm_buf_str(&text));
        blank_noise(&text);
        has_main = is_called_or_declared(tm_buf_str(&text), TM_STR("main"));
    }
    tm_facts_add(work, has_main ? &lists->programs : &lists->sources, below, stem, TM_STR(""));
}

static bool may_be_function(struct tm_str name)
{
    static const char *const words[] = { "sizeof", "if",   "while",  "for",   "switch", "return",
                                         "int",    "void", "struct", "union", "enum",   "main" };

    for (size_t i = 0; i < TM_LEN(words); i++)
        if (tm_str_is(name, words[i]))
            return false;
    return tm_facts_is_identifier(name, "");
}

/* The APIs that a header declares; the header is noted when it has one. */
static void search_header(struct tm_facts_work *work, struct tm_str path, struct unit_lists *lists)
{
    const struct tm_manifest *m = &work->module->manifest;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    bool wanted = false;

    if (!tm_facts_read(work, path, &text))
        return;
    lists->stands_alone = lists->stands_alone && stands_alone(work, path, tm_buf_str(&text));
    blank_noise(&text);
    for (size_t i = 0; i < tm_facts_apis(work); i++) {
        struct tm_str name = m->apis[i].name;

        if (!may_be_function(name) || tm_facts_list_has(&lists->functions, 0, name) ||
            !is_called_or_declared(tm_buf_str(&text), name))
            continue;
        tm_facts_add(work, &lists->functions, name, TM_STR(""), TM_STR(""));
        wanted = true;
    }
    if (wanted)
        tm_facts_add(work, &lists->headers, tm_facts_below(work, path), TM_STR(""), TM_STR(""));
}

void tm_facts_add_c(struct tm_facts_work *work)
{
    const struct tm_module *module = work->module;
    struct unit_lists lists = { .stands_alone = true };

    for (size_t i = 0; i < module->own.files; i++) {
        struct tm_str path = work->facts->catalog->files.items[module->files[i]].path;
        struct tm_str ext = tm_path_ext(path);

        if (module->roles[i] != TM_ROLE_SOURCE || !is_plain(tm_facts_below(work, path)))
            continue;
        if (tm_str_is(ext, ".c"))
            add_unit(work, path, &lists);
        else if (tm_str_is(ext, ".h"))
            search_header(work, path, &lists);
    }
    work->values[TM_FACT_C_BUILDABLE].flag =
        lists.stands_alone && lists.sources.n + lists.programs.n + lists.functions.n > 0;
    tm_facts_put_list(work, TM_FACT_C_SOURCES, &lists.sources);
    tm_facts_put_list(work, TM_FACT_C_PROGRAMS, &lists.programs);
    tm_facts_put_list(work, TM_FACT_C_HEADERS, &lists.headers);
    tm_facts_put_list(work, TM_FACT_C_FUNCTIONS, &lists.functions);
}
