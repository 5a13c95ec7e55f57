/*
 * Time. Stamps are UTC, RFC 3339 with 'Z' and whole seconds; durations come
 * from the monotonic clock. Years 0000 to 9999.
 */
#ifndef TM_BASE_CLOCK_H
#define TM_BASE_CLOCK_H

#include "base/buf.h"

/* "2026-11-22T12:00:00Z" is 20 bytes. */
enum { TM_STAMP_LEN = 20 };

/* Seconds since 1970-01-01T00:00:00Z; SOURCE_DATE_EPOCH replaces the clock when it is a valid number. */
int64_t tm_clock_now_s(void);

/* Monotonic nanoseconds from an arbitrary start. */
int64_t tm_clock_mono_ns(void);

/* Adds the stamp of time_s; what is before year 0 or after 9999 gives the first or last second of them. */
void tm_clock_add_stamp(struct tm_buf *buf, int64_t time_s);

/*
 * Reads a time: date, 'T' or space, time, optional fraction (cut off), then 'Z', an
 * offset "+hh:mm", or nothing (taken as UTC); or a date alone (midnight UTC).
 * False when it is none of these, or a field is out of range.
 */
bool tm_clock_parse(struct tm_str s, int64_t *time_s) TM_CHECK;

/* Adds a duration for people: "812 ms", "3.4 s", "2 min 05 s", "1 h 02 min". */
void tm_clock_add_duration(struct tm_buf *buf, int64_t duration_ns);

/* Adds nanoseconds as milliseconds, exactly: at most six decimals, no trailing zeros, no unit. */
void tm_clock_add_ms(struct tm_buf *buf, int64_t ns);

#endif
