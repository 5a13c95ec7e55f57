/* `tidemark ledger verify`: is every ledger what was written to it? */
#include "base/alloc.h"
#include "base/path.h"
#include "cli/cmd.h"
#include "ledger/ledger_cmd.h"
#include "ledger/pending.h"
#include "ledger/verify_print.h"

enum { OPT_HISTORY, OPT_STRICT, OPT_PIN, OPT_PRINT_PINS };
enum { PIN_FILE_MAX = 1 << 20 };

static const struct tm_opt opts[] = {
    [OPT_HISTORY] = { "history", 0, TM_OPT_MAYBE, "RANGE",
                      "also prove that no line was lost in the commits of A..B, else up to HEAD" },
    [OPT_STRICT] = { "strict", 0, TM_OPT_FLAG, NULL, "what merges leave is an error too" },
    [OPT_PIN] = { "pin", 0, TM_OPT_STR, "PINS",
                  "entries that must be there: [LEDGER:]ID,..., or a file with one a line" },
    [OPT_PRINT_PINS] = { "print-pins", 0, TM_OPT_FLAG, NULL,
                         "print what --pin takes, when nothing is found" },
    { NULL },
};

/* One run of the command. */
struct verify {
    struct tm_ctx *ctx;
    struct tm_repo own_repo; /* opened when the whole repository or its history is asked for */
    struct tm_repo *repo;    /* NULL: none is needed */
    struct tm_verify_subject *subjects;
    size_t n;
    bool whole; /* all ledgers of the repository */
    struct tm_chain chain;
    bool has_chain;
    struct tm_buf pending; /* folder of the fragments */
    struct tm_ledger_findings pending_findings;
    struct tm_ledger_history history;
    bool has_history;
    struct tm_buf unproven;
    struct tm_err unread; /* of the first file that could not be read */
};

static void release(struct verify *v)
{
    for (size_t i = 0; i < v->n; i++) {
        tm_verified_release(&v->subjects[i].verified);
        free(v->subjects[i].path);
        free(v->subjects[i].unread);
    }
    free(v->subjects);
    tm_chain_release(&v->chain);
    tm_buf_release(&v->pending);
    tm_ledger_findings_release(&v->pending_findings);
    tm_buf_release(&v->unproven);
    tm_err_release(&v->unread);
    tm_repo_close(&v->own_repo);
}

/* "coverage" for "manifests/.ledger/coverage.ndjson". */
static struct tm_str name_of(const char *path)
{
    struct tm_str base = tm_path_base(tm_str(path));

    if (tm_str_has_suffix(base, TM_STR(".ndjson")))
        base.len -= sizeof(".ndjson") - 1;
    return base;
}

static void add_subject(struct verify *v, const char *path)
{
    struct tm_verify_subject *subject = &v->subjects[v->n++];

    *subject = (struct tm_verify_subject) { .path = tm_strdup(path), .verified = TM_VERIFIED_INIT };
    subject->verified.graph.keeps_parents = v->whole;
    subject->ledger.name = name_of(subject->path);
    subject->ledger.verified = &subject->verified;
}

static void list_subjects(struct verify *v, const struct tm_args *args)
{
    size_t n = args->n_words;

    if (v->whole)
        while (tm_ledger_names[n])
            n++;
    v->subjects = tm_alloc_array(n, sizeof(*v->subjects));
    for (size_t i = 0; i < n; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

        if (!v->whole) {
            add_subject(v, args->words[i]);
            continue;
        }
        tm_buf_addf(&name, "%s.ndjson", tm_ledger_names[i]);
        tm_repo_ledger(v->repo, name.data, &path);
        add_subject(v, path.data);
    }
}

/* A file that is named stands by itself, inside of a repository or not. */
static enum tm_code verify_named(struct tm_verify_subject *subject, const struct tm_verify_options *options,
                                 struct tm_err *err)
{
    struct tm_root root = TM_ROOT_INIT;
    struct tm_str path = tm_str(subject->path), base = tm_path_base(path);
    char *TM_CLEANUP(tm_freep) dir = tm_strndup(path.data, path.len - base.len);
    struct tm_ledger_file file = { .root = &root, .path = base };
    enum tm_code code;

    if (base.len == 0)
        return tm_err_set(err, TM_E_IO, "'%s' is not a file", subject->path);
    code = tm_root_open(&root, *dir ? dir : ".", err);
    if (!code)
        code = tm_verify_file(&file, options, &subject->verified, &subject->ledger.is_there, err);
    if (!code && !subject->ledger.is_there)
        code = tm_err_set(err, TM_E_NOT_FOUND, "there is no file '%s'", subject->path);
    tm_root_close(&root);
    return code;
}

