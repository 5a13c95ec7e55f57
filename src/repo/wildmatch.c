/*
 * Git's glob. Written as a loop with two places to come back to, the last '*'
 * and the last "**": an earlier one never needs to be tried again, because
 * what it could give up, the later one can take.
 */
#include "repo/ignore.h"

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : c;
}

static bool is_lower(unsigned char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(unsigned char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alpha(unsigned char c)
{
    return is_lower(c) || is_upper(c);
}

static bool is_alnum(unsigned char c)
{
    return is_alpha(c) || is_digit(c);
}

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

static bool is_cntrl(unsigned char c)
{
    return c < 0x20 || c == 0x7F;
}

static bool is_print(unsigned char c)
{
    return c >= 0x20 && c < 0x7F;
}

/* git counts neither form feed nor vertical tab. */
static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_graph(unsigned char c)
{
    return is_print(c) && !is_space(c);
}

static bool is_punct(unsigned char c)
{
    return is_graph(c) && !is_alnum(c);
}

static bool is_xdigit(unsigned char c)
{
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

static const struct {
    struct tm_str name;
    bool (*has)(unsigned char c);
} classes[] = {
    { { "alnum", 5 }, is_alnum }, { { "alpha", 5 }, is_alpha }, { { "blank", 5 }, is_blank },
    { { "cntrl", 5 }, is_cntrl }, { { "digit", 5 }, is_digit }, { { "graph", 5 }, is_graph },
    { { "lower", 5 }, is_lower }, { { "print", 5 }, is_print }, { { "punct", 5 }, is_punct },
    { { "space", 5 }, is_space }, { { "upper", 5 }, is_upper }, { { "xdigit", 6 }, is_xdigit },
};

/*
 * A set as it is read: p is behind what was taken. `previous` is what a '-' would
 * start a range from, 0 after a range or a class.
 */
struct set {
    const char *p, *end;
    unsigned char c; /* what is looked for, folded when icase */
    unsigned char previous;
    bool icase, hit, broken;
};

/* Takes the rest of a range after its '-'. */
static void take_range(struct set *set)
{
    unsigned char high = (unsigned char)*set->p++;

    if (high == '\\') {
        if (set->p == set->end) {
            set->broken = true;
            return;
        }
        high = (unsigned char)*set->p++;
    }
    if (set->c >= set->previous && set->c <= high)
        set->hit = true;
    if (set->icase && is_lower(set->c)) {
        unsigned char upper = (unsigned char)(set->c - 'a' + 'A');

        if (upper >= set->previous && upper <= high)
            set->hit = true;
    }
    set->previous = 0;
}

/* Takes "[:name:]", p behind its '['. False, nothing taken, when it is only a '['. */
static bool take_class(struct set *set)
{
    const char *name = set->p + 1;
    const char *close;

    if (set->p == set->end || *set->p != ':')
        return false;
    close = memchr(name, ']', (size_t)(set->end - name));
    set->broken = !close;
    if (!close)
        return true;
    if (close == name || close[-1] != ':')
        return false;
    set->broken = true;
    for (size_t i = 0; i < TM_LEN(classes); i++) {
        if (!tm_str_eq(classes[i].name, tm_str_n(name, (size_t)(close - name) - 1)))
            continue;
        set->broken = false;
        if (classes[i].has(set->c) || (set->icase && classes[i].has == is_upper && is_lower(set->c)))
            set->hit = true;
    }
    set->p = close + 1;
    set->previous = 0;
    return true;
}

static void take_member(struct set *set)
{
    unsigned char member = (unsigned char)*set->p++;

    if (member == '\\') {
        set->broken = set->p == set->end;
        if (set->broken)
            return;
        member = (unsigned char)*set->p++;
    } else if (member == '-' && set->previous && set->p < set->end && *set->p != ']') {
        take_range(set);
        return;
    } else if (member == '[' && take_class(set)) {
        return;
    }
    if (member == set->c)
        set->hit = true;
    set->previous = member;
}

/* Matches c with the set that starts at *p ('['), and moves *p behind it. An unfinished set matches nothing.
 */
static bool match_set(const char **p, const char *end, unsigned char c, bool icase)
{
    struct set set = { .p = *p + 1, .end = end, .c = c, .icase = icase };
    bool negated = set.p < end && (*set.p == '!' || *set.p == '^');

    set.p += negated;
    /* The first member may be ']'. */
    do {
        if (set.p == end)
            return false;
        take_member(&set);
    } while (!set.broken && (set.p == end || *set.p != ']'));
    *p = set.p + 1;
    return !set.broken && set.hit != negated;
}

/* Matches one byte of text with what stands at *p, which is no star, and moves *p behind it. */
static bool match_one(const char **p, const char *end, char text, bool is_path, bool icase)
{
    unsigned char c = icase ? lower((unsigned char)text) : (unsigned char)text;
    unsigned char want = (unsigned char)**p;

    switch (want) {
    case '?':
        ++*p;
        return !(is_path && c == '/');
    case '[':
        return match_set(p, end, c, icase) && !(is_path && c == '/');
    case '\\':
        /* What is quoted is not folded; quoting the end matches nothing. */
        if (++*p == end)
            return false;
        return (unsigned char)*(*p)++ == c;
    default:
        ++*p;
        return (icase ? lower(want) : want) == c;
    }
}

/* Where to go on when what follows a star did not match. */
struct resume {
    const char *p, *s; /* p NULL: none */
};

struct match {
    struct tm_str pattern, text;
    const char *p, *s; /* what is next in both */
    struct resume star, deep;
    bool is_path, icase;
};

static bool resume_star(struct match *m)
{
    const char *end = m->text.data + m->text.len;

    if (!m->star.p || m->star.s == end || (m->is_path && *m->star.s == '/'))
        return false;
    m->s = ++m->star.s;
    m->p = m->star.p;
    return true;
}

/* "**" followed by a slash has taken everything up to some slash: try the next. */
static bool resume_deep(struct match *m)
{
    const char *end = m->text.data + m->text.len;
    const char *slash = m->deep.p ? memchr(m->deep.s, '/', (size_t)(end - m->deep.s)) : NULL;

    if (!slash)
        return false;
    m->s = m->deep.s = slash + 1;
    m->p = m->deep.p;
    m->star.p = NULL;
    return true;
}

/* Takes a run of stars. False when it cannot match; *done when it matches all the rest. */
static bool take_stars(struct match *m, bool *done)
{
    const char *end = m->pattern.data + m->pattern.len;
    const char *first = m->p;
    size_t left;

    while (m->p < end && *m->p == '*')
        m->p++;
    left = (size_t)(end - m->p);
    if (m->is_path && m->p - first > 1 && (first == m->pattern.data || first[-1] == '/')) {
        bool slash = left && m->p[0] == '/', quoted = left > 1 && m->p[0] == '\\' && m->p[1] == '/';

        *done = left == 0;
        if (slash || quoted) {
            m->p += 1 + quoted;
            m->deep = (struct resume) { m->p, m->s };
            m->star.p = NULL;
            /* Only a plain slash can go together with the stars. */
            return slash || resume_deep(m);
        }
        if (*done)
            return true;
    }
    m->star = (struct resume) { m->p, m->s };
    return true;
}

bool tm_wildmatch(struct tm_str pattern, struct tm_str text, bool is_path, bool icase)
{
    struct match m = { .pattern = pattern, .text = text, .is_path = is_path, .icase = icase };
    const char *pend, *send;
    bool done = false;

    if (pattern.len == 0 || text.len == 0)
        m.pattern = pattern.len ? pattern : TM_STR(""), m.text = text.len ? text : TM_STR("");
    m.p = m.pattern.data;
    m.s = m.text.data;
    pend = m.p + m.pattern.len;
    send = m.s + m.text.len;
    for (;;) {
        if (m.p < pend && *m.p == '*') {
            if (!take_stars(&m, &done))
                return false;
            if (done)
                return true;
            continue;
        }
        if (m.p == pend && m.s == send)
            return true;
        if (m.p < pend && m.s < send && match_one(&m.p, pend, *m.s, is_path, icase)) {
            m.s++;
            continue;
        }
        if (!resume_star(&m) && !resume_deep(&m))
            return false;
    }
}
