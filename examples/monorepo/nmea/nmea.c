#include "nmea.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

unsigned char nmea_checksum(const char *bytes, size_t n)
{
    unsigned char sum = 0;

    for (size_t i = 0; i < n; i++)
        sum ^= (unsigned char)bytes[i];
    return sum;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static enum nmea_result split(struct nmea_sentence *out)
{
    out->count = 0;
    for (char *field = out->text; field;) {
        char *comma = strchr(field, ',');

        if (out->count == NMEA_FIELDS)
            return NMEA_TOO_LONG;
        out->fields[out->count++] = field;
        if (comma)
            *comma++ = '\0';
        field = comma;
    }
    return NMEA_OK;
}

enum nmea_result nmea_parse(const char *line, struct nmea_sentence *out)
{
    size_t len = strcspn(line, "\r\n");
    int high, low;

    if (len > NMEA_MAX)
        return NMEA_TOO_LONG;
    if (len < 4 || line[0] != '$' || line[len - 3] != '*')
        return NMEA_NOT_A_SENTENCE;
    high = hex_digit(line[len - 2]);
    low = hex_digit(line[len - 1]);
    if (high < 0 || low < 0)
        return NMEA_NOT_A_SENTENCE;
    len -= 4; /* between '$' and '*' */
    for (size_t i = 1; i <= len; i++)
        if ((unsigned char)line[i] < ' ')
            return NMEA_NOT_A_SENTENCE;
    if (nmea_checksum(line + 1, len) != high * 16 + low)
        return NMEA_BAD_CHECKSUM;
    memcpy(out->text, line + 1, len);
    out->text[len] = '\0';
    return split(out);
}

int nmea_degrees(const char *value, const char *hemisphere, double *degrees)
{
    char *end;
    double raw = strtod(value, &end), whole;

    if (end == value || *end != '\0' || raw < 0 || strlen(hemisphere) != 1)
        return -1;
    if (!strchr("NSEW", *hemisphere))
        return -1;
    whole = floor(raw / 100);
    raw = whole + (raw - whole * 100) / 60;
    if (raw > (strchr("NS", *hemisphere) ? 90 : 180))
        return -1;
    *degrees = strchr("SW", *hemisphere) ? -raw : raw;
    return 0;
}
