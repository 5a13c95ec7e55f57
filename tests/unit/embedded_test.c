#include "test.h"

#include "base/embedded.h"
#include "base/str.h"

static void the_table_holds_the_files_in_their_order(void **state)
{
    assert_string_equal(tm_embedded_collectors[0].path, "python.yaml");
    assert_string_equal(tm_embedded_collectors[1].path, "javascript.yaml");
}

static void bytes_are_whole_and_end_in_a_nul_that_is_not_counted(void **state)
{
    const struct tm_embedded *file = tm_embedded_collectors;

    for (; file->path; file++) {
        struct tm_str text = tm_str((const char *)file->data);

        assert_int_equal(text.len, file->len);
        assert_true(tm_str_has_prefix(text, TM_STR("# ")));
        assert_true(tm_str_has_suffix(text, TM_STR("\n")));
    }
    assert_true(file - tm_embedded_collectors > 1);
}

TM_TESTS(cmocka_unit_test(the_table_holds_the_files_in_their_order),
         cmocka_unit_test(bytes_are_whole_and_end_in_a_nul_that_is_not_counted))
