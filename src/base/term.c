#include "base/term.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"

bool tm_term_is_live(FILE *stream)
{
    const char *term = getenv("TERM");

    return isatty(fileno(stream)) && !(term && strcmp(term, "dumb") == 0);
}

bool tm_term_color(FILE *stream, enum tm_color choice)
{
    const char *no_color = getenv("NO_COLOR");

    if (choice != TM_COLOR_AUTO)
        return choice == TM_COLOR_ALWAYS;
    return tm_term_is_live(stream) && !(no_color && no_color[0]);
}

unsigned tm_term_width(FILE *stream)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    uint64_t n;

    if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    if (columns && tm_str_u64(tm_str(columns), &n) && n >= 20 && n <= 1000)
        return (unsigned)n;
    return 80;
}
