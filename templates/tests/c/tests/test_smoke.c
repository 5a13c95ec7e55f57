{{#if c_buildable}}
/*
 * Is linked with every source of {{name}}: when one of them does not compile, or lacks what it
 * calls, there is no program to run. Prints TAP.
 */
#include <stdio.h>
{{#each c_headers}}
#include "{{path}}"
{{/each}}
{{#if c_functions}}

typedef void (*function)(void);

/* Public functions: declared in a header, or this does not compile; defined in a source, or it does not link. */
static const struct {
    const char *name;
    function address;
} functions[] = {
{{#each c_functions}}
    { "{{name}}", (function){{name}} },
{{/each}}
};
{{/if}}

int main(void)
{
    size_t n = 0;

    printf("ok %zu - every source is built\n", ++n);
{{#if c_functions}}
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        if (!functions[i].address) {
            printf("not ok %zu - %s is defined\n", ++n, functions[i].name);
            return 1;
        }
        printf("ok %zu - %s is defined\n", ++n, functions[i].name);
    }
{{/if}}
    printf("1..%zu\n", n);
    return 0;
}
{{/if}}
