#include "coverage/go_module.h"

#include "test.h"

static void the_module_directive_is_found(void **state)
{
    static const struct {
        const char *text, *path; /* NULL: none */
    } cases[] = {
        { "module example.com/a/b\n\ngo 1.21\n", "example.com/a/b" },
        { "// a comment\nmodule\tlocal // the name\r\n", "local" },
        { "module \"example.com/quoted\"\n", "example.com/quoted" },
        { "module `example.com/raw`", "example.com/raw" },
        { "module (\n\texample.com/block\n)\n", "example.com/block" },
        { "modules x\nmodule y\n", "y" },
        { "", NULL },
        { "module", NULL },
        { "module \n", NULL },
        { "module ()\n", "()" },
        { "module (\n)\n", NULL },
        { "require example.com/x v1.0.0\n", NULL },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_str path;
        bool found = tm_go_module_path(tm_str(cases[i].text), &path);

        if (found != (cases[i].path != NULL))
            fail_msg("case %zu: %s", i, found ? "found" : "not found");
        if (found)
            assert_true(tm_str_is(path, cases[i].path));
    }
}

TM_TESTS(cmocka_unit_test(the_module_directive_is_found))
