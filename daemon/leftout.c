/* What is left out of a state: see leftout.h. */
#include "daemon/leftout.h"

#include <stdint.h>

#include "daemon/lives.h"

struct leftout {
        size_t *events; /* their numbers, ascending, from 0 */
        size_t events_count, events_capacity;
        bool last_too;

        size_t passed; /* events that were read */
        bool in_event; /* one has been left out, its step is to come */
        bool in_step;  /* which was left out, too */
        struct lives *births;
};

static void add(struct leftout *leftout, size_t event)
{
        if (leftout->events_count > 0 && leftout->events[leftout->events_count - 1] == event)
                return;
        leftout->events = mem_grow(leftout->events, &leftout->events_capacity,
                leftout->events_count + 1, sizeof(*leftout->events));
        leftout->events[leftout->events_count++] = event;
}

static bool is_in(const struct leftout *leftout, size_t event)
{
        for (size_t i = 0; i < leftout->events_count; i++)
                if (leftout->events[i] == event)
                        return true;
        return false;
}

struct leftout *leftout_new(struct statefile *file, bool last_too)
{
        struct leftout *leftout = mem_new(sizeof(*leftout));
        struct statefile_record record;
        size_t events = 0, known;

        leftout->births = lives_new();
        while (statefile_next(file, &record)) {
                events += record.type == STATEFILE_EVENT;
                if (record.type == STATEFILE_LEFT_OUT && events > 0)
                        add(leftout, events - 1);
        }
        statefile_rewind(file);
        known = leftout->events_count;
        if (last_too && events > 0)
                add(leftout, events - 1);
        leftout->last_too = leftout->events_count > known;
        return leftout;
}

struct leftout *leftout_free(struct leftout *leftout)
{
        if (!leftout)
                return NULL;
        mem_free(leftout->events);
        leftout->births = lives_free(leftout->births);
        return mem_free(leftout);
}

bool leftout_takes(struct leftout *leftout, const struct statefile_record *record, bool has_waiting)
{
        if (record->type == STATEFILE_LEFT_OUT) {
                leftout->in_event = leftout->in_step = false;
                return true;
        }
        if (record->type == STATEFILE_EVENT && is_in(leftout, leftout->passed++)) {
                leftout->in_event = true;
                return true;
        }
        /* Those that waited before it have their turns yet. */
        if (leftout->in_event && record->type == STATEFILE_STEP && !has_waiting)
                leftout->in_step = true;
        if (leftout->in_step && record->type == STATEFILE_BIRTH)
                (void)lives_add(leftout->births, record); /* 0: nobody can be told by it */
        return leftout->in_step;
}

void leftout_take_rest(struct leftout *leftout, struct statefile *file)
{
        struct statefile_record record;

        leftout->in_step = true;
        while (statefile_next(file, &record))
                if (record.type == STATEFILE_BIRTH)
                        (void)lives_add(leftout->births, &record);
}

/* The start that was being made: what the kernel has written is the pid. */
static void add_last_birth(struct leftout *leftout, const struct statefile *file)
{
        const struct statefile_birth *last = statefile_last_birth(file);
        const struct life *life = lives_find(leftout->births, last->process);

        if (last->process && last->pid > 0 && (!life || life->birth.time.since != last->since))
                lives_add_bare(leftout->births, last->process, last->pid,
                        &(struct stranger_birth){
                                last->since, last->since + LIVES_BIRTH_NSEC_MAX });
}

bool leftout_settle(struct leftout *leftout, struct statefile *file)
{
        if (leftout->in_step)
                add_last_birth(leftout, file);
        if (!leftout->last_too)
                return false;
        /* Where that fails the next daemon leaves it out again, for it is the last one still. */
        (void)!statefile_append(file, STATEFILE_LEFT_OUT, "", 0);
        return true;
}

unsigned leftout_end_births(struct leftout *leftout)
{
        return lives_end(leftout->births);
}
