#include "scaffold/codeowners.h"

#include "base/alloc.h"
#include "base/path.h"

/* Takes the next word off a line; "\ " is part of a word. False at the end and at a comment. */
static bool next_word(struct tm_str *line, struct tm_str *word)
{
    struct tm_str s = tm_str_trim(*line);
    size_t n = 0;

    if (s.len == 0 || s.data[0] == '#')
        return false;
    while (n < s.len && s.data[n] != ' ' && s.data[n] != '\t')
        n += s.data[n] == '\\' && n + 1 < s.len ? 2 : 1;
    *word = tm_str_n(s.data, n);
    *line = tm_str_from(s, n);
    return true;
}

/* Sets are no part of the format: '[' stands for itself. */
static struct tm_str glob_of(struct tm_arena *arena, struct tm_str pattern)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) glob = TM_BUF_INIT;

    for (size_t i = 0; i < pattern.len; i++) {
        if (pattern.data[i] == '[')
            tm_buf_addc(&glob, '\\');
        tm_buf_addc(&glob, pattern.data[i]);
        if (pattern.data[i] == '\\' && i + 1 < pattern.len)
            tm_buf_addc(&glob, pattern.data[++i]);
    }
    return tm_arena_str(arena, tm_buf_str(&glob));
}

static bool read_pattern(struct tm_arena *arena, struct tm_str pattern, struct tm_codeowners_rule *rule)
{
    if (pattern.data[0] == '!' || pattern.data[0] == '[' || tm_str_has_prefix(pattern, TM_STR("^[")))
        return false;
    if (tm_str_is(pattern, "/"))
        pattern = TM_STR("*"); /* everything there is */
    rule->folder = tm_str_has_suffix(pattern, TM_STR("/"));
    if (rule->folder)
        pattern.len--;
    rule->direct = pattern.len > 2 && tm_str_has_suffix(pattern, TM_STR("/*"));
    rule->glob = glob_of(arena, pattern);
    return true;
}

static void add_line(struct tm_codeowners *c, struct tm_str line)
{
    struct tm_codeowners_rule rule = { .owners = NULL };
    struct tm_str rest, word;
    size_t n = 0;

    if (!next_word(&line, &word) || !read_pattern(&c->arena, word, &rule))
        return;
    for (rest = line; next_word(&rest, &word);)
        n++;
    rule.owners = tm_arena_array(&c->arena, n, sizeof(*rule.owners));
    while (next_word(&line, &word))
        if (tm_str_find(word, '@') != SIZE_MAX)
            rule.owners[rule.n_owners++] = tm_arena_str(&c->arena, word);
    /* GitHub passes a line over whose owners are all invalid; one without any clears. */
    if (n > 0 && rule.n_owners == 0)
        return;
    TM_GROW(c->rules, c->n, c->cap);
    c->rules[c->n++] = rule;
}

void tm_codeowners_parse(struct tm_codeowners *codeowners, struct tm_str data)
{
    struct tm_str line;

    if (data.len == 0)
        return;
    while (tm_str_split(&data, '\n', &line))
        add_line(codeowners, line);
}

enum tm_code tm_codeowners_load(struct tm_codeowners *codeowners, const struct tm_root *root,
                                struct tm_err *err)
{
    static const char *const places[] = { ".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS" };
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;

    for (size_t i = 0; i < TM_LEN(places); i++) {
        enum tm_code code = tm_root_read(root, tm_str(places[i]), TM_CODEOWNERS_MAX, &data, &lower);

        if (code == TM_E_NOT_FOUND)
            continue;
        if (code)
            return tm_err_move(err, &lower);
        tm_codeowners_parse(codeowners, tm_buf_str(&data));
        return TM_OK;
    }
    return TM_OK;
}

void tm_codeowners_release(struct tm_codeowners *codeowners)
{
    free(codeowners->rules);
    tm_arena_release(&codeowners->arena);
    *codeowners = TM_CODEOWNERS_INIT;
}

/* `file` is a file in `dir`; the rule matches it, or a folder above it. */
static bool rule_matches(const struct tm_codeowners_rule *rule, struct tm_str dir, struct tm_str file)
{
    if (!rule->folder && tm_path_matches(rule->glob, file))
        return true;
    if (rule->direct)
        return false;
    for (; dir.len; dir = tm_path_dir(dir))
        if (tm_path_matches(rule->glob, dir))
            return true;
    return false;
}

const struct tm_codeowners_rule *tm_codeowners_of(const struct tm_codeowners *codeowners, struct tm_str dir)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) file = TM_BUF_INIT;

    /* A name that only stars match: no pattern can hold a line feed. */
    tm_path_join(&file, dir, TM_STR("\n\n"));
    for (size_t i = codeowners->n; i-- > 0;)
        if (rule_matches(&codeowners->rules[i], dir, tm_buf_str(&file)))
            return &codeowners->rules[i];
    return NULL;
}
