/* Naming: see naming.h. */
#include "rpc/naming.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "rpc/call.h"

/*
 * Words.
 */

static const char *starting_name(size_t place)
{
        return starting_strategy_name((enum starting_strategy)place);
}

static const char *conciliation_name(size_t place)
{
        return conciliation_strategy_name((enum conciliation_strategy)place);
}

static int same_number(size_t place)
{
        return (int)place;
}

/* What Python calls the type. */
static const char *type_name(enum value_type type)
{
        static const char *const names[] = {
                [VALUE_NIL] = "NoneType",
                [VALUE_BOOLEAN] = "bool",
                [VALUE_INTEGER] = "int",
                [VALUE_DOUBLE] = "float",
                [VALUE_STRING] = "str",
                [VALUE_ARRAY] = "list",
                [VALUE_STRUCT] = "dict",
        };

        return names[type];
}

static bool is_word(const struct naming_words *words, size_t place, const struct value *value)
{
        const char *name = words->name(place), *given;

        if (value->type == VALUE_INTEGER)
                return value->integer == words->number(place);
        if (value->type != VALUE_STRING || strlen(value->string.data) != value->string.length)
                return false;
        given = value->string.data;
        return words->any_case ? strcasecmp(given, name) == 0 : strcmp(given, name) == 0;
}

/* What the fault says after the value. */
static void append_expected(
        struct text *t, const struct naming_words *words, const struct value *value)
{
        if (value->type != VALUE_INTEGER && value->type != VALUE_STRING) {
                text_format(t, " type=<class '%s'> - type string or integer expected",
                        type_name(value->type));
                return;
        }
        text_format(t, " - %s expected in [", value->type == VALUE_STRING ? "string" : "integer");
        for (size_t i = 0; i < words->count; i++) {
                text_append(t, i ? ", " : "");
                if (value->type == VALUE_STRING)
                        text_format(t, "'%s'", words->name(i));
                else
                        text_format(t, "%d", words->number(i));
        }
        text_append(t, "]");
}

bool naming_word(const struct invocation *in, size_t param, const struct naming_words *words,
        unsigned *ret_number)
{
        const struct value *value = method_param(in, param);
        CLEANUP(text_clear) struct text t = {};

        for (size_t i = 0; i < words->count; i++)
                if (is_word(words, i, value)) {
                        *ret_number = (unsigned)words->number(i);
                        return true;
                }
        text_format(&t, "invalid %s value=", words->what);
        value_append_words(&t, value);
        append_expected(&t, words, value);
        call_fault(in->call, FAULT_INCORRECT_PARAMETERS, text_string(&t));
        return false;
}

bool naming_starting(const struct invocation *in, size_t param, unsigned *ret)
{
        static const struct naming_words words = { "<enum 'StartingStrategies'>",
                STARTING_STRATEGIES, starting_name, same_number, false };

        return naming_word(in, param, &words, ret);
}

bool naming_conciliation(const struct invocation *in, size_t param, unsigned *ret)
{
        static const struct naming_words words = { "<enum 'ConciliationStrategies'>",
                CONCILIATION_STRATEGIES, conciliation_name, same_number, false };

        return naming_word(in, param, &words, ret);
}

/*
 * Instances.
 */

static const struct fleet_instance **instances_of(
        const struct fleet *fleet, const unsigned *indexes, size_t count)
{
        const struct fleet_instance **all = mem_new_array(count + 1, sizeof(*all));

        for (size_t i = 0; i < count; i++)
                all[i] = fleet_instance_at(fleet, indexes[i]);
        return all;
}

static int compare_identifiers(const void *a, const void *b)
{
        const struct fleet_instance *x = *(const struct fleet_instance *const *)a;
        const struct fleet_instance *y = *(const struct fleet_instance *const *)b;

        return strcmp(x->identifier, y->identifier);
}

const struct fleet_instance **naming_all_instances(const struct fleet *fleet, size_t *ret_count)
{
        const unsigned *order = fleet_instances_order(fleet, ret_count);
        const struct fleet_instance **all = instances_of(fleet, order, *ret_count);

        if (*ret_count > 1)
                qsort(all, *ret_count, sizeof(*all), compare_identifiers);
        return all;
}

const struct fleet_instance **naming_find_instances(
        const struct fleet *fleet, const char *name, size_t *ret_count)
{
        CLEANUP(mem_free)
        unsigned *indexes = mem_new_array(fleet_instances_count(fleet) + 1, sizeof(*indexes));

        *ret_count = fleet_instances_find(fleet, name, indexes);
        return *ret_count ? instances_of(fleet, indexes, *ret_count) : NULL;
}

const struct fleet_instance **naming_instances(
        const struct invocation *in, size_t param, size_t *ret_count)
{
        const char *name = method_string(in, param);
        const struct fleet_instance **found = naming_find_instances(in->fleet, name, ret_count);
        CLEANUP(mem_free) char *words = NULL;

        if (found)
                return found;
        words = mem_format("identifier=%s is unknown to Supvisors", name);
        call_fault(in->call, FAULT_BAD_NAME, words);
        return NULL;
}

void naming_append_identifiers(
        struct text *t, const struct fleet_instance *const *instances, size_t count)
{
        text_append(t, "[");
        for (size_t i = 0; i < count; i++) {
                text_append(t, i ? ", " : "");
                text_append_repr(t, instances[i]->identifier, strlen(instances[i]->identifier));
        }
        text_append(t, "]");
}

/*
 * Applications and processes.
 */

const struct fleet_application *naming_application(const struct invocation *in, size_t param)
{
        const char *name = method_string(in, param);
        const struct fleet_application *application = fleet_application_find(in->fleet, name);
        CLEANUP(mem_free) char *words = NULL;

        if (application)
                return application;
        words = mem_format("application=%s unknown to Supvisors", name);
        call_fault(in->call, FAULT_BAD_NAME, words);
        return NULL;
}

bool naming_namespec(const struct invocation *in, size_t param,
        const struct fleet_application **ret, const struct fleet_process **ret_process)
{
        CLEANUP(mem_free) char *detail = NULL;
        struct fleet_application *application = NULL;
        struct fleet_process *process = NULL;
        enum fault fault = fleet_find_namespec(
                in->fleet, method_string(in, param), &application, &process, &detail);

        if (fault != FAULT_NONE) {
                call_fault(in->call, fault, detail);
                return false;
        }
        *ret = application;
        *ret_process = process;
        return true;
}
