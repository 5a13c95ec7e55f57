#include "base/clock.h"

static const int64_t MIN_TIME_S = -62167219200; /* 0000-01-01T00:00:00Z */
static const int64_t MAX_TIME_S = 253402300799; /* 9999-12-31T23:59:59Z */

int64_t tm_clock_now_s(void)
{
    const char *fixed = getenv("SOURCE_DATE_EPOCH");
    int64_t value;

    if (fixed && tm_str_i64(tm_str(fixed), &value) && value >= 0 && value <= MAX_TIME_S)
        return value;
    return (int64_t)time(NULL);
}

int64_t tm_clock_mono_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void add_part(struct tm_buf *buf, int value, unsigned digits, char after)
{
    tm_buf_add_digits(buf, (uint64_t)value, digits);
    tm_buf_addc(buf, after);
}

void tm_clock_add_stamp(struct tm_buf *buf, int64_t time_s)
{
    time_t t = (time_t)TM_MAX(TM_MIN(time_s, MAX_TIME_S), MIN_TIME_S);
    struct tm parts;

    gmtime_r(&t, &parts);
    /* Not strftime: its %Y has no leading zeros. */
    add_part(buf, parts.tm_year + 1900, 4, '-');
    add_part(buf, parts.tm_mon + 1, 2, '-');
    add_part(buf, parts.tm_mday, 2, 'T');
    add_part(buf, parts.tm_hour, 2, ':');
    add_part(buf, parts.tm_min, 2, ':');
    add_part(buf, parts.tm_sec, 2, 'Z');
}

/* Takes exactly n digits off s. */
static bool take_digits(struct tm_str *s, size_t n, int *value)
{
    uint64_t v;

    if (s->len < n || !tm_str_u64(tm_str_n(s->data, n), &v))
        return false;
    *value = (int)v;
    *s = tm_str_from(*s, n);
    return true;
}

static bool take_char(struct tm_str *s, char c)
{
    if (s->len == 0 || s->data[0] != c)
        return false;
    *s = tm_str_from(*s, 1);
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

/* "Z", "+hh:mm", "-hh:mm", "+hhmm" or nothing; the offset in seconds. */
static bool take_offset(struct tm_str *s, int64_t *offset_s)
{
    int sign, hours, minutes;

    *offset_s = 0;
    if (s->len == 0)
        return true;
    if (take_char(s, 'Z') || take_char(s, 'z'))
        return true;
    sign = s->data[0] == '-' ? -1 : 1;
    if (!take_char(s, '+') && !take_char(s, '-'))
        return false;
    if (!take_digits(s, 2, &hours))
        return false;
    (void)take_char(s, ':');
    if (!take_digits(s, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *offset_s = sign * (hours * 3600 + minutes * 60);
    return true;
}

/* "hh:mm:ss", optional fraction. */
static bool take_time(struct tm_str *s, int64_t *time_s)
{
    int hours, minutes, seconds;

    if (!take_digits(s, 2, &hours) || !take_char(s, ':') || !take_digits(s, 2, &minutes) ||
        !take_char(s, ':') || !take_digits(s, 2, &seconds))
        return false;
    if (hours > 23 || minutes > 59 || seconds > 60)
        return false;
    if (take_char(s, '.') || take_char(s, ',')) {
        int digit;

        if (!take_digits(s, 1, &digit))
            return false;
        while (take_digits(s, 1, &digit))
            ;
    }
    *time_s = hours * 3600 + minutes * 60 + TM_MIN(seconds, 59);
    return true;
}

bool tm_clock_parse(struct tm_str s, int64_t *time_s)
{
    int year, month, day;
    int64_t in_day = 0, offset_s = 0, result;
    struct tm parts = { 0 };

    if (!take_digits(&s, 4, &year) || !take_char(&s, '-') || !take_digits(&s, 2, &month) ||
        !take_char(&s, '-') || !take_digits(&s, 2, &day))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    if (s.len) {
        if (!take_char(&s, 'T') && !take_char(&s, 't') && !take_char(&s, ' '))
            return false;
        if (!take_time(&s, &in_day) || !take_offset(&s, &offset_s) || s.len)
            return false;
    }
    parts.tm_year = year - 1900;
    parts.tm_mon = month - 1;
    parts.tm_mday = day;
    result = (int64_t)timegm(&parts) + in_day - offset_s;
    /* An offset can push the first and the last day out of the years we can write. */
    if (result < MIN_TIME_S || result > MAX_TIME_S)
        return false;
    *time_s = result;
    return true;
}

void tm_clock_add_duration(struct tm_buf *buf, int64_t duration_ns)
{
    int64_t ms = duration_ns / 1000000;
    int64_t s = ms / 1000;

    if (ms < 1000)
        tm_buf_addf(buf, "%lld ms", (long long)ms);
    else if (s < 60)
        tm_buf_addf(buf, "%lld.%lld s", (long long)s, (long long)(ms % 1000 / 100));
    else if (s < 3600)
        tm_buf_addf(buf, "%lld min %02lld s", (long long)(s / 60), (long long)(s % 60));
    else
        tm_buf_addf(buf, "%lld h %02lld min", (long long)(s / 3600), (long long)(s % 3600 / 60));
}

void tm_clock_add_ms(struct tm_buf *buf, int64_t ns)
{
    uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    uint64_t below = size % 1000000;
    unsigned digits = 6;

    if (ns < 0)
        tm_buf_addc(buf, '-');
    tm_buf_add_u64(buf, size / 1000000);
    if (!below)
        return;
    for (; below % 10 == 0; below /= 10)
        digits--;
    tm_buf_addc(buf, '.');
    tm_buf_add_digits(buf, below, digits);
}