static enum tm_code verify_subject(struct verify *v, struct tm_verify_subject *subject, struct tm_err *err)
{
    struct tm_verify_options options = { .parents = v->whole, .pending = v->whole };

    if (!v->whole)
        return verify_named(subject, &options, err);
    if (tm_str_is(subject->ledger.name, "freeze"))
        options.kept_kind = tm_ledger_kind_name(TM_LEDGER_FREEZE);
    struct tm_ledger_file file = tm_ledger_in(v->repo, tm_str(subject->path));

    return tm_verify_file(&file, &options, &subject->verified, &subject->ledger.is_there, err);
}

/* One file that cannot be read does not keep the others from being verified. */
static void verify_subjects(struct verify *v)
{
    for (size_t i = 0; i < v->n; i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        if (!verify_subject(v, &v->subjects[i], &err))
            continue;
        v->subjects[i].unread = tm_strdup(tm_err_msg(&err));
        v->subjects[i].ledger.verified = NULL;
        if (v->unread.code)
            tm_log_warn(&v->ctx->log, "%s", tm_err_msg(&err));
        else
            tm_err_move(&v->unread, &err);
    }
}

/* Fragments of which one is none wait in vain: nothing of them counts. */
static enum tm_code check_pending(struct verify *v, struct tm_err *err)
{
    struct tm_fragments TM_CLEANUP(tm_fragments_release) all = TM_FRAGMENTS_INIT;
    struct tm_str path = tm_str(v->subjects[0].path);
    enum tm_code code = tm_fragments_read(&all, &v->repo->root, path, NULL, err);

    tm_fragment_folder(path, &v->pending);
    if (code != TM_E_FORMAT)
        return code;
    tm_ledger_findings_add(&v->pending_findings, TM_FLAW_FRAGMENT, 0, NULL, "%s", tm_err_msg(err));
    tm_err_release(err);
    return TM_OK;
}

/* Freezes say nothing as long as their ledger cannot be read. */
static enum tm_code check_chain(struct verify *v, struct tm_err *err)
{
    struct tm_chain_ledger *TM_CLEANUP(tm_freep) ledgers = tm_alloc_array(v->n, sizeof(*ledgers));
    enum tm_code code;

    v->has_chain = true;
    for (size_t i = 0; i < v->n; i++) {
        ledgers[i] = v->subjects[i].ledger;
        if (v->subjects[i].unread && tm_str_is(ledgers[i].name, "freeze"))
            v->has_chain = false;
    }
    if (!v->has_chain)
        return TM_OK;
    code = tm_chain_verify(&v->chain, v->repo, ledgers, v->n, err);
    for (size_t i = 0; i < v->n; i++)
        v->subjects[i].ledger = ledgers[i];
    return code;
}

/* "[LEDGER:]ID", apart; false when it is none. */
static bool parse_pin(struct tm_str text, struct tm_str *ledger, struct tm_hash *id)
{
    size_t colon = tm_str_rfind(text, ':');

    *ledger = colon == SIZE_MAX ? TM_STR("") : tm_str_n(text.data, colon);
    return tm_hash_parse(colon == SIZE_MAX ? text : tm_str_from(text, colon + 1), id) &&
           (colon == SIZE_MAX || colon > 0);
}

/* Looks for a remembered entry in the ledger it names, or in all; what could not be read may have it. */
static enum tm_code check_pin(struct verify *v, struct tm_str ledger, const struct tm_hash *id,
                              struct tm_err *err)
{
    struct tm_verify_subject *subject = NULL;

    for (size_t i = 0; i < v->n; i++) {
        if (ledger.len && !tm_str_eq(ledger, v->subjects[i].ledger.name))
            continue;
        subject = subject ? subject : &v->subjects[i];
        if (v->subjects[i].unread || tm_graph_find(&v->subjects[i].verified.graph, id) != TM_GRAPH_NONE)
            return TM_OK;
    }
    if (!subject)
        return tm_err_set(err, TM_E_USAGE, "--pin names ledger '%.*s', which is not verified here",
                          TM_STR_ARG(ledger));
    tm_ledger_findings_add(&subject->verified.findings, TM_FLAW_PIN, 0, id, NULL);
    return TM_OK;
}

/* The pins of a text, separated by sep; *good is false when one of them is none. */
static enum tm_code check_pins(struct verify *v, struct tm_str text, char sep, bool *good, struct tm_err *err)
{
    enum tm_code code = TM_OK;
    struct tm_str part;

