/* Methods: see method.h. */
#include "rpc/method.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare_names(const void *name, const void *row)
{
        return strcmp(name, ((const struct method *)row)->name);
}

/* In the order of their names. */
static const struct method_table *const tables[] = { &methods_reeve, &methods_supervisor,
        &methods_supvisors, &methods_system };

const struct method *method_at(size_t index)
{
        for (size_t i = 0; i < ELEMENTS(tables); i++) {
                if (index < tables[i]->count)
                        return &tables[i]->rows[index];
                index -= tables[i]->count;
        }
        return NULL;
}

static const struct method *find_row(const char *name)
{
        const struct method *row = NULL;

        for (size_t i = 0; i < ELEMENTS(tables) && !row; i++)
                row = bsearch(name, tables[i]->rows, tables[i]->count, sizeof(*row), compare_names);
        return row;
}

bool method_is_offered(const struct invocation *in, const struct method *method)
{
        if (text_starts(method->name, "supervisor."))
                return in->host->supervisor_namespace;
        if (text_starts(method->name, "system."))
                return true;
        /* Who does not configure supervisor.* wants nobody to act on his programs in this way. */
        if (method->standalone && !in->fleet)
                return in->host->supervisor_namespace && method->offered(in->host);
        if (method->standalone)
                return method->offered(in->host);
        return in->fleet && in->cluster && in->config &&
               (!method->offered || method->offered(in->host));
}

const struct method *method_find(const struct invocation *in, const char *name)
{
        const struct method *method = find_row(name);

        return method && method_is_offered(in, method) ? method : NULL;
}

const struct method *method_target(const struct method *method)
{
        return method->alias_of ? find_row(method->alias_of) : method;
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

static const unsigned gates[] = {
        /* states as bits */
        [GATE_DISTRIBUTED] = 1 << FSM_DISTRIBUTION | 1 << FSM_OPERATION | 1 << FSM_CONCILIATION |
                             1 << FSM_RESTARTING | 1 << FSM_SHUTTING_DOWN,
        [GATE_OPERATION] = 1 << FSM_OPERATION,
        [GATE_WORKING] = 1 << FSM_OPERATION | 1 << FSM_CONCILIATION,
        [GATE_CONCILIATION] = 1 << FSM_CONCILIATION,
        [GATE_SYNCHRONIZATION] = 1 << FSM_SYNCHRONIZATION,
};

char *method_check_gate(const struct method *method, enum fsm_state state)
{
        unsigned gate = gates[method->gate];
        struct text words = {};

        if (method->gate == GATE_NONE || gate & 1u << state)
                return NULL;
        text_format(
                &words, "invalid Supvisors state=%s - state expected in [", fsm_state_name(state));
        for (unsigned s = 0, told = 0; s < FSM_STATES; s++)
                if (gate & 1u << s)
                        text_format(&words, "%s'%s'", told++ ? ", " : "", fsm_state_name(s));
        text_append(&words, "]");
        return text_take(&words);
}

int method_read_integer(const struct value *value, int64_t *ret)
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
                return method_read_integer(value, &integer) == 0;
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
        if (!value || method_read_integer(value, &integer) < 0)
                return 0;
        return integer;
}
