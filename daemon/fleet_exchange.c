/* What instances tell each other of their processes: ours go out as a snapshot and numbered events,
 * those of others come in. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/monotonic.h"
#include "daemon/cluster_words.h"
#include "daemon/fleet_parts.h"
#include "wire/payload_fields.h"

#define SNAPSHOTS_MAX       8 /* to one peer within the span */
#define SNAPSHOTS_SPAN_USEC (5 * USEC_SEC)

/*
 * Ours.
 */

static struct frame frame_of(enum frame_kind kind, uint64_t number, const struct text *t)
{
        return (struct frame){ .kind = kind,
                .number = number,
                .payload = (const uint8_t *)t->data,
                .size = t->length };
}

/* The number is told in heartbeats as well, so that a peer that did not get it asks. */
void fleet_exchange_publish(struct fleet_host *h, const struct payload_event *event)
{
        CLEANUP(text_clear) struct text t = {};
        struct frame frame;

        payload_put_event(&t, event);
        frame = frame_of(FRAME_EVENT, ++h->event, &t);
        fleet_links_send_all(h, &frame);
        cluster_host_feed(
                h->daemon, &(struct cluster_event){ .type = CLUSTER_PROGRESS, .number = h->event });
}

/* Others first: what the fleet does about it comes after it. */
static void tell(struct fleet_host *h, const struct fleet_report *report)
{
        /* What the publishing brings about may be another report. */
        CLEANUP(mem_free) char *description = mem_strdup(report->description);
        struct payload_event event = { .change = PAYLOAD_REPORT, .report = *report };

        event.report.description = description;
        fleet_exchange_publish(h, &event);
        fleet_parts_feed(h, &(struct fleet_event){ .type = FLEET_REPORT, .report = &event.report });
}

/* Who ends says nothing of it but his good-bye: what he ran until then is lost, as under Supvisors,
 * and others start it where the rules say so.  They would not if they were told that it stops. */
static struct fleet_host *telling(struct daemon *d)
{
        return d->fleet && d->fleet->fleet && engine_mood(d->engine) == MOOD_RUNNING ? d->fleet
                                                                                     : NULL;
}

void fleet_host_process_state(struct daemon *d, const struct effect *change)
{
        struct fleet_host *h = telling(d);
        struct fleet_report report;

        if (h && report_change(h->reports, d->engine, change, fleet_parts_now(), &report))
                tell(h, &report);
}

void fleet_host_process_changed(struct daemon *d, uint32_t id)
{
        struct fleet_host *h = telling(d);
        struct fleet_report report;

        if (h && report_process(h->reports, d->engine, id, fleet_parts_now(), &report))
                tell(h, &report);
}

void fleet_host_process_removed(struct daemon *d, uint32_t id)
{
        struct fleet_host *h = telling(d);
        CLEANUP(mem_free) char *group = NULL;
        CLEANUP(mem_free) char *name = NULL;
        struct payload_event event = { .change = PAYLOAD_REMOVED };

        if (!h || !report_removed(h->reports, id, &group, &name))
                return;
        event.removed.group = group;
        event.removed.name = name;
        fleet_exchange_publish(h, &event);
        fleet_parts_feed(
                h, &(struct fleet_event){ .type = FLEET_REMOVED, .removed = { group, name } });
}

void fleet_exchange_begin(struct fleet_host *h)
{
        struct fleet_event event = { .type = FLEET_SNAPSHOT };
        struct fleet_report *all;
        size_t count = 0;

        all = report_all(h->reports, h->daemon->engine, fleet_parts_now(), &count);
        event.snapshot.at = all;
        event.snapshot.count = count;
        fleet_parts_feed(h, &event);
        report_all_free(all, count);
        cluster_host_feed(h->daemon, &(struct cluster_event){ .type = CLUSTER_LOADED });
}

static const char *nick_of(struct fleet_host *h, unsigned peer)
{
        const struct peers_peer *p = peers_at(cluster_peers(cluster_host_cluster(h->daemon)), peer);

        return p ? p->nick : "?";
}

/* What only those know who were there when it was lost.  It is no event of ours, hence number 0:
 * it comes again whenever there is news of it. */
