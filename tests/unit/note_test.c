#include "sandbox.h"

#include "base/base64.h"
#include "base/secret.h"
#include "ledger/note.h"

/*
 * The key of RFC 8032, 7.1, TEST 1, under a name of ours. The id and the base 64 come from Python's hashlib
 * and base64, the signature from OpenSSL 3.0.19: openssl pkeyutl -sign -rawin -inkey key.pem -in text
 */
#define NAME   "example.org/harbour"
#define ORIGIN NAME "/coverage/00112233445566778899aabbccddeeff"
static const char secret[] = "PRIVATE+KEY+" NAME "+9487616d+AZ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";
static const char verifier[] = NAME "+9487616d+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
#define TEXT ORIGIN "\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"
#define SIGNATURE                                                                                            \
    "\xE2\x80\x94 " NAME                                                                                     \
    " lIdhbb+NsOXOalBO6GXD9fs0eb5rodXhqmKSSm2gNWksC2rr4goV2gd8xIHF9elurEU0T2X8XmBlMWV9We1hJU2F7QE=\n"
static const char note[] = TEXT "\n" SIGNATURE;
/* The root of the eight leaves of RFC 6962's vectors. */
#define ROOT TM_STR("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")

struct place {
    struct sandbox box;
    char *file;
    struct tm_note_signer signer;
    struct tm_note_key key;
    struct tm_err err;
};

static void write_key(struct place *p, const char *text)
{
    unlink(p->file);
    assert_ok(&p->err, tm_secret_create(p->file, tm_str(text), &p->err));
}

static int set_up(void **state)
{
    struct place *p = tm_alloc(sizeof(*p));

    p->box = sandbox_make();
    p->file = sandbox_path(&p->box, "key");
    p->err = TM_ERR_INIT;
    write_key(p, secret);
    assert_ok(&p->err, tm_note_signer_load(&p->signer, p->file, &p->err));
    assert_ok(&p->err, tm_note_key_parse(tm_str(verifier), &p->key, &p->err));
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct place *p = *state;

    tm_err_release(&p->err);
    free(p->file);
    sandbox_remove(&p->box);
    free(p);
    return 0;
}

static enum tm_code open_note(struct place *p, const char *text, struct tm_tree_head *head)
{
    tm_err_release(&p->err);
    return tm_note_open(tm_str(text), "note", &p->key, head, &p->err);
}

static void a_note_is_what_openssl_signs(void **state)
{
    struct place *p = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_tree_head head = { .origin = TM_STR(ORIGIN), .size = 8 };

    assert_true(tm_hash_parse(ROOT, &head.root));
    tm_note_sign(&head, &p->signer, &out);
    assert_string_equal(out.data, note);
}

static void a_note_is_opened_by_its_verifiers_key(void **state)
{
    struct place *p = *state;
    struct tm_tree_head head;
    struct tm_hash root;

    assert_ok(&p->err, open_note(p, note, &head));
    assert_true(tm_str_is(head.origin, ORIGIN));
    assert_int_equal(head.size, 8);
    assert_true(tm_hash_parse(ROOT, &root));
    assert_memory_equal(head.root.bytes, root.bytes, TM_HASH_LEN);
}

static void every_changed_bit_of_a_note_is_refused(void **state)
{
    struct place *p = *state;
    char changed[sizeof(note)];

    memcpy(changed, note, sizeof(note));
    for (size_t bit = 0; bit < 8 * (sizeof(note) - 1); bit++) {
        struct tm_tree_head head;

        changed[bit / 8] ^= (char)(1 << bit % 8);
        tm_err_release(&p->err);
        if (tm_note_open(tm_str_n(changed, sizeof(note) - 1), "note", &p->key, &head, &p->err) == TM_OK)
            fail_msg("bit %zu of byte %zu does not count", bit % 8, bit / 8);
        changed[bit / 8] ^= (char)(1 << bit % 8);
    }
}

