#include "ring.h"

int ring_put(struct ring *ring, int item)
{
    if (!ring_room(ring))
        return -1;
    ring->items[(ring->head + ring->used++) % 4] = item;
    return 0;
}

int ring_get(struct ring *ring, int *item)
{
    if (ring->used == 0 || !item)
        return -1;
    *item = ring->items[ring->head];
    ring->head = (ring->head + 1) % 4;
    ring->used--;
    return 0;
}

int ring_sum(const struct ring *ring)
{
    int sum = 0;

    for (unsigned i = 0; i < ring->used; i++)
        sum += ring->items[(ring->head + i) % 4];
    return sum;
}
