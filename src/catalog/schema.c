#include "catalog/schema.h"

#include "base/clock.h"

enum tm_code tm_schema_say_no(const struct tm_json_doc *doc, const struct tm_json_node *node,
                              struct tm_err *err, const char *fmt, ...)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;
    va_list ap;

    va_start(ap, fmt);
    tm_buf_vaddf(&message, fmt, ap);
    va_end(ap);
    tm_json_doc_fail(doc, node, err, "%s", message.data);
    if (err)
        err->code = TM_E_NO;
    return TM_E_NO;
}

static bool is_texts(const struct tm_json_node *node)
{
    if (node->kind != TM_JSON_KIND_ARRAY)
        return false;
    for (const struct tm_json_node *item = node->child; item; item = item->next)
        if (item->kind != TM_JSON_KIND_STRING)
            return false;
    return true;
}

static bool has_type(const struct tm_json_node *node, enum tm_schema_type type)
{
    int64_t time_s;
    uint64_t count;

    switch (type) {
    case TM_SCHEMA_TEXT:
        return node->kind == TM_JSON_KIND_STRING;
    case TM_SCHEMA_TEXTS:
        return is_texts(node);
    case TM_SCHEMA_COUNT:
        return tm_json_node_u64(node, &count);
    case TM_SCHEMA_NUMBER:
        return node->kind == TM_JSON_KIND_NUMBER;
    case TM_SCHEMA_BOOL:
        return node->kind == TM_JSON_KIND_BOOL;
    case TM_SCHEMA_STAMP:
        return node->kind == TM_JSON_KIND_STRING && tm_clock_parse(node->text, &time_s);
    case TM_SCHEMA_OBJECT:
        return node->kind == TM_JSON_KIND_OBJECT;
    case TM_SCHEMA_ARRAY:
        return node->kind == TM_JSON_KIND_ARRAY;
    }
    return false;
}

static const char *type_name(enum tm_schema_type type)
{
    static const char *const names[] = {
        [TM_SCHEMA_TEXT] = "a text",        [TM_SCHEMA_TEXTS] = "an array of texts",
        [TM_SCHEMA_COUNT] = "a count",      [TM_SCHEMA_NUMBER] = "a number",
        [TM_SCHEMA_BOOL] = "true or false", [TM_SCHEMA_STAMP] = "a time",
        [TM_SCHEMA_OBJECT] = "an object",   [TM_SCHEMA_ARRAY] = "an array",
    };

    return names[type];
}

static enum tm_code check_field(const struct tm_json_doc *doc, const struct tm_json_node *object,
                                const struct tm_schema_field *field, struct tm_err *err)
{
    const struct tm_json_node *node = tm_json_get(object, field->name);

    if (!node)
        return tm_schema_say_no(doc, object, err, "'%s' is missing", field->name);
    if (field->nullable && node->kind == TM_JSON_KIND_NULL)
        return TM_OK;
    if (!has_type(node, field->type))
        return tm_schema_say_no(doc, node, err, "'%s' must be %s%s", field->name, type_name(field->type),
                                field->nullable ? " or null" : "");
    if (!field->fields)
        return TM_OK;
    if (field->type == TM_SCHEMA_OBJECT)
        return tm_schema_check(doc, node, field->fields, err);
    for (const struct tm_json_node *item = node->child; item; item = item->next)
        if (tm_schema_check(doc, item, field->fields, err))
            return TM_E_NO;
    return TM_OK;
}

enum tm_code tm_schema_check(const struct tm_json_doc *doc, const struct tm_json_node *node,
                             const struct tm_schema_field *fields, struct tm_err *err)
{
    if (node->kind != TM_JSON_KIND_OBJECT)
        return tm_schema_say_no(doc, node, err, "an object must be here");
    for (const struct tm_schema_field *field = fields; field->name; field++)
        if (check_field(doc, node, field, err))
            return TM_E_NO;
    return TM_OK;
}
