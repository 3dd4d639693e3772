/* Pools: see pools.h.
 *
 * A pool holds at most buffer_size events beside those that its members are busy with; when another
 * one comes the oldest is given up, which the log tells. */
#include "engine/pools.h"

#include <inttypes.h>
#include <string.h>

#include "base/decoded.h"
#include "engine/pool.h"

/*
 * Coming and going.
 */

static void count_entries(struct engine *engine, struct pool *pool)
{
        char **events = pool->group->config->events;

        for (size_t i = 0; events && events[i]; i++) {
                enum topic entry = topic_find(events[i]);

                if (entry == TOPICS)
                        continue; /* the configuration lets none such pass */
                for (enum topic topic = 0; topic < TOPICS; topic++)
                        pool->entries[topic] += topic_includes(entry, topic);
        }
        for (enum topic topic = 0; topic < TOPICS; topic++)
                engine->subscribers[topic] += pool->entries[topic] > 0;
}

void pools_add(struct engine *engine, struct group *group)
{
        struct pool **end = &engine->pools, *pool;

        if (group->config->kind != GROUP_EVENTLISTENER)
                return;
        pool = mem_new(sizeof(*pool));
        pool->group = group;
        count_entries(engine, pool);
        while (*end)
                end = &(*end)->next;
        *end = pool;
        group->pool = pool;
        for (size_t i = 0; i < group->count; i++)
                pools_add_member(slot_of(group->processes[i]));
}

void pools_add_member(struct slot *slot)
{
        if (!slot->group->pool)
                return;
        slot->member = mem_new(sizeof(*slot->member));
        listener_reset(&slot->member->listener);
}

static struct pending pop(struct pool *pool)
{
        struct pending oldest = pool->ring[pool->first];

        pool->first = (pool->first + 1) % pool->capacity;
        pool->count--;
        return oldest;
}

void pools_remove(struct engine *engine, struct group *group)
{
        struct pool **link = &engine->pools, *pool = group->pool;

        if (!pool)
                return;
        while (*link != pool)
                link = &(*link)->next;
        *link = pool->next;
        for (enum topic topic = 0; topic < TOPICS; topic++)
                engine->subscribers[topic] -= pool->entries[topic] > 0;
        for (size_t i = 0; i < group->count; i++) {
                struct slot *slot = slot_of(group->processes[i]);

                notice_unref(slot->member->busy_with.notice);
                slot->member = mem_free(slot->member);
        }
        while (pool->count)
                notice_unref(pop(pool).notice);
        mem_free(pool->ring);
        group->pool = mem_free(pool);
}

/*
 * The buffer.
 */

static void make_room(struct pool *pool)
{
        size_t capacity = pool->capacity ? 2 * pool->capacity : 8;
        struct pending *ring;

        if (pool->count < pool->capacity)
                return;
        ring = mem_new_array(capacity, sizeof(*ring));
        for (size_t i = 0; i < pool->count; i++)
                ring[i] = pool->ring[(pool->first + i) % pool->capacity];
        mem_free(pool->ring);
        pool->ring = ring;
        pool->capacity = capacity;
        pool->first = 0;
}

/* Takes the reference. */
static void buffer(struct engine *engine, struct pool *pool, struct pending pending, bool in_front)
{
        const struct program_group *config = pool->group->config;

        if (pool->count && (int64_t)pool->count >= config->buffer_size) {
                struct pending oldest = pop(pool);

                effects_log(engine->out, LOG_LEVEL_ERROR, 0,
                        "pool %s event buffer overflowed, discarding event %" PRIu64, config->name,
                        oldest.notice->serial);
                notice_unref(oldest.notice);
        }
        make_room(pool);
        if (in_front) {
                pool->first = (pool->first + pool->capacity - 1) % pool->capacity;
                pool->ring[pool->first] = pending;
        } else {
                pool->ring[(pool->first + pool->count) % pool->capacity] = pending;
        }
        pool->count++;
}

static void log_rebuffering(
        struct engine *engine, const struct pool *pool, const struct pending *pending)
{
        effects_log(engine->out, LOG_LEVEL_DEBUG, 0,
                "rebuffering event %" PRIu64 " for pool %s (buf size=%zu, max=%jd)",
                pending->notice->serial, pool->group->config->name, pool->count,
                (intmax_t)pool->group->config->buffer_size);
}

/* The event that a member did not get done is the next one again, of its own pool only. */
static void take_back(struct engine *engine, struct slot *slot)
{
        struct pending pending = slot->member->busy_with;

        slot->member->busy_with = (struct pending){};
        if (!pending.notice)
                return;
        log_rebuffering(engine, slot->group->pool, &pending);
        buffer(engine, slot->group->pool, pending, true);
}

static void accept(struct engine *engine, struct pool *pool, struct notice *notice)
{
        struct pending pending = { notice, pool->next_serial };

        pool->next_serial = notice_next_serial(pool->next_serial);
        for (unsigned i = 0; i < pool->entries[notice->topic]; i++) {
                if (i > 0)
                        log_rebuffering(engine, pool, &pending);
                notice_ref(notice);
                buffer(engine, pool, pending, false);
        }
}

void pools_publish(struct engine *engine, enum topic topic, const char *payload, size_t length)
{
        struct notice *notice;

        if (!engine->subscribers[topic])
                return;
        notice = notice_new(topic, engine->next_serial, payload, length);
        engine->next_serial = notice_next_serial(engine->next_serial);
        for (struct pool *pool = engine->pools; pool; pool = pool->next)
                if (pool->entries[topic])
                        accept(engine, pool, notice);
        notice_unref(notice);
}

