/* Lookup: see lookup.h; and what an application or a process ends up with. */
#include "rules/lookup.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "rules/places.h"

struct about { /* whom a note is about */
        const struct set_element *element;
        const char *application, *process; /* NULL: the application itself */
        struct rules_notes *notes;
};

static void note(const struct about *, enum log_level, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
static void note(const struct about *about, enum log_level level, const char *format, ...)
{
        const char *process = about->process ? about->process : "";
        char *words;
        va_list ap;

        va_start(ap, format);
        words = mem_vformat(format, ap);
        va_end(ap);
        set_notes_append(about->notes, level,
                mem_format("%s, line %ld: %s%s%s: %s", about->element->file, about->element->line,
                        about->application, *process ? ":" : "", process, words));
        mem_free(words);
}

static void take_places(const struct set_element *e, struct rules_places *ret)
{
        static const struct rules_places everywhere = { .all = true };
        const struct set_element *giver = set_giver(e, RULE_IDENTIFIERS);

        places_copy(giver ? &giver->places : &everywhere, ret);
}

static void set_everywhere(struct rules_places *places)
{
        places_clear(places);
        take_places(NULL, places);
}

static void set_nowhere(struct rules_places *places)
{
        set_everywhere(places);
        places->all = false;
}

void lookup_rules_application(const struct set_element *e, enum starting_strategy default_strategy,
        struct rules_application *ret)
{
        ret->managed = e != NULL;
        ret->distribution = (enum distribution)set_value(e, RULE_DISTRIBUTION, ALL_INSTANCES);
        take_places(e, &ret->places);
        ret->start_sequence = set_value(e, RULE_START_SEQUENCE, 0);
        ret->stop_sequence = set_value(e, RULE_STOP_SEQUENCE, ret->start_sequence);
        ret->starting_strategy =
                (enum starting_strategy)set_value(e, RULE_STARTING_STRATEGY, default_strategy);
        ret->starting_failure =
                (enum starting_failure)set_value(e, RULE_STARTING_FAILURE, FAILURE_ABORT);
        ret->running_failure =
                (enum running_failure)set_value(e, RULE_RUNNING_FAILURE, RUNNING_CONTINUE);
        ret->formula = e && e->formula ? formula_ref(e->formula) : NULL;
}

/* N of a name that ends with "-N" or "_N"; 0 when it does not. */
static int64_t number_of(const char *name)
{
        const char *digits = name + strlen(name);
        int64_t number = 0;

        while (digits > name && isdigit((unsigned char)digits[-1]))
                digits--;
        if (digits == name || (digits[-1] != '-' && digits[-1] != '_'))
                return 0;
        for (; *digits; digits++)
                if (__builtin_mul_overflow(number, 10, &number) ||
                        __builtin_add_overflow(number, *digits - '0', &number))
                        return INT64_MAX;
        return number;
}

static void check_application(const struct about *about, struct rules_application *a)
{
        if (a->places.one_each) {
                note(about, LOG_LEVEL_ERROR, "'@' is for programs only%s",
                        a->places.spread ? ", '#' counts" : ", so it has no instance");
                a->places.one_each = false;
                if (!a->places.spread)
                        set_nowhere(&a->places);
        }
        if (!a->places.spread)
                return;
        a->number = number_of(about->application);
        if (a->number > 0)
                return;
        note(about, LOG_LEVEL_ERROR,
                "'#' needs a name that ends with '-' or '_' and a number from 1 on, so it has no "
                "instance and is not started");
        a->number = 0;
        a->start_sequence = 0;
        set_nowhere(&a->places);
        a->places.spread = false;
}

struct rules_application *rules_for_application(const struct rules *rules, const char *application,
        enum starting_strategy default_strategy, struct rules_notes *notes)
{
        struct rules_application *a = mem_new(sizeof(*a));
        const struct set_element *e = NULL;
        bool by_pattern;

        if (rules)
                e = set_match(&rules->applications, application, &by_pattern, notes);
        lookup_rules_application(e, rules ? default_strategy : STARTING_CONFIG, a);
        if (!rules)
                a->stop_sequence = -1; /* what Supvisors tells then */
        if (e)
                check_application(
                        &(struct about){ .element = e, .application = application, .notes = notes },
                        a);
        return a;
}

void lookup_program(const struct set_element *e, const struct rules_application *application,
        struct rules_program *ret)
{
        take_places(e, &ret->places);
        ret->start_sequence = set_value(e, RULE_START_SEQUENCE, 0);
        ret->stop_sequence = set_value(e, RULE_STOP_SEQUENCE, ret->start_sequence);
        ret->required = set_value(e, RULE_REQUIRED, false);
        ret->wait_exit = set_value(e, RULE_WAIT_EXIT, false);
        ret->wait_exit_max = usec_from_secs(set_value(e, RULE_WAIT_EXIT_TIMEOUT, 0));
        ret->expected_loading = set_value(e, RULE_EXPECTED_LOADING, 0);
        ret->starting_failure = (enum starting_failure)set_value(e, RULE_STARTING_FAILURE,
                application ? application->starting_failure : FAILURE_ABORT);
        ret->running_failure = (enum running_failure)set_value(e, RULE_RUNNING_FAILURE,
                application ? application->running_failure : RUNNING_CONTINUE);
}

/* In the order of the specification: each check sees what the one before has made of it. */
static void check_program(const struct about *about, struct rules_program *p)
{
        if (p->places.one_each && !p->by_pattern)
                note(about, LOG_LEVEL_ERROR,
                        "'@' needs a program with a pattern, so every instance will do");
        if (p->places.spread && !p->by_pattern)
                note(about, LOG_LEVEL_ERROR,
                        "'#' needs a program with a pattern, so every instance will do");
        if ((p->places.one_each || p->places.spread) && !p->by_pattern)
                set_everywhere(&p->places);
        if (p->places.one_each && p->places.spread) {
                note(about, LOG_LEVEL_ERROR, "'#' and '@' exclude each other, '@' counts");
                p->places.spread = false;
        }
        if (p->required && p->start_sequence == 0) {
                note(about, LOG_LEVEL_ERROR, "it is not required, since its start_sequence is 0");
                p->required = false;
        }
        if (p->wait_exit_max && !p->wait_exit)
                note(about, LOG_LEVEL_WARN, "wait_exit_timeout has no effect without wait_exit");
}

struct rules_program *rules_for_process(const struct rules *rules, const char *application,
        const struct rules_application *of, const char *process, struct rules_notes *notes)
{
        struct rules_program *p = mem_new(sizeof(*p));
        const struct set_element *a = NULL, *e = NULL;
        bool by_pattern = false;

        /* What is said about the application has been said with its own rules. */
        if (rules)
                a = set_match(&rules->applications, application, &by_pattern, NULL);
        by_pattern = false;
        if (a)
                e = set_match(&a->programs, process, &by_pattern, notes);
        p->by_pattern = e && by_pattern;
        lookup_program(e, of, p);
        if (!rules)
                p->stop_sequence = -1; /* what Supvisors tells then */
        if (e)
                check_program(&(struct about){ .element = e,
                                      .application = application,
                                      .process = process,
                                      .notes = notes },
                        p);
        return p;
}

struct rules_application *rules_application_free(struct rules_application *a)
{
        if (!a)
                return NULL;
        places_clear(&a->places);
        formula_unref(a->formula);
        return mem_free(a);
}

struct rules_program *rules_program_free(struct rules_program *p)
{
        if (!p)
                return NULL;
        places_clear(&p->places);
        return mem_free(p);
}
