/* Orders: see orders.h. */
#include "wire/orders.h"

#include <errno.h>
#include <string.h>

#include "wire/orders_table.h"
#include "wire/payload_fields.h"

struct orders *orders_new(const struct orders_host *host, void *context)
{
        struct orders *o = mem_new(sizeof(*o));

        o->host = host;
        o->context = context;
        o->deadline = USEC_NEVER;
        return o;
}

void orders_pending_free(struct pending *p)
{
        mem_free((void *)p->order.group);
        mem_free((void *)p->order.name);
        mem_free((void *)p->order.args);
        mem_free((void *)p->request.name);
        mem_free((void *)p->request.args);
        mem_free((void *)p->request.instances);
        mem_free(p->rest);
        mem_free(p);
}

struct served *orders_served_free(struct served *s)
{
        if (!s)
                return NULL;
        mem_free(s->rest);
        return mem_free(s);
}

struct orders *orders_free(struct orders *o)
{
        struct pending *p, *p_next;
        struct served *s, *s_next;

        if (!o)
                return NULL;
        HASH_ITER (hh, o->pending, p, p_next) {
                HASH_DEL(o->pending, p);
                orders_pending_free(p);
        }
        HASH_ITER (hh, o->served, s, s_next) {
                HASH_DEL(o->served, s);
                orders_served_free(s);
        }
        mem_free(o->counterparts);
        mem_free(o->rest);
        return mem_free(o);
}

static const char *name_of(const struct orders *o, unsigned peer)
{
        const char *name = o->host->identifier(o->context, peer);

        return name ? name : "?";
}

/*
 * Those that came from elsewhere.
 */

struct counterpart *orders_counterpart(struct orders *o, unsigned peer)
{
        if (peer >= o->counterparts_count) {
                o->counterparts = mem_resize(o->counterparts, peer + 1, sizeof(*o->counterparts));
                memset(o->counterparts + o->counterparts_count, 0,
                        (peer + 1 - o->counterparts_count) * sizeof(*o->counterparts));
                o->counterparts_count = peer + 1;
        }
        return &o->counterparts[peer];
}

static struct served *serve(struct orders *o, unsigned peer, uint64_t number, bool is_order)
{
        struct counterpart *counterpart = orders_counterpart(o, peer);
        struct served *s = mem_new(sizeof(*s));

        s->id = ORDERS_ID | ++o->last_id;
        s->peer = peer;
        s->number = number;
        s->is_order = is_order;
        HASH_ADD(hh, o->served, id, sizeof(s->id), s);
        counterpart->served++;
        if (number > counterpart->last)
                counterpart->last = number;
        return s;
}

struct served *orders_take_served(struct orders *o, uint64_t id)
{
        struct served *s;

        HASH_FIND(hh, o->served, &id, sizeof(id), s);
        if (s) {
                HASH_DEL(o->served, s);
                orders_counterpart(o, s->peer)->served--;
        }
        return s;
}

void orders_reply(struct orders *o, unsigned peer, uint64_t number, const struct answer *answer)
{
        CLEANUP(text_clear) struct text t = {};
        struct frame frame = { .kind = FRAME_REPLY, .number = number };

        payload_put_answer(&t, answer);
        if (t.length > FRAME_PAYLOAD_MAX) {
                CLEANUP(answer_free)
                struct answer *fault = answer_new_fault(FAULT_FAILED, "the answer is too long");

                text_truncate(&t, 0);
                payload_put_answer(&t, fault);
        }
        frame.payload = (const uint8_t *)t.data;
        frame.size = t.length;
        /* Without a link nobody waits for it any more. */
        (void)o->host->send(o->context, peer, &frame);
}

static void reply_fault(
        struct orders *o, unsigned peer, uint64_t number, enum fault fault, const char *extra)
{
        CLEANUP(answer_free) struct answer *answer = answer_new_fault(fault, extra);

        orders_reply(o, peer, number, answer);
}

void orders_answer(struct orders *o, uint64_t request, struct answer *taken)
{
        CLEANUP(answer_free) struct answer *answer = taken;
        CLEANUP(orders_served_free) struct served *s = orders_take_served(o, request);

        if (s && answer)
                orders_reply(o, s->peer, s->number, answer);
}

void orders_engine_answer(struct orders *o, uint64_t request, struct answer *taken)
{
        CLEANUP(answer_free) struct answer *answer = taken;
        CLEANUP(orders_served_free) struct served *s = orders_take_served(o, request);

        if (!s)
                return;
        if (s->peer != 0)
                orders_reply(o, s->peer, s->number, answer);
        else if (answer->type == ANSWER_FAULT)
                o->host->ordered(o->context, s->ticket, answer->fault, answer->text);
        else
                o->host->ordered(o->context, s->ticket, FAULT_NONE, NULL);
}

