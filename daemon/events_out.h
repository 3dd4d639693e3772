/* Events out: tells subscribers (event_link) what happens in the cluster: its state and master, its
 * instances, applications and processes, and the statistics of all of them.
 *
 * It is there from the daemon's RUNNING until it begins to stop; nobody waits for it, and a body is
 * only made when somebody may be listening.  Where no cluster is configured all of this does
 * nothing. */
#pragma once

#include "engine/effects.h"
#include "fleet/statistics.h"

struct cluster_effect;
struct daemon;

void events_out_mood(struct daemon *, enum mood);
/* As events_out_stop(), but the daemon is replaced in place: subscribers are told to come back.  It
 * begins anew with MOOD_RUNNING, which the next image (fleet_host_resume()) finds by itself, and
 * whoever could not go over to that must say. */
void events_out_pause(struct daemon *);
void events_out_stop(struct daemon *); /* waits for its last words, for a moment */

/* Before the fleet hears of it. */
void events_out_cluster(struct daemon *, const struct cluster_effect *);
void events_out_figure(struct daemon *, const struct statistics_figure *);
