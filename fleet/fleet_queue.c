/* The queue of the fleet's events: see fleet_queue.h. */
#include "fleet/fleet_queue.h"

#include "rules/rules.h"

struct queued {
        struct fleet_event event; /* first: it stands for the whole */
        struct fleet_report report;
        struct queued *next;
};

struct fleet_queue {
        struct queued *first;
        struct queued **end;
};

struct fleet_queue *fleet_queue_new(void)
{
        struct fleet_queue *q = mem_new(sizeof(*q));

        q->end = &q->first;
        return q;
}

static const char *copy(const char *s)
{
        return s ? mem_strdup(s) : NULL;
}

static void release(const char *s)
{
        mem_free((void *)s);
}

static struct fleet_report copy_report(const struct fleet_report *report)
{
        struct fleet_report ours = *report;

        ours.group = copy(ours.group);
        ours.name = copy(ours.name);
        ours.program_name = copy(ours.program_name);
        ours.spawnerr = copy(ours.spawnerr);
        ours.description = copy(ours.description);
        ours.extra_args = copy(ours.extra_args);
        return ours;
}

static void release_report(const struct fleet_report *report)
{
        release(report->group);
        release(report->name);
        release(report->program_name);
        release(report->spawnerr);
        release(report->description);
        release(report->extra_args);
}

static void own_snapshot(struct fleet_event *ev)
{
        struct fleet_report *ours = mem_new_array(ev->snapshot.count + 1, sizeof(*ours));

        for (size_t i = 0; i < ev->snapshot.count; i++)
                ours[i] = copy_report(&ev->snapshot.at[i]);
        ev->snapshot.at = ours;
}

static void own_losses(struct fleet_event *ev)
{
        struct fleet_loss *ours = mem_new_array(ev->losses.count + 1, sizeof(*ours));

        for (size_t i = 0; i < ev->losses.count; i++) {
                ours[i] = ev->losses.at[i];
                ours[i].group = copy(ours[i].group);
                ours[i].name = copy(ours[i].name);
        }
        ev->losses.at = ours;
}

static void own_peer(struct fleet_event *ev)
{
        const char **stereotypes = mem_new_array(ev->peer.stereotypes_count + 1, sizeof(char *));

        for (size_t i = 0; i < ev->peer.stereotypes_count; i++)
                stereotypes[i] = copy(ev->peer.stereotypes[i]);
        ev->peer.stereotypes = stereotypes;
        ev->peer.identifier = copy(ev->peer.identifier);
        ev->peer.nick = copy(ev->peer.nick);
        ev->peer.node = copy(ev->peer.node);
}

static void own_request(struct fleet_request *request)
{
        /* One more, so that an empty list is not NULL. */
        unsigned *instances = mem_new_array(request->instances_count + 1, sizeof(*instances));

        request->name = copy(request->name);
        request->args = copy(request->args);
        for (size_t i = 0; request->instances && i < request->instances_count; i++)
                instances[i] = request->instances[i];
        if (!request->instances)
                instances = mem_free(instances);
        request->instances = instances;
}

static void own(struct queued *queued)
{
        struct fleet_event *ev = &queued->event;

        switch (ev->type) {
        case FLEET_INSTANCE:
                own_peer(ev);
                break;
        case FLEET_SNAPSHOT:
                own_snapshot(ev);
                break;
        case FLEET_LOSSES:
                own_losses(ev);
                break;
        case FLEET_REPORT:
                queued->report = copy_report(ev->report);
                ev->report = &queued->report;
                break;
        case FLEET_REMOVED:
                ev->removed.group = copy(ev->removed.group);
                ev->removed.name = copy(ev->removed.name);
                break;
        case FLEET_FORCED:
                ev->forced.group = copy(ev->forced.group);
                ev->forced.name = copy(ev->forced.name);
                ev->forced.reason = copy(ev->forced.reason);
                break;
        case FLEET_ORDERED:
                ev->ordered.text = copy(ev->ordered.text);
                break;
        case FLEET_REQUEST:
                own_request(&ev->request);
                break;
        case FLEET_RULES:
                ev->rules = rules_ref(ev->rules);
                break;
        case FLEET_TIMER:
        case FLEET_STATE:
        case FLEET_WORK:
        case FLEET_DROPPED:
        case FLEET_FORWARDED:
                break;
        }
}

static void disown_peer(struct fleet_event *ev)
{
        for (size_t i = 0; i < ev->peer.stereotypes_count; i++)
                release(ev->peer.stereotypes[i]);
        mem_free((void *)ev->peer.stereotypes);
        release(ev->peer.identifier);
        release(ev->peer.nick);
        release(ev->peer.node);
}

static void disown_losses(struct fleet_event *ev)
{
        for (size_t i = 0; i < ev->losses.count; i++) {
                release(ev->losses.at[i].group);
                release(ev->losses.at[i].name);
        }
        mem_free((void *)ev->losses.at);
}

static void disown(struct fleet_event *ev)
{
        switch (ev->type) {
        case FLEET_INSTANCE:
                disown_peer(ev);
                break;
        case FLEET_SNAPSHOT:
                for (size_t i = 0; i < ev->snapshot.count; i++)
                        release_report(&ev->snapshot.at[i]);
                mem_free((void *)ev->snapshot.at);
                break;
        case FLEET_LOSSES:
                disown_losses(ev);
                break;
        case FLEET_REPORT:
                release_report(ev->report);
                break;
        case FLEET_REMOVED:
                release(ev->removed.group);
                release(ev->removed.name);
                break;
        case FLEET_FORCED:
                release(ev->forced.group);
                release(ev->forced.name);
                release(ev->forced.reason);
                break;
        case FLEET_ORDERED:
                release(ev->ordered.text);
                break;
        case FLEET_REQUEST:
                release(ev->request.name);
                release(ev->request.args);
                mem_free((void *)ev->request.instances);
                break;
        case FLEET_RULES:
                rules_unref(ev->rules);
                break;
        case FLEET_TIMER:
        case FLEET_STATE:
        case FLEET_WORK:
        case FLEET_DROPPED:
        case FLEET_FORWARDED:
                break;
        }
}

void fleet_queue_push(struct fleet_queue *q, const struct fleet_event *ev)
{
        struct queued *queued = mem_new(sizeof(*queued));

        queued->event = *ev;
        own(queued);
        *q->end = queued;
        q->end = &queued->next;
}

struct fleet_event *fleet_queue_next(struct fleet_queue *q)
{
        struct queued *queued = q->first;

        if (!queued)
                return NULL;
        q->first = queued->next;
        if (!q->first)
                q->end = &q->first;
        return &queued->event;
}

void fleet_queue_done(struct fleet_queue *q, struct fleet_event *ev)
{
        struct queued *queued = (struct queued *)ev;

        disown(ev);
        mem_free(queued);
}

struct fleet_queue *fleet_queue_free(struct fleet_queue *q)
{
        struct fleet_event *ev;

        if (!q)
                return NULL;
        while ((ev = fleet_queue_next(q))) {
                if (ev->type == FLEET_FORWARDED)
                        answer_free(ev->forwarded.answer);
                fleet_queue_done(q, ev);
        }
        return mem_free(q);
}
