/* Machine: see machine.h. */
#include "daemon/machine.h"

#include "loop/errand.h"
#include "netlink/netcount.h"

/* How long a sample waits for the partitions. */
enum { PATIENCE_USEC = 200 * 1000, SLACK_USEC = 10 * 1000 };

struct waiter {
        void (*taken)(void *context, const struct host_sample *);
        void *context;
        struct waiter *next;
};

struct machine {
        sd_event *loop;
        struct waiter *waiters;
        struct errand *numbers, *mounts; /* under way; NULL */
        sd_event_source *patience;       /* while the numbers wait for the mounts */
        struct host_sample sample;       /* the last one */
        struct host_sample fresh_mounts; /* of it only these */
        bool has_numbers;                /* that nobody was told of yet */
        uint64_t count;
};

/*
 * Beside the loop.
 */

static void add_net(void *context, const char *name, uint64_t received, uint64_t sent)
{
        host_counters_add(context, name, received, sent);
}

static void take_numbers(void *job)
{
        struct host_sample *sample = job;

        host_sample_take(sample);
        if (netcount_take((struct netcount_sink){ add_net, &sample->nets }, NULL) < 0)
                host_counters_clear(&sample->nets); /* nothing is known of them */
}

static void take_mounts(void *job)
{
        host_mounts_take(job);
}

static void release(void *job)
{
        host_sample_clear(job);
        mem_free(job);
}

/*
 * In the loop.
 */

static void move_mounts(struct host_sample *from, struct host_sample *to)
{
        to->mounts = TAKE(from->mounts);
        to->mounts_count = from->mounts_count;
        from->mounts_count = 0;
}

static void tell(struct machine *machine)
{
        struct waiter *waiters = TAKE(machine->waiters), *waiter;

        machine->has_numbers = false;
        machine->count++;
        machine->patience = sd_event_source_disable_unref(machine->patience);
        move_mounts(&machine->fresh_mounts, &machine->sample);
        while ((waiter = waiters)) {
                waiters = waiter->next;
                if (waiter->taken)
                        waiter->taken(waiter->context, &machine->sample);
                mem_free(waiter);
        }
}

static int on_patience(sd_event_source *source, uint64_t usec, void *context)
{
        tell(context);
        return 0;
}

static void on_mounts(void *context, void *job)
{
        struct machine *machine = context;

        host_sample_clear(&machine->fresh_mounts);
        move_mounts(job, &machine->fresh_mounts);
        machine->mounts = errand_free(machine->mounts);
        if (machine->has_numbers)
                tell(machine);
}

static void on_numbers(void *context, void *job)
{
        struct machine *machine = context;
        struct host_sample *sample = job;

        host_sample_clear(&machine->sample);
        machine->sample = *sample;
        *sample = (struct host_sample){};
        machine->numbers = errand_free(machine->numbers);
        machine->has_numbers = true;
        if (!machine->mounts ||
                sd_event_add_time_relative(machine->loop, &machine->patience, CLOCK_MONOTONIC,
                        PATIENCE_USEC, SLACK_USEC, on_patience, machine) < 0)
                tell(machine);
}

static const struct errand_kind numbers_kind = { take_numbers, on_numbers, release };
static const struct errand_kind mounts_kind = { take_mounts, on_mounts, release };

static void start(struct machine *machine)
{
        /* One that is under way for long is not joined by another. */
        if (!machine->mounts &&
                errand_start(machine->loop, &mounts_kind, mem_new(sizeof(struct host_sample)),
                        machine, &machine->mounts, NULL) < 0)
                machine->mounts = NULL; /* then nothing is known of them */
        if (errand_start(machine->loop, &numbers_kind, mem_new(sizeof(struct host_sample)), machine,
                    &machine->numbers, NULL) >= 0)
                return;
        host_sample_clear(&machine->sample); /* no thread, no figures */
        tell(machine);
}

void machine_ask(struct machine *machine, void (*taken)(void *context, const struct host_sample *),
        void *context)
{
        struct waiter *waiter = mem_new(sizeof(*waiter));

        *waiter = (struct waiter){ taken, context, machine->waiters };
        machine->waiters = waiter;
        if (!machine->numbers && !machine->has_numbers)
                start(machine);
}

void machine_forget(struct machine *machine, void *context)
{
        for (struct waiter *waiter = machine->waiters; waiter; waiter = waiter->next)
                if (waiter->context == context)
                        waiter->taken = NULL;
}

uint64_t machine_count(const struct machine *machine)
{
        return machine->count;
}

const struct host_sample *machine_last(const struct machine *machine)
{
        return &machine->sample;
}

struct machine *machine_new(sd_event *loop)
{
        struct machine *machine = mem_new(sizeof(*machine));

        machine->loop = loop;
        return machine;
}

struct machine *machine_free(struct machine *machine)
{
        struct waiter *waiter;

        if (!machine)
                return NULL;
        machine->numbers = errand_free(machine->numbers);
        machine->mounts = errand_free(machine->mounts);
        machine->patience = sd_event_source_disable_unref(machine->patience);
        host_sample_clear(&machine->sample);
        host_sample_clear(&machine->fresh_mounts);
        while ((waiter = machine->waiters)) {
                machine->waiters = waiter->next;
                mem_free(waiter);
        }
        return mem_free(machine);
}
