/* Orders as text, for an upgrade in place: see orders.h. */
#include <errno.h>
#include <string.h>

#include "base/saved.h"
#include "base/saver.h"
#include "cluster/cluster_options.h"
#include "wire/orders_table.h"
#include "wire/payload_fields.h"

static void save_pending(const struct pending *p, struct saver *saver)
{
        saver_item(saver, "pending");
        saver_count(saver, "number", p->number);
        saver_count(saver, "peer", p->peer);
        saver_count(saver, "ticket", p->ticket);
        saver_time(saver, "deadline", p->deadline);
        saver_time(saver, "given", p->given);
        saver_flag(saver, "refused", p->refused);
        saver_flag(saver, "repeated", p->repeated);
        saver_flag(saver, "start", p->order.start);
        saver_text(saver, "group", p->order.group);
        saver_text(saver, "name", p->order.name);
        saver_text(saver, "args", p->order.args);
        saver_rest(saver, p->rest);
}

static void save_served(const struct served *s, struct saver *saver)
{
        saver_item(saver, "served");
        saver_count(saver, "id", s->id);
        saver_count(saver, "peer", s->peer);
        saver_count(saver, "number", s->number);
        saver_flag(saver, "order", s->is_order);
        saver_rest(saver, s->rest);
}

/* Requests of our own callers are not written: they are gone.  Nor are orders to ourselves: the
 * states of the process tell of them. */
void orders_save(const struct orders *o, struct saver *saver)
{
        saver_item(saver, "fleet_orders");
        saver_count(saver, "number", o->last_number);
        saver_count(saver, "id", o->last_id);
        saver_rest(saver, o->rest);
        saver_inner(saver);
        for (const struct pending *p = o->pending; p; p = p->hh.next)
                if (p->is_order)
                        save_pending(p, saver);
        for (const struct served *s = o->served; s; s = s->hh.next)
                if (s->peer != 0)
                        save_served(s, saver);
        for (size_t i = 0; i < o->counterparts_count; i++) {
                if (!o->counterparts[i].last)
                        continue;
                saver_item(saver, "counterpart");
                saver_count(saver, "peer", i);
                saver_count(saver, "last", o->counterparts[i].last);
        }
        saver_outer(saver);
}

static char *copy(struct saved_item *item, const char *key)
{
        const char *text = saved_text(item, key);

        return text ? mem_strdup(text) : NULL;
}

static unsigned peer_of(struct saved_item *item)
{
        unsigned peer = (unsigned)saved_count(item, "peer", CLUSTER_INSTANCES_MAX - 1, 0);

        if (peer == 0)
                saved_fail(item, "peer", "another instance is expected");
        return peer;
}

static void restore_pending(struct orders *o, struct saved_item *item)
{
        struct pending *p = mem_new(sizeof(*p)), *other;

        *p = (struct pending){
                .number = saved_count(item, "number", UINT64_MAX, 0),
                .peer = peer_of(item),
                .is_order = true,
                .ticket = saved_count(item, "ticket", UINT64_MAX, 0),
                .deadline = saved_time(item, "deadline", USEC_NEVER),
                .given = saved_time(item, "given", 0),
                .refused = saved_flag(item, "refused"),
                .repeated = saved_flag(item, "repeated"),
                .order = { .start = saved_flag(item, "start"),
                        .group = copy(item, "group"),
                        .name = copy(item, "name"),
                        .args = copy(item, "args") },
                .rest = saved_rest(item),
        };
        HASH_FIND(hh, o->pending, &p->number, sizeof(p->number), other);
        if (other || !p->order.group || !p->order.name || !payload_is_name(p->order.group) ||
                !payload_is_name(p->order.name)) {
                saved_fail(item, "number", "an order of nothing, or a second one");
                orders_pending_free(p);
                return;
        }
        o->deadline = usec_min(o->deadline, p->deadline);
        HASH_ADD(hh, o->pending, number, sizeof(p->number), p);
}

static void restore_served(struct orders *o, struct saved_item *item)
{
        uint64_t id = saved_count(item, "id", UINT64_MAX, 0);
        unsigned peer = peer_of(item);
        struct served *s;

        HASH_FIND(hh, o->served, &id, sizeof(id), s);
        if (s || !(id & ORDERS_ID) || orders_counterpart(o, peer)->served == ORDERS_SERVED_MAX) {
                saved_fail(item, "id", "no id of ours, one that is there twice, or too many");
                return;
        }
        s = mem_new(sizeof(*s));
        s->id = id;
        s->peer = peer;
        s->number = saved_count(item, "number", UINT64_MAX, 0);
        s->is_order = s->is_taken = saved_flag(item, "order");
        s->rest = saved_rest(item);
        orders_counterpart(o, peer)->served++;
        HASH_ADD(hh, o->served, id, sizeof(s->id), s);
}

/* Whatever was handed out before must not be handed out again. */
static void check_ids(struct orders *o, struct saved_item *item)
{
        for (const struct pending *p = o->pending; p; p = p->hh.next)
                if (p->number > o->last_number)
                        saved_fail(item, "number", "an order has the number %llu",
                                (unsigned long long)p->number);
        for (const struct served *s = o->served; s; s = s->hh.next)
                if ((s->id & ~ORDERS_ID) > o->last_id)
                        saved_fail(item, "id", "a request has the id %llu",
                                (unsigned long long)(s->id & ~ORDERS_ID));
}

int orders_restore(struct orders *o, struct saved *saved, struct err *err)
{
        struct saved_item *item = saved_first(saved, "fleet_orders"), *at;

        if (!item)
                return saved_status(saved, err);
        o->last_number = saved_count(item, "number", UINT64_MAX, 0);
        o->last_id = saved_count(item, "id", UINT64_MAX & ~ORDERS_ID, 0);
        for (at = saved_inner(item, "pending"); at; at = saved_next(at))
                restore_pending(o, at);
        for (at = saved_inner(item, "served"); at; at = saved_next(at))
                restore_served(o, at);
        for (at = saved_inner(item, "counterpart"); at; at = saved_next(at))
                orders_counterpart(o, peer_of(at))->last = saved_count(at, "last", UINT64_MAX, 0);
        check_ids(o, item);
        o->rest = saved_rest(item);
        return saved_status(saved, err);
}
