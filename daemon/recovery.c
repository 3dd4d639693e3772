/* Recovery: see recovery.h. */
#include "daemon/recovery.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/saved.h"
#include "config/clusterconfig.h"
#include "daemon/chronicle.h"
#include "daemon/cluster_host.h"
#include "daemon/daemon.h"
#include "daemon/effects.h"
#include "daemon/fcgi.h"
#include "daemon/kept.h"
#include "daemon/leftout.h"
#include "daemon/lives.h"
#include "daemon/old_relays.h"
#include "daemon/privileges.h"
#include "engine/eventtext.h"

/* From the second failure on the last event is left out, since it may be what we fail of. */
enum { ATTEMPTS_CAREFUL = 3, ATTEMPTS_MAX = 6 };

#define NOBODY (UINT64_C(1) << 62) /* a request that nobody waits for */

struct recovery {
        struct daemon *daemon;
        struct statefile *past;
        struct engine *engine;  /* as of the snapshot, until the daemon takes it */
        struct saved *document; /* the snapshot */
        struct lives *lives;
        uint32_t born; /* whose start is done, though its event has not come */
        struct leftout *left_out;
        size_t events, steps;
};

struct recovery *recovery_close(struct recovery *recovery)
{
        if (!recovery)
                return NULL;
        recovery->engine = engine_free(recovery->engine);
        recovery->document = saved_free(recovery->document);
        recovery->lives = lives_free(recovery->lives);
        recovery->left_out = leftout_free(recovery->left_out);
        return mem_free(recovery);
}

/*
 * Opening.
 */

static bool read_number(const struct statefile_record *record, size_t *at, uint64_t *ret)
{
        size_t begin = *at;

        for (*ret = 0; *at < record->length && record->data[*at] >= '0' && record->data[*at] <= '9';
                (*at)++)
                *ret = *ret * 10 + (uint64_t)(record->data[*at] - '0');
        return *at > begin;
}

static int read_snapshot(struct recovery *recovery, struct err *err)
{
        struct statefile_record record;
        uint64_t now;
        size_t at = 0;
        int r;

        if (!statefile_next(recovery->past, &record) || record.type != STATEFILE_TIME ||
                !read_number(&record, &at, &now) || !statefile_next(recovery->past, &record) ||
                record.type != STATEFILE_SNAPSHOT)
                return err_set(err, -EBADMSG, "its beginning is damaged");
        /* The clock is the same one: what was waited for then has come nearer. */
        r = saved_parse(record.data, record.length, now, &recovery->document, err);
        if (r >= 0)
                r = engine_restore(recovery->document, &recovery->engine, err);
        return r;
}

struct ending {
        struct lives *lives;     /* of these, or */
        struct leftout *leftout; /* of who was born in that */
        unsigned count;
};

static void end_births(void *context)
{
        struct ending *ending = context;

        ending->count =
                ending->lives ? lives_end(ending->lives) : leftout_end_births(ending->leftout);
}

/* Whoever may write the file may not have others end by us whom he could not. */
static unsigned end_as_owner(struct recovery *recovery, struct ending ending)
{
        const struct config *config = recovery->daemon->config;

        (void)!privileges_act_as(config->has_user ? config->user : geteuid(), end_births, &ending);
        return ending.count;
}

/* What it speaks of is ended, for without it the same would be started again. */
static void give_up(struct recovery *recovery, const char *why)
{
        struct config *config = recovery->daemon->config;
        struct statefile_record record;
        CLEANUP(mem_free) char *aside = NULL;
        unsigned count;

        statefile_rewind(recovery->past);
        while (statefile_next(recovery->past, &record))
                if (record.type == STATEFILE_BIRTH)
                        lives_add(recovery->lives, &record);
        count = end_as_owner(recovery, (struct ending){ .lives = recovery->lives });
        aside = statefile_set_aside(recovery->past);
        config_note(config, LOG_LEVEL_CRITICAL,
                "the state that an earlier daemon left in '%s' cannot be gone on from: %s; %u "
                "process%s of it were ended, and everything starts anew%s%s%s",
                statefile_path(recovery->past), why, count, count == 1 ? "" : "es",
                aside ? "; it is kept as '" : "", aside ?: "", aside ? "'" : "");
}

struct recovery *recovery_open(struct daemon *d)
{
        CLEANUP(mem_free) char *why = NULL;
        struct recovery *recovery;
        struct err err = {};
        unsigned attempts;

