/* Orders: see orders.h. */
#include "daemon/orders.h"

#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "daemon/payload_fields.h"

struct pending { /* of ours at a peer, by the number of the frame */
        uint64_t number;
        unsigned peer;
        bool is_order;
        uint64_t ticket;            /* of the order, or of the request */
        struct payload_order order; /* its strings are its own */
        usec_t deadline; /* of an order: answered until then, or, when refused, sent again */
        usec_t given;    /* the first time that it was sent */
        bool refused;    /* and waits for another attempt */
        UT_hash_handle hh;
        struct pending *next; /* of those that have just been detached */
};

struct served { /* of others at ours, by our id */
        uint64_t id;
        unsigned peer; /* 0: an order of our own to ourselves */
        uint64_t number;
        uint64_t ticket; /* of that order */
        bool is_order;
        UT_hash_handle hh;
        struct served *next;
};

struct orders {
        const struct orders_host *host;
        void *context;
        uint64_t last_number, last_id;
        struct pending *pending;
        struct served *served;
        unsigned *served_counts; /* by peer */
        size_t served_peers;
        usec_t deadline;
};

struct orders *orders_new(const struct orders_host *host, void *context)
{
        struct orders *o = mem_new(sizeof(*o));

        o->host = host;
        o->context = context;
        o->deadline = USEC_NEVER;
        return o;
}

static void pending_free(struct pending *p)
{
        mem_free((void *)p->order.group);
        mem_free((void *)p->order.name);
        mem_free((void *)p->order.args);
        mem_free(p);
}

struct orders *orders_free(struct orders *o)
{
        struct pending *p, *p_next;
        struct served *s, *s_next;

        if (!o)
                return NULL;
        HASH_ITER (hh, o->pending, p, p_next) {
                HASH_DEL(o->pending, p);
                pending_free(p);
        }
        HASH_ITER (hh, o->served, s, s_next) {
                HASH_DEL(o->served, s);
                mem_free(s);
        }
        mem_free(o->served_counts);
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

static unsigned *served_count(struct orders *o, unsigned peer)
{
        if (peer >= o->served_peers) {
                o->served_counts = mem_resize(o->served_counts, peer + 1, sizeof(unsigned));
                memset(o->served_counts + o->served_peers, 0,
                        (peer + 1 - o->served_peers) * sizeof(unsigned));
                o->served_peers = peer + 1;
        }
        return &o->served_counts[peer];
}

static struct served *serve(struct orders *o, unsigned peer, uint64_t number, bool is_order)
{
        struct served *s = mem_new(sizeof(*s));

        s->id = ORDERS_ID | ++o->last_id;
        s->peer = peer;
        s->number = number;
        s->is_order = is_order;
        HASH_ADD(hh, o->served, id, sizeof(s->id), s);
        (*served_count(o, peer))++;
        return s;
}

static struct served *take_served(struct orders *o, uint64_t id)
{
        struct served *s;

        HASH_FIND(hh, o->served, &id, sizeof(id), s);
        if (s) {
                HASH_DEL(o->served, s);
                (*served_count(o, s->peer))--;
        }
        return s;
}

static void reply(struct orders *o, unsigned peer, uint64_t number, const struct answer *answer)
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

        reply(o, peer, number, answer);
}

void orders_answer(struct orders *o, uint64_t request, struct answer *taken)
{
        CLEANUP(answer_free) struct answer *answer = taken;
        CLEANUP(mem_free) struct served *s = take_served(o, request);

        if (s && answer)
                reply(o, s->peer, s->number, answer);
}

