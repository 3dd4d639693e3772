/* Strategies: the choices that options and rules offer, by the names and numbers of Supvisors'
 * interface.  Pure data; config/ uses this header and nothing else of this folder. */
#pragma once

#include <stdbool.h>

enum starting_strategy {
        STARTING_CONFIG,
        STARTING_LESS_LOADED,
        STARTING_MOST_LOADED,
        STARTING_LOCAL,
        STARTING_LESS_LOADED_NODE,
        STARTING_MOST_LOADED_NODE,
        STARTING_STRATEGIES,
};

enum conciliation_strategy {
        CONCILIATION_SENICIDE,
        CONCILIATION_INFANTICIDE,
        CONCILIATION_USER,
        CONCILIATION_STOP,
        CONCILIATION_RESTART,
        CONCILIATION_RUNNING_FAILURE,
        CONCILIATION_STRATEGIES,
};

enum starting_failure { FAILURE_ABORT, FAILURE_STOP, FAILURE_CONTINUE, STARTING_FAILURES };

enum running_failure {
        RUNNING_CONTINUE,
        RUNNING_RESTART_PROCESS,
        RUNNING_STOP_APPLICATION,
        RUNNING_RESTART_APPLICATION,
        RUNNING_SHUTDOWN,
        RUNNING_RESTART,
        RUNNING_FAILURES,
};

enum distribution { ALL_INSTANCES, SINGLE_INSTANCE, SINGLE_NODE, DISTRIBUTIONS };

/* "LESS_LOADED". */
const char *starting_strategy_name(enum starting_strategy);
const char *conciliation_strategy_name(enum conciliation_strategy);
const char *starting_failure_name(enum starting_failure);
const char *running_failure_name(enum running_failure);
const char *distribution_name(enum distribution);

/* By the exact name; false: it is none. */
bool starting_strategy_find(const char *name, enum starting_strategy *ret);
bool conciliation_strategy_find(const char *name, enum conciliation_strategy *ret);
bool starting_failure_find(const char *name, enum starting_failure *ret);
bool running_failure_find(const char *name, enum running_failure *ret);
bool distribution_find(const char *name, enum distribution *ret);
