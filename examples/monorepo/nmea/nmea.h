/* Sentences of NMEA 0183: "$GPGLL,5321.6802,N,00630.3372,W,092321,A*3A". */
#ifndef NMEA_H
#define NMEA_H

#include <stddef.h>

enum { NMEA_FIELDS = 32, NMEA_MAX = 82 };

enum nmea_result {
    NMEA_OK,
    NMEA_NOT_A_SENTENCE, /* no '$', no '*' with two digits, or a control character */
    NMEA_TOO_LONG,       /* over NMEA_MAX bytes, or over NMEA_FIELDS fields */
    NMEA_BAD_CHECKSUM
};

struct nmea_sentence {
    char text[NMEA_MAX + 1];         /* the fields, each ended by NUL */
    const char *fields[NMEA_FIELDS]; /* into text; the first is talker and type */
    size_t count;
};

/* Exclusive or of n bytes. */
unsigned char nmea_checksum(const char *bytes, size_t n);

/* Checks the sentence in line (line end optional) and splits it into its fields. */
enum nmea_result nmea_parse(const char *line, struct nmea_sentence *out);

/* Reads "ddmm.mmmm" or "dddmm.mmmm" and one of N, S, E, W. Returns 0, or -1 when it is neither. */
int nmea_degrees(const char *value, const char *hemisphere, double *degrees);

#endif
