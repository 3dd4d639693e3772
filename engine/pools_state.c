/* The text of the pools: see pools_state.h. */
#include "engine/pools_state.h"

#include <string.h>

#include "base/saved.h"
#include "base/saver.h"
#include "engine/pool.h"

static const struct pending *waiting(const struct pool *pool, size_t i)
{
        return &pool->ring[(pool->first + i) % pool->capacity];
}

/*
 * Saving.
 */

static void save_notice(
        const struct notice *notice, struct numbering *numbering, struct saver *saver)
{
        if (!notice || !numbering_add(numbering, notice))
                return;
        saver_item(saver, "notice");
        saver_text(saver, "topic", topic_name(notice->topic));
        saver_count(saver, "serial", notice->serial);
        saver_bytes(saver, "payload", notice->payload, notice->length);
}

void pools_state_save_notices(
        const struct engine *engine, struct numbering *numbering, struct saver *saver)
{
        for (const struct pool *pool = engine->pools; pool; pool = pool->next) {
                for (size_t i = 0; i < pool->count; i++)
                        save_notice(waiting(pool, i)->notice, numbering, saver);
                for (size_t i = 0; i < pool->group->count; i++)
                        save_notice(slot_of(pool->group->processes[i])->member->busy_with.notice,
                                numbering, saver);
        }
}

static void save_pending(
        const struct pending *pending, const struct numbering *numbering, struct saver *saver)
{
        saver_count(saver, "notice", numbering_of(numbering, pending->notice));
        saver_count(saver, "poolserial", pending->poolserial);
}

void pools_state_save(
        const struct group *group, const struct numbering *numbering, struct saver *saver)
{
        const struct pool *pool = group->pool;

        if (!pool)
                return;
        saver_item(saver, "pool");
        saver_count(saver, "next_serial", pool->next_serial);
        saver_inner(saver);
        for (size_t i = 0; i < pool->count; i++) {
                saver_item(saver, "waiting");
                save_pending(waiting(pool, i), numbering, saver);
        }
        saver_outer(saver);
}

void pools_state_save_member(
        const struct slot *slot, const struct numbering *numbering, struct saver *saver)
{
        const struct member *member = slot->member;
        const struct listener *l;

        if (!member)
                return;
        l = &member->listener;
        saver_item(saver, "listener");
        saver_text(saver, "state", listener_state_name(l->state));
        saver_bytes(saver, "line", l->line, l->line_length);
        saver_flag(saver, "has_length", l->has_length);
        if (l->has_length) {
                size_t kept = l->result_got < LISTENER_RESULT_KEPT ? (size_t)l->result_got
                                                                   : LISTENER_RESULT_KEPT;

                saver_count(saver, "result_length", l->result_length);
                saver_count(saver, "result_got", l->result_got);
                saver_bytes(saver, "result", l->result, kept);
        }
        saver_flag(saver, "deaf", member->deaf);
        if (member->busy_with.notice)
                save_pending(&member->busy_with, numbering, saver);
}

/*
 * Restoring.
 */

static enum topic restore_topic(struct saved_item *item)
{
        const char *text = saved_text(item, "topic");
        enum topic topic = text ? topic_find(text) : TOPICS;

        if (topic == TOPICS) {
                saved_fail(item, "topic", "not known here");
                topic = TOPIC_EVENT;
        }
        return topic;
}

void pools_state_restore_notices(struct saved_item *outer, struct pools_notices *notices)
{
        for (struct saved_item *item = saved_inner(outer, "notice"); item;
                item = saved_next(item)) {
                enum topic topic = restore_topic(item);
                uint64_t serial = saved_count(item, "serial", NOTICE_SERIAL_MAX, 0);
                size_t length;
                const char *payload = saved_bytes(item, "payload", &length);

                notices->at = mem_grow(notices->at, &notices->capacity, notices->count + 1,
                        sizeof(struct notice *));
                notices->at[notices->count++] = notice_new(topic, serial, payload, length);
        }
}

void pools_state_clear_notices(struct pools_notices *notices)
{
        for (size_t i = 0; i < notices->count; i++)
                notice_unref(notices->at[i]);
        mem_free(notices->at);
        *notices = (struct pools_notices){};
}

static struct pending restore_pending(struct saved_item *item, const struct pools_notices *notices)
{
        uint64_t number = saved_count(item, "notice", notices->count, 0);
        uint64_t poolserial = saved_count(item, "poolserial", NOTICE_SERIAL_MAX, 0);

        if (number == 0)
                return (struct pending){};
        return (struct pending){ notice_ref(notices->at[number - 1]), poolserial };
}

void pools_state_restore(
        struct saved_item *item, struct group *group, const struct pools_notices *notices)
{
        struct pool *pool = group->pool;

        pool->next_serial = saved_count(item, "next_serial", NOTICE_SERIAL_MAX, 0);
        for (struct saved_item *inner = saved_inner(item, "waiting"); inner;
                inner = saved_next(inner)) {
                struct pending pending = restore_pending(inner, notices);

                if (!pending.notice) {
                        saved_fail(inner, "notice", "there is none of that number");
                        continue;
                }
                pool->ring =
                        mem_grow(pool->ring, &pool->capacity, pool->count + 1, sizeof(*pool->ring));
                pool->ring[pool->count++] = pending;
        }
}

static void restore_line(struct saved_item *item, struct listener *l)
{
        const char *line = saved_bytes(item, "line", &l->line_length);

        if (l->line_length > sizeof(l->line)) {
                saved_fail(item, "line", "it is too long");
                l->line_length = 0;
        }
        if (l->line_length)
                memcpy(l->line, line, l->line_length);
}

static void restore_result(struct saved_item *item, struct listener *l)
{
        size_t kept;
        const char *result = saved_bytes(item, "result", &kept);

        l->has_length = saved_flag(item, "has_length");
        l->result_length = saved_count(item, "result_length", INT64_MAX, 0);
        l->result_got = saved_count(item, "result_got", l->result_length, 0);
        if (kept > sizeof(l->result) || (kept < sizeof(l->result) && kept != l->result_got)) {
                saved_fail(item, "result", "not as much as has come");
                return;
        }
        if (kept)
                memcpy(l->result, result, kept);
}

void pools_state_restore_member(
        struct saved_item *item, struct slot *slot, const struct pools_notices *notices)
{
        static const enum listener_state states[] = { LISTENER_ACKNOWLEDGED, LISTENER_READY,
                LISTENER_BUSY, LISTENER_UNKNOWN };
        struct member *member = slot->member;
        struct listener *l = &member->listener;
        const char *names[ELEMENTS(states)];

        for (size_t i = 0; i < ELEMENTS(states); i++)
                names[i] = listener_state_name(states[i]);
        l->state = states[saved_name(item, "state", names, ELEMENTS(names), 0)];
        restore_line(item, l);
        restore_result(item, l);
        member->deaf = saved_flag(item, "deaf");
        member->busy_with = restore_pending(item, notices);
}
