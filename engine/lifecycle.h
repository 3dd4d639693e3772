/* Lifecycle: one process's way through its states, with the effects and log lines of each step. */
#pragma once

#include "engine/state.h"

/* Asks for a spawn, unless there is a process already.  One that is disabled or obsolete silently
 * stays as it is. */
void lifecycle_start(struct engine *, struct slot *);
/* Enabled again, as if it had never run: autostart and autorestart mean what they say. */
void lifecycle_begin_anew(struct engine *, struct slot *);
void lifecycle_set_no_autorestart(struct engine *, struct slot *);
/* 'how' is for the log: "spawned". */
void lifecycle_spawned(struct engine *, struct slot *, pid_t, const char *how);
void lifecycle_spawn_failed(struct engine *, struct slot *, const char *text);
/* The usage of the run may be NULL. */
void lifecycle_exited(struct engine *, struct slot *, pid_t, int status, bool populated,
        const struct figures *usage);
void lifecycle_emptied(struct engine *, struct slot *, const struct figures *usage);

/* The parts of a run, for who finds one that has begun or ended without us: it is in the state that
 * the input leads to, with a spawn under way; the spawn is to be made anew, with nothing counted;
 * the main process has ended; and the whole run has, with no thought of the next one. */
void lifecycle_begin_run(struct engine *, struct slot *, enum process_input);
void lifecycle_spawn_again(struct engine *, struct slot *);
void lifecycle_note_exit(struct engine *, struct slot *, int status);
void lifecycle_end_run(struct engine *, struct slot *, const struct figures *usage);

/* It is to be thawed before a signal can reach it, or before it starts again. */
void lifecycle_thaw(struct engine *, struct slot *);
/* BACKOFF becomes FATAL without the line that says why: the daemon shuts down. */
void lifecycle_give_up(struct engine *, struct slot *);
/* Through BACKOFF to FATAL, with the reason as its spawnerr, when it is at rest: the cluster
 * ordered a start that cannot be. */
void lifecycle_force_fatal(struct engine *, struct slot *, const char *reason);
/* What is appended to its command from now on; NULL or "": nothing. */
void lifecycle_set_args(struct engine *, struct slot *, const char *args);
void lifecycle_timer(struct engine *, struct slot *);

/* Moves it along the table, tells the world, and whoever waits for it.  Nothing happens when the
 * input is ignored in its state. */
void lifecycle_change(struct engine *, struct slot *, enum process_input);
/* Files it under the next moment at which something is due. */
void lifecycle_rearm(struct engine *, struct slot *);
