/*
 * Every object of repositories that git itself has stored in every way it has. What is read is right when its
 * SHA-1 is the id that was asked for.
 */
#include "ext/git_objects.h"
#include "ext/hash.h"
#include "git_fixture.h"

/*
 * A file that grows, one that changes in its middle, folders of some files, an empty file, one that does not
 * compress well; 40 commits.
 */
static const char grow[] =
    "cd r; lines() { seq $1 | awk '{ print $1 * 2654435761 % 4294967296 }'; };"
    "for i in $(seq 40); do lines $((i * 200)) >grows; seq $i 3000 >shrinks;"
    "mkdir -p d$((i % 7)); echo $i >d$((i % 7))/f$i; : >empty; head -c 3000 /dev/urandom >random;"
    "git add .; git commit -qm \"number $i\"; done;";

static void run_in(struct fixture *f, const char *then)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) script = TM_BUF_INIT;

    tm_buf_addf(&script, "%s%s", grow, then);
    sandbox_run(&f->box, NULL, script.data);
}

static struct tm_git_id id_of(enum tm_object_type type, const struct tm_object *object)
{
    static const char *const names[] = {
        [TM_OBJECT_COMMIT] = "commit", [TM_OBJECT_TREE] = "tree", [TM_OBJECT_BLOB] = "blob"
    };
    struct tm_buf TM_CLEANUP(tm_buf_release) head = TM_BUF_INIT;
    struct tm_str pieces[2];
    struct tm_git_id id;

    tm_buf_addf(&head, "%s %zu", names[type], object->len);
    tm_buf_addc(&head, '\0');
    pieces[0] = tm_buf_str(&head);
    pieces[1] = tm_str_n(object->data, object->len);
    tm_sha1_of(pieces, 2, id.bytes);
    return id;
}

static enum tm_object_type type_of(struct tm_str name)
{
    return tm_str_is(name, "commit") ? TM_OBJECT_COMMIT
           : tm_str_is(name, "tree") ? TM_OBJECT_TREE
                                     : TM_OBJECT_BLOB;
}

/* Reads all objects of the repository "r" (or another), in the order that git lists them; how many are
 * packed. */
static size_t read_all(struct fixture *f, const char *name)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) list = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) script = TM_BUF_INIT;
    struct tm_objects *objects;
    struct tm_str rest, line;
    size_t n = 0, packed = 0;

    tm_buf_addf(&script,
                "cd %s; git rev-list --objects --all | cut -d' ' -f1 |"
                "git cat-file --batch-check='%%(objectname) %%(objecttype) %%(objectsize)'",
                name);
    sandbox_run(&f->box, &list, script.data);
    open_at(f, name);
    assert_ok(&f->err, tm_objects_open(&objects, f->git, &f->err));
    rest = tm_buf_str(&list);
    while (tm_str_split(&rest, '\n', &line) && line.len) {
        struct tm_object *TM_CLEANUP(tm_object_freep) object = NULL;
        struct tm_object_form form;
        struct tm_git_id id, got;
        struct tm_str hex, type = TM_STR("");
        uint64_t size, expected = 0;

        assert_true(tm_str_split(&line, ' ', &hex) && tm_str_split(&line, ' ', &type));
        assert_true(tm_git_id_parse(&id, hex) && tm_str_u64(line, &expected));
        assert_ok(&f->err, tm_objects_read(objects, &id, type_of(type), 1 << 20, &object, &f->err));
        got = id_of(type_of(type), object);
        assert_int_equal(tm_git_id_cmp(&got, &id), 0);
        assert_ok(&f->err, tm_objects_size(objects, &id, &size, &f->err));
        assert_int_equal(size, expected);
        if (tm_objects_form(objects, &id, &form)) {
            assert_int_equal(form.size, expected);
            packed++;
        }
        n++;
    }
    assert_true(n > 200);
    tm_objects_close(objects);
    return packed;
}

static void loose_objects_are_read(void **state)
{
    run_in(*state, "");
    assert_int_equal(read_all(*state, "r"), 0);
}

static void packed_objects_are_read_however_their_bases_are_named(void **state)
{
    struct fixture *f = *state;
    size_t packed;

    run_in(f, "git repack -qadf --depth=30");
    packed = read_all(f, "r");
    assert_true(packed > 200);
    sandbox_run(&f->box, NULL, "cd r; git -c repack.useDeltaBaseOffset=false repack -qadf --depth=30");
    assert_int_equal(read_all(f, "r"), packed);
}

