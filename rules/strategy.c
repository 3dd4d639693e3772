/* Strategies: see strategy.h. */
#include "rules/strategy.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"

static const char *const starting_strategies[] = {
        [STARTING_CONFIG] = "CONFIG",
        [STARTING_LESS_LOADED] = "LESS_LOADED",
        [STARTING_MOST_LOADED] = "MOST_LOADED",
        [STARTING_LOCAL] = "LOCAL",
        [STARTING_LESS_LOADED_NODE] = "LESS_LOADED_NODE",
        [STARTING_MOST_LOADED_NODE] = "MOST_LOADED_NODE",
};

static const char *const conciliation_strategies[] = {
        [CONCILIATION_SENICIDE] = "SENICIDE",
        [CONCILIATION_INFANTICIDE] = "INFANTICIDE",
        [CONCILIATION_USER] = "USER",
        [CONCILIATION_STOP] = "STOP",
        [CONCILIATION_RESTART] = "RESTART",
        [CONCILIATION_RUNNING_FAILURE] = "RUNNING_FAILURE",
};

static const char *const starting_failures[] = {
        [FAILURE_ABORT] = "ABORT",
        [FAILURE_STOP] = "STOP",
        [FAILURE_CONTINUE] = "CONTINUE",
};

static const char *const running_failures[] = {
        [RUNNING_CONTINUE] = "CONTINUE",
        [RUNNING_RESTART_PROCESS] = "RESTART_PROCESS",
        [RUNNING_STOP_APPLICATION] = "STOP_APPLICATION",
        [RUNNING_RESTART_APPLICATION] = "RESTART_APPLICATION",
        [RUNNING_SHUTDOWN] = "SHUTDOWN",
        [RUNNING_RESTART] = "RESTART",
};

static const char *const distributions[] = {
        [ALL_INSTANCES] = "ALL_INSTANCES",
        [SINGLE_INSTANCE] = "SINGLE_INSTANCE",
        [SINGLE_NODE] = "SINGLE_NODE",
};

const char *starting_strategy_name(enum starting_strategy strategy)
{
        return starting_strategies[strategy];
}

const char *conciliation_strategy_name(enum conciliation_strategy strategy)
{
        return conciliation_strategies[strategy];
}

const char *starting_failure_name(enum starting_failure failure)
{
        return starting_failures[failure];
}

const char *running_failure_name(enum running_failure failure)
{
        return running_failures[failure];
}

const char *distribution_name(enum distribution distribution)
{
        return distributions[distribution];
}

static bool find(const char *const *names, size_t count, const char *name, size_t *ret)
{
        for (*ret = 0; *ret < count; ++*ret)
                if (strcmp(names[*ret], name) == 0)
                        return true;
        return false;
}

bool starting_strategy_find(const char *name, enum starting_strategy *ret)
{
        size_t i;
        bool found = find(starting_strategies, ELEMENTS(starting_strategies), name, &i);

        if (found)
                *ret = (enum starting_strategy)i;
        return found;
}

bool conciliation_strategy_find(const char *name, enum conciliation_strategy *ret)
{
        size_t i;
        bool found = find(conciliation_strategies, ELEMENTS(conciliation_strategies), name, &i);

        if (found)
                *ret = (enum conciliation_strategy)i;
        return found;
}

bool starting_failure_find(const char *name, enum starting_failure *ret)
{
        size_t i;
        bool found = find(starting_failures, ELEMENTS(starting_failures), name, &i);

        if (found)
                *ret = (enum starting_failure)i;
        return found;
}

bool running_failure_find(const char *name, enum running_failure *ret)
{
        size_t i;
        bool found = find(running_failures, ELEMENTS(running_failures), name, &i);

        if (found)
                *ret = (enum running_failure)i;
        return found;
}

bool distribution_find(const char *name, enum distribution *ret)
{
        size_t i;
        bool found = find(distributions, ELEMENTS(distributions), name, &i);

        if (found)
                *ret = (enum distribution)i;
        return found;
}