/*
 * The members.
 */

void pools_remove_member(struct engine *engine, struct slot *slot)
{
        if (!slot->member)
                return;
        take_back(engine, slot);
        slot->member = mem_free(slot->member);
}

static struct slot *find_ready(const struct pool *pool)
{
        for (size_t i = 0; i < pool->group->count; i++) {
                struct slot *slot = slot_of(pool->group->processes[i]);

                if (slot->process.state == RUNNING && !slot->member->deaf &&
                        slot->member->listener.state == LISTENER_READY)
                        return slot;
        }
        return NULL;
}

static void send(struct engine *engine, struct pool *pool, struct slot *slot)
{
        struct pending pending = pop(pool);
        struct effect *effect = effects_add(engine->out, FX_SEND_EVENT, slot->process.id);

        slot->member->busy_with = pending;
        listener_sent(&slot->member->listener);
        effect->send.notice = notice_ref(pending.notice);
        effect->send.pool = mem_strdup(pool->group->config->name);
        effect->send.poolserial = pending.poolserial;
}

void pools_deliver(struct engine *engine)
{
        for (struct pool *pool = engine->pools; pool; pool = pool->next) {
                struct slot *slot;

                while (pool->count && (slot = find_ready(pool)))
                        send(engine, pool, slot);
        }
}

bool pools_is_busy(const struct group *group)
{
        const struct pool *pool = group->pool;
        bool listens = false, answers = false;

        for (size_t i = 0; pool && i < group->count; i++) {
                const struct slot *slot = slot_of(group->processes[i]);

                if (slot->process.state != RUNNING || slot->member->deaf ||
                        slot->member->listener.state == LISTENER_UNKNOWN)
                        continue;
                listens = true;
                answers |= slot->member->busy_with.notice != NULL;
        }
        return answers || (listens && pool->count);
}

void pools_member_started(struct slot *slot)
{
        if (!slot->member)
                return;
        listener_reset(&slot->member->listener);
        slot->member->deaf = false;
}

void pools_member_ended(struct engine *engine, struct slot *slot)
{
        if (!slot->member)
                return;
        slot->member->deaf = true;
        take_back(engine, slot);
}

void pools_member_sent(struct engine *engine, struct slot *slot, uint64_t serial, int error)
{
        struct member *member = slot->member;
        const char *name = slot->process.program->name;

        if (!member || !member->busy_with.notice || member->busy_with.notice->serial != serial)
                return;
        if (!error) {
                effects_log(engine->out, LOG_LEVEL_DEBUG, slot->process.id,
                        "event %" PRIu64 " sent to listener %s", serial, name);
                return;
        }
        effects_log(engine->out, LOG_LEVEL_DEBUG, slot->process.id,
                "epipe occurred while sending event %" PRIu64
                " to listener %s, listener state unchanged",
                serial, name);
        listener_reset(&member->listener);
        member->listener.state = LISTENER_READY;
        member->deaf = true;
        take_back(engine, slot);
}

static void log_change(struct engine *engine, const struct slot *slot, enum listener_state from)
{
        enum listener_state to = slot->member->listener.state;
        const char *name = slot->process.program->name;

        effects_log(engine->out, LOG_LEVEL_DEBUG, slot->process.id, "%s: %s -> %s", name,
                listener_state_name(from), listener_state_name(to));
        if (to != LISTENER_UNKNOWN)
                return;
        effects_log(engine->out, LOG_LEVEL_WARN, slot->process.id,
                "%s: has entered the UNKNOWN state and will no longer receive events, this "
                "usually indicates the process violated the eventlistener protocol",
                name);
        effects_log_is(engine->out, MESSAGE_LISTENER_LOST);
}

static void log_bad_result(struct engine *engine, const struct slot *slot)
{
        const struct listener *listener = &slot->member->listener;
        CLEANUP(text_clear) struct text line = {};

        decoded_append(&line, listener->line, listener->line_length);
        effects_log(engine->out, LOG_LEVEL_WARN, slot->process.id, "%s: bad result line: '%s'",
                slot->process.program->name, text_string(&line));
}

static void log_outcome(
        struct engine *engine, const struct slot *slot, enum listener_outcome outcome)
{
        const char *name = slot->process.program->name;

        switch (outcome) {
        case LISTENER_PROCESSED:
                effects_log(engine->out, LOG_LEVEL_DEBUG, slot->process.id,
                        "%s: event was processed", name);
                return;
        case LISTENER_REJECTED:
                effects_log(engine->out, LOG_LEVEL_WARN, slot->process.id, "%s: event was rejected",
                        name);
                return;
        case LISTENER_BAD_RESULT:
                log_bad_result(engine, slot);
                return;
        case LISTENER_WAITS:
        case LISTENER_BECAME_READY:
        case LISTENER_BROKE_OFF:
                return; /* the change of state says it all */
        }
}

void pools_member_said(struct engine *engine, struct slot *slot, const char *data, size_t length)
{
        struct member *member = slot->member;

        while (member) {
                enum listener_state from = member->listener.state;
                enum listener_outcome outcome = listener_take(&member->listener, &data, &length);

                if (outcome == LISTENER_WAITS)
                        return;
                log_outcome(engine, slot, outcome);
                log_change(engine, slot, from);
                if (outcome == LISTENER_PROCESSED)
                        member->busy_with.notice = notice_unref(member->busy_with.notice);
                else if (outcome != LISTENER_BECAME_READY)
                        take_back(engine, slot);
        }
}
