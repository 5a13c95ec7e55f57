#include "git_fixture.h"

/* Each step on a line: "<name> <letter before>><letter after>", sorted by hand in the tests. */
struct steps {
    struct fixture *f;
    struct tm_buf text;
    size_t n;
};

static const struct tm_str names[] = { { "a.ndjson", 8 }, { "b.ndjson", 8 } };

static void add_content(struct steps *steps, const struct tm_oid *blob)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;

    if (!*blob->hex) {
        tm_buf_addc(&steps->text, '-');
        return;
    }
    assert_ok(&steps->f->err, tm_git_read_blob(steps->f->git, blob, 1000, &data, &steps->f->err));
    tm_buf_add_str(&steps->text, tm_str_trim(tm_buf_str(&data)));
}

static enum tm_code note(void *ctx, const struct tm_git_edge *edge, struct tm_err *err)
{
    struct steps *steps = ctx;

    steps->n++;
    tm_buf_addf(&steps->text, "%c:", names[edge->name].data[0]);
    add_content(steps, &edge->before);
    tm_buf_addc(&steps->text, '>');
    add_content(steps, &edge->after);
    tm_buf_addc(&steps->text, ' ');
    return TM_OK;
}

static struct tm_oid commit_of(struct fixture *f, const char *rev)
{
    struct tm_oid id = { "" };

    if (*rev)
        assert_ok(&f->err, tm_git_resolve(f->git, rev, &id, &f->err));
    return id;
}

static struct tm_git_walked walk(struct fixture *f, const char *from, const char *to, const char *dir,
                                 const char *expected)
{
    struct steps steps = { f, TM_BUF_INIT, 0 };
    struct tm_oid start = commit_of(f, from), end = commit_of(f, to);
    struct tm_git_walked walked;

    assert_ok(&f->err,
              tm_git_edges(f->git, &start, &end, tm_str(dir), names, 2, note, &steps, &walked, &f->err));
    assert_string_equal(steps.text.data, expected);
    tm_buf_release(&steps.text);
    return walked;
}

#define CHANGE(path, content, message) "echo " content " >" path "; git add -A; git commit -qm " message "; "

static void steps_are_seen_from_every_parent(void **state)
{
    struct fixture *f = *state;
    struct tm_git_walked walked;

    sandbox_run(&f->box, NULL,
                "cd r; mkdir l; " CHANGE("l/a.ndjson", "1", "one") CHANGE("other", "x", "other")
                    CHANGE("l/a.ndjson", "2", "two") "git rm -q l/a.ndjson; git commit -qm gone");
    walked = walk(f, "", "HEAD", "l", "a:2>- a:1>2 a:->1 ");
    assert_int_equal(walked.commits, 5);
    assert_int_equal(walked.with_files, 3);
    assert_int_equal(walked.horizons, 0);
    walked = walk(f, "HEAD~2", "HEAD", "l", "a:2>- a:1>2 ");
    assert_int_equal(walked.commits, 2);
    walked = walk(f, "HEAD", "HEAD", "l", "");
    assert_int_equal(walked.commits, 0);
}

static void a_merge_is_a_step_from_each_side(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL,
                "cd r; mkdir l; " CHANGE("l/a.ndjson", "1", "one") "git switch -qc side; " CHANGE(
                    "l/b.ndjson", "2",
                    "two") "git switch -q main; " CHANGE("x", "x", "x") "git merge -qs ours -m merge side");
    walk(f, "", "HEAD", "l", "b:2>- b:->2 a:->1 ");
    walk(f, "", "HEAD", "nowhere", "");
}

static void files_at_the_top_are_seen_too(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL, "cd r; " CHANGE("a.ndjson", "1", "one") CHANGE("b.ndjson", "2", "two"));
    walk(f, "", "HEAD", "", "b:->2 a:->1 ");
}

static void a_shallow_clone_has_a_horizon(void **state)
{
    struct fixture *f = *state;
    struct tm_git_walked walked;
    struct tm_oid edge;

    sandbox_run(&f->box, NULL,
                "cd r; " CHANGE("a.ndjson", "1", "one")
                    CHANGE("a.ndjson", "2", "two") "cd ..; git clone -q --depth 2 file://$PWD/r shallow");
    open_at(f, "shallow");
    walked = walk(f, "", "HEAD", "", "a:1>2 ");
    edge = commit_of(f, "HEAD~");
    assert_int_equal(walked.horizons, 1);
    assert_string_equal(walked.horizon.hex, edge.hex);
}

static void the_blob_of_a_path_is_found(void **state)
{
    struct fixture *f = *state;
    struct tm_oid head = head_of(f), blob, expected = tm_git_blob_id(TM_STR("b\n"));

    assert_ok(&f->err, tm_git_id_at(f->git, &head, TM_STR("dir/b.txt"), false, &blob, &f->err));
    assert_string_equal(blob.hex, expected.hex);
    assert_ok(&f->err, tm_git_id_at(f->git, &head, TM_STR("dir"), false, &blob, &f->err));
    assert_string_equal(blob.hex, "");
    assert_ok(&f->err, tm_git_id_at(f->git, &head, TM_STR("dir/none"), false, &blob, &f->err));
    assert_string_equal(blob.hex, "");
    assert_ok(&f->err, tm_git_id_at(f->git, &head, TM_STR("dir"), true, &blob, &f->err));
    assert_int_equal(strlen(blob.hex), TM_OID_HEX);
}

TM_TESTS(GIT_TEST(steps_are_seen_from_every_parent), GIT_TEST(a_merge_is_a_step_from_each_side),
         GIT_TEST(files_at_the_top_are_seen_too), GIT_TEST(a_shallow_clone_has_a_horizon),
         GIT_TEST(the_blob_of_a_path_is_found))
