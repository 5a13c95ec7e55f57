/*
 * Any bytes as a CODEOWNERS file. What must hold: owners are words with an '@', and a rule that is said to
 * decide is one of the file's.
 */
#include "fuzz.h"
#include "scaffold/codeowners.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const dirs[] = { "", "a", "a/b", "docs/x y/[z]", "very/deep/folder/of/a/module" };
    struct tm_codeowners c = TM_CODEOWNERS_INIT;

    if (size > 1 << 16)
        return 0;
    tm_codeowners_parse(&c, tm_str_n((const char *)data, size));
    for (size_t i = 0; i < c.n; i++) {
        FUZZ_CHECK(c.rules[i].glob.len > 0);
        for (size_t k = 0; k < c.rules[i].n_owners; k++) {
            struct tm_str owner = c.rules[i].owners[k];

            FUZZ_CHECK(tm_str_find(owner, '@') != SIZE_MAX && tm_str_find(owner, '\n') == SIZE_MAX);
        }
    }
    for (size_t i = 0; i < TM_LEN(dirs); i++) {
        const struct tm_codeowners_rule *rule = tm_codeowners_of(&c, tm_str(dirs[i]));

        FUZZ_CHECK(!rule || (rule >= c.rules && rule < c.rules + c.n));
    }
    tm_codeowners_release(&c);
    return 0;
}
