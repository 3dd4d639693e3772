/* JSON: see json.h. */
#include "client/json.h"

#include <errno.h>

#include "rpc/json.h"

/* Takes the text's tree, NULL for lack of memory. */
static int print(FILE *f, json_t *json)
{
        int r = json ? 0 : -ENOMEM;

        if (r == 0 && json_dumpf(json, f, JSON_INDENT(2)) < 0)
                r = -EIO;
        if (r == 0 && (fputc('\n', f) == EOF || fflush(f) == EOF))
                r = -EIO;
        json_decref(json);
        return r;
}

int json_print(FILE *f, const struct value *const *items, size_t count)
{
        json_t *array = json_array();

        for (size_t i = 0; array && i < count; i++)
                if (json_array_append_new(array, json_from_value(items[i])) < 0) {
                        json_decref(array);
                        array = NULL;
                }
        return print(f, array);
}

int json_print_value(FILE *f, const struct value *value)
{
        return print(f, json_from_value(value));
}
