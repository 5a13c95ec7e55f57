#include "cli/options.h"

#include "base/alloc.h"
#include "base/nearest.h"

const struct tm_opt tm_global_opts[] = {
    [TM_GLOBAL_DIR] = { "directory", 'C', TM_OPT_STR, "DIR", "work as if started in DIR" },
    [TM_GLOBAL_FORMAT] = { "format", 0, TM_OPT_STR, "FORMAT", "text (default) or json" },
    [TM_GLOBAL_COLOR] = { "color", 0, TM_OPT_STR, "WHEN", "auto (default), always or never" },
    [TM_GLOBAL_QUIET] = { "quiet", 'q', TM_OPT_FLAG, NULL, "no progress and no warnings" },
    [TM_GLOBAL_VERBOSE] = { "verbose", 'v', TM_OPT_FLAG, NULL, "more of what is done" },
    [TM_GLOBAL_LOCK_TIMEOUT] = { "lock-timeout", 0, TM_OPT_UINT, "SECONDS",
                                 "wait this long for another tidemark in this repository (default 10)" },
    [TM_GLOBAL_HELP] = { "help", 'h', TM_OPT_FLAG, NULL, "show help" },
    [TM_GLOBAL_VERSION] = { "version", 0, TM_OPT_FLAG, NULL, "show the version" },
    [TM_GLOBAL_COUNT] = { NULL, 0, TM_OPT_FLAG, NULL, NULL },
};

size_t tm_opts_count(const struct tm_opt *opts)
{
    size_t n = 0;

    while (opts && opts[n].name)
        n++;
    return n;
}

static const struct tm_opt *find_long(const struct tm_opt *opts, struct tm_str name)
{
    for (size_t i = 0; opts && opts[i].name; i++)
        if (tm_str_is(name, opts[i].name))
            return &opts[i];
    return NULL;
}

static const struct tm_opt *find_letter(const struct tm_opt *opts, char letter)
{
    for (size_t i = 0; opts && opts[i].name; i++)
        if (opts[i].letter == letter)
            return &opts[i];
    return NULL;
}

static enum tm_code unknown_option(const struct tm_opt *local, struct tm_str name, struct tm_err *err)
{
    const char *names[64];
    const struct tm_opt *tables[] = { local, tm_global_opts };
    size_t n = 0;
    const char *near;
    char *word;

    for (size_t t = 0; t < TM_LEN(tables); t++)
        for (size_t i = 0; tables[t] && tables[t][i].name && n < TM_LEN(names) - 1; i++)
            names[n++] = tables[t][i].name;
    names[n] = NULL;
    word = tm_strndup(name.data, name.len);
    near = tm_nearest(word, names);
    free(word);
    if (near)
        return tm_err_set(err, TM_E_USAGE, "unknown option '--%.*s', did you mean '--%s'?", TM_STR_ARG(name),
                          near);
    return tm_err_set(err, TM_E_USAGE, "unknown option '--%.*s', see --help", TM_STR_ARG(name));
}

static enum tm_code store(struct tm_opt_value *value, const struct tm_opt *opt, const char *text,
                          struct tm_err *err)
{
    value->given = true;
    value->text = text;
    if (opt->type == TM_OPT_UINT && !tm_str_u64(tm_str(text), &value->number))
        return tm_err_set(err, TM_E_USAGE, "'%s' is not a number for --%s", text, opt->name);
    return TM_OK;
}

struct parser {
    const struct tm_opt *local;
    struct tm_opt_value *local_values, *global_values;
    const char *const *words;
    size_t n, at;
};

static struct tm_opt_value *value_of(struct parser *p, const struct tm_opt *opt)
{
    if (opt >= tm_global_opts && opt < tm_global_opts + TM_GLOBAL_COUNT)
        return &p->global_values[opt - tm_global_opts];
    return &p->local_values[opt - p->local];
}

/* "--name", "--name=value" or "--name value". */
static enum tm_code parse_long(struct parser *p, struct tm_err *err)
{
    struct tm_str word = tm_str(p->words[p->at] + 2);
    size_t equals = tm_str_find(word, '=');
    struct tm_str name = tm_str_n(word.data, TM_MIN(equals, word.len));
    const struct tm_opt *opt = find_long(p->local, name);
    const char *text = equals == SIZE_MAX ? NULL : word.data + equals + 1;

