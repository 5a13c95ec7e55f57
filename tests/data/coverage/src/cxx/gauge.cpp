#include "gauge.h"

#include <cstdio>

#define CHECK(x)                                                                                             \
    do {                                                                                                     \
        if (!(x))                                                                                            \
            return false;                                                                                    \
    } while (0)

#define TWICE(x) ((x) > 0 ? (x) * 2 : 0)

/* The water level in centimetres, as words. */
static const char *words(int level)
{
    switch (level / 100) {
    case 0:
        return "low";
    case 1:
    case 2:
        return "fair";
    default:
        return "high";
    }
}

static bool in_range(int level, int least, int most)
{
    CHECK(level >= least);

    // Both ends count.
    CHECK(level <= most);
    return true;
}

#if 0
static int never_compiled(void)
{
    return 1;
}
#endif

static int drain(int level)
{
    while (1) {
        level -= 7; if (level < 0) break;
    }
    return level; // negative
}

static void unused(void)
{
    std::puts("never");
}

int main(int argc, char **)
{
    auto over = [](int a, int b) { return a > b; }; auto never = [](int a) { return -a; };

    if (argc > 5) unused(); else if (argc > 4) return never(1);
    for (int level = 50; level < 400; level += 100)
        std::printf("%s %d\n", words(level),
                    in_range(level, 100, 200) &&
                        over(level, 120));
    try {
        if (greatest(1, 2) == 2 && greatest(2.5, 1.5) > 2)
            throw TWICE(argc);
    } catch (int n) {
        return drain(n) < 0 ? 0 : 1;
    }
    return 2;
}
