/*
 * A main for a fuzz target without libFuzzer: feeds it every file given, and
 * every file of the folders given, in order of name. Fails when there was none.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/io.h"
#include "fuzz.h"

enum { REPLAY_MAX = 64 << 20 };

static unsigned replayed;

static void replay_file(const char *path)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) content = TM_BUF_INIT;
    uint8_t *exact;

    if (tm_file_read(path, REPLAY_MAX, &content, &err)) {
        fprintf(stderr, "%s\n", tm_err_msg(&err));
        exit(1);
    }
    /* Memory of exactly this size: a sanitizer or valgrind sees one byte too far. */
    exact = tm_alloc(content.len);
    memcpy(exact, content.data, content.len);
    fprintf(stderr, "%s\n", path);
    LLVMFuzzerTestOneInput(exact, content.len);
    free(exact);
    replayed++;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void replay_folder(const char *path)
{
    struct dirent **entries;
    int n = scandir(path, &entries, is_visible, alphasort);

    if (n < 0) {
        perror(path);
        exit(1);
    }
    for (int i = 0; i < n; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) file = TM_BUF_INIT;

        tm_buf_addf(&file, "%s/%s", path, entries[i]->d_name);
        replay_file(file.data);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct stat st;

        if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
            replay_folder(argv[i]);
        else
            replay_file(argv[i]);
    }
    if (!replayed)
        fprintf(stderr, "no input to replay\n");
    return replayed ? 0 : 1;
}
