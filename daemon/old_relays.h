/* Relays to the journal (relay.h) that daemons before us have started, and which go on reading the
 * output of programs that we have adopted: who they are is found by what they have open.  Where one
 * is killed, ours goes on with its pipes. */
#pragma once

struct daemon;

/* Of the programs that were adopted just now, before their kept descriptors are given back. */
void old_relays_find(struct daemon *);
/* Of those that the image before us knew. */
void old_relays_rejoin(struct daemon *);
void old_relays_leave_loop(struct daemon *);
