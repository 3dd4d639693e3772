/* Sequencing: see sequencing.h. */
#include "fleet/sequencing.h"

struct sequencing {
        bool starting, stopping;
};

struct sequencing *sequencing_new(void)
{
        return mem_new(sizeof(struct sequencing));
}

struct sequencing *sequencing_free(struct sequencing *sequencing)
{
        return mem_free(sequencing);
}

void sequencing_record(struct fleet *fleet, struct fleet_record *record, enum process_state before)
{
        (void)fleet, (void)record, (void)before;
}

void sequencing_forced(struct fleet *fleet, struct fleet_process *process)
{
        (void)fleet, (void)process;
}

void sequencing_lost(struct fleet *fleet, unsigned instance)
{
        (void)fleet, (void)instance;
}

void sequencing_joined(struct fleet *fleet, unsigned instance)
{
        (void)fleet, (void)instance;
}

void sequencing_forget_record(struct fleet *fleet, struct fleet_record *record)
{
        (void)fleet, (void)record;
}

void sequencing_forget_process(struct fleet *fleet, struct fleet_process *process)
{
        (void)fleet, (void)process;
}

void sequencing_forget_application(struct fleet *fleet, struct fleet_application *application)
{
        (void)fleet, (void)application;
}

void sequencing_state(struct fleet *fleet, const struct fleet_event *event)
{
        (void)fleet, (void)event;
}

void sequencing_work(struct fleet *fleet, enum fsm_work kind, uint64_t ticket)
{
        (void)fleet, (void)kind, (void)ticket;
}

void sequencing_ordered(struct fleet *fleet, uint64_t ticket, enum fault fault, const char *text)
{
        (void)fleet, (void)ticket, (void)fault, (void)text;
}

void sequencing_request(struct fleet *fleet, const struct fleet_request *request)
{
        (void)fleet, (void)request;
}

void sequencing_dropped(struct fleet *fleet, uint64_t request)
{
        (void)fleet, (void)request;
}

void sequencing_forwarded(struct fleet *fleet, uint64_t request, struct answer *taken)
{
        (void)fleet, (void)request;
        answer_free(taken);
}

void sequencing_timer(struct fleet *fleet)
{
        (void)fleet;
}

void sequencing_settle(struct fleet *fleet)
{
        (void)fleet;
}

usec_t sequencing_deadline(const struct fleet *fleet)
{
        (void)fleet;
        return USEC_NEVER;
}

bool fleet_is_starting(const struct fleet *fleet)
{
        return fleet->sequencing->starting;
}

bool fleet_is_stopping(const struct fleet *fleet)
{
        return fleet->sequencing->stopping;
}