        if (!chronicle_past(d->chronicle))
                return NULL;
        recovery = mem_new(sizeof(*recovery));
        recovery->daemon = d;
        recovery->past = chronicle_past(d->chronicle);
        recovery->lives = lives_new();
        attempts = statefile_count_attempt(recovery->past);
        recovery->left_out = leftout_new(recovery->past, attempts >= ATTEMPTS_CAREFUL);
        if (attempts > ATTEMPTS_MAX)
                why = mem_format("%u daemons have failed to", attempts - 1);
        else if (read_snapshot(recovery, &err) < 0)
                why = mem_strdup(err.text);
        if (!why)
                return recovery;
        give_up(recovery, why);
        return recovery_close(recovery);
}

const char *recovery_cgroup(const struct recovery *recovery)
{
        struct saved_item *item = saved_first(recovery->document, "reeve");

        return item ? saved_text(item, "cgroup") : NULL;
}

/*
 * The engine.
 */

/* Of which effect this event is the result. */
static bool is_result(const struct event *ev, const struct effect *fx)
{
        switch (ev->type) {
        case EV_COMMAND_CHECKED:
                return fx->type == FX_CHECK_COMMAND && fx->process == ev->checked.process;
        case EV_SPAWNED:
                return fx->type == FX_SPAWN && fx->process == ev->spawned.process;
        case EV_SPAWN_FAILED:
                return fx->type == FX_SPAWN && fx->process == ev->spawn_failed.process;
        case EV_SIGNALLED:
                return fx->type == FX_SIGNAL && fx->process == ev->signalled.process &&
                       fx->signal.ticket == ev->signalled.ticket;
        case EV_CONFIG_READ:
                return fx->type == FX_READ_CONFIG && fx->read_config.request == ev->config.request;
        case EV_GROUP_CHECKED:
                return fx->type == FX_CHECK_GROUP &&
                       fx->check_group.request == ev->group_checked.request;
        case EV_LIMITS_CHANGED:
                return fx->type == FX_LIMITS && fx->process == ev->limits_changed.process &&
                       fx->limits.request == ev->limits_changed.request;
        case EV_PROGRAM_EXPANDED:
                return fx->type == FX_EXPAND_PROGRAM && fx->expand.request == ev->expanded.request;
        case EV_EVENT_SENT:
                return fx->type == FX_SEND_EVENT && fx->process == ev->sent.process;
        case EV_PROGRAM_DISABLED:
        case EV_BOOT:
        case EV_TIMER:
        case EV_REQUEST:
        case EV_REQUEST_DROPPED:
        case EV_EXITED:
        case EV_EMPTIED:
        case EV_FROZEN:
        case EV_LISTENER_OUTPUT:
        case EV_OUTPUT:
        case EV_REMOTE:
        case EV_NO_AUTORESTART:
        case EV_SHUTDOWN:
        case EV_ADOPTED:
        case EV_LOST:
        case EV_RECOVERED:
                return false;
        }
        return false;
}

/* They are run in order: with its result all before it are done, too. */
static void note_result(struct daemon *d, const struct event *ev)
{
        for (size_t i = d->effects_done; i < d->effects.count; i++)
                if (is_result(ev, &d->effects.at[i])) {
                        d->effects_done = i + 1;
                        return;
                }
}

static bool note_spawn(struct daemon *d, uint32_t process)
{
        for (size_t i = d->effects_done; i < d->effects.count; i++)
                if (d->effects.at[i].type == FX_SPAWN && d->effects.at[i].process == process) {
                        d->effects_done = i + 1;
                        return true;
                }
        return false;
}

static int replay_event(
        struct recovery *recovery, const struct statefile_record *record, struct err *err)
{
        CLEANUP(saved_free) struct saved *saved = NULL;
        struct saved_item *item;
        struct event ev;
        int r = saved_parse(record->data, record->length, 0, &saved, err);

        if (r < 0)
                return r;
        item = saved_first(saved, "event");
        if (!item)
                return err_set(err, -EBADMSG, "a record without an event");
        eventtext_restore(item, &ev);
        event_queue_take(
                recovery->daemon->queue, &ev); /* it owns what there is of a bad one, too */
        r = saved_status(saved, err);
        if (r < 0)
                return r;
        note_result(recovery->daemon, &ev);
        if (ev.type == EV_SPAWNED && ev.spawned.process == recovery->born)
                recovery->born = 0;
        recovery->events++;
        return 0;
}

static int replay_step(
        struct recovery *recovery, const struct statefile_record *record, struct err *err)
{
        uint64_t now, wall;
        size_t at = 0;

        if (!read_number(record, &at, &now) || at++ >= record->length ||
                !read_number(record, &at, &wall))
                return err_set(err, -EBADMSG, "a step without its time");
        if (!feed_replay(recovery->daemon, now, wall))
                return err_set(err, -EBADMSG, "a step without an event");
        recovery->steps++;
        return 0;
}