void fleet_exchange_tell_losses(struct fleet_host *h, unsigned peer)
{
        CLEANUP(mem_free) struct fleet_loss *losses = NULL;
        CLEANUP(mem_free) struct payload_loss *told = NULL;
        CLEANUP(text_clear) struct text t = {};
        struct payload_event event = { .change = PAYLOAD_LOSSES };
        struct frame frame;
        size_t count = fleet_losses(h->fleet, &losses);
        int r;

        if (!count)
                return;
        count = count < PAYLOAD_REPORTS_MAX ? count : PAYLOAD_REPORTS_MAX;
        told = mem_new_array(count, sizeof(*told));
        for (size_t i = 0; i < count; i++)
                told[i] = (struct payload_loss){ losses[i].group, losses[i].name,
                        fleet_parts_identifier(h, losses[i].instance), losses[i].life,
                        losses[i].is_awaited, losses[i].is_owed, losses[i].is_paid };
        event.losses.at = told;
        event.losses.count = count;
        payload_put_event(&t, &event);
        frame = frame_of(FRAME_EVENT, 0, &t);
        r = fleet_links_send(h, peer, &frame);
        if (r < 0 && r != -ENOTCONN) /* with the next link it is told again */
                cluster_words_say(h->daemon->cluster, LOG_LEVEL_ERROR,
                        "cluster: %s is not told of %zu losses: %s", nick_of(h, peer), count,
                        strerrordesc_np(-r));
}

void fleet_exchange_tell_owed(struct fleet_host *h, const struct fleet_effect *fx)
{
        const struct payload_loss loss = { .group = fx->group,
                .name = fx->name,
                .instance = PAYLOAD_IDENTIFIER_NONE,
                .is_owed = !fx->owed.is_paid,
                .is_paid = fx->owed.is_paid };
        const struct payload_event event = { .change = PAYLOAD_LOSSES, .losses = { &loss, 1 } };
        CLEANUP(text_clear) struct text t = {};
        struct frame frame;

        payload_put_event(&t, &event);
        frame = frame_of(FRAME_EVENT, 0, &t);
        fleet_links_send_all(h, &frame);
}

static const struct fleet_record *latest_record(const struct fleet_process *process)
{
        const struct fleet_record *found = NULL;

        for (size_t i = 0; i < process->records_count; i++)
                if (!found || process->records[i]->arrival > found->arrival)
                        found = process->records[i];
        return found;
}

static void repeat_forced(struct fleet_host *h, const struct fleet_process *process)
{
        const struct peers *peers = cluster_peers(cluster_host_cluster(h->daemon));
        const struct fleet_record *record = latest_record(process);
        struct payload_event event = { .change = PAYLOAD_FORCED };

        event.forced.group = process->application->name;
        event.forced.name = process->name;
        event.forced.state = process->forced_state;
        event.forced.reason = process->forced_reason;
        event.forced.target = PAYLOAD_IDENTIFIER_NONE;
        event.forced.repeated = true;
        if (record) {
                event.forced.target = peers_at(peers, record->instance)->identifier;
                event.forced.since = record->event_time;
        }
        fleet_exchange_publish(h, &event);
}

/* Who comes has not heard what is shown in place of the truth: the master says so again, to all,
 * for whom it is nothing new. */
static void repeat_all_forced(struct fleet_host *h)
{
        for (size_t i = 0; h->master == 0 && i < fleet_applications_count(h->fleet); i++) {
                const struct fleet_application *application = fleet_application_at(h->fleet, i);

                for (size_t k = 0; k < application->processes_count; k++)
                        if (application->processes[k]->forced)
                                repeat_forced(h, application->processes[k]);
        }
}

static void send_snapshot(struct fleet_host *h, unsigned peer)
{
        struct daemon *d = h->daemon;
        CLEANUP(text_clear) struct text t = {};
        struct report_time now = fleet_parts_now();
        struct fleet_report *all;
        struct frame frame;
        size_t count = 0;
        int r;

        all = report_all(h->reports, d->engine, now, &count);
        if (count > PAYLOAD_REPORTS_MAX)
                cluster_words_say(d->cluster, LOG_LEVEL_ERROR,
                        "cluster: %s is told of the first %u of our %zu processes only",
                        nick_of(h, peer), PAYLOAD_REPORTS_MAX, count);
        payload_put_snapshot(
                &t, all, count < PAYLOAD_REPORTS_MAX ? count : PAYLOAD_REPORTS_MAX, now.monotonic);
        report_all_free(all, count);
        frame = frame_of(FRAME_SNAPSHOT, h->event, &t);
        r = cluster_host_send(d, peer, &frame);
        if (r < 0 && r != -ENOTCONN) /* the link is new, and has begun with this */
                cluster_words_say(d->cluster, LOG_LEVEL_ERROR,
                        "cluster: %s is not told of our %zu processes (%zu bytes): %s",
                        nick_of(h, peer), count, t.length, strerrordesc_np(-r));
        fleet_exchange_tell_losses(h, peer);
        repeat_all_forced(h);
}

