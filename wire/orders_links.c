/* Orders whose link ends, or is there again: see orders.h.
 *
 * For an upgrade in place, of ours or of the other side, links end orderly, but what was on its way
 * may be lost all the same.  So what is not answered is repeated under its number, by which the
 * other side knows what it has taken already. */
#include "wire/orders_table.h"

/* Out of the table, before anybody is told and perhaps changes it. */
static struct pending *detach_pending(struct orders *o, unsigned peer)
{
        struct pending *p, *next, *first = NULL, **last = &first;

        HASH_ITER (hh, o->pending, p, next) {
                if (p->peer != peer)
                        continue;
                HASH_DEL(o->pending, p);
                p->next = NULL;
                *last = p;
                last = &p->next;
        }
        return first;
}

static struct served *detach_served(struct orders *o, unsigned peer)
{
        struct served *s, *next, *first = NULL, **last = &first;

        HASH_ITER (hh, o->served, s, next) {
                if (s->peer != peer)
                        continue;
                HASH_DEL(o->served, s);
                orders_counterpart(o, peer)->served--;
                *last = s;
                last = &s->next;
        }
        return first;
}

void orders_link_down(struct orders *o, unsigned peer)
{
        struct pending *p, *first = detach_pending(o, peer);
        struct served *s, *others = detach_served(o, peer);

        orders_counterpart(o, peer)->last = 0; /* the next one begins its numbers anew */
        while ((p = first)) {
                first = p->next;
                orders_failed(o, p, "the link is lost");
                orders_pending_free(p);
        }
        while ((s = others)) {
                others = s->next;
                if (!s->is_order)
                        o->host->dropped(o->context, s->id);
                orders_served_free(s);
        }
}

/* What the engine of an earlier image began is done by now, or on its way: what became of it is
 * told by the states of the process. */
static void answer_taken(struct orders *o, unsigned peer)
{
        struct served *s, *next;

        HASH_ITER (hh, o->served, s, next) {
                CLEANUP(answer_free) struct answer *answer = NULL;

                if (s->peer != peer || !s->is_taken)
                        continue;
                answer = answer_new(ANSWER_TRUE);
                s = orders_take_served(o, s->id);
                orders_reply(o, s->peer, s->number, answer);
                orders_served_free(s);
        }
}

void orders_link_resumed(struct orders *o, unsigned peer)
{
        struct pending *p, *first;

        answer_taken(o, peer);
        first = detach_pending(o, peer);
        while ((p = first)) {
                first = p->next;
                p->next = NULL;
                if (p->refused) { /* it will be sent again in any case */
                        orders_await(o, p, ORDERS_RETRY_USEC);
                        continue;
                }
                p->repeated = true;
                p->given = o->host->now(o->context);
                orders_send(o, p);
        }
}
