/* See fake_rules.h. */
#include "tests/unit/fake_rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct application {
        char *name, *identifiers;
        struct rules_application rules;
};

struct program {
        char *namespec, *identifiers;
        struct rules_program rules;
};

struct rules {
        unsigned owners;
        struct application *applications;
        size_t applications_count, applications_capacity;
        struct program *programs;
        size_t programs_count, programs_capacity;
};

struct formula {
        unsigned owners;
        char *text;
};

struct rules *fake_rules_new(void)
{
        struct rules *rules = mem_new(sizeof(*rules));

        rules->owners = 1;
        return rules;
}

struct rules *rules_ref(struct rules *rules)
{
        if (rules)
                rules->owners++;
        return rules;
}

struct rules *rules_unref(struct rules *rules)
{
        if (!rules || --rules->owners)
                return NULL;
        for (size_t i = 0; i < rules->applications_count; i++) {
                formula_unref(rules->applications[i].rules.formula);
                mem_free(rules->applications[i].name);
                mem_free(rules->applications[i].identifiers);
        }
        for (size_t i = 0; i < rules->programs_count; i++) {
                mem_free(rules->programs[i].namespec);
                mem_free(rules->programs[i].identifiers);
        }
        mem_free(rules->applications);
        mem_free(rules->programs);
        return mem_free(rules);
}

void fake_rules_application(struct rules *rules, const char *name,
        const struct rules_application *said, const char *identifiers)
{
        struct application *application;

        rules->applications = mem_grow(rules->applications, &rules->applications_capacity,
                rules->applications_count + 1, sizeof(*rules->applications));
        application = &rules->applications[rules->applications_count++];
        application->name = mem_strdup(name);
        application->identifiers = mem_strdup(identifiers ? identifiers : "*");
        application->rules = *said;
        application->rules.managed = true;
        if (!said->stop_sequence)
                application->rules.stop_sequence = said->start_sequence;
}

void fake_rules_program(struct rules *rules, const char *namespec, const struct rules_program *said,
        const char *identifiers)
{
        struct program *program;

        rules->programs = mem_grow(rules->programs, &rules->programs_capacity,
                rules->programs_count + 1, sizeof(*rules->programs));
        program = &rules->programs[rules->programs_count++];
        program->namespec = mem_strdup(namespec);
        program->identifiers = mem_strdup(identifiers ? identifiers : "*");
        program->rules = *said;
        if (!said->stop_sequence)
                program->rules.stop_sequence = said->start_sequence;
}

static uint64_t mix(uint64_t hash, const void *data, size_t size)
{
        for (size_t i = 0; i < size; i++)
                hash = (hash ^ ((const unsigned char *)data)[i]) * 0x100000001b3;
        return hash;
}

/* Of what tests change. */
uint64_t rules_hash(const struct rules *rules)
{
        uint64_t hash = 0xcbf29ce484222325;

        if (!rules)
                return 0;
        for (size_t i = 0; i < rules->applications_count; i++) {
                const struct application *a = &rules->applications[i];

                hash = mix(hash, a->name, strlen(a->name));
                hash = mix(hash, a->identifiers, strlen(a->identifiers));
                hash = mix(hash, &a->rules.start_sequence, sizeof(a->rules.start_sequence));
        }
        for (size_t i = 0; i < rules->programs_count; i++) {
                const struct program *p = &rules->programs[i];

                hash = mix(hash, p->namespec, strlen(p->namespec));
                hash = mix(hash, p->identifiers, strlen(p->identifiers));
                hash = mix(hash, &p->rules.start_sequence, sizeof(p->rules.start_sequence));
                hash = mix(hash, &p->rules.expected_loading, sizeof(p->rules.expected_loading));
        }
        return hash;
}

