/*
 * Any bytes as YAML. What must hold: a tree within the limits, whose places lie in the text, whose texts
 * are UTF-8 without a NUL and whose keys are different; what is refused says so in one line.
 */
#include "base/map.h"
#include "ext/yaml.h"
#include "fuzz.h"

static void check_text(struct tm_str text)
{
    FUZZ_CHECK(tm_str_is_utf8(text));
    FUZZ_CHECK(tm_str_find(text, '\0') == SIZE_MAX);
    FUZZ_CHECK(text.data[text.len] == '\0');
}

static void check_node(const struct tm_yaml_node *node, size_t lines, size_t depth)
{
    struct tm_map TM_CLEANUP(tm_map_release) keys = TM_MAP_INIT;
    size_t n = 0;

    FUZZ_CHECK(depth <= TM_YAML_DEPTH + 1);
    FUZZ_CHECK(node->line >= 1 && node->line <= lines && node->column >= 1);
    if (node->kind == TM_YAML_SCALAR)
        check_text(node->text);
    for (const struct tm_yaml_node *child = node->child; child; child = child->next) {
        bool added = true;

        if (node->kind == TM_YAML_MAPPING) {
            check_text(child->key);
            FUZZ_CHECK(child->key_line >= 1 && child->key_line <= lines && child->key_column >= 1);
            tm_map_at(&keys, child->key, &added);
        }
        FUZZ_CHECK(added);
        check_node(child, lines, depth + 1);
        n++;
    }
    FUZZ_CHECK(n == node->count && (n == 0 || node->kind != TM_YAML_SCALAR));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_yaml_node *root = NULL;

    if (tm_yaml_parse(&arena, "input", tm_str_n((const char *)data, size), &root, &err)) {
        FUZZ_CHECK(err.code == TM_E_SETTINGS && err.msg && !strchr(err.msg, '\n'));
        return 0;
    }
    if (root)
        check_node(root, size + 1, 1);
    return 0;
}