static int replay(struct recovery *recovery, const struct statefile_record *record, struct err *err)
{
        uint32_t process;

        switch (record->type) {
        case STATEFILE_EVENT:
                return replay_event(recovery, record, err);
        case STATEFILE_STEP:
                return replay_step(recovery, record, err);
        case STATEFILE_DONE:
                recovery->daemon->effects_done = recovery->daemon->effects.count;
                return 0;
        case STATEFILE_BIRTH:
                process = lives_add(recovery->lives, record);
                if (process && note_spawn(recovery->daemon, process))
                        recovery->born = process;
                return 0;
        default: /* not an enum: a character of the file, of a later build perhaps */
                return 0;
        }
}

/* The start that was being made.  What the kernel has written is the pid; without that there was no
 * clone, and the start is still to be made. */
static void note_last_birth(struct recovery *recovery)
{
        const struct statefile_birth *last = statefile_last_birth(recovery->past);
        const struct life *life = lives_find(recovery->lives, last->process);

        if (!last->process || last->pid <= 0 || (life && life->birth.time.since == last->since))
                return;
        if (!note_spawn(recovery->daemon, last->process))
                return;
        lives_add_bare(recovery->lives, last->process, last->pid,
                &(struct stranger_birth){ last->since, last->since + LIVES_BIRTH_NSEC_MAX });
        recovery->born = last->process;
}

static void settle_left_out(struct recovery *recovery)
{
        bool is_new = leftout_settle(recovery->left_out, recovery->past);
        unsigned count = end_as_owner(recovery, (struct ending){ .leftout = recovery->left_out });

        if (is_new)
                daemon_log(recovery->daemon, LOG_LEVEL_ERROR, NULL,
                        "earlier daemons have failed to go on from here, so the last thing that "
                        "had happened is left out, and %u process%s that it had started %s ended",
                        count, count == 1 ? "" : "es", count == 1 ? "is" : "are");
}

void recovery_engine(struct recovery *recovery)
{
        struct daemon *d = recovery->daemon;
        struct statefile_record record;
        struct err err = {};
        int r = 0;

        d->engine = TAKE(recovery->engine);
        while (r >= 0 && statefile_next(recovery->past, &record))
                if (!leftout_takes(recovery->left_out, &record, event_queue_has_any(d->queue)))
                        r = replay(recovery, &record, &err);
        if (r < 0) {
                daemon_log(d, LOG_LEVEL_ERROR, NULL,
                        "the state in '%s' is damaged behind its %zu. event, what has happened "
                        "since is not known: %s",
                        statefile_path(recovery->past), recovery->events, err.text);
                leftout_take_rest(recovery->left_out, recovery->past);
        }
        settle_left_out(recovery);
        note_last_birth(recovery);
}

/*
 * Everything else.
 */

static void each_process(struct recovery *recovery,
        void (*each)(struct recovery *, const struct process *, struct child *))
{
        struct daemon *d = recovery->daemon;

        for (size_t i = 0; i < engine_groups_count(d->engine); i++) {
                struct engine_group group = engine_group_at(d->engine, i);

                for (size_t j = 0; j < group.processes_count; j++)
                        each(recovery, group.processes[j],
                                children_find(d, group.processes[j]->id));
        }
}

/* Those whose slots are there; the others are about to be made, or are gone. */
static void settle(struct recovery *recovery, const struct process *process, struct child *child)
{
        struct daemon *d = recovery->daemon;
        struct life *life = lives_find(recovery->lives, process->id);
        struct err err = {};

        if (life && !child)
                children_revive(d, process->id, lives_channels(life));
        /* A slot that is new has new files; and the fleet is to hear of all. */
        effects_run(d, &(struct effect){ .type = FX_PROCESS_ADDED, .process = process->id });
        child = children_find(d, process->id);
        if (!life || (life->pid != process->pid && !process->spawning))
                return;
        if (lives_settle(life, child, process, &err) < 0)
                daemon_log(d, LOG_LEVEL_WARN, process, "cannot watch '%s' (pid %d): %s",
                        process->program->name, life->pid, err.text);
}

/* The socket that a group shares is got from one of those who have it; where nobody has, it is as
 * at every start. */
static void settle_socket(struct recovery *recovery, const struct engine_group *group)
{
        const struct program_set alone = { .groups = (struct program_group *[]){ (
                                                   struct program_group *)group->config },
                .count = 1 };
        struct daemon *d = recovery->daemon;
        const struct program_group *config = group->config;
        int kept = kept_take_socket(d->kept, config->name, config->socket);
        struct err err = {};

        if (kept >= 0) {
                fcgi_adopt(d, alone.groups[0], kept, true);
                return;
        }
        for (size_t i = 0; i < group->processes_count; i++) {
                struct life *life = lives_find(recovery->lives, group->processes[i]->id);
                int fd = life ? stranger_socket(life->pid, &life->birth.time, STDIN_FILENO) : -1;

                if (fd >= 0) {
                        fcgi_adopt(d, alone.groups[0], fd, false);
                        return;
                }
        }
        if (fcgi_check_all(d, &alone, &err) < 0)
                daemon_log(d, LOG_LEVEL_ERROR, NULL, "%s", err.text);
}