static void signatures_of_others_are_passed_over(void **state)
{
    struct place *p = *state;
    struct tm_tree_head head;
    /* Another name, another id, and a longer signature of another algorithm. */
    static const char others[] = TEXT "\n\xE2\x80\x94 example.org/other lIdhbb+NsOXOalBO6GXD9fs0\n"
                                      "\xE2\x80\x94 " NAME " AAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" SIGNATURE
                                      "\xE2\x80\x94 example.com/w AAAAAAAA\n";

    assert_ok(&p->err, open_note(p, others, &head));
    assert_int_equal(head.size, 8);
    assert_fails(&p->err, TM_E_NO,
                 open_note(p, TEXT "\n\xE2\x80\x94 example.org/other lIdhbb+NsOXOalBO6GXD9fs0\n", &head));
    assert_string_equal(p->err.msg, "'note' is not signed by that key of '" NAME "'");
    /* One good signature does not make up for a wrong one by the same key. */
    assert_fails(&p->err, TM_E_NO,
                 open_note(p, TEXT "\n" SIGNATURE "\xE2\x80\x94 " NAME " lIdhbb+NsOXOalBO6GXD9fs0\n", &head));
    assert_string_equal(p->err.msg, "the signature by '" NAME "' in 'note' is wrong");
}

static void what_is_no_note_is_unreadable(void **state)
{
    struct place *p = *state;
    struct tm_tree_head head;
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "", "it has no empty line before its signatures" },
        { TEXT, "it has no empty line before its signatures" },
        { TEXT "\n", "it does not end with a signature line" },
        { TEXT SIGNATURE, "it has no empty line before its signatures" },
        { TEXT "\n\xE2\x80\x94 x AAAAAAAA", "it does not end with a signature line" },
        { TEXT "\n- x AAAAAAAA\n", "a signature line is not spelled as one" },
        { TEXT "\n\xE2\x80\x94 x\n", "a signature line is not spelled as one" },
        { TEXT "\n\xE2\x80\x94  AAAAAAAA\n", "a signature line is not spelled as one" },
        { TEXT "\n\xE2\x80\x94 x AAAAAA==\n", "a signature line is not spelled as one" },
        { TEXT "\n\xE2\x80\x94 x AAAAAAA\n", "a signature line is not spelled as one" },
        { TEXT "\n" SIGNATURE "more\n", "a signature line is not spelled as one" },
        { ORIGIN "\r\n8\r\n\r\n", "it has control characters, or its line ends were converted" },
        { "a\tb\n\n" SIGNATURE, "it has control characters, or its line ends were converted" },
        { "\xFF\n\n" SIGNATURE, "it is not UTF-8" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        assert_fails(&p->err, TM_E_FORMAT, open_note(p, cases[i].text, &head));
        if (!strstr(p->err.msg, cases[i].message))
            fail_msg("case %zu: %s", i, p->err.msg);
    }
}

static void a_signed_text_that_is_no_checkpoint_is_unreadable(void **state)
{
    static const char *const texts[] = {
        "\n",
        "one line\n",
        ORIGIN "\n8\n",
        "\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
        ORIGIN "\n08\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
        ORIGIN "\n-8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
        ORIGIN "\n18446744073709551616\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
        ORIGIN "\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg\n",
        ORIGIN "\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/Rg\n",
        TEXT "\nnot the signatures\n",
    };
    struct place *p = *state;

    for (size_t i = 0; i < TM_LEN(texts); i++) {
        struct tm_signature signature = tm_sign(&p->signer.secret, tm_str(texts[i]));
        struct tm_buf TM_CLEANUP(tm_buf_release) bytes = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        struct tm_tree_head head;

        tm_buf_add(&bytes, p->key.id, TM_NOTE_ID_LEN);
        tm_buf_add(&bytes, signature.bytes, TM_SIGN_LEN);
        tm_buf_addf(&text, "%s\n\xE2\x80\x94 " NAME " ", texts[i]);
        tm_base64_add(&text, bytes.data, bytes.len);
        tm_buf_addc(&text, '\n');
        assert_fails(&p->err, TM_E_FORMAT, open_note(p, text.data, &head));
        assert_string_equal(p->err.msg, "'note' is signed, but its text is no checkpoint");
    }
}

static void a_note_has_a_limit(void **state)
{
    struct place *p = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_tree_head head;

    tm_buf_adds(&text, note);
    while (text.len + sizeof("\xE2\x80\x94 x AAAAAAAA\n") - 1 <= TM_NOTE_MAX)
        tm_buf_adds(&text, "\xE2\x80\x94 x AAAAAAAA\n");
    assert_ok(&p->err, open_note(p, text.data, &head));
    while (text.len <= TM_NOTE_MAX)
        tm_buf_adds(&text, "\xE2\x80\x94 x AAAAAAAA\n");
    assert_fails(&p->err, TM_E_LIMIT, open_note(p, text.data, &head));
}

