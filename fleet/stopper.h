/* The stopper: processes are stopped in the order of their ranks, the highest first, and what waits
 * for that is started afterwards. */
#pragma once

#include "fleet/agenda.h"

struct wish;

/* All of the application that runs, wherever it does; false: nothing does. */
bool stopper_add_application(
        struct fleet *, struct fleet_application *, uint64_t batch, const struct holders *);
/* The process where it runs and, with a list, only there; false: nowhere. */
bool stopper_add_process(struct fleet *, struct fleet_process *, const unsigned *instances,
        size_t count, uint64_t batch, const struct holders *);
/* It stops there, or is to. */
bool stopper_ends(const struct fleet *, const struct fleet_record *);
/* All but the kept one, for as long as that is there; when it is lost too late for them, the
 * process is. */
void stopper_add_spare(struct fleet *, struct fleet_process *, unsigned kept);
/* All of an application, and what the starter has of it, or would start of it afterwards, is given
 * up. */
bool stopper_stop_application(
        struct fleet *, struct fleet_application *, uint64_t batch, const struct holders *);
/* Stops it if it runs, then starts it. */
void stopper_restart_application(struct fleet *, struct fleet_application *, const struct wish *);
void stopper_restart_process(struct fleet *, struct fleet_process *, const struct wish *);
/* All applications, also those that are not managed. */
void stopper_stop_all(struct fleet *);

void stopper_record(struct fleet *, struct fleet_record *);
void stopper_forget(struct fleet *, struct fleet_process *, unsigned instance);
void stopper_lost(struct fleet *, unsigned instance);
/* The copy that was to stay is gone, though its instance is there. */
void stopper_lost_kept(struct fleet *, struct fleet_process *, unsigned instance);
/* The next daemon is there: what the one that died was ordered, it did not do. */
void stopper_returned(struct fleet *, unsigned instance);
void stopper_timer(struct fleet *);
bool stopper_advance(struct fleet *); /* true: something has changed */
