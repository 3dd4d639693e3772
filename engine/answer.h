/* Answers: what a request ends with. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "engine/fault.h"
#include "engine/process.h"

enum answer_type {
        ANSWER_TRUE,
        ANSWER_FAULT,
        ANSWER_ENTRIES, /* one per process, in the order in which they were done */
        ANSWER_DIFF,    /* of REQUEST_RELOAD_CONFIG */
        ANSWER_FALSE,
        ANSWER_TEXT,     /* a string */
        ANSWER_FORECAST, /* where processes would start */
        ANSWER_LOG,      /* a part of a log, and what it is a part of */
};

struct answer_entry {
        char *name;
        char *group;
        enum fault status; /* FAULT_SUCCESS when it went well */
        char *description; /* "OK" or the faultString */
};

struct answer_forecast {
        char *application, *process;
        enum process_state state; /* RUNNING, EXITED, FATAL, STOPPED */
        char *reason;             /* "" when there is none */
        char **identifiers;       /* of instances, NULL at the end */
};

struct answer_names { /* of groups */
        char **names;
        size_t count;
        size_t capacity;
};

struct answer {
        enum answer_type type;
        enum fault fault;
        char *text;   /* ANSWER_FAULT: the whole faultString; ANSWER_TEXT, ANSWER_LOG */
        int64_t size; /* ANSWER_LOG: of the whole */
        bool overflow;
        struct answer_entry *entries;
        size_t entries_count;
        size_t entries_capacity;
        struct answer_names added, changed, removed;
        struct answer_forecast *forecasts; /* sorted by application and process */
        size_t forecasts_count;
};

struct answer *answer_new(enum answer_type);
struct answer *answer_new_fault(enum fault, const char *extra); /* extra as for fault_text() */
struct answer *answer_free(struct answer *);
DEFINE_CLEANUP(struct answer *, answer_free)
struct answer *answer_new_text(const char *);
/* Room for one more, zeroed: what it points to is the answer's from then on. */
struct answer_forecast *answer_add_forecast(struct answer *);
void answer_add_entry(
        struct answer *, const char *name, const char *group, enum fault, const char *extra);
void answer_names_add(struct answer_names *, const char *);