/* The engine does it, and answers before it is finished. */
static void carry_out(struct orders *o, uint64_t id, const struct payload_order *order)
{
        CLEANUP(mem_free) char *namespec = mem_format("%s:%s", order->group, order->name);
        const struct request request = {
                .id = id,
                .type = order->start ? REQUEST_START : REQUEST_STOP,
                .name = namespec,
                .args = order->args,
        };

        o->host->ask_engine(o->context, &request);
}

static bool has_room(struct orders *o, unsigned peer, uint64_t number)
{
        if (orders_counterpart(o, peer)->served < ORDERS_SERVED_MAX)
                return true;
        reply_fault(o, peer, number, FAULT_FAILED, "too many requests are under way");
        return false;
}

/* It was repeated since the link was interrupted, and had come before: whoever serves it answers it
 * still; or the answer went astray, and it must not be done twice. */
static bool was_taken(struct orders *o, unsigned peer, uint64_t number, bool is_order)
{
        CLEANUP(answer_free) struct answer *answer = NULL;

        if (number > orders_counterpart(o, peer)->last)
                return false;
        for (const struct served *s = o->served; s; s = s->hh.next)
                if (s->peer == peer && s->number == number)
                        return true;
        answer = is_order ? answer_new(ANSWER_TRUE)
                          : answer_new_fault(FAULT_ABNORMAL_TERMINATION, "the answer was lost");
        orders_reply(o, peer, number, answer);
        return true;
}

static int take_order(struct orders *o, unsigned peer, const struct frame *frame, struct err *err)
{
        CLEANUP(payload_free) struct payload *payload = NULL;
        int r;

        if (!o->host->obeys(o->context, peer, frame->term)) {
                const struct frame refusal = { .kind = FRAME_REFUSED,
                        .number = frame->number,
                        .term = o->host->obeyed(o->context) };

                (void)o->host->send(o->context, peer, &refusal); /* without a link: nobody waits */
                return 0;
        }
        r = payload_read(frame->kind, frame->payload, frame->size, &payload, err);
        if (r < 0) {
                reply_fault(o, peer, frame->number, FAULT_BAD_ARGUMENTS, err->text);
                return r;
        }
        if (payload->order.repeated && was_taken(o, peer, frame->number, true))
                return 0;
        if (has_room(o, peer, frame->number))
                carry_out(o, serve(o, peer, frame->number, true)->id, &payload->order);
        return 0;
}

/* The indexes of those whom the request names; false: one is not known, of which it is told. */
static bool find_instances(struct orders *o, unsigned peer, uint64_t number,
        const struct payload_request *request, unsigned *ret)
{
        for (size_t i = 0; i < request->identifiers_count; i++) {
                CLEANUP(mem_free) char *why = NULL;

                ret[i] = o->host->instance(o->context, request->identifiers[i]);
                if (ret[i] != FLEET_NONE)
                        continue;
                why = mem_format("identifier=%s is unknown to Supvisors", request->identifiers[i]);
                reply_fault(o, peer, number, FAULT_BAD_NAME, why);
                return false;
        }
        return true;
}

static int take_request(struct orders *o, unsigned peer, const struct frame *frame, struct err *err)
{
        CLEANUP(payload_free) struct payload *payload = NULL;
        CLEANUP(mem_free) unsigned *instances = NULL;
        const struct payload_request *asked;
        struct fleet_request request;
        int r = payload_read(frame->kind, frame->payload, frame->size, &payload, err);

        if (r < 0) {
                reply_fault(o, peer, frame->number, FAULT_BAD_ARGUMENTS, err->text);
                return r;
        }
        asked = &payload->request;
        if (asked->repeated && was_taken(o, peer, frame->number, false))
                return 0;
        instances = mem_new_array(asked->identifiers_count + 1, sizeof(*instances));
        if (!has_room(o, peer, frame->number) ||
                !find_instances(o, peer, frame->number, asked, instances))
                return 0;
        request = (struct fleet_request){
                .id = serve(o, peer, frame->number, false)->id,
                .type = asked->type,
                .origin = peer,
                .name = asked->name,
                .args = asked->args,
                .strategy = asked->strategy,
                .wait = asked->wait,
                .instances = asked->identifiers ? instances : NULL,
                .instances_count = asked->identifiers_count,
        };
        o->host->requested(o->context, &request);
        return 0;
}

/*
 * Ours.
 */

