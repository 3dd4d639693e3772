/* State: the private side of the fleet, for the files of this folder only. */
#pragma once

#include "fleet/fleet.h"

struct sequencing; /* starter, stopper, failures, conciliation, requests: sequencing.h */

struct fleet {
        struct fleet_options options;
        struct rules *rules;

        struct fleet_instance **instances; /* by index */
        size_t instances_count;
        unsigned *order; /* indexes in the list's order */

        struct fleet_application **applications; /* in the order of discovery */
        size_t applications_count, applications_capacity;
        struct fleet_application *by_name;
        uint64_t arrivals;

        enum fsm_state state;
        unsigned master;
        bool acting;
        uint64_t mastership;

        struct sequencing *sequencing;

        /* Of the step that is being made */
        usec_t now, wall;
        struct fleet_effects *out;
};