static void offsets_beyond_31_bits_are_found(void **state)
{
    struct fixture *f = *state;

    run_in(f, "git repack -qadf; rm -f .git/objects/pack/*.idx .git/objects/pack/*.rev;"
              "git index-pack --index-version=2,0x100 .git/objects/pack/*.pack >&2");
    assert_true(read_all(f, "r") > 200);
}

static void several_packs_loose_objects_and_alternates_are_one_repository(void **state)
{
    struct fixture *f = *state;

    run_in(
        f,
        "git repack -qd; echo x >x; git add x; git commit -qm x; git repack -qd; echo y >y; git add y;"
        "git commit -qm y; cd ..; git clone -q --shared r c; cd c; echo z >z; git add z; git commit -qm z");
    assert_true(read_all(f, "r") > 200);
    assert_int_equal(read_all(f, "c"), 0);
}

/* An index of version 1 is libgit2's to read. */
static void old_indexes_are_left_to_others(void **state)
{
    struct fixture *f = *state;

    run_in(f, "git -c pack.indexVersion=1 repack -qadf; rm -f .git/objects/pack/*.rev");
    assert_int_equal(read_all(f, "r"), 0);
}

static void what_is_not_there_too_large_or_of_another_type_is_said(void **state)
{
    struct fixture *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;
    struct tm_git_id id, none = { { 1 } };
    struct tm_objects *objects;
    struct tm_object *object = NULL;
    uint64_t size;

    sandbox_run(&f->box, &hex, "cd r; git gc -q; git rev-parse HEAD:a.txt | tr -d '\\n'");
    open_at(f, "r");
    assert_ok(&f->err, tm_objects_open(&objects, f->git, &f->err));
    assert_true(tm_git_id_parse(&id, tm_buf_str(&hex)));
    assert_fails(&f->err, TM_E_NOT_FOUND,
                 tm_objects_read(objects, &none, TM_OBJECT_BLOB, 9, &object, &f->err));
    assert_fails(&f->err, TM_E_NOT_FOUND, tm_objects_size(objects, &none, &size, &f->err));
    assert_fails(&f->err, TM_E_LIMIT, tm_objects_read(objects, &id, TM_OBJECT_BLOB, 1, &object, &f->err));
    assert_mentions(f, "has 2 bytes, the limit is 1");
    assert_fails(&f->err, TM_E_GIT, tm_objects_read(objects, &id, TM_OBJECT_TREE, 2, &object, &f->err));
    assert_ok(&f->err, tm_objects_read(objects, &id, TM_OBJECT_BLOB, 2, &object, &f->err));
    assert_string_equal(object->data, "a\n");
    tm_object_free(object);
    assert_false(tm_git_id_parse(&id, TM_STR("abc")));
    tm_objects_close(objects);
}

/* A byte is flipped in each place of a small pack in turn: the result is right, or a failure. */
static void damaged_packs_give_no_wrong_object(void **state)
{
    struct fixture *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;
    struct tm_str rest, line;
    struct tm_objects *objects;

    sandbox_run(&f->box, &hex,
                "cd r; seq 300 >a.txt; git commit -qam b; seq 301 >a.txt; git commit -qam c; git gc -q;"
                "git rev-parse HEAD HEAD~ HEAD~2 HEAD:a.txt HEAD~:a.txt HEAD:dir;"
                "for p in .git/objects/pack/*.pack; do chmod u+w $p; n=$(stat -c %s $p);"
                "for at in $(seq 12 7 $((n - 21))); do printf '\\377' | dd of=$p bs=1 seek=$at conv=notrunc "
                "2>/dev/null;"
                "done; done");
    open_at(f, "r");
    assert_ok(&f->err, tm_objects_open(&objects, f->git, &f->err));
    rest = tm_buf_str(&hex);
    while (tm_str_split(&rest, '\n', &line) && line.len) {
        struct tm_object *object = NULL;
        struct tm_git_id id;

        assert_true(tm_git_id_parse(&id, line));
        for (int type = TM_OBJECT_COMMIT; type <= TM_OBJECT_BLOB; type++) {
            if (tm_objects_read(objects, &id, (enum tm_object_type)type, 1 << 20, &object, &f->err))
                continue;
            tm_object_free(object);
            fail_msg("%.*s was read", TM_STR_ARG(line));
        }
    }
    tm_objects_close(objects);
}

