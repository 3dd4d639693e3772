/* Taking: see take.h.  The schema has been here before, so little can be wrong; what it lets
 * through is judged as the loader of Supvisors does. */
#include "rules/take.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct value { /* one that is being taken */
        struct rules *rules;
        struct set_element *element;
        enum set_rule rule;
        const char *name, *text;
        long line;
};

static void refuse(const struct value *v, enum log_level level, const char *why)
{
        set_note(v->rules, level, v->element->file, v->line,
                "element '%s': the value '%.200s' %s, so it is left out", v->name, v->text, why);
}

static bool find_integer(const char *text, int64_t *ret)
{
        char *end;

        errno = 0;
        *ret = strtoll(text, &end, 10);
        if (errno || end == text)
                return false;
        return end[strspn(end, " \t\r\n")] == '\0';
}

static bool take_sequence(struct value *v)
{
        int64_t number;

        if (!find_integer(v->text, &number))
                refuse(v, LOG_LEVEL_ERROR, "is not an integer");
        else if (number < 0)
                refuse(v, LOG_LEVEL_ERROR, "is negative");
        else
                return v->element->value[v->rule] = number, true;
        return false;
}

static bool take_loading(struct value *v)
{
        int64_t number;

        if (!find_integer(v->text, &number) || number < 0 || number > 100) {
                refuse(v, LOG_LEVEL_WARN, "is not an integer from 0 to 100");
                return false;
        }
        v->element->value[v->rule] = number;
        return true;
}

static bool take_seconds(struct value *v)
{
        int64_t number;

        if (!find_integer(v->text, &number) || number < 1 || number > INT32_MAX) {
                refuse(v, LOG_LEVEL_WARN, "is not a number of seconds");
                return false;
        }
        v->element->value[v->rule] = number;
        return true;
}

static bool take_boolean(struct value *v)
{
        static const char *const words[][2] = { { "false", "true" }, { "0", "1" }, { "no", "yes" },
                { "off", "on" }, { "n", "y" }, { "f", "t" } };
        const char *start = v->text + strspn(v->text, " \t\r\n");
        size_t length = strcspn(start, " \t\r\n");

        for (size_t i = 0; i < 2 * ELEMENTS(words); i++) {
                const char *word = words[i / 2][i % 2];

                if (strlen(word) == length && strncasecmp(word, start, length) == 0)
                        return v->element->value[v->rule] = i % 2, true;
        }
        refuse(v, LOG_LEVEL_WARN, "is neither true nor false");
        return false;
}

static bool find_distribution(const char *name, int64_t *ret)
{
        enum distribution found = ALL_INSTANCES;
        bool ok = distribution_find(name, &found);

        *ret = found;
        return ok;
}

static bool find_starting_strategy(const char *name, int64_t *ret)
{
        enum starting_strategy found = STARTING_CONFIG;
        bool ok = starting_strategy_find(name, &found);

        *ret = found;
        return ok;
}

static bool find_starting_failure(const char *name, int64_t *ret)
{
        enum starting_failure found = FAILURE_ABORT;
        bool ok = starting_failure_find(name, &found);

        *ret = found;
        return ok;
}

static bool find_running_failure(const char *name, int64_t *ret)
{
        enum running_failure found = RUNNING_CONTINUE;
        bool ok = running_failure_find(name, &found);

        *ret = found;
        return ok;
}

static bool take_choice(struct value *v, bool (*find)(const char *name, int64_t *ret))
{
        int64_t found;

        if (find(v->text, &found))
                return v->element->value[v->rule] = found, true;
        refuse(v, LOG_LEVEL_WARN, "is not one of those that there are");
        return false;
}

static bool take_distribution(struct value *v)
{
        return take_choice(v, find_distribution);
}

static bool take_starting_strategy(struct value *v)
{
        return take_choice(v, find_starting_strategy);
}

static bool take_starting_failure(struct value *v)
{
        return take_choice(v, find_starting_failure);
}

static bool take_running_failure(struct value *v)
{
        return take_choice(v, find_running_failure);
}

/* Made places when all aliases are known. */
static bool take_identifiers(struct value *v)
{
        mem_free(v->element->identifiers);
        v->element->identifiers = mem_strdup(v->text);
        return true;
}

static bool take_reference(struct value *v)
{
        mem_free(v->element->reference);
        v->element->reference = mem_strdup(v->text);
        return true;
}

static bool take_formula(struct value *v)
{
        struct formula *formula = NULL;
        struct err err = {};

        if (formula_parse(v->text, &formula, &err) < 0) {
                set_note(v->rules, LOG_LEVEL_ERROR, v->element->file, v->line,
                        "element '%s': %s; the formula is left out", v->name, err.text);
                return false;
        }
        formula_unref(v->element->formula);
        v->element->formula = formula;
        return true;
}

static const struct {
        const char *name;
        bool (*take)(struct value *);
} rows[SET_RULES] = {
        [RULE_DISTRIBUTION] = { "distribution", take_distribution },
        [RULE_IDENTIFIERS] = { "identifiers", take_identifiers },
        [RULE_START_SEQUENCE] = { "start_sequence", take_sequence },
        [RULE_STOP_SEQUENCE] = { "stop_sequence", take_sequence },
        [RULE_STARTING_STRATEGY] = { "starting_strategy", take_starting_strategy },
        [RULE_STARTING_FAILURE] = { "starting_failure_strategy", take_starting_failure },
        [RULE_RUNNING_FAILURE] = { "running_failure_strategy", take_running_failure },
        [RULE_OPERATIONAL_STATUS] = { "operational_status", take_formula },
        [RULE_REFERENCE] = { "reference", take_reference },
        [RULE_REQUIRED] = { "required", take_boolean },
        [RULE_WAIT_EXIT] = { "wait_exit", take_boolean },
        [RULE_WAIT_EXIT_TIMEOUT] = { "wait_exit_timeout", take_seconds },
        [RULE_EXPECTED_LOADING] = { "expected_loading", take_loading },
};

void take_value(
        struct rules *rules, struct set_element *e, const char *name, long line, const char *text)
{
        for (enum set_rule rule = 0; rule < SET_RULES && *text; rule++) {
                struct value value = { .rules = rules,
                        .element = e,
                        .rule = rule,
                        .name = name,
                        .text = text,
                        .line = line };

                if (strcmp(name, rows[rule].name) == 0 && rows[rule].take(&value))
                        e->given |= 1u << rule;
        }
}

const char *take_name(enum set_rule rule)
{
        return rows[rule].name;
}