    *good = true;
    while (!code && text.len && tm_str_split(&text, sep, &part)) {
        struct tm_str ledger;
        struct tm_hash id;

        part = tm_str_trim(part);
        if (part.len == 0 || part.data[0] == '#')
            continue;
        *good = parse_pin(part, &ledger, &id);
        if (!*good)
            return TM_OK;
        code = check_pin(v, ledger, &id, err);
    }
    return code;
}

static enum tm_code check_pin_option(struct verify *v, const char *text, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    bool good;
    enum tm_code code = check_pins(v, tm_str(text), ',', &good, err);

    if (code || good)
        return code;
    code = tm_file_read(text, PIN_FILE_MAX, &data, err);
    if (code == TM_E_NOT_FOUND)
        return tm_err_set(err, TM_E_USAGE, "--pin '%s' is neither [LEDGER:]ID nor a file of them", text);
    if (!code)
        code = check_pins(v, tm_buf_str(&data), '\n', &good, err);
    if (!code && !good)
        return tm_err_set(err, TM_E_USAGE, "'%s' has a line that is no [LEDGER:]ID", text);
    return code;
}

/* The path of a named file in the repository. */
static enum tm_code path_in_repo(struct verify *v, const char *named, struct tm_buf *path, struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) real = realpath(named, NULL);
    struct tm_str root = tm_str(v->repo->root.path), text = tm_str(real);

    tm_buf_clear(path);
    if (!real || !tm_str_has_prefix(text, root) || text.len <= root.len || text.data[root.len] != '/')
        return tm_err_set(err, TM_E_USAGE, "'%s' is not in this repository, which --history is about", named);
    tm_buf_add_str(path, tm_str_from(text, root.len + 1));
    return TM_OK;
}

static enum tm_code hold_one(struct verify *v, struct tm_verify_subject *subject,
                             const struct tm_ledger_history_range *range, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_ledger_findings *findings = &subject->verified.findings;
    struct tm_str base;
    enum tm_code code = path_in_repo(v, subject->path, &path, err);

    if (code)
        return code;
    base = tm_path_base(tm_buf_str(&path));
    return tm_ledger_history_verify(&v->history, v->repo, range, tm_path_dir(tm_buf_str(&path)), &base, 1,
                                    false, &findings, err);
}

static enum tm_code hold_all(struct verify *v, const struct tm_ledger_history_range *range,
                             struct tm_err *err)
{
    struct tm_str *names = tm_alloc_array(v->n, sizeof(*names));
    struct tm_ledger_findings **findings = tm_alloc_array(v->n, sizeof(struct tm_ledger_findings *));
    enum tm_code code;

    for (size_t i = 0; i < v->n; i++) {
        names[i] = tm_path_base(tm_str(v->subjects[i].path));
        findings[i] = &v->subjects[i].verified.findings;
    }
    code = tm_ledger_history_verify(&v->history, v->repo, range, tm_path_dir(tm_str(v->subjects[0].path)),
                                    names, v->n, true, findings, err);
    free(names);
    free(findings);
    return code;
}

static void judge_history(struct verify *v)
{
    const struct tm_git_walked *walked = &v->history.walked;

    if (walked->horizons)
        tm_buf_addf(&v->unproven,
                    "the history before commit %.12s is not in this clone: git fetch --unshallow",
                    walked->horizon.hex);
    else if (!walked->commits)
        tm_buf_adds(&v->unproven, "there is no commit in the range");
    else if (!walked->with_files)
        tm_buf_adds(&v->unproven, "no commit of the range has a ledger");
}

static enum tm_code check_history(struct verify *v, const char *text, struct tm_err *err)
{
    struct tm_ledger_history_range range;
    struct tm_git_head TM_CLEANUP(tm_git_head_release) head = { 0 };
    enum tm_code code = tm_git_head(v->repo->git, &head, err);

    if (!code && head.unborn) {
        tm_buf_adds(&v->unproven, "there is no commit yet");
        return TM_OK;
    }
    if (!code)
        code = tm_ledger_history_parse(&range, v->repo->git, text, err);
    if (!code && v->whole)
        code = hold_all(v, &range, err);
    for (size_t i = 0; i < v->n && !code && !v->whole; i++)
        if (!v->subjects[i].unread)
            code = hold_one(v, &v->subjects[i], &range, err);
    v->has_history = !code;
    if (!code)
        judge_history(v);
    return code;
}

static struct tm_verify_answer answer_of(struct verify *v, bool strict)
{
    struct tm_verify_answer answer = {
        .subjects = v->subjects,
        .n = v->n,
        .chain = v->has_chain ? &v->chain : NULL,
        .history = v->has_history ? &v->history : NULL,
        .pending_path = v->pending.data,
        .pending = &v->pending_findings,
        .strict = strict,
        .unproven = v->unproven.len ? v->unproven.data : NULL,
    };

