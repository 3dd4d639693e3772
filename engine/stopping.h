/* Stopping: signals to a process, and seeing to it that nothing of it is left. */
#pragma once

#include "engine/state.h"

/* Stops it.  Returns the ticket of the signal whose result tells how that went; 0 when no signal is
 * sent, because it is stopped already or its main process is gone. */
uint64_t stopping_stop(struct engine *, struct slot *);
/* Carries out the stop that came while the spawn was under way. */
void stopping_stop_spawned(struct engine *, struct slot *);
/* A signal on a caller's behalf, which is no stop.  Returns its ticket; 0 when the main process is
 * gone, which counts as done; and 0 with a text that says why there is nothing to signal. */
uint64_t stopping_signal(struct engine *, struct slot *, int signal, char **ret_text);
void stopping_signalled(struct engine *, struct slot *, uint64_t ticket, int error);

/* SIGKILL that is no stop: what follows is what follows from any exit. */
void stopping_kill(struct engine *, struct slot *);

/* The main process has been reaped, members of its cgroup are alive. */
void stopping_drain(struct engine *, struct slot *);
/* What is left of a run that nobody will wait for. */
void stopping_abandon(struct engine *, struct slot *);
/* Somebody waits for it to stop, which is said at once and again while it lasts. */
void stopping_report(struct engine *, struct slot *);
void stopping_timer(struct engine *, struct slot *);
