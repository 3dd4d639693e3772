/* The fleet: see fleet.h. */
#include "fleet/fleet.h"

#include "fleet/placement.h"
#include "fleet/sequencing.h"
#include "fleet/state.h"

struct fleet *fleet_new(const struct fleet_options *options, usec_t now)
{
        struct fleet *fleet = mem_new(sizeof(*fleet));

        fleet->options = *options;
        fleet->rules = options->rules;
        fleet->master = PEERS_NONE;
        fleet->now = now;
        fleet->sequencing = sequencing_new();
        return fleet;
}

struct fleet *fleet_free(struct fleet *fleet)
{
        if (!fleet)
                return NULL;
        fleet->sequencing = sequencing_free(fleet->sequencing);
        return mem_free(fleet);
}

void fleet_step(struct fleet *fleet, const struct fleet_event *event, struct fleet_effects *out)
{
        fleet->now = event->now;
        fleet->wall = event->wall;
        fleet->out = out;
        switch (event->type) {
        case FLEET_TIMER:
                sequencing_timer(fleet);
                break;
        case FLEET_INSTANCE:
        case FLEET_SNAPSHOT:
        case FLEET_REPORT:
        case FLEET_REMOVED:
        case FLEET_FORCED:
                break;
        case FLEET_STATE:
                fleet->state = event->state.state;
                fleet->master = event->state.master;
                fleet->acting = event->state.acting;
                fleet->mastership = event->state.mastership;
                sequencing_state(fleet, event);
                break;
        case FLEET_WORK:
                sequencing_work(fleet, event->work.kind, event->work.ticket);
                break;
        case FLEET_ORDERED:
                sequencing_ordered(
                        fleet, event->ordered.ticket, event->ordered.fault, event->ordered.text);
                break;
        case FLEET_REQUEST:
                sequencing_request(fleet, &event->request);
                break;
        case FLEET_DROPPED:
                sequencing_dropped(fleet, event->dropped);
                break;
        case FLEET_FORWARDED:
                sequencing_forwarded(fleet, event->forwarded.request, event->forwarded.answer);
                break;
        case FLEET_RULES:
                fleet->rules = event->rules;
                break;
        }
        sequencing_settle(fleet);
        fleet->out = NULL;
}

usec_t fleet_deadline(const struct fleet *fleet)
{
        return sequencing_deadline(fleet);
}

const struct rules *fleet_rules(const struct fleet *fleet)
{
        return fleet->rules;
}
