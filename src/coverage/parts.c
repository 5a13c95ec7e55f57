#include "coverage/parts.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/parallel.h"

/* A thread that reads. */
struct part_reader {
    struct tm_parts *parts;
    pthread_t id;
    /* Reports that it read and that were joined: freed by the thread that allocated them, because malloc
     * would make both wait for each other. Shared. */
    struct tm_report used[TM_PARTS_MAX];
    unsigned n_used;
};

/* Parts are numbered in the order of the text; number i is in ring[i % size]. */
struct tm_parts {
    const struct tm_parts_kind *kind;
    struct tm_report *report;
    void *ctx;
    bool each;
    struct tm_part ring[TM_PARTS_MAX];
    size_t size;             /* of the ring: one will do where nobody else reads */
    uint64_t joined, sent;   /* the first part that is not joined, and the one to fill */
    pthread_mutex_t sources; /* held while one is read */
    /* Shared, with the parts' stages. */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    uint64_t taken; /* the first part that nobody reads yet */
    bool stop;
    struct part_reader readers[TM_PARALLEL_MAX + 1]; /* the first is the thread that cuts */
    unsigned n_readers;
};

/* A tm_source_reader for the reports of parts: the whole report's, by one thread at a time. */
static enum tm_code read_source(void *ctx, struct tm_str path, struct tm_buf *out, struct tm_err *err)
{
    struct tm_parts *parts = ctx;
    enum tm_code code;

    pthread_mutex_lock(&parts->sources);
    code = parts->report->read_source(parts->report->read_source_ctx, path, out, err);
    pthread_mutex_unlock(&parts->sources);
    return code;
}

static struct tm_part *part_at(struct tm_parts *parts, uint64_t i)
{
    return &parts->ring[i % parts->size];
}

static void read_part(struct tm_parts *parts, struct tm_part *part)
{
    if (parts->report->read_source) {
        part->report.read_source = read_source;
        part->report.read_source_ctx = parts;
    }
    part->code = parts->kind->read(parts->ctx, part, &part->err);
    if (!part->code)
        tm_report_settle(&part->report);
}

/* Takes the next part that was sent, NULL when there is none; called with the mutex held. */
static struct tm_part *take(struct tm_parts *parts)
{
    struct tm_part *part = part_at(parts, parts->taken);

    if (part->stage != TM_PART_SENT)
        return NULL;
    parts->taken++;
    part->stage = TM_PART_TAKEN;
    return part;
}

/* Reads a part that was taken; the mutex is held before and behind it. */
static void read_taken(struct part_reader *reader, struct tm_part *part)
{
    struct tm_parts *parts = reader->parts;
    struct tm_report used[TM_PARTS_MAX];
    unsigned n_used = reader->n_used;

    memcpy(used, reader->used, sizeof(used));
    reader->n_used = 0;
    pthread_mutex_unlock(&parts->mutex);
    for (unsigned i = 0; i < n_used; i++)
        tm_report_release(&used[i]);
    part->reader = (unsigned)(reader - parts->readers);
    read_part(parts, part);
    pthread_mutex_lock(&parts->mutex);
    part->stage = TM_PART_READ;
    pthread_cond_broadcast(&parts->changed);
}

static void *read_parts(void *arg)
{
    struct part_reader *reader = arg;
    struct tm_parts *parts = reader->parts;

    pthread_mutex_lock(&parts->mutex);
    while (!parts->stop) {
        struct tm_part *part = take(parts);

        if (part)
            read_taken(reader, part);
        else
            pthread_cond_wait(&parts->changed, &parts->mutex);
    }
    pthread_mutex_unlock(&parts->mutex);
    return NULL;
}

/* Threads beside the one that cuts. */
static unsigned threads_for(const struct tm_source *source)
{
    if (source->parts != TM_PARTS_BY_SIZE || source->alone || source->ended)
        return 0;
    return TM_MIN(tm_parallel_processors() - 1, (unsigned)TM_PARALLEL_MAX);
}

static bool start(struct part_reader *reader)
{
    return pthread_create(&reader->id, NULL, read_parts, reader) == 0;
}

struct tm_parts *tm_parts_open(const struct tm_parts_kind *kind, const struct tm_source *source,
                               struct tm_report *report, void *ctx)
{
    unsigned wanted = threads_for(source);
    struct tm_parts *parts;