    if (!opt)
        opt = find_long(tm_global_opts, name);
    if (!opt)
        return unknown_option(p->local, name, err);
    if (opt->type == TM_OPT_FLAG && text)
        return tm_err_set(err, TM_E_USAGE, "option '--%s' takes no value", opt->name);
    if (opt->type == TM_OPT_MAYBE && !text)
        text = "";
    if (opt->type != TM_OPT_FLAG && !text) {
        if (p->at + 1 >= p->n)
            return tm_err_set(err, TM_E_USAGE, "option '--%s' needs a value: %s", opt->name, opt->value);
        text = p->words[++p->at];
    }
    return store(value_of(p, opt), opt, text, err);
}

/* "-q", "-qv", "-j4" or "-j 4". */
static enum tm_code parse_letters(struct parser *p, struct tm_err *err)
{
    for (const char *letters = p->words[p->at] + 1; *letters; letters++) {
        const struct tm_opt *opt = find_letter(p->local, *letters);
        enum tm_code code;

        if (!opt)
            opt = find_letter(tm_global_opts, *letters);
        if (!opt)
            return tm_err_set(err, TM_E_USAGE, "unknown option '-%c', see --help", *letters);
        if (opt->type == TM_OPT_FLAG) {
            value_of(p, opt)->given = true;
            continue;
        }
        if (letters[1])
            return store(value_of(p, opt), opt, letters + 1, err);
        if (p->at + 1 >= p->n)
            return tm_err_set(err, TM_E_USAGE, "option '-%c' needs a value: %s", *letters, opt->value);
        code = store(value_of(p, opt), opt, p->words[++p->at], err);
        return code;
    }
    return TM_OK;
}

enum tm_code tm_opts_parse(const struct tm_opt *local, struct tm_opt_value *local_values,
                           struct tm_opt_value *global_values, const char *const *words, size_t n,
                           bool stop_at_word, const char ***rest, size_t *n_rest, size_t *used,
                           struct tm_err *err)
{
    struct parser p = { local, local_values, global_values, words, n, 0 };
    const char **others = tm_alloc_array(n + 1, sizeof(*others));
    enum tm_code code = TM_OK;
    bool only_words = false;
    size_t count = 0;

    for (; p.at < n && !code; p.at++) {
        const char *word = words[p.at];
        bool option = word[0] == '-' && word[1] && !only_words;

        if (!option && stop_at_word)
            break;
        if (!option)
            others[count++] = word;
        else if (strcmp(word, "--") == 0)
            only_words = true;
        else if (word[1] == '-')
            code = parse_long(&p, err);
        else
            code = parse_letters(&p, err);
    }
    if (code) {
        free(others);
        return code;
    }
    *rest = others;
    *n_rest = count;
    *used = p.at;
    return TM_OK;
}

/* Adds text folded at width, later lines indented by `indent`. */
static void add_folded(struct tm_buf *out, struct tm_str text, unsigned indent, unsigned width)
{
    size_t room = width > indent + 20 ? width - indent : 20;
    struct tm_str word;
    size_t column = 0;

    while (tm_str_split(&text, ' ', &word)) {
        if (column && column + 1 + word.len > room) {
            tm_buf_addf(out, "\n%*s", (int)indent, "");
            column = 0;
        }
        if (column) {
            tm_buf_addc(out, ' ');
            column++;
        }
        tm_buf_add_str(out, word);
        column += word.len;
    }
    tm_buf_addc(out, '\n');
}

void tm_opts_add_help(struct tm_buf *out, const struct tm_opt *opts, unsigned width)
{
    enum { HELP_COLUMN = 28 };

    for (; opts && opts->name; opts++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) help = TM_BUF_INIT;
        size_t start = out->len;

        if (opts->letter)
            tm_buf_addf(out, "  -%c, ", opts->letter);
        else
            tm_buf_adds(out, "      ");
        tm_buf_addf(out, "--%s", opts->name);
        if (opts->type == TM_OPT_MAYBE)
            tm_buf_addf(out, "[=%s]", opts->value);
        else if (opts->value)
            tm_buf_addf(out, " %s", opts->value);
        if (out->len - start + 2 > HELP_COLUMN)
            tm_buf_addf(out, "\n%*s", HELP_COLUMN, "");
        else
            tm_buf_addf(out, "%*s", (int)(HELP_COLUMN - (out->len - start)), "");
        tm_buf_adds(&help, opts->help);
        if (opts->add_help)
            opts->add_help(&help);
        add_folded(out, tm_buf_str(&help), HELP_COLUMN, width);
    }
}