/* The blobs of "grows", oldest first. */
static size_t versions(struct fixture *f, struct tm_git_id *ids)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) list = TM_BUF_INIT;
    struct tm_str rest, line;
    size_t n = 0;

    sandbox_run(&f->box, &list,
                "cd r; for c in $(git rev-list --reverse HEAD -- grows); do git rev-parse $c:grows; done");
    rest = tm_buf_str(&list);
    while (tm_str_split(&rest, '\n', &line) && line.len)
        assert_true(n < 50 && tm_git_id_parse(&ids[n++], line));
    return n;
}

static struct tm_object *read_blob(struct fixture *f, struct tm_objects *objects, const struct tm_git_id *id)
{
    struct tm_object *object;

    assert_ok(&f->err, tm_objects_read(objects, id, TM_OBJECT_BLOB, 1 << 20, &object, &f->err));
    return object;
}

/* What the form says of two versions must hold of their bytes; how many are said to be beginnings. */
static size_t check_forms(struct fixture *f)
{
    struct tm_git_id ids[50];
    struct tm_object_form forms[50];
    struct tm_objects *objects;
    size_t n = versions(f, ids), found = 0;

    open_at(f, "r");
    assert_ok(&f->err, tm_objects_open(&objects, f->git, &f->err));
    for (size_t i = 0; i < n; i++)
        assert_true(tm_objects_form(objects, &ids[i], &forms[i]));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n && forms[i].form; j++) {
            struct tm_object *TM_CLEANUP(tm_object_freep) own = NULL;
            struct tm_object *TM_CLEANUP(tm_object_freep) base = NULL;

            if (forms[i].base.pack != forms[j].place.pack || forms[i].base.at != forms[j].place.at)
                continue;
            own = read_blob(f, objects, &ids[i]);
            base = read_blob(f, objects, &ids[j]);
            assert_memory_equal(own->data, base->data, TM_MIN(own->len, base->len));
            assert_int_equal(own->len <= base->len, forms[i].form == TM_DELTA_PREFIX);
            found += forms[i].form == TM_DELTA_PREFIX;
        }
    tm_objects_close(objects);
    return found;
}

static void a_file_that_grows_is_stored_as_its_own_beginning(void **state)
{
    run_in(*state, "git repack -qadf --depth=50");
    assert_true(check_forms(*state) >= 30);
}

/* A pack that was sent to bring one more commit: its base is made part of it, and the new version stands on
 * it. */
static void a_pushed_version_is_stored_on_top_of_the_one_before(void **state)
{
    struct fixture *f = *state;
    struct tm_object *TM_CLEANUP(tm_object_freep) object = NULL;
    struct tm_object_form form, base;
    struct tm_git_id ids[50], digest;
    struct tm_objects *objects;
    struct tm_str piece;
    size_t n;

    run_in(f, "git repack -qadf; lines 8100 >grows; git commit -qam more;"
              "printf 'HEAD\n^HEAD~\n' | git pack-objects -q --revs --thin --stdout |"
              "git index-pack --fix-thin --stdin >&2; git prune-packed -q");
    n = versions(f, ids);
    open_at(f, "r");
    assert_ok(&f->err, tm_objects_open(&objects, f->git, &f->err));
    assert_true(tm_objects_form(objects, &ids[n - 1], &form));
    assert_int_equal(form.form, TM_DELTA_EXTENDS);
    assert_true(tm_objects_form_at(objects, form.base, &base));
    object = read_blob(f, objects, &ids[n - 1]);
    assert_true(base.size < object->len);
    piece = tm_str_n(object->data, (size_t)base.size);
    digest = tm_git_id_of_blob(&piece, 1);
    assert_int_equal(tm_git_id_cmp(&digest, &ids[n - 2]), 0);
    tm_objects_close(objects);
}

TM_TESTS(GIT_TEST(loose_objects_are_read), GIT_TEST(packed_objects_are_read_however_their_bases_are_named),
         GIT_TEST(offsets_beyond_31_bits_are_found),
         GIT_TEST(several_packs_loose_objects_and_alternates_are_one_repository),
         GIT_TEST(old_indexes_are_left_to_others),
         GIT_TEST(what_is_not_there_too_large_or_of_another_type_is_said),
         GIT_TEST(damaged_packs_give_no_wrong_object),
         GIT_TEST(a_file_that_grows_is_stored_as_its_own_beginning),
         GIT_TEST(a_pushed_version_is_stored_on_top_of_the_one_before))