void orders_failed(struct orders *o, const struct pending *p, const char *words)
{
        CLEANUP(mem_free) char *text = NULL;

        if (!p->is_order) {
                o->host->forwarded(o->context, p->ticket, NULL);
                return;
        }
        text = mem_format("%s: %s: %s", fault_name(FAULT_FAILED), name_of(o, p->peer), words);
        o->host->ordered(o->context, p->ticket, FAULT_FAILED, text);
}

void orders_await(struct orders *o, struct pending *p, usec_t delay)
{
        p->deadline = usec_add(o->host->now(o->context), delay);
        o->deadline = usec_min(o->deadline, p->deadline);
        HASH_ADD(hh, o->pending, number, sizeof(p->number), p);
}

/* Where the link was interrupted the lease may be, too. */
static bool waits_for_lease(const struct orders *o, const struct pending *p)
{
        return p->repeated &&
               usec_sub(o->host->now(o->context), p->given) < ORDERS_REFUSED_USEC_MAX;
}

static void send_order(struct orders *o, struct pending *taken)
{
        CLEANUP(text_clear) struct text t = {};
        struct frame frame = { .kind = FRAME_ORDER, .number = taken->number };
        const char *why = NULL;

        taken->order.repeated = taken->repeated;
        payload_put_order(&t, &taken->order);
        frame.payload = (const uint8_t *)t.data;
        frame.size = t.length;
        frame.term = o->host->term(o->context);
        if (!o->host->may_order(o->context)) {
                taken->refused = waits_for_lease(o, taken);
                if (taken->refused) {
                        orders_await(o, taken, ORDERS_RETRY_USEC);
                        return;
                }
                why = "nobody may be ordered now";
        } else if (o->host->send(o->context, taken->peer, &frame) < 0) {
                why = "no link";
        }
        if (!why) {
                orders_await(o, taken, ORDERS_ANSWER_USEC_MAX);
                return;
        }
        orders_failed(o, taken, why);
        orders_pending_free(taken);
}

static void send_request(struct orders *o, struct pending *taken)
{
        const struct fleet_request *request = &taken->request;
        CLEANUP(text_clear) struct text t = {};
        CLEANUP(mem_free) const char **identifiers = NULL;
        struct frame frame = { .kind = FRAME_REQUEST, .number = taken->number };
        struct payload_request words = { .type = request->type,
                .name = request->name,
                .args = request->args,
                .strategy = request->strategy,
                .wait = request->wait,
                .identifiers_count = request->instances_count,
                .repeated = taken->repeated };

        if (request->instances)
                words.identifiers = identifiers =
                        mem_new_array(request->instances_count + 1, sizeof(*identifiers));
        for (size_t i = 0; identifiers && i < request->instances_count; i++)
                identifiers[i] = name_of(o, request->instances[i]);
        payload_put_request(&t, &words);
        frame.payload = (const uint8_t *)t.data;
        frame.size = t.length;
        if (o->host->send(o->context, taken->peer, &frame) >= 0) {
                orders_await(o, taken, USEC_NEVER);
                return;
        }
        orders_failed(o, taken, "no link");
        orders_pending_free(taken);
}

void orders_send(struct orders *o, struct pending *taken)
{
        if (taken->is_order)
                send_order(o, taken);
        else
                send_request(o, taken);
}

static void order_ourselves(struct orders *o, uint64_t ticket, const struct payload_order *order)
{
        struct served *s;

        if (!o->host->may_order(o->context)) {
                o->host->ordered(
                        o->context, ticket, FAULT_FAILED, "FAILED: nobody may be ordered now");
                return;
        }
        s = serve(o, 0, 0, true);
        s->ticket = ticket;
        carry_out(o, s->id, order);
}

static char *copy(const char *s)
{
        return s ? mem_strdup(s) : NULL;
}

static unsigned *copy_indexes(const unsigned *indexes, size_t count)
{
        unsigned *ours = mem_new_array(count + 1, sizeof(*ours));

        for (size_t i = 0; i < count; i++)
                ours[i] = indexes[i];
        return ours;
}

void orders_give(
        struct orders *o, unsigned instance, uint64_t ticket, const struct payload_order *order)
{
        struct pending *p;

        if (order->args && strlen(order->args) > PAYLOAD_STRING_MAX) {
                o->host->ordered(o->context, ticket, FAULT_BAD_ARGUMENTS,
                        "BAD_ARGUMENTS: the extra arguments are too long");
                return;
        }
        if (instance == 0) {
                order_ourselves(o, ticket, order);
                return;
        }
        p = mem_new(sizeof(*p));
        *p = (struct pending){
                .number = ++o->last_number,
                .peer = instance,
                .is_order = true,
                .given = o->host->now(o->context),
                .ticket = ticket,
                .order = { .start = order->start,
                        .group = mem_strdup(order->group),
                        .name = mem_strdup(order->name),
                        .args = copy(order->args) },
        };
        orders_send(o, p);
}

