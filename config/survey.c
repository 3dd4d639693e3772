/* Survey: see survey.h. */
#include "config/survey.h"

#include <string.h>

#include "base/text.h"
#include "config/reader.h"

void config_problems_clear(struct config_problems *problems)
{
        for (size_t i = 0; i < problems->count; i++) {
                config_location_clear(&problems->at[i].location);
                mem_free(problems->at[i].text);
        }
        mem_free(problems->at);
        *problems = (struct config_problems){};
}

char *config_problem_text(const struct config_problem *problem)
{
        CLEANUP(mem_free) char *where = config_location_text(&problem->location);

        return mem_format("%s%s%s", where, *where ? ": " : "", problem->text);
}

static bool is_same(const char *a, const char *b)
{
        return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Whether something of that section was taken away already; with an option, that very one. */
static bool has_problem(
        const struct config_problems *problems, const char *section, const char *option)
{
        for (size_t i = 0; i < problems->count; i++)
                if (is_same(problems->at[i].location.section, section) &&
                        (!option || is_same(problems->at[i].location.option, option)))
                        return true;
        return false;
}

static bool lacks_members(const struct config_problems *problems)
{
        for (size_t i = 0; i < problems->count; i++)
                if (problems->at[i].is_whole)
                        return true;
        return false;
}

/* An option that is not there is missed since it was taken away; so is a member of a group. */
static bool is_follow_up(
        const struct config_problems *problems, const struct config_location *location)
{
        if (!location->section)
                return false;
        if (text_starts(location->section, "group:") && lacks_members(problems))
                return true;
        return has_problem(problems, location->section, location->value ? location->option : NULL);
}

/* False: it stands in the way of everything. */
static bool add(struct config_problems *problems, struct config_location *taken, const char *text)
{
        struct config_problem problem = { .location = *taken,
                .text = mem_strdup(text),
                .is_follow_up = is_follow_up(problems, taken),
                /* A lent value is not the section's to take away: then the whole goes. */
                .is_whole = !taken->value || has_problem(problems, taken->section, taken->option) };
        bool can_go_on =
                taken->section && !(problem.is_whole && is_same(taken->section, "supervisord"));

        *taken = (struct config_location){};
        for (size_t i = 0; can_go_on && problem.is_whole && i < problems->count; i++)
                if (problems->at[i].is_whole &&
                        is_same(problems->at[i].location.section, problem.location.section))
                        can_go_on = false;
        problems->at = mem_grow(
                problems->at, &problems->capacity, problems->count + 1, sizeof(*problems->at));
        problems->at[problems->count++] = problem;
        return can_go_on;
}

struct config *config_survey(
        const struct command_line *line, char *const *environ, struct config_problems *ret)
{
        *ret = (struct config_problems){};
        while (ret->count < CONFIG_PROBLEMS_MAX) {
                CLEANUP(config_free) struct config *config = NULL;
                struct config_location location = {};
                struct err err = {};
                int r = config_read_omitting(line, environ, NULL, ret, &config, &location, &err);

                if (r >= 0)
                        return TAKE(config);
                if (!add(ret, &location, err.text))
                        return NULL;
        }
        ret->is_cut = true;
        return NULL;
}