    for (size_t i = 0; i < v->n; i++) {
        answer.errors += tm_ledger_findings_errors(&v->subjects[i].verified.findings);
        answer.warnings += tm_ledger_findings_warnings(&v->subjects[i].verified.findings);
    }
    answer.errors += tm_ledger_findings_errors(&v->pending_findings);
    for (size_t i = 0; i < v->chain.n_records; i++)
        answer.errors += tm_ledger_findings_errors(&v->chain.records[i].findings);
    if (strict) {
        answer.errors += answer.warnings;
        answer.warnings = 0;
    }
    return answer;
}

/* What was found weighs most; then what could not be read; then what could not be proven. */
static enum tm_code conclude(struct verify *v, const struct tm_verify_answer *answer, struct tm_err *err)
{
    if (answer->errors && v->unread.code)
        tm_log_warn(&v->ctx->log, "%s", tm_err_msg(&v->unread));
    if (answer->errors)
        return tm_err_set(err, TM_E_NO, "the ledgers are not what was written to them: %llu error%s",
                          (unsigned long long)answer->errors, answer->errors == 1 ? "" : "s");
    if (v->unread.code)
        return tm_err_move(err, &v->unread);
    if (answer->unproven)
        return tm_err_set(err, TM_E_PARTIAL, "cannot be proven: %s", answer->unproven);
    return TM_OK;
}

static bool is_any_there(const struct verify *v)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->subjects[i].ledger.is_there || v->subjects[i].unread)
            return true;
    return false;
}

static enum tm_code check(struct verify *v, const struct tm_args *args, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    list_subjects(v, args);
    verify_subjects(v);
    if (v->whole)
        code = check_pending(v, err);
    if (!code && v->whole)
        code = check_chain(v, err);
    if (!code && args->opts[OPT_PIN].given)
        code = check_pin_option(v, args->opts[OPT_PIN].text, err);
    if (!code && args->opts[OPT_HISTORY].given)
        code = check_history(v, args->opts[OPT_HISTORY].text, err);
    if (!code && !v->unproven.len && !is_any_there(v))
        tm_buf_adds(&v->unproven, "there is no ledger");
    return code;
}

static enum tm_code run(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct verify TM_CLEANUP(release) v = {
        .ctx = ctx,
        .own_repo = TM_REPO_INIT,
        .whole = args->n_words == 0,
        .chain = TM_CHAIN_INIT,
        .pending = TM_BUF_INIT,
        .pending_findings = TM_LEDGER_FINDINGS_INIT,
        .unproven = TM_BUF_INIT,
        .unread = TM_ERR_INIT,
    };
    struct tm_verify_answer answer;
    enum tm_code code = TM_OK;

    if (v.whole || args->opts[OPT_HISTORY].given) {
        code = tm_repo_open(&v.own_repo, ".", &ctx->log, err);
        v.repo = &v.own_repo;
    }
    if (!code)
        code = check(&v, args, err);
    if (code)
        return code;
    answer = answer_of(&v, args->opts[OPT_STRICT].given);
    code = conclude(&v, &answer, err);
    if (ctx->json)
        tm_verify_print_json(&answer, &ctx->out);
    else if (!code && args->opts[OPT_PRINT_PINS].given)
        tm_verify_print_pins(&answer, &ctx->out);
    else
        tm_verify_print_text(&answer, &ctx->out);
    return code;
}

const struct tm_cmd tm_ledger_verify_cmd = {
    .name = "verify",
    .summary = "is every ledger what was written to it?",
    .usage = "[--history[=RANGE]] [--strict] [--pin PINS] [--print-pins] [FILE...]",
    .help =
        "Verifies every line of the ledgers: its spelling, its place in the chain, its body; and goes on "
        "after\n"
        "each finding. Without FILE, all ledgers of the repository, and whether they, the freeze records "
        "and\n"
        "the freeze ledger agree. A FILE is verified by itself and may lie anywhere.\n\n"
        "Lines out of order and lines twice are what merges leave: warnings. What was cut off behind the\n"
        "last freeze shows against the history (--history), or against entries that somebody has remembered\n"
        "(--pin; --print-pins prints them).\n\n"
        "Exit status: 0 nothing found, 1 tampered with, 2 wrong usage, 3 something could not be read,\n"
        "4 cannot be proven (the reason is given).",
    .opts = opts,
    .needs = TM_NEEDS_JSON,
    .run = run,
};
