/* State: the private side of the fleet, for the files of this folder only. */
#pragma once

#include "fleet/fleet.h"

#define FLEET_PROCESSES_MAX 65536
#define FLEET_KEPT_USEC_MAX (10 * USEC_SEC) /* how long records of an absent instance stay */

struct allowed_told; /* allowed.c */
struct debts;        /* debts.c */
struct losses;       /* losses.c */
struct sequencing;   /* starter, stopper, failures, conciliation, requests: sequencing.h */

struct fleet_change { /* sequencing hears of it once the model is complete */
        struct fleet_record *record;
        enum process_state before;
};

struct fleet {
        struct fleet_options options;
        struct rules *rules;

        struct fleet_instance **instances; /* by index; NULL: not told of yet */
        size_t instances_count;
        unsigned *order; /* indexes in the list's order */
        size_t order_count;

        struct fleet_application **applications; /* in the order of discovery */
        size_t applications_count, applications_capacity;
        struct fleet_application *by_name;
        size_t processes_count;
        bool full_told; /* FLEET_PROCESSES_MAX is reached, and the log says so */
        size_t conflicts;
        uint64_t arrivals, snapshots;
        struct allowed_told *told; /* unknown names that the log knows of; NULL: it is not told */

        enum fsm_state state;
        unsigned master;
        bool acting;
        uint64_t mastership;

        struct sequencing *sequencing;
        struct losses *losses;
        struct debts *debts;

        /* Restored while other rules hold than then: they come with the next step. */
        bool is_ruled_anew;
        char *rest; /* saved_rest() of a later build; NULL: nothing */

        /* Of the step that is being made */
        usec_t now, wall;
        struct fleet_effects *out;
        struct fleet_change *changes;
        size_t changes_count, changes_capacity;
        struct fleet_application **dirty;
        size_t dirty_count, dirty_capacity;
};

/* Appends an effect about the process, the record's instance, the application, or the instance. */
struct fleet_effect *state_tell_process(
        struct fleet *, enum fleet_effect_type, const struct fleet_process *);
struct fleet_effect *state_tell_record(
        struct fleet *, enum fleet_effect_type, const struct fleet_record *);
struct fleet_effect *state_tell_application(struct fleet *, const struct fleet_application *);
void state_tell_instance(struct fleet *, const struct fleet_instance *);