static int on_snapshots(sd_event_source *source, uint64_t usec, void *context);

/* A peer that asks for all of it again and again gets it only so often: making it takes long when
 * there is much, and is done in the loop.  What it is told meanwhile is in it, too. */
static void send_or_wait(struct fleet_host *h, unsigned peer)
{
        static const struct pace_limit limit = { .count_max = SNAPSHOTS_MAX,
                .span_usec = SNAPSHOTS_SPAN_USEC };
        usec_t now = monotonic_now();
        usec_t due = pace_take(&fleet_parts_peer(h, peer)->snapshots, &limit, now);
        int r = 0;

        fleet_parts_peer(h, peer)->wants_snapshot = due;
        if (!due) {
                send_snapshot(h, peer);
                return;
        }
        if (h->snapshots_due && h->snapshots_due <= due)
                return;
        h->snapshots_due = due;
        if (!h->snapshots_timer)
                r = sd_event_add_time(h->daemon->loop, &h->snapshots_timer, CLOCK_MONOTONIC, due,
                        USEC_MSEC, on_snapshots, h);
        else
                r = sd_event_source_set_time(h->snapshots_timer, due);
        if (r >= 0)
                r = sd_event_source_set_enabled(h->snapshots_timer, SD_EVENT_ONESHOT);
        if (r >= 0)
                return;
        h->snapshots_due = 0; /* then it asks again some time */
        fleet_parts_peer(h, peer)->wants_snapshot = false;
}

/* Who came later has to wait on: that sets the timer again. */
static int on_snapshots(sd_event_source *source, uint64_t usec, void *context)
{
        struct fleet_host *h = context;

        h->snapshots_due = 0;
        for (unsigned i = 0; i < h->peers_count; i++)
                if (h->peers[i].wants_snapshot)
                        send_or_wait(h, i);
        return 0;
}

void fleet_host_snapshot(struct daemon *d, unsigned peer)
{
        struct fleet_host *h = d->fleet;

        if (h && h->fleet && !fleet_parts_peer(h, peer)->wants_snapshot)
                send_or_wait(h, peer);
}

/*
 * Those of others.
 */

