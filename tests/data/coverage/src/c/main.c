#include <stdio.h>

#include "ring.h"

static void unused(void)
{
    puts("never");
}

int main(int argc, char **argv)
{
    struct ring ring = { { 0 }, 0, 0 };
    int item = 0;

    for (int i = 0; i < 6; i++)
        if (ring_put(&ring, i) < 0)
            break;
    while (ring_get(&ring, &item) == 0)
        if (item > 100)
            unused();
    return ring_room(&ring) == 4 ? 0 : argc;
}