static void keys_have_one_spelling(void **state)
{
    struct place *p = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_note_key key;
    static const char *const wrong[] = {
        "",
        NAME,
        NAME "+9487616d",
        NAME "+9487616d+",
        "+9487616d+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        "a b+9487616d+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        NAME "+9487616D+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        NAME "+9487616+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        NAME "+9487616d+AtdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        NAME "+9487616d+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1",
        NAME "+9487616d+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea\n",
        /* a good spelling, but the id is that of other bytes or another name */
        NAME "+9487616e+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        "example.org/harbor+9487616d+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
    };

    tm_note_key_spell(&p->signer.key, &out);
    assert_string_equal(out.data, verifier);
    for (size_t i = 0; i < TM_LEN(wrong); i++)
        assert_fails(&p->err, TM_E_USAGE, tm_note_key_parse(tm_str(wrong[i]), &key, &p->err));
}

static void a_new_key_is_saved_and_loaded(void **state)
{
    struct place *p = *state;
    struct tm_note_signer signer, again;
    struct tm_tree_head head = { .origin = TM_STR("o"), .size = 0, .root = tm_hash_of(TM_STR("")) };
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    char name[TM_NOTE_NAME_MAX + 1];

    assert_ok(&p->err, tm_note_signer_new(&signer, TM_STR("example.org/new"), &p->err));
    assert_fails(&p->err, TM_E_EXISTS, tm_note_signer_save(&signer, p->file, &p->err));
    assert_int_equal(unlink(p->file), 0);
    assert_ok(&p->err, tm_note_signer_save(&signer, p->file, &p->err));
    assert_ok(&p->err, tm_note_signer_load(&again, p->file, &p->err));
    assert_memory_equal(signer.secret.bytes, again.secret.bytes, TM_SIGN_SECRET_LEN);
    tm_note_sign(&head, &again, &out);
    assert_ok(&p->err, tm_note_open(tm_buf_str(&out), "note", &signer.key, &head, &p->err));
    memset(name, 'n', sizeof(name));
    assert_ok(&p->err, tm_note_signer_new(&signer, tm_str_n(name, TM_NOTE_NAME_MAX), &p->err));
    assert_fails(&p->err, TM_E_USAGE, tm_note_signer_new(&signer, tm_str_n(name, sizeof(name)), &p->err));
    assert_fails(&p->err, TM_E_USAGE, tm_note_signer_new(&signer, TM_STR("a+b"), &p->err));
    assert_fails(&p->err, TM_E_USAGE, tm_note_signer_new(&signer, TM_STR("a b"), &p->err));
    assert_fails(&p->err, TM_E_USAGE, tm_note_signer_new(&signer, TM_STR(""), &p->err));
    assert_fails(&p->err, TM_E_USAGE, tm_note_signer_new(&signer, TM_STR("h\xC3\xA4"), &p->err));
}

static void a_key_file_that_is_none_is_refused_without_a_word_of_it(void **state)
{
    struct place *p = *state;
    struct tm_note_signer signer;
    static const char *const wrong[] = {
        "",
        "hush",
        "PRIVATE+KEY+",
        "PRIVATE+KEY+hush+9487616d+AZ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9",
        "PRIVATE+KEY+hush+9487616d+AZ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g",
        "-----BEGIN PRIVATE KEY-----\nhush\n",
    };

    for (size_t i = 0; i < TM_LEN(wrong); i++) {
        write_key(p, wrong[i]);
        assert_fails(&p->err, TM_E_FORMAT, tm_note_signer_load(&signer, p->file, &p->err));
        assert_null(strstr(p->err.msg, "hush"));
        assert_null(strstr(p->err.msg, "AZ1h"));
    }
}

#define PLACE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TM_TESTS(PLACE_TEST(a_note_is_what_openssl_signs), PLACE_TEST(a_note_is_opened_by_its_verifiers_key),
         PLACE_TEST(every_changed_bit_of_a_note_is_refused), PLACE_TEST(signatures_of_others_are_passed_over),
         PLACE_TEST(what_is_no_note_is_unreadable),
         PLACE_TEST(a_signed_text_that_is_no_checkpoint_is_unreadable), PLACE_TEST(a_note_has_a_limit),
         PLACE_TEST(keys_have_one_spelling), PLACE_TEST(a_new_key_is_saved_and_loaded),
         PLACE_TEST(a_key_file_that_is_none_is_refused_without_a_word_of_it))
