/* The tests of nmea, as a program that prints TAP. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../nmea.h"

static int number, failed;

static void check(int good, const char *what)
{
    printf("%sok %d - %s\n", good ? "" : "not ", ++number, what);
    if (!good)
        failed++;
}

static void sentences(void)
{
    static const struct {
        const char *line;
        enum nmea_result result;
        const char *what;
    } cases[] = {
        { "$GPGLL,5321.6802,N,00630.3372,W,092321,A*3A\r\n", NMEA_OK, "a position is read" },
        { "$GPGLL,5321.6802,N,00630.3372,W,092321,A*3B", NMEA_BAD_CHECKSUM, "a wrong checksum is refused" },
        { "$A*41", NMEA_OK, "one field is enough" },
        { "GPGLL*50", NMEA_NOT_A_SENTENCE, "a sentence starts with a dollar sign" },
        { "$GPGLL,1,2", NMEA_NOT_A_SENTENCE, "a sentence ends with a checksum" },
        { "$GPGLL*5x", NMEA_NOT_A_SENTENCE, "a checksum is hexadecimal" },
        { "$A\tB*0A", NMEA_NOT_A_SENTENCE, "control characters are refused" },
        { "", NMEA_NOT_A_SENTENCE, "nothing is no sentence" },
        { "$,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,*00", NMEA_TOO_LONG, "33 fields are too many" },
        { "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA*41",
          NMEA_TOO_LONG, "83 bytes are too many" },
    };
    struct nmea_sentence sentence;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check(nmea_parse(cases[i].line, &sentence) == cases[i].result, cases[i].what);
}

static void fields(void)
{
    struct nmea_sentence sentence;

    check(nmea_parse("$IIDBT,7.8,f,,M,1.3,F*32", &sentence) == NMEA_OK, "a depth is read");
    check(sentence.count == 7, "it has seven fields");
    check(strcmp(sentence.fields[0], "IIDBT") == 0, "the first is talker and type");
    check(strcmp(sentence.fields[3], "") == 0, "an empty field is a field");
    check(strcmp(sentence.fields[6], "F") == 0, "the last one ends before the checksum");
}

static void positions(void)
{
    double degrees = 0;

    check(nmea_degrees("5321.6802", "N", &degrees) == 0, "a latitude is read");
    check(fabs(degrees - 53.361336667) < 1e-8, "minutes are sixtieths");
    check(nmea_degrees("00630.3372", "W", &degrees) == 0, "a longitude is read");
    check(fabs(degrees + 6.50562) < 1e-8, "west is negative");
    check(nmea_degrees("9000.6", "N", &degrees) != 0, "a latitude ends at the pole");
    check(nmea_degrees("12x", "N", &degrees) != 0, "digits only");
    check(nmea_degrees("", "N", &degrees) != 0, "nothing is no position");
    check(nmea_degrees("12", "Q", &degrees) != 0, "there are four hemispheres");
}

int main(void)
{
    sentences();
    fields();
    positions();
    printf("1..%d\n", number);
    return failed ? 1 : 0;
}
