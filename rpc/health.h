/* What the daemon knows of how it lives: what reeve.getHealth tells, for 'reevectl doctor'.  Plain
 * data; strings are the host's, good until its loop runs on. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct rpc_health {
        const char *version;
        const char *configuration;
        unsigned uid;
        const char *cgroups;  /* where programs live; NULL: in no cgroups of their own */
        bool has_controllers; /* all that it would use */
        const char *scope;    /* the delegated one of systemd; NULL: none */
        const char *starts;   /* how programs are started */
        bool hears_exits;     /* of descendants that are no children */
        bool is_service;      /* of a manager that it notifies */
        uint64_t watchdog;    /* microseconds; 0: nobody watches */
        uint64_t files_soft, files_hard;
        uint64_t log_dropped; /* lines of the activity log */
};
