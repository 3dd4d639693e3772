/* Events in, effects out: the daemon's only way to the engine, and the only place that reads the
 * clock for it.  Owns the queue in which the results of effects wait for their turn. */
#include "daemon/feed.h"

#include <string.h>

#include "base/mem.h"
#include "base/monotonic.h"
#include "base/wallclock.h"
#include "daemon/chronicle.h"
#include "daemon/daemon.h"
#include "daemon/effects.h"
#include "loop/timer.h"

/* Of the work in a turn of the loop; and after which time it is asked again whether the child that
 * was started last has what it needs, if it was not let run at once. */
enum { TURN_USEC_MAX = 1000, SPAWNER_USEC = 1000 };

struct queued {
        struct event event; /* its strings and references are its own */
};

struct event_queue {
        struct queued *at;
        size_t first;
        size_t count;
        size_t capacity;
};

struct event_queue *event_queue_new(void)
{
        return mem_new(sizeof(struct event_queue));
}

static char *copy(const char *s)
{
        return s ? mem_strdup(s) : NULL;
}

static struct program_set copy_set(const struct program_set *set)
{
        struct program_set ours = { .count = set->count };

        ours.groups = mem_new_array(set->count, sizeof(*ours.groups));
        for (size_t i = 0; i < set->count; i++)
                ours.groups[i] = program_group_ref(set->groups[i]);
        return ours;
}

/* The strings of an event that are borrowed by it, by type; the queue makes them its own. */
static void own(struct event *ev)
{
        switch (ev->type) {
        case EV_REQUEST:
                ev->request.name = copy(ev->request.name);
                ev->request.signal = copy(ev->request.signal);
                ev->request.args = copy(ev->request.args);
                break;
        case EV_COMMAND_CHECKED:
                ev->checked.text = copy(ev->checked.text);
                break;
        case EV_SPAWN_FAILED:
                ev->spawn_failed.text = copy(ev->spawn_failed.text);
                break;
        case EV_CONFIG_READ:
                ev->config.set = copy_set(&ev->config.set);
                ev->config.error = copy(ev->config.error);
                break;
        case EV_GROUP_CHECKED:
                ev->group_checked.name = copy(ev->group_checked.name);
                ev->group_checked.error = copy(ev->group_checked.error);
                break;
        case EV_LIMITS_CHANGED:
                ev->limits_changed.error = copy(ev->limits_changed.error);
                break;
        case EV_PROGRAM_EXPANDED:
                ev->expanded.set = copy_set(&ev->expanded.set);
                ev->expanded.error = copy(ev->expanded.error);
                break;
        case EV_PROGRAM_DISABLED:
                ev->disabled_program = copy(ev->disabled_program);
                break;
        case EV_BOOT:
                ev->boot = copy_set(&ev->boot);
                break;
        case EV_EXITED:
                if (ev->exited.usage)
                        ev->exited.usage = mem_copy(ev->exited.usage, sizeof(*ev->exited.usage));
                break;
        case EV_EMPTIED:
                if (ev->emptied.usage)
                        ev->emptied.usage = mem_copy(ev->emptied.usage, sizeof(*ev->emptied.usage));
                break;
        case EV_LOST:
                if (ev->lost.usage)
                        ev->lost.usage = mem_copy(ev->lost.usage, sizeof(*ev->lost.usage));
                break;
        case EV_LISTENER_OUTPUT:
        case EV_OUTPUT:
                ev->output.data = mem_copy(ev->output.data, ev->output.length);
                break;
        case EV_REMOTE:
                ev->remote.type = copy(ev->remote.type);
                ev->remote.data = copy(ev->remote.data);
                break;
        case EV_TIMER:
        case EV_REQUEST_DROPPED:
        case EV_SPAWNED:
        case EV_SIGNALLED:
        case EV_FROZEN:
        case EV_EVENT_SENT:
        case EV_NO_AUTORESTART:
        case EV_SHUTDOWN:
        case EV_ADOPTED:
        case EV_RECOVERED:
                break;
        }
}

static void disown(struct event *ev)
{
        switch (ev->type) {
        case EV_REQUEST:
                mem_free((void *)ev->request.name);
                mem_free((void *)ev->request.signal);
                mem_free((void *)ev->request.args);
                break;
        case EV_COMMAND_CHECKED:
                mem_free((void *)ev->checked.text);
                break;
        case EV_SPAWN_FAILED:
                mem_free((void *)ev->spawn_failed.text);
                break;
        case EV_CONFIG_READ:
                program_set_clear(&ev->config.set);
                mem_free((void *)ev->config.error);
                break;
        case EV_GROUP_CHECKED:
                mem_free((void *)ev->group_checked.name);
                mem_free((void *)ev->group_checked.error);
                break;
        case EV_LIMITS_CHANGED:
                mem_free((void *)ev->limits_changed.error);
                break;
        case EV_PROGRAM_EXPANDED:
                program_set_clear(&ev->expanded.set);
                mem_free((void *)ev->expanded.error);
                break;
        case EV_PROGRAM_DISABLED:
                mem_free((void *)ev->disabled_program);
                break;
        case EV_BOOT:
                program_set_clear(&ev->boot);
                break;
        case EV_EXITED:
                mem_free((void *)ev->exited.usage);
                break;
        case EV_EMPTIED:
                mem_free((void *)ev->emptied.usage);
                break;
        case EV_LOST:
                mem_free((void *)ev->lost.usage);
                break;
        case EV_LISTENER_OUTPUT:
        case EV_OUTPUT:
                mem_free((void *)ev->output.data);
                break;
        case EV_REMOTE:
                mem_free((void *)ev->remote.type);
                mem_free((void *)ev->remote.data);
                break;
        case EV_TIMER:
        case EV_REQUEST_DROPPED:
        case EV_SPAWNED:
        case EV_SIGNALLED:
        case EV_FROZEN:
        case EV_EVENT_SENT:
        case EV_NO_AUTORESTART:
        case EV_SHUTDOWN:
        case EV_ADOPTED:
        case EV_RECOVERED:
                break;
        }
}

