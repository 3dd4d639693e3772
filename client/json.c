/* JSON: see json.h. */
#include "client/json.h"

#include <errno.h>

#include "rpc/json.h"

int json_print(FILE *f, const struct value *const *items, size_t count)
{
        json_t *array = json_array();
        int r = array ? 0 : -ENOMEM;

        for (size_t i = 0; r == 0 && i < count; i++)
                if (json_array_append_new(array, json_from_value(items[i])) < 0)
                        r = -ENOMEM;
        if (r == 0 && json_dumpf(array, f, JSON_INDENT(2)) < 0)
                r = -EIO;
        if (r == 0 && (fputc('\n', f) == EOF || fflush(f) == EOF))
                r = -EIO;
        json_decref(array);
        return r;
}
