#include "base/nearest.h"

/* Edit distance with swaps of neighbours, cut off at 64 characters. */
static size_t distance(const char *a, const char *b)
{
    enum { LONGEST = 64 };
    size_t la = strlen(a), lb = strlen(b);
    size_t row[3][LONGEST + 1];

    if (la > LONGEST || lb > LONGEST)
        return SIZE_MAX;
    for (size_t j = 0; j <= lb; j++)
        row[1][j] = j;
    for (size_t i = 1; i <= la; i++) {
        memcpy(row[0], row[1], sizeof(row[0]));
        if (i > 1)
            memcpy(row[1], row[2], sizeof(row[1]));
        row[2][0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t best = TM_MIN(row[1][j], row[2][j - 1]) + 1;

            best = TM_MIN(best, row[1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = TM_MIN(best, row[0][j - 2] + 1);
            row[2][j] = best;
        }
    }
    return la ? row[2][lb] : lb;
}

const char *tm_nearest(const char *word, const char *const *names)
{
    const char *best = NULL;
    size_t best_distance = strlen(word) / 3 + 2;

    for (; *names; names++) {
        size_t d = distance(word, *names);

        if (d < best_distance) {
            best = *names;
            best_distance = d;
        }
    }
    return best;
}