void event_queue_take(struct event_queue *q, const struct event *ev)
{
        if (q->first && q->first + q->count == q->capacity) {
                memmove(q->at, q->at + q->first, q->count * sizeof(*q->at));
                q->first = 0;
        }
        q->at = mem_grow(q->at, &q->capacity, q->first + q->count + 1, sizeof(*q->at));
        q->at[q->first + q->count++].event = *ev;
}

static void push(struct daemon *d, const struct event *ev)
{
        struct event ours = *ev;

        chronicle_pushed(d->chronicle, ev);
        own(&ours);
        event_queue_take(d->queue, &ours);
}

static bool pop(struct event_queue *q, struct event *ret)
{
        if (q->count == 0) {
                q->first = 0;
                return false;
        }
        *ret = q->at[q->first++].event;
        q->count--;
        return true;
}

bool event_queue_has_any(const struct event_queue *q)
{
        return q->count > 0;
}

struct event_queue *event_queue_free(struct event_queue *q)
{
        struct event ev;

        if (!q)
                return NULL;
        while (pop(q, &ev))
                disown(&ev);
        mem_free(q->at);
        return mem_free(q);
}

static void arm_timer(struct daemon *d)
{
        timer_arm(d->timer, &d->deadline, engine_deadline(d->engine));
}

/* Hundreds of programs that start at once must not keep heartbeats waiting for so long that the
 * cluster takes us for dead: when this turn of the loop has lasted, the rest is for the next. */
static bool turn_is_over(struct daemon *d)
{
        uint64_t begun;

        return sd_event_now(d->loop, CLOCK_MONOTONIC, &begun) >= 0 &&
               monotonic_now() > begun + TURN_USEC_MAX;
}

static void step_at(struct daemon *d, struct event *ev, usec_t now, usec_t wall)
{
        ev->now = now;
        ev->wall = wall;
        effects_reset(&d->effects);
        d->effects_done = 0;
        engine_step(d->engine, ev, &d->effects);
        disown(ev);
}

static void step(struct daemon *d, struct event *ev)
{
        usec_t now = monotonic_now(), wall = wallclock_now();

        chronicle_stepped(d->chronicle, now, wall);
        step_at(d, ev, now, wall);
}

bool feed_replay(struct daemon *d, usec_t now, usec_t wall)
{
        struct event ev;

        if (!pop(d->queue, &ev))
                return false;
        step_at(d, &ev, now, wall);
        return true;
}

/* A time that has passed, and not a deferred source, which would go before all others. */
static void go_on_later(struct daemon *d, usec_t delay)
{
        if (d->feeding_since == 0)
                d->feeding_since = monotonic_now();
        /* Neither fails with right arguments. */
        (void)sd_event_source_set_time(d->rest_of_feed, delay ? monotonic_now() + delay : 0);
        (void)sd_event_source_set_enabled(d->rest_of_feed, SD_EVENT_ONESHOT);
}

/* Whether the child that was started last has yet to take what is its own; limits are only changed
 * of those that have our memory no more. */
static bool must_wait(struct daemon *d, usec_t patience)
{
        const struct effect *next =
                d->effects_done < d->effects.count ? &d->effects.at[d->effects_done] : NULL;

        return spawner_is_busy(d->spawner, patience) ||
               (next && next->type == FX_LIMITS && !spawner_is_left(d->spawner));
}

/* At least one thing, lest it never ends. */
static void go_on(struct daemon *d, bool takes_turns)
{
        bool first = true;
        struct event ev;

        for (;; first = false) {
                bool more = d->effects_done < d->effects.count;

                if (must_wait(d, takes_turns ? 0 : SPAWNER_USEC)) {
                        if (!takes_turns)
                                continue;
                        go_on_later(d, SPAWNER_USEC);
                        return;
                }
                if (takes_turns && !first && (more || d->queue->count > 0) && turn_is_over(d)) {
                        go_on_later(d, 0);
                        return;
                }
                if (more)
                        effects_run(d, &d->effects.at[d->effects_done++]);
                else if (pop(d->queue, &ev))
                        step(d, &ev);
                else
                        break;
        }
        d->feeding = false;
        d->feeding_since = 0;
        arm_timer(d);
        chronicle_rest(d);
}

void feed_drain(struct daemon *d)
{
        d->feeding = true;
        go_on(d, false);
}

static int on_rest(sd_event_source *source, uint64_t usec, void *context)
{
        go_on(context, true);
        return 0;
}

void daemon_feed(struct daemon *d, const struct event *first)
{
        push(d, first);
        if (d->feeding)
                return;
        d->feeding = true;
        go_on(d, true);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
        struct daemon *d = context;

        d->deadline = USEC_NEVER; /* it has fired: it is armed anew in any case */
        daemon_feed(d, &(struct event){ .type = EV_TIMER });
        return 0;
}

int daemon_add_timer(struct daemon *d)
{
        int r = sd_event_add_time(d->loop, &d->timer, CLOCK_MONOTONIC, UINT64_MAX, 1, on_timer, d);

        d->deadline = USEC_NEVER;
        if (r >= 0)
                r = sd_event_source_set_enabled(d->timer, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_time(d->loop, &d->rest_of_feed, CLOCK_MONOTONIC, 0, 1, on_rest, d);
        return r < 0 ? r : sd_event_source_set_enabled(d->rest_of_feed, SD_EVENT_OFF);
}