static void settle_sockets(struct recovery *recovery)
{
        struct daemon *d = recovery->daemon;

        for (size_t i = 0; i < engine_groups_count(d->engine); i++) {
                struct engine_group group = engine_group_at(d->engine, i);

                if (group.config->kind == GROUP_FCGI)
                        settle_socket(recovery, &group);
        }
}

/* The peers have given us up meanwhile, and started elsewhere what they were to start. */
static bool was_given_up(const struct recovery *recovery)
{
        const struct clusterconfig *cluster = recovery->daemon->config->cluster;
        usec_t alive = statefile_last_alive(recovery->past);

        return cluster && alive > 0 &&
               usec_sub(cluster_host_now(), alive) > cluster->failure_timeout;
}

/* As if it had been stopped in time: where it runs now is for the cluster to say, unless it starts
 * with us in any case. */
static void ask_stop(struct daemon *d, const struct process *process)
{
        CLEANUP(mem_free)
        char *name = mem_format("%s:%s", process->group_name, process->program->name);

        daemon_feed(d, &(struct event){ .type = EV_REQUEST,
                               .request = { .id = NOBODY, .type = REQUEST_STOP, .name = name } });
}

/* What the engine does not know yet. */
static void tell_truth(
        struct recovery *recovery, const struct process *process, struct child *child)
{
        struct daemon *d = recovery->daemon;
        struct life *life = lives_find(recovery->lives, process->id);
        struct event ev = {};

        if (!process->pid || !child)
                return;
        if (child->pid == process->pid && !child->is_stranger)
                return; /* started just now */
        if (child->pid == process->pid) {
                ev.type = EV_ADOPTED;
                ev.adopted.process = process->id;
                ev.adopted.pid = process->pid;
                ev.adopted.has_output = life && !life->out_lost && !life->err_lost;
                daemon_feed(d, &ev);
                return;
        }
        if (was_given_up(recovery) && !process->program->autostart)
                ask_stop(d, process);
        ev.type = EV_LOST;
        ev.lost.process = process->id;
        ev.lost.has_status = life && life->pid == process->pid && life->has_status;
        ev.lost.status = ev.lost.has_status ? life->status : 0;
        ev.lost.populated = children_watch_leftovers(child);
        if (!ev.lost.populated) /* what it has said since comes before the word of its end */
                children_close_channels(child);
        daemon_feed(d, &ev);
}

static void count(struct recovery *recovery, unsigned *ret_adopted)
{
        struct daemon *d = recovery->daemon;

        *ret_adopted = 0;
        for (size_t i = 0; i < engine_groups_count(d->engine); i++) {
                struct engine_group group = engine_group_at(d->engine, i);

                for (size_t j = 0; j < group.processes_count; j++) {
                        struct child *child = children_find(d, group.processes[j]->id);

                        *ret_adopted += child && child->is_stranger;
                }
        }
}

/* The slots, which have the files that they had. */
static void revive(struct recovery *recovery)
{
        struct saved_item *item = saved_first(recovery->document, "slot");

        for (; item; item = saved_next(item)) {
                uint32_t process = (uint32_t)saved_count(item, "process", UINT32_MAX, 0);

                children_revive(recovery->daemon, process, saved_inner(item, "channels"));
        }
}

void recovery_run(struct recovery *recovery)
{
        struct daemon *d = recovery->daemon;
        unsigned adopted;

        settle_sockets(recovery);
        revive(recovery);
        each_process(recovery, settle);
        old_relays_find(d);
        d->kept = kept_close(d->kept, d);
        kept_all(d);
        count(recovery, &adopted);
        daemon_log(d, LOG_LEVEL_WARN, NULL,
                "an earlier daemon has ended without stopping its programs: going on from its "
                "state, with %u process%s that %s still there",
                adopted, adopted == 1 ? "" : "es", adopted == 1 ? "is" : "are");
        if (recovery->born) {
                const struct life *life = lives_find(recovery->lives, recovery->born);

                d->feeding = true; /* it only waits behind the others */
                daemon_feed(d, &(struct event){ .type = EV_SPAWNED,
                                       .spawned = { recovery->born, life->pid } });
        }
        feed_drain(d);
        d->feeding = true;
        each_process(recovery, tell_truth);
        daemon_feed(d, &(struct event){ .type = EV_RECOVERED });
        if (d->tree)
                cgroup_tree_sweep(d->tree);
        feed_drain(d);
        fcgi_close_unused(d);
        statefile_forget(recovery->past);
}
