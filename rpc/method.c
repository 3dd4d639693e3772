/* Methods: see method.h. */
#include "rpc/method.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare_names(const void *name, const void *row)
{
        return strcmp(name, ((const struct method *)row)->name);
}

bool method_is_offered(const struct rpc_host *host, const struct method *method)
{
        return host->supervisor_namespace || !text_starts(method->name, "supervisor.");
}

const struct method *method_find(const struct rpc_host *host, const char *name)
{
        const struct method *method =
                bsearch(name, methods, methods_count, sizeof(*methods), compare_names);

        return method && method_is_offered(host, method) ? method : NULL;
}

const struct method *method_target(const struct method *method)
{
        if (!method->alias_of)
                return method;
        return bsearch(method->alias_of, methods, methods_count, sizeof(*methods), compare_names);
}

bool method_takes_count(const struct method *method, size_t count)
{
        size_t most = 0, least = 0;

        for (const struct method_param *p = method->params; p->name; p++) {
                most++;
                if (!p->optional)
                        least = most;
        }
        return count >= least && count <= most;
}

/* The number that a value stands for, as Python's int() reads it. */
static int integer_of(const struct value *value, int64_t *ret)
{
        char *end;

        if (value->type == VALUE_INTEGER) {
                *ret = value->integer;
                return 0;
        }
        if (value->type == VALUE_BOOLEAN) {
                *ret = value->boolean;
                return 0;
        }
        if (value->type == VALUE_DOUBLE && value->real > -9e18 && value->real < 9e18) {
                *ret = (int64_t)value->real;
                return 0;
        }
        if (value->type != VALUE_STRING || strlen(value->string.data) != value->string.length)
                return -EINVAL;
        errno = 0;
        *ret = strtoll(value->string.data, &end, 10);
        if (errno || end == value->string.data || end[strspn(end, " \t\r\n\v\f")])
                return -EINVAL;
        return 0;
}

static bool fits(enum param_check check, const struct value *value)
{
        int64_t integer;

        switch (check) {
        case PARAM_STRING:
                return value->type == VALUE_STRING &&
                       strlen(value->string.data) == value->string.length;
        case PARAM_INTEGER:
                return integer_of(value, &integer) == 0;
        case PARAM_SIGNAL:
                return value->type == VALUE_INTEGER || fits(PARAM_STRING, value);
        case PARAM_SCALAR:
                return value->type == VALUE_STRING
                               ? fits(PARAM_STRING, value)
                               : value->type != VALUE_ARRAY && value->type != VALUE_STRUCT;
        case PARAM_ARRAY:
                return value->type == VALUE_ARRAY;
        case PARAM_ANY:
                return true;
        }
        return false;
}

char *method_check_types(const struct method *method, const struct value *params)
{
        for (size_t i = 0; i < params->array.count; i++)
                if (!fits(method->params[i].check, params->array.items[i]))
                        return mem_format("parameter '%s' is no %s", method->params[i].name,
                                method->params[i].type);
        return NULL;
}

const struct value *method_param(const struct invocation *in, size_t index)
{
        return index < in->params->array.count ? in->params->array.items[index] : NULL;
}

const char *method_string(const struct invocation *in, size_t index)
{
        return value_string(method_param(in, index), "");
}

int64_t method_integer(const struct invocation *in, size_t index)
{
        const struct value *value = method_param(in, index);
        int64_t integer = 0;

        /* That it is a number was checked against the row. */
        if (!value || integer_of(value, &integer) < 0)
                return 0;
        return integer;
}
