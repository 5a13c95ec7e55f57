#include "base/alloc.h"

static void *checked(void *p, size_t n)
{
    if (!p && n) {
        fprintf(stderr, "tidemark: out of memory (%zu bytes wanted)\n", n);
        abort();
    }
    return p;
}

static size_t product(size_t count, size_t size)
{
    size_t n;

    if (__builtin_mul_overflow(count, size, &n)) {
        fprintf(stderr, "tidemark: out of memory (%zu x %zu bytes wanted)\n", count, size);
        abort();
    }
    return n;
}

void *tm_alloc(size_t n)
{
    return checked(calloc(1, n ? n : 1), n);
}

void *tm_alloc_array(size_t count, size_t size)
{
    return tm_alloc(product(count, size));
}

void *tm_realloc_array(void *p, size_t count, size_t size)
{
    size_t n = product(count, size);

    return checked(realloc(p, n ? n : 1), n);
}

char *tm_strdup(const char *s)
{
    return tm_strndup(s, strlen(s));
}

char *tm_strndup(const char *s, size_t n)
{
    char *copy = tm_alloc(n + 1);

    if (n)
        memcpy(copy, s, n);
    return copy;
}

void tm_freep(void *p)
{
    void **pp = p;

    free(*pp);
    *pp = NULL;
}