void orders_forward(struct orders *o, unsigned master, const struct fleet_request *request)
{
        struct pending *p;

        if (request->args && strlen(request->args) > PAYLOAD_STRING_MAX) {
                o->host->forwarded(o->context, request->id,
                        answer_new_fault(FAULT_BAD_ARGUMENTS, "the extra arguments are too long"));
                return;
        }
        if (master == PEERS_NONE || master == 0) {
                o->host->forwarded(o->context, request->id, NULL);
                return;
        }
        p = mem_new(sizeof(*p));
        p->number = ++o->last_number;
        p->peer = master;
        p->ticket = request->id;
        p->request = *request;
        p->request.name = copy(request->name);
        p->request.args = copy(request->args);
        if (request->instances) /* one more, so that an empty list is not NULL */
                p->request.instances = copy_indexes(request->instances, request->instances_count);
        send_request(o, p);
}

static struct pending *find_pending(const struct orders *o, unsigned peer, uint64_t number)
{
        struct pending *p;

        HASH_FIND(hh, o->pending, &number, sizeof(number), p);
        return p && p->peer == peer ? p : NULL;
}

static void finish(struct orders *o, const struct pending *p, struct answer *taken)
{
        CLEANUP(answer_free) struct answer *answer = taken;

        if (!p->is_order)
                o->host->forwarded(o->context, p->ticket, TAKE(answer));
        else if (answer->type == ANSWER_FAULT)
                o->host->ordered(o->context, p->ticket, answer->fault, answer->text);
        else
                o->host->ordered(o->context, p->ticket, FAULT_NONE, NULL);
}

static int take_reply(struct orders *o, unsigned peer, const struct frame *frame, struct err *err)
{
        CLEANUP(payload_free) struct payload *payload = NULL;
        struct pending *p = find_pending(o, peer, frame->number);
        int r = payload_read(frame->kind, frame->payload, frame->size, &payload, err);

        if (!p)
                return r < 0 ? r : 0; /* too late */
        HASH_DEL(o->pending, p);
        finish(o, p, r < 0 ? answer_new_fault(FAULT_FAILED, err->text) : TAKE(payload->answer));
        orders_pending_free(p);
        return r < 0 ? r : 0;
}

static void take_refusal(struct orders *o, unsigned peer, const struct frame *frame)
{
        struct pending *p = find_pending(o, peer, frame->number);

        if (!p || !p->is_order || p->refused)
                return;
        HASH_DEL(o->pending, p);
        if (usec_sub(o->host->now(o->context), p->given) < ORDERS_REFUSED_USEC_MAX) {
                p->refused = true;
                orders_await(o, p, ORDERS_RETRY_USEC);
                return;
        }
        orders_failed(o, p, "it obeys another master, or none");
        orders_pending_free(p);
}

int orders_frame(struct orders *o, unsigned peer, const struct frame *frame, struct err *err)
{
        switch (frame->kind) {
        case FRAME_ORDER:
                return take_order(o, peer, frame, err);
        case FRAME_REQUEST:
                return take_request(o, peer, frame, err);
        case FRAME_REPLY:
                return take_reply(o, peer, frame, err);
        case FRAME_REFUSED:
                take_refusal(o, peer, frame);
                return 0;
        case FRAME_HELLO:
        case FRAME_SNAPSHOT:
        case FRAME_EVENT:
        case FRAME_STATISTICS:
        case FRAME_BYE:
                break;
        }
        return 0;
}

static struct pending *detach_due(struct orders *o, usec_t now)
{
        struct pending *p, *next, *first = NULL, **last = &first;

        o->deadline = USEC_NEVER;
        HASH_ITER (hh, o->pending, p, next) {
                if (p->deadline > now) {
                        o->deadline = usec_min(o->deadline, p->deadline);
                        continue;
                }
                HASH_DEL(o->pending, p);
                p->next = NULL;
                *last = p;
                last = &p->next;
        }
        return first;
}

void orders_timer(struct orders *o)
{
        usec_t now = o->host->now(o->context);
        struct pending *p, *first = NULL;

        if (now >= o->deadline)
                first = detach_due(o, now);
        while ((p = first)) {
                first = p->next;
                p->next = NULL;
                if (p->refused) {
                        p->refused = false;
                        orders_send(o, p);
                        continue;
                }
                orders_failed(o, p, "no answer");
                orders_pending_free(p);
        }
}

usec_t orders_deadline(const struct orders *o)
{
        return o->deadline;
}
