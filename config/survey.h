/* Survey: all that is wrong with a configuration, not only what is found first.
 *
 * What a failure is about is taken as not written, the option or else the whole section, and the
 * rest is read again.  What fails only because something was taken away is not told. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

enum { CONFIG_PROBLEMS_MAX = 200 };

struct config_problem {
        struct config_location location;
        char *text;        /* the sentence, without the place */
        bool is_follow_up; /* of another one, and not to be told */
        bool is_whole;     /* the whole section was taken away, not the option alone */
};

struct config_problems {
        struct config_problem *at;
        size_t count, capacity;
        bool is_cut; /* there may be more */
};

/* What is left when all of them are taken away; NULL: the last one stands in the way of that, or
 * 'is_cut'. */
struct config *config_survey(
        const struct command_line *, char *const *environ, struct config_problems *ret);
void config_problems_clear(struct config_problems *);

static inline void config_problems_clear_at(struct config_problems *problems)
{
        config_problems_clear(problems);
}

/* "file 'x.conf', line 3, section [program:x], option 'startsecs', value 'soon': the sentence". */
char *config_problem_text(const struct config_problem *) __attribute__((returns_nonnull));