void orders_engine_answer(struct orders *o, uint64_t request, struct answer *taken)
{
        CLEANUP(answer_free) struct answer *answer = taken;
        CLEANUP(mem_free) struct served *s = take_served(o, request);

        if (!s)
                return;
        if (s->peer != 0)
                reply(o, s->peer, s->number, answer);
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
        if (*served_count(o, peer) < ORDERS_SERVED_MAX)
                return true;
        reply_fault(o, peer, number, FAULT_FAILED, "too many requests are under way");
        return false;
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

static void failed(struct orders *o, const struct pending *p, const char *words)
{
        CLEANUP(mem_free) char *text = NULL;

        if (!p->is_order) {
                o->host->forwarded(o->context, p->ticket, NULL);
                return;
        }
        text = mem_format("%s: %s: %s", fault_name(FAULT_FAILED), name_of(o, p->peer), words);
        o->host->ordered(o->context, p->ticket, FAULT_FAILED, text);
}

static void await(struct orders *o, struct pending *p, usec_t delay)
{
        p->deadline = usec_add(o->host->now(o->context), delay);
        o->deadline = usec_min(o->deadline, p->deadline);
        HASH_ADD(hh, o->pending, number, sizeof(p->number), p);
}

/* Takes the order: it waits for its answer then, or has failed. */
static void send_order(struct orders *o, struct pending *taken)
{
        CLEANUP(text_clear) struct text t = {};
        struct frame frame = { .kind = FRAME_ORDER, .number = taken->number };
        const char *why = NULL;

        payload_put_order(&t, &taken->order);
        frame.payload = (const uint8_t *)t.data;
        frame.size = t.length;
        frame.term = o->host->term(o->context);
        if (!o->host->may_order(o->context))
                why = "nobody may be ordered now";
        else if (o->host->send(o->context, taken->peer, &frame) < 0)
                why = "no link";
        if (!why) {
                await(o, taken, ORDERS_ANSWER_USEC_MAX);
                return;
        }
        failed(o, taken, why);
        pending_free(taken);
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
        send_order(o, p);
}

void orders_forward(struct orders *o, unsigned master, const struct fleet_request *request)
{
        CLEANUP(text_clear) struct text t = {};
        CLEANUP(mem_free) const char **identifiers = NULL;
        struct frame frame = { .kind = FRAME_REQUEST };
        struct payload_request words = { .type = request->type,
                .name = request->name,
                .args = request->args,
                .strategy = request->strategy,
                .wait = request->wait,
                .identifiers_count = request->instances_count };
        struct pending *p;

        if (request->args && strlen(request->args) > PAYLOAD_STRING_MAX) {
                o->host->forwarded(o->context, request->id,
                        answer_new_fault(FAULT_BAD_ARGUMENTS, "the extra arguments are too long"));
                return;
        }
        if (request->instances)
                words.identifiers = identifiers =
                        mem_new_array(request->instances_count + 1, sizeof(*identifiers));
        for (size_t i = 0; identifiers && i < request->instances_count; i++)
                identifiers[i] = name_of(o, request->instances[i]);
        payload_put_request(&t, &words);
        frame.number = ++o->last_number;
        frame.payload = (const uint8_t *)t.data;
        frame.size = t.length;
        if (master == PEERS_NONE || master == 0 || o->host->send(o->context, master, &frame) < 0) {
                o->host->forwarded(o->context, request->id, NULL);
                return;
        }
        p = mem_new(sizeof(*p));
        p->number = frame.number;
        p->peer = master;
        p->ticket = request->id;
        await(o, p, USEC_NEVER);
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
        pending_free(p);
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
                await(o, p, ORDERS_RETRY_USEC);
                return;
        }
        failed(o, p, "it obeys another master, or none");
        pending_free(p);
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
                (*served_count(o, peer))--;
                *last = s;
                last = &s->next;
        }
        return first;
}

void orders_link_down(struct orders *o, unsigned peer)
{
        struct pending *p, *first = detach_pending(o, peer);
        struct served *s, *others = detach_served(o, peer);

        while ((p = first)) {
                first = p->next;
                failed(o, p, "the link is lost");
                pending_free(p);
        }
        while ((s = others)) {
                others = s->next;
                if (!s->is_order)
                        o->host->dropped(o->context, s->id);
                mem_free(s);
        }
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
                        send_order(o, p);
                        continue;
                }
                failed(o, p, "no answer");
                pending_free(p);
        }
}

usec_t orders_deadline(const struct orders *o)
{
        return o->deadline;
}