/* Once for each link: what follows is likely to be the same. */
static void complain(struct fleet_host *h, unsigned peer, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
static void complain(struct fleet_host *h, unsigned peer, const char *format, ...)
{
        CLEANUP(mem_free) char *words = NULL;
        va_list ap;

        if (fleet_parts_peer(h, peer)->complained)
                return;
        fleet_parts_peer(h, peer)->complained = true;
        va_start(ap, format);
        words = mem_vformat(format, ap);
        va_end(ap);
        cluster_words_say(h->daemon->cluster, LOG_LEVEL_WARN, "cluster: %s tells what is wrong: %s",
                nick_of(h, peer), words);
}

static void report_progress(struct fleet_host *h, unsigned peer, uint64_t number)
{
        fleet_parts_peer(h, peer)->event = number;
        cluster_host_feed(
                h->daemon, &(struct cluster_event){
                                   .type = CLUSTER_PROGRESS, .peer = peer, .number = number });
}

static bool is_active(struct fleet_host *h, unsigned peer)
{
        const struct peers_peer *p = peers_at(cluster_peers(cluster_host_cluster(h->daemon)), peer);

        return p && peer != 0 &&
               (p->state == PEERS_CHECKING || p->state == PEERS_CHECKED ||
                       p->state == PEERS_RUNNING);
}

static void take_snapshot(struct fleet_host *h, unsigned peer, const struct frame *frame)
{
        CLEANUP(payload_free) struct payload *payload = NULL;
        struct fleet_event event = { .type = FLEET_SNAPSHOT, .instance = peer };
        struct err err = {};

        if (!is_active(h, peer))
                return; /* it will be asked again when it is listened to */
        fleet_parts_peer(h, peer)->loaded = false;
        if (payload_read(frame->kind, frame->payload, frame->size, &payload, &err) < 0) {
                complain(h, peer, "%s", err.text);
                return;
        }
        event.snapshot.at = payload->reports;
        event.snapshot.count = payload->reports_count;
        fleet_parts_feed(h, &event);
        fleet_parts_peer(h, peer)->loaded = true;
        report_progress(h, peer, frame->number);
        cluster_host_feed(
                h->daemon, &(struct cluster_event){ .type = CLUSTER_LOADED, .peer = peer });
}

static void take_losses(struct fleet_host *h, unsigned peer, const struct payload_event *told)
{
        CLEANUP(mem_free)
        struct fleet_loss *losses = mem_new_array(told->losses.count + 1, sizeof(*losses));
        struct fleet_event event = { .type = FLEET_LOSSES, .instance = peer };

        for (size_t i = 0; i < told->losses.count; i++) {
                const struct payload_loss *loss = &told->losses.at[i];

                losses[i] = (struct fleet_loss){ loss->group, loss->name,
                        fleet_parts_find(h, loss->instance), loss->life, loss->is_awaited,
                        loss->is_owed, loss->is_paid };
        }
        event.losses.at = losses;
        event.losses.count = told->losses.count;
        fleet_parts_feed(h, &event);
}

static void take_over(struct fleet_host *h, unsigned peer, const struct payload_event *told)
{
        struct fleet_event event = { .instance = peer };

        switch (told->change) {
        case PAYLOAD_REPORT:
                event.type = FLEET_REPORT;
                event.report = &told->report;
                break;
        case PAYLOAD_REMOVED:
                event.type = FLEET_REMOVED;
                event.removed.group = told->removed.group;
                event.removed.name = told->removed.name;
                break;
        case PAYLOAD_FORCED:
                if (peer != h->master && h->master != PEERS_NONE)
                        return; /* only who drives says so; one who did is not believed any more */
                event.type = FLEET_FORCED;
                event.forced.group = told->forced.group;
                event.forced.name = told->forced.name;
                event.forced.state = told->forced.state;
                event.forced.reason = told->forced.reason;
                event.forced.target = fleet_parts_find(h, told->forced.target);
                event.forced.since = told->forced.since;
                event.forced.repeated = told->forced.repeated;
                break;
        case PAYLOAD_LOSSES:
                take_losses(h, peer, told);
                return;
        }
        fleet_parts_feed(h, &event);
}

/* An event that is missing, or cannot be read, ends it until the next snapshot, which cluster/ asks
 * for when it sees by the heartbeats that something is missing. */
static void take_event(struct fleet_host *h, unsigned peer, const struct frame *frame)
{
        CLEANUP(payload_free) struct payload *payload = NULL;
        struct fleet_peer *known = fleet_parts_peer(h, peer);
        struct err err = {};

        if (!known->loaded || !is_active(h, peer) ||
                (frame->number && frame->number <= known->event))
                return; /* the snapshot contains it */
        known->loaded = false;
        if (frame->number && frame->number != known->event + 1) {
                complain(h, peer, "event %llu follows %llu", (unsigned long long)frame->number,
                        (unsigned long long)known->event);
                return;
        }
        if (payload_read(frame->kind, frame->payload, frame->size, &payload, &err) < 0) {
                complain(h, peer, "%s", err.text);
                return;
        }
        known->loaded = true;
        if ((payload->event.change == PAYLOAD_LOSSES) != (frame->number == 0)) {
                complain(h, peer, "an event whose number is that of another kind");
                return;
        }
        take_over(h, peer, &payload->event);
        if (frame->number)
                report_progress(h, peer, frame->number);
}

static void take_order(struct fleet_host *h, unsigned peer, const struct frame *frame)
{
        struct err err = {};

        if (orders_frame(h->orders, peer, frame, &err) < 0)
                complain(h, peer, "%s", err.text);
        fleet_parts_arm(h);
}

void fleet_host_frame(struct daemon *d, unsigned peer, const struct frame *frame)
{
        struct fleet_host *h = d->fleet;

        if (!h || !h->fleet)
                return;
        switch (frame->kind) {
        case FRAME_SNAPSHOT:
                take_snapshot(h, peer, frame);
                break;
        case FRAME_EVENT:
                take_event(h, peer, frame);
                break;
        case FRAME_ORDER:
        case FRAME_REQUEST:
        case FRAME_REPLY:
        case FRAME_REFUSED:
                take_order(h, peer, frame);
                break;
        case FRAME_HELLO:
        case FRAME_STATISTICS:
        case FRAME_BYE:
                break;
        }
}
