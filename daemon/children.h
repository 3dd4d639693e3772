/* Children: what the daemon holds for each process slot, and for each run of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <systemd/sd-event.h>
#include <uthash.h>

#include "daemon/birth.h"
#include "daemon/channels.h"
#include "daemon/limits.h"
#include "engine/effects.h"

struct cgroup_sample;
struct cgroup_slot;
struct descriptors;
struct err;
struct figures;
struct daemon;
struct descendants;
struct fcgi_socket;
struct saved;
struct saver;
struct spawn_user;
struct stranger_watch;

struct child { /* a slot; 'pid' and what follows are of its present run */
        uint32_t id;
        UT_hash_handle by_id;
        struct daemon *daemon;
        struct channels channels;
        struct spawn_user *user;  /* looked up at the first start; NULL: none is wanted */
        struct cgroup_slot *slot; /* made at the first start; NULL: none to be had */
        bool slot_tried;
        struct limits_applied applied;
        char *rest; /* fields of its state that this build does not know; NULL: none */

        pid_t pid; /* 0: none */
        UT_hash_handle by_pid;
        int pidfd;
        uint64_t own_cpu; /* microseconds, when it has ended; 0: not known */
        struct birth birth;
        bool is_stranger; /* our predecessor's child: nobody tells us by wait(2) how it ends */
        bool has_heard;   /* but the proc connector has, ... */
        int heard;        /* ... a status of wait(2) */
        struct stranger_watch *watch; /* of one that has ended, until it is known how; NULL */
        struct fcgi_socket *socket;   /* of its group, as its stdin; NULL: it has none */
        char *kept_as;                /* kept.h, until its pipes are closed; NULL: it is not */
        size_t kept_count;
        sd_event_source *exit_source;
        sd_event_source *empty_source; /* while members of its cgroup outlive the main process */
};

struct children;

struct children *children_new(void);
/* Ends no process: closes what we hold, and removes the cgroups that are empty. */
struct children *children_free(struct children *);

/* From one image to the next: an item "child" for each slot, and "fcgi" for the sockets that they
 * hold.  'descriptors' as for descriptors_save(). */
void children_save(const struct daemon *, struct saver *, struct descriptors *);
/* After the engine.  Nothing that runs is touched, and nothing is made but what a new slot needs;
 * while it is only looked at (SURVIVAL_CHECK) not even that. */
int children_restore(struct daemon *, struct saved *, struct descriptors *, struct err *)
        __attribute__((warn_unused_result));

/* Each takes the id of the slot; one that is gone is not an error. */
void children_add(struct daemon *, uint32_t id);
void children_remove(struct daemon *, uint32_t id);
/* Instead of adding it: with the files of an earlier daemon, as channels_save() has written them.
 */
void children_revive(struct daemon *, uint32_t id, struct saved_item *channels);
/* The pid, or -1 with the sentence that becomes spawnerr (the caller owns it). */
pid_t children_spawn(struct daemon *, uint32_t id, char **ret_text);
int children_signal(
        struct daemon *, uint32_t id, int signal, enum signal_scope); /* 0 or negative errno */
void children_kill_all(struct daemon *, uint32_t id);

const char *children_log_path(struct daemon *, uint32_t id, bool is_stderr); /* NULL: none */
int children_clear_logs(struct daemon *, uint32_t id); /* nothing to do when it does not run */
void children_hear_logs(struct daemon *);              /* as engine_is_heard() says now */
void children_strip_ansi(struct daemon *);             /* as the configuration says now */
void children_write_journal_again(struct daemon *);    /* its relay is gone */
int children_write_stdin(struct daemon *, uint32_t id, const char *data, size_t length);

/* What its cgroup has used since it was made, for who asks often; of what runs without one, what
 * the main process and its descendants have. */
int children_sample(const struct daemon *, uint32_t id, struct cgroup_sample *ret)
        __attribute__((warn_unused_result));
/* What is known of the present run, a set of USAGE_OF(); of its main process alone where it has no
 * cgroup. */
int children_usage(const struct daemon *, uint32_t id, uint32_t wanted, struct figures *ret)
        __attribute__((warn_unused_result));
/* -EOPNOTSUPP where it has no cgroup, or the kernel cannot. */
int children_freeze(struct daemon *, uint32_t id, bool frozen);
bool children_is_frozen(const struct daemon *, uint32_t id); /* whoever did it */
/* Of what runs, to those it has now; the failure is that of a strict one. */
int children_change_limits(struct daemon *, uint32_t id, struct err *)
        __attribute__((warn_unused_result));

/* Somebody else's child that is ours from now on: 'pidfd' is taken. */
int children_adopt(struct child *, pid_t pid, int pidfd) __attribute__((warn_unused_result));
void children_open_slot(struct child *, const struct process *);
/* Whether the run goes on without its main process, because members of the group are alive; if so,
 * we are told when the last one goes.  What a program may leave behind is not waited for. */
bool children_watch_leftovers(struct child *);
/* Nobody of the run is left: its last words are taken. */
void children_close_channels(struct child *);
/* The main process has ended; 'status' NULL: how is not known. */
void children_ended(struct child *, const int *status, const struct rusage *);
struct child *children_find(const struct daemon *, uint32_t id); /* NULL: none */
void children_each(
        struct daemon *, void (*each)(void *context, const struct child *), void *context);

/* Reaps the pid if it is a child's main process and has ended: true then. */
bool children_reap(struct daemon *, pid_t pid);
/* To descendants that are new: all that run, and everybody else who is there. */
void children_introduce(struct daemon *, struct descendants *);
/* Gives descendants_join() everybody who is there. */
void children_rescan(struct daemon *, struct descendants *);