static void set_places(struct rules_places *places, const char *identifiers)
{
        char *copy = mem_strdup(identifiers), *rest = copy, *name;

        *places = (struct rules_places){ .names = mem_new_array(100, sizeof(char *)) };
        while ((name = strsep(&rest, ",")) != NULL) {
                if (strcmp(name, "*") == 0)
                        places->all = true;
                else if (strcmp(name, "#") == 0)
                        places->spread = true;
                else if (strcmp(name, "@") == 0)
                        places->one_each = true;
                else if (*name)
                        places->names[places->count++] = mem_strdup(name);
        }
        if ((places->spread || places->one_each) && places->count == 0)
                places->all = true;
        mem_free(copy);
}

static void free_places(struct rules_places *places)
{
        for (size_t i = 0; i < places->count; i++)
                mem_free(places->names[i]);
        mem_free(places->names);
}

/* N of a name that ends with "-N" or "_N". */
static int64_t number_of(const char *name)
{
        const char *end = name + strlen(name), *p = end;

        while (p > name && p[-1] >= '0' && p[-1] <= '9')
                p--;
        return p < end && p > name && (p[-1] == '-' || p[-1] == '_') ? atoi(p) : 0;
}

struct rules_application *rules_for_application(const struct rules *rules, const char *name,
        enum starting_strategy default_strategy, struct rules_notes *notes)
{
        struct rules_application *found = mem_new(sizeof(*found));
        const char *identifiers = "*";

        (void)notes;
        found->starting_strategy = default_strategy;
        for (size_t i = 0; rules && i < rules->applications_count; i++)
                if (strcmp(rules->applications[i].name, name) == 0) {
                        *found = rules->applications[i].rules;
                        identifiers = rules->applications[i].identifiers;
                }
        if (found->formula)
                formula_ref(found->formula);
        set_places(&found->places, identifiers);
        found->number = number_of(name);
        return found;
}

static bool matches(const char *pattern, const char *namespec)
{
        size_t length = strlen(pattern);

        if (length && pattern[length - 1] == '*')
                return strncmp(pattern, namespec, length - 1) == 0;
        return strcmp(pattern, namespec) == 0;
}

struct rules_program *rules_for_process(const struct rules *rules, const char *application,
        const struct rules_application *of_application, const char *process,
        struct rules_notes *notes)
{
        struct rules_program *found = mem_new(sizeof(*found));
        char *namespec = mem_format("%s:%s", application, process);
        const char *identifiers = "*";

        (void)notes;
        found->starting_failure = of_application->starting_failure;
        found->running_failure = of_application->running_failure;
        for (size_t i = 0; rules && i < rules->programs_count; i++)
                if (matches(rules->programs[i].namespec, namespec)) {
                        *found = rules->programs[i].rules;
                        identifiers = rules->programs[i].identifiers;
                        found->by_pattern = true;
                }
        set_places(&found->places, identifiers);
        mem_free(namespec);
        return found;
}

struct rules_application *rules_application_free(struct rules_application *rules)
{
        if (!rules)
                return NULL;
        free_places(&rules->places);
        formula_unref(rules->formula);
        return mem_free(rules);
}

struct rules_program *rules_program_free(struct rules_program *rules)
{
        if (!rules)
                return NULL;
        free_places(&rules->places);
        return mem_free(rules);
}

void rules_notes_clear(struct rules_notes *notes)
{
        *notes = (struct rules_notes){};
}

struct formula *fake_formula_new(const char *text)
{
        struct formula *formula = mem_new(sizeof(*formula));

        formula->owners = 1;
        formula->text = mem_strdup(text);
        return formula;
}

struct formula *formula_ref(struct formula *formula)
{
        formula->owners++;
        return formula;
}

struct formula *formula_unref(struct formula *formula)
{
        if (!formula || --formula->owners)
                return NULL;
        mem_free(formula->text);
        return mem_free(formula);
}

const char *formula_text(const struct formula *formula)
{
        return formula->text;
}

int formula_evaluate(const struct formula *formula, const struct formula_fact *facts, size_t count,
        bool *ret, struct err *err)
{
        if (formula->text[0] == '!')
                return err_set(err, -EINVAL, "%s", formula->text);
        *ret = false;
        for (size_t i = 0; i < count; i++)
                if (strcmp(facts[i].name, formula->text) == 0)
                        *ret = facts[i].ok;
        return 0;
}