    if (!wanted && source->parts != TM_PARTS_EACH)
        return NULL;
    parts = tm_alloc(sizeof(*parts));
    parts->kind = kind;
    parts->report = report;
    parts->ctx = ctx;
    parts->each = source->parts == TM_PARTS_EACH;
    parts->size = wanted ? TM_PARTS_MAX : 1;
    pthread_mutex_init(&parts->mutex, NULL);
    pthread_mutex_init(&parts->sources, NULL);
    pthread_cond_init(&parts->changed, NULL);
    for (size_t i = 0; i < parts->size; i++) {
        struct tm_part *part = &parts->ring[i];

        part->text = TM_BUF_INIT;
        part->report = TM_REPORT_INIT;
        part->err = TM_ERR_INIT;
        part->state = tm_alloc(kind->state_size);
        kind->init(part->state);
    }
    for (unsigned i = 0; i <= wanted; i++)
        parts->readers[i].parts = parts;
    /* When there are no others the cutting thread reads all of them. */
    parts->n_readers = 1;
    while (parts->n_readers <= wanted && start(&parts->readers[parts->n_readers]))
        parts->n_readers++;
    return parts;
}

void tm_parts_close(struct tm_parts *parts)
{
    if (!parts)
        return;
    pthread_mutex_lock(&parts->mutex);
    parts->stop = true;
    pthread_cond_broadcast(&parts->changed);
    pthread_mutex_unlock(&parts->mutex);
    for (unsigned i = 1; i < parts->n_readers; i++)
        pthread_join(parts->readers[i].id, NULL);
    for (unsigned i = 0; i < parts->n_readers; i++)
        for (unsigned k = 0; k < parts->readers[i].n_used; k++)
            tm_report_release(&parts->readers[i].used[k]);
    pthread_cond_destroy(&parts->changed);
    pthread_mutex_destroy(&parts->mutex);
    pthread_mutex_destroy(&parts->sources);
    for (size_t i = 0; i < parts->size; i++) {
        struct tm_part *part = &parts->ring[i];

        parts->kind->release(part->state);
        free(part->state);
        tm_buf_release(&part->text);
        tm_report_release(&part->report);
        tm_err_release(&part->err);
    }
    free(parts);
}

struct tm_part *tm_parts_room(struct tm_parts *parts)
{
    return part_at(parts, parts->sent);
}

size_t tm_parts_enough(const struct tm_parts *parts)
{
    return parts->each ? 1 : TM_PART_TEXT;
}

void tm_part_add(struct tm_part *part, struct tm_str text)
{
    tm_buf_reserve(&part->text, text.len + TM_SOURCE_SLACK);
    tm_buf_add_str(&part->text, text);
    memset(part->text.data + part->text.len, 0, TM_SOURCE_SLACK);
}

/* Joins a part that was read. */
static enum tm_code join(struct tm_parts *parts, struct tm_part *part, struct tm_err *err)
{
    enum tm_code code = part->code;

    if (code)
        return tm_err_move(err, &part->err);
    code = tm_report_join(parts->report, &part->report, err);
    if (code)
        return code;
    code = parts->kind->join(parts->ctx, part->state, err);
    tm_buf_clear(&part->text);
    return code;
}

/* The first part was joined: makes it free. Called with the mutex held. */
static void set_free(struct tm_parts *parts)
{
    struct tm_part *part = part_at(parts, parts->joined++);
    struct part_reader *reader = &parts->readers[part->reader];

    /* A reader has read no more since it last freed what it had than there are parts. */
    reader->used[reader->n_used++] = part->report;
    part->report = TM_REPORT_INIT;
    part->stage = TM_PART_FREE;
}

/* Joins what was read, in order, until at most `most` parts are left; reads itself rather than wait. */
static enum tm_code join_down_to(struct tm_parts *parts, uint64_t most, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    pthread_mutex_lock(&parts->mutex);
    while (!code && parts->joined < parts->sent) {
        struct tm_part *first = part_at(parts, parts->joined), *part;

        if (first->stage == TM_PART_READ) {
            /* What was read is nobody's but ours. */
            pthread_mutex_unlock(&parts->mutex);
            code = join(parts, first, err);
            pthread_mutex_lock(&parts->mutex);
            if (!code)
                set_free(parts);
        } else if (parts->sent - parts->joined <= most) {
            break;
        } else if ((part = take(parts))) {
            read_taken(&parts->readers[0], part);
        } else {
            pthread_cond_wait(&parts->changed, &parts->mutex);
        }
    }
    pthread_mutex_unlock(&parts->mutex);
    return code;
}

enum tm_code tm_parts_send(struct tm_parts *parts, struct tm_err *err)
{
    pthread_mutex_lock(&parts->mutex);
    part_at(parts, parts->sent++)->stage = TM_PART_SENT;
    pthread_cond_signal(&parts->changed);
    pthread_mutex_unlock(&parts->mutex);
    return join_down_to(parts, parts->n_readers > 1 ? parts->size - 1 : 0, err);
}

enum tm_code tm_parts_finish(struct tm_parts *parts, struct tm_err *err)
{
    return join_down_to(parts, 0, err);
}

enum tm_code tm_parts_fail(struct tm_parts *parts, enum tm_code code, struct tm_err *err)
{
    struct tm_err TM_CLEANUP(tm_err_release) earlier = TM_ERR_INIT;

    return tm_parts_finish(parts, &earlier) ? tm_err_move(err, &earlier) : code;
}
