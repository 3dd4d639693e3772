/* Orders and requests on their way, with a peer that is played here. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/saved.h"
#include "base/saver.h"
#include "wire/orders.h"
#include "wire/payload_fields.h"

#define PEER 1u

struct stage { /* everything around the orders; what happens is written down */
        struct orders *orders;
        struct text said;
        usec_t now;
        bool may_order, obeys, has_link;
        uint64_t number;   /* of the last frame that was sent */
        uint64_t question; /* the last that the engine was asked */
        uint64_t request;  /* the last that the fleet was asked */
        bool prompt;       /* the engine answers at once */
};

static usec_t now(void *context)
{
        return ((struct stage *)context)->now;
}

static bool may_order(void *context)
{
        return ((struct stage *)context)->may_order;
}

static uint64_t term(void *context)
{
        return 7;
}

static uint64_t obeyed(void *context)
{
        return 9;
}

static bool obeys(void *context, unsigned peer, uint64_t of)
{
        return ((struct stage *)context)->obeys && of == 7;
}

static int send(void *context, unsigned peer, const struct frame *f)
{
        struct stage *s = context;

        if (!s->has_link)
                return -ENOTCONN;
        s->number = f->number;
        text_format(&s->said, "%s to %u, term %d: %.*s\n", frame_kind_name(f->kind), peer,
                (int)f->term, (int)f->size, f->payload ? (const char *)f->payload : "");
        return 0;
}

static const char *identifier(void *context, unsigned instance)
{
        static const char *const names[] = { "us:1", "peer:1", "third:1" };

        return instance < ELEMENTS(names) ? names[instance] : NULL;
}

static unsigned instance(void *context, const char *name)
{
        for (unsigned i = 0; identifier(context, i); i++)
                if (strcmp(identifier(context, i), name) == 0)
                        return i;
        return FLEET_NONE;
}

static void ask_engine(void *context, const struct request *r)
{
        struct stage *s = context;

        text_format(&s->said, "engine: %s %s [%s] %s\n",
                r->type == REQUEST_START  ? "start"
                : r->type == REQUEST_STOP ? "stop"
                                          : "?",
                r->name, r->args ? r->args : "as they are", r->wait ? "and wait" : "");
        s->question = r->id;
        if (s->prompt)
                orders_engine_answer(s->orders, r->id, answer_new(ANSWER_TRUE));
}

static void ordered(void *context, uint64_t ticket, enum fault fault, const char *text)
{
        struct stage *s = context;

        text_format(&s->said, "ordered %d: %d %s\n", (int)ticket, (int)fault, text ? text : "");
}

static void forwarded(void *context, uint64_t request, struct answer *taken)
{
        struct stage *s = context;

        text_format(&s->said, "forwarded %d: %s\n", (int)request,
                !taken                       ? "no master"
                : taken->text                ? taken->text
                : taken->type == ANSWER_TRUE ? "true"
                                             : "?");
        answer_free(taken);
}

static void requested(void *context, const struct fleet_request *r)
{
        struct stage *s = context;

        s->request = r->id;
        text_format(&s->said, "request of %u: %s %s [%s] strategy %u%s", r->origin,
                payload_request_name(r->type), r->name, r->args, r->strategy,
                r->wait ? ", wait" : "");
        for (size_t i = 0; i < r->instances_count; i++)
                text_format(&s->said, ", at %u", r->instances[i]);
        text_append(&s->said, "\n");
}

static void dropped(void *context, uint64_t request)
{
        struct stage *s = context;

        text_format(&s->said, "dropped %s\n", request == s->request ? "it" : "something else");
}

static const struct orders_host host = { now, may_order, term, obeyed, obeys, send, identifier,
        instance, ask_engine, ordered, forwarded, requested, dropped };

static int set_up(void **state)
{
        struct stage *s = mem_new(sizeof(*s));

        s->orders = orders_new(&host, s);
        s->now = 1000 * USEC_SEC;
        s->may_order = s->obeys = s->has_link = true;
        *state = s;
        return 0;
}

static int tear_down(void **state)
{
        struct stage *s = *state;

        orders_free(s->orders);
        text_clear(&s->said);
        mem_free(s);
        return 0;
}

static void expect(struct stage *s, const char *text)
{
        assert_string_equal(text_string(&s->said), text);
        text_truncate(&s->said, 0);
}

static int come(struct stage *s, enum frame_kind kind, uint64_t number, uint64_t of, const char *t)
{
        const struct frame f = { .kind = kind,
                .number = number,
                .term = of,
                .payload = (const uint8_t *)t,
                .size = strlen(t) };
        struct err err = {};

        return orders_frame(s->orders, PEER, &f, &err);
}

static void pass(struct stage *s, usec_t time)
{
        s->now += time;
        if (orders_deadline(s->orders) <= s->now)
                orders_timer(s->orders);
}

static const struct payload_order start_cat = { true, "g", "cat", "-v" };
static const struct payload_order stop_cat = { false, "g", "cat", NULL };

#define ORDER_CAT \
        "order to 1, term 7: {\"start\":{\"group\":\"g\",\"name\":\"cat\",\"args\":\"-v\"}}\n"

static void an_order_goes_out_with_the_term_and_comes_back_as_its_answer(void **state)
{
        struct stage *s = *state;

        orders_give(s->orders, PEER, 5, &start_cat);
        expect(s, ORDER_CAT);
        assert_int_equal(come(s, FRAME_REPLY, s->number, 0, "{\"answer\":\"true\"}"), 0);
        expect(s, "ordered 5: 0 \n");
        pass(s, 60 * USEC_SEC);
        expect(s, "");

        orders_give(s->orders, PEER, 6, &stop_cat);
        expect(s, "order to 1, term 7: {\"stop\":{\"group\":\"g\",\"name\":\"cat\"}}\n");
        assert_int_equal(
                come(s, FRAME_REPLY, s->number, 0,
                        "{\"answer\":\"fault\",\"fault\":70,\"text\":\"NOT_RUNNING: cat\"}"),
                0);
        expect(s, "ordered 6: 70 NOT_RUNNING: cat\n");
}

static void nobody_is_ordered_when_the_cluster_forbids_it(void **state)
{
        struct stage *s = *state;

        s->may_order = false;
        orders_give(s->orders, PEER, 5, &start_cat);
        expect(s, "ordered 5: 30 FAILED: peer:1: nobody may be ordered now\n");
        orders_give(s->orders, 0, 6, &start_cat);
        expect(s, "ordered 6: 30 FAILED: nobody may be ordered now\n");
        assert_true(orders_deadline(s->orders) == USEC_NEVER);
}

static void silence_fails_in_the_end(void **state)
{
        struct stage *s = *state;

        orders_give(s->orders, PEER, 5, &start_cat);
        expect(s, ORDER_CAT);
        pass(s, ORDERS_ANSWER_USEC_MAX - 1);
        expect(s, "");
        pass(s, 1);
        expect(s, "ordered 5: 30 FAILED: peer:1: no answer\n");
        /* The answer that comes too late is not heard. */
        assert_int_equal(come(s, FRAME_REPLY, s->number, 0, "{\"answer\":\"true\"}"), 0);
        expect(s, "");
        assert_true(orders_deadline(s->orders) == USEC_NEVER);
}

static void a_lost_link_fails_what_was_under_way(void **state)
{
        struct stage *s = *state;
        const struct fleet_request asked = { .id = 8, .type = FLEET_STOP_PROCESS, .name = "g:cat" };

        orders_give(s->orders, PEER, 5, &start_cat);
        orders_give(s->orders, PEER, 6, &stop_cat);
        orders_forward(s->orders, PEER, &asked);
        text_truncate(&s->said, 0);
        orders_link_down(s->orders, 2);
        expect(s, "");
        orders_link_down(s->orders, PEER);
        expect(s, "ordered 5: 30 FAILED: peer:1: the link is lost\n"
                  "ordered 6: 30 FAILED: peer:1: the link is lost\n"
                  "forwarded 8: no master\n");
        s->has_link = false;
        orders_give(s->orders, PEER, 7, &start_cat);
        expect(s, "ordered 7: 30 FAILED: peer:1: no link\n");
        orders_forward(s->orders, PEER, &asked);
        expect(s, "forwarded 8: no master\n");
}

static void a_refused_order_is_sent_again_but_not_for_ever(void **state)
{
        struct stage *s = *state;

        orders_give(s->orders, PEER, 5, &start_cat);
        expect(s, ORDER_CAT);
        (void)come(s, FRAME_REFUSED, s->number, 6, "");
        expect(s, "");
        pass(s, 199 * USEC_MSEC);
        expect(s, "");
        pass(s, USEC_MSEC);
        expect(s, ORDER_CAT);
        for (usec_t passed = ORDERS_RETRY_USEC; passed < ORDERS_REFUSED_USEC_MAX;
                passed += ORDERS_RETRY_USEC) {
                (void)come(s, FRAME_REFUSED, s->number, 6, "");
                expect(s, "");
                pass(s, ORDERS_RETRY_USEC);
                expect(s, ORDER_CAT);
        }
        (void)come(s, FRAME_REFUSED, s->number, 6, "");
        expect(s, "ordered 5: 30 FAILED: peer:1: it obeys another master, or none\n");

        orders_give(s->orders, PEER, 6, &start_cat);
        (void)come(s, FRAME_REFUSED, s->number, 6, "");
        text_truncate(&s->said, 0);
        s->may_order = false; /* our lease ran out meanwhile */
        pass(s, 200 * USEC_MSEC);
        expect(s, "ordered 6: 30 FAILED: peer:1: nobody may be ordered now\n");
}

static void only_the_peer_that_was_asked_answers(void **state)
{
        struct stage *s = *state;
        const struct frame f = { .kind = FRAME_REPLY,
                .number = 1,
                .payload = (const uint8_t *)"{\"answer\":\"true\"}",
                .size = 17 };

        orders_give(s->orders, PEER, 5, &start_cat);
        expect(s, ORDER_CAT);
        assert_int_equal(orders_frame(s->orders, 2, &f, NULL), 0);
        expect(s, "");
}

static void an_order_to_ourselves_goes_straight_to_the_engine(void **state)
{
        struct stage *s = *state;

        orders_give(s->orders, 0, 5, &start_cat);
        expect(s, "engine: start g:cat [-v] \n");
        assert_true(s->question & ORDERS_ID);
        orders_engine_answer(s->orders, s->question, answer_new_fault(FAULT_NO_FILE, "x"));
        expect(s, "ordered 5: 20 NO_FILE: x\n");
        s->prompt = true;
        orders_give(s->orders, 0, 6, &stop_cat);
        expect(s, "engine: stop g:cat [as they are] \nordered 6: 0 \n");
}

#define STOP_CAT "{\"stop\":{\"group\":\"g\",\"name\":\"cat\"}}"

static void an_order_of_the_master_is_carried_out_and_answered(void **state)
{
        struct stage *s = *state;

        assert_int_equal(come(s, FRAME_ORDER, 33, 7, STOP_CAT), 0);
        expect(s, "engine: stop g:cat [as they are] \n");
        orders_engine_answer(s->orders, s->question, answer_new_fault(FAULT_NOT_RUNNING, "g:cat"));
        expect(s, "reply to 1, term 0: {\"answer\":\"fault\",\"fault\":70,\"text\":"
                  "\"NOT_RUNNING: g:cat\"}\n");
        assert_int_equal(s->number, 33);
}

static void an_order_of_an_old_term_is_refused_with_the_one_that_is_obeyed(void **state)
{
        struct stage *s = *state;

        assert_int_equal(come(s, FRAME_ORDER, 33, 6, STOP_CAT), 0);
        expect(s, "refused to 1, term 9: \n");
        assert_int_equal(s->number, 33);
}

static void an_order_that_cannot_be_read_is_answered_with_what_is_wrong(void **state)
{
        struct stage *s = *state;

        assert_int_equal(come(s, FRAME_ORDER, 33, 7, "{}"), -EBADMSG);
        expect(s, "reply to 1, term 0: {\"answer\":\"fault\",\"fault\":3,\"text\":\"BAD_ARGUMENTS: "
                  "order: one of 'start', 'stop' is expected\"}\n");
}

static void a_request_is_forwarded_and_its_answer_comes_back_however_late(void **state)
{
        struct stage *s = *state;
        const unsigned at[] = { 2, 0 };
        const struct fleet_request asked = { .id = 8,
                .type = FLEET_STOP_PROCESS,
                .name = "g:cat",
                .wait = true,
                .instances = at,
                .instances_count = 2 };

        orders_forward(s->orders, PEER, &asked);
        expect(s, "request to 1, term 0: {\"request\":\"stop_process\",\"name\":\"g:cat\","
                  "\"wait\":true,\"identifiers\":[\"third:1\",\"us:1\"]}\n");
        pass(s, 3600 * USEC_SEC);
        expect(s, "");
        (void)come(s, FRAME_REPLY, s->number, 0, "{\"answer\":\"true\"}");
        expect(s, "forwarded 8: true\n");
        orders_forward(s->orders, PEERS_NONE, &asked);
        expect(s, "forwarded 8: no master\n");
}

static void a_request_of_a_peer_is_answered_when_it_is_done(void **state)
{
        struct stage *s = *state;

        assert_int_equal(
                come(s, FRAME_REQUEST, 44, 0,
                        "{\"request\":\"start_process\",\"name\":\"g:cat\",\"args\":\"-x\","
                        "\"strategy\":1,\"wait\":true,\"identifiers\":[\"third:1\"]}"),
                0);
        expect(s, "request of 1: start_process g:cat [-x] strategy 1, wait, at 2\n");
        orders_answer(s->orders, s->request, answer_new(ANSWER_TRUE));
        expect(s, "reply to 1, term 0: {\"answer\":\"true\"}\n");
        assert_int_equal(s->number, 44);
}

static void a_request_that_names_an_unknown_instance_is_refused(void **state)
{
        struct stage *s = *state;

        assert_int_equal(come(s, FRAME_REQUEST, 44, 0,
                                 "{\"request\":\"stop_process\",\"name\":\"g:cat\",\"identifiers\":"
                                 "[\"nowhere:1\"]}"),
                0);
        expect(s, "reply to 1, term 0: {\"answer\":\"fault\",\"fault\":10,\"text\":\"BAD_NAME: "
                  "identifier=nowhere:1 is unknown to Supvisors\"}\n");
}

static void what_a_lost_peer_asked_is_dropped(void **state)
{
        struct stage *s = *state;

        (void)come(s, FRAME_REQUEST, 44, 0, "{\"request\":\"restart_sequence\",\"wait\":true}");
        (void)come(s, FRAME_ORDER, 45, 7, STOP_CAT);
        text_truncate(&s->said, 0);
        orders_link_down(s->orders, PEER);
        expect(s, "dropped it\n");
        orders_answer(s->orders, s->request, answer_new(ANSWER_TRUE));
        orders_engine_answer(s->orders, s->question, answer_new(ANSWER_TRUE));
        expect(s, "");
}

static void a_peer_cannot_have_more_under_way_than_the_limit(void **state)
{
        struct stage *s = *state;

        for (unsigned i = 0; i < ORDERS_SERVED_MAX; i++)
                (void)come(s, FRAME_ORDER, i, 7, STOP_CAT);
        text_truncate(&s->said, 0);
        (void)come(s, FRAME_ORDER, 9999, 7, STOP_CAT);
        expect(s, "reply to 1, term 0: {\"answer\":\"fault\",\"fault\":30,\"text\":\"FAILED: too "
                  "many requests are under way\"}\n");
        orders_engine_answer(s->orders, s->question, answer_new(ANSWER_TRUE));
        text_truncate(&s->said, 0);
        (void)come(s, FRAME_ORDER, 9999, 7, STOP_CAT);
        expect(s, "engine: stop g:cat [as they are] \n");
}

static void arguments_that_no_payload_carries_fail_instead_of_being_cut(void **state)
{
        struct stage *s = *state;
        CLEANUP(mem_free) char *args = mem_new(PAYLOAD_STRING_MAX + 2);
        const struct payload_order order = { true, "g", "cat", args };

        memset(args, 'a', PAYLOAD_STRING_MAX + 1);
        orders_give(s->orders, PEER, 5, &order);
        expect(s, "ordered 5: 3 BAD_ARGUMENTS: the extra arguments are too long\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/*
 * Over an upgrade in place.
 */

#define AGAIN_CAT                                                                           \
        "order to 1, term 7: {\"start\":{\"group\":\"g\",\"name\":\"cat\",\"args\":\"-v\"," \
        "\"repeated\":true}}\n"

static char *save(const struct stage *s)
{
        CLEANUP(saver_free) struct saver *saver = saver_new(s->now);
        size_t length;

        orders_save(s->orders, saver);
        return saver_take(saver, &length);
}

static int restore(struct stage *s, const char *text, struct err *err)
{
        CLEANUP(saved_free) struct saved *saved = NULL;

        assert_int_equal(saved_parse(text, strlen(text), s->now, &saved, err), 0);
        orders_free(s->orders);
        s->orders = orders_new(&host, s);
        return orders_restore(s->orders, saved, err);
}

static void jump(struct stage *s)
{
        CLEANUP(mem_free) char *text = save(s);
        CLEANUP(mem_free) char *again = NULL;
        struct err err = {};

        s->now += USEC_SEC;
        if (restore(s, text, &err) < 0)
                fail_msg("%s", err.text);
        again = save(s);
        assert_string_equal(again, text);
        expect(s, "");
}

static void what_is_not_answered_is_repeated_under_its_number(void **state)
{
        struct stage *s = *state;

        orders_give(s->orders, PEER, 5, &start_cat);
        orders_give(s->orders, PEER, 6, &start_cat);
        text_truncate(&s->said, 0);
        jump(s);
        orders_link_resumed(s->orders, 2);
        expect(s, "");
        orders_link_resumed(s->orders, PEER);
        expect(s, AGAIN_CAT AGAIN_CAT);
        assert_int_equal(s->number, 2);
        assert_int_equal(come(s, FRAME_REPLY, 1, 0, "{\"answer\":\"true\"}"), 0);
        expect(s, "ordered 5: 0 \n");
        orders_give(s->orders, PEER, 7, &start_cat);
        expect(s, ORDER_CAT);
        assert_int_equal(s->number, 3);
        pass(s, ORDERS_ANSWER_USEC_MAX);
        expect(s, "ordered 6: 30 FAILED: peer:1: no answer\n"
                  "ordered 7: 30 FAILED: peer:1: no answer\n");
}

static void a_refused_order_waits_for_its_next_attempt_over_an_upgrade(void **state)
{
        struct stage *s = *state;

        orders_give(s->orders, PEER, 5, &start_cat);
        (void)come(s, FRAME_REFUSED, s->number, 6, "");
        text_truncate(&s->said, 0);
        jump(s);
        orders_link_resumed(s->orders, PEER);
        expect(s, "");
        pass(s, ORDERS_RETRY_USEC);
        expect(s, ORDER_CAT);
}

static void a_repeated_order_waits_for_the_lease_but_not_for_ever(void **state)
{
        struct stage *s = *state;

        orders_give(s->orders, PEER, 5, &start_cat);
        text_truncate(&s->said, 0);
        jump(s);
        s->may_order = false;
        orders_link_resumed(s->orders, PEER);
        pass(s, ORDERS_RETRY_USEC);
        expect(s, "");
        s->may_order = true;
        pass(s, ORDERS_RETRY_USEC);
        expect(s, AGAIN_CAT);
        s->may_order = false;
        orders_link_resumed(s->orders, PEER);
        for (usec_t passed = 0; passed < ORDERS_REFUSED_USEC_MAX; passed += ORDERS_RETRY_USEC)
                pass(s, ORDERS_RETRY_USEC);
        expect(s, "ordered 5: 30 FAILED: peer:1: nobody may be ordered now\n");
}

#define STOP_AGAIN    "{\"stop\":{\"group\":\"g\",\"name\":\"cat\",\"repeated\":true}}"
#define REQUEST_CAT   "{\"request\":\"stop_process\",\"name\":\"g:cat\"}"
#define REQUEST_AGAIN "{\"request\":\"stop_process\",\"name\":\"g:cat\",\"repeated\":true}"

static void what_was_taken_is_not_done_twice(void **state)
{
        struct stage *s = *state;

        (void)come(s, FRAME_ORDER, 33, 7, STOP_CAT);
        expect(s, "engine: stop g:cat [as they are] \n");
        (void)come(s, FRAME_ORDER, 33, 7, STOP_AGAIN); /* it is under way */
        expect(s, "");
        orders_engine_answer(s->orders, s->question, answer_new(ANSWER_TRUE));
        expect(s, "reply to 1, term 0: {\"answer\":\"true\"}\n");
        (void)come(s, FRAME_ORDER, 33, 7, STOP_AGAIN); /* the answer was lost */
        expect(s, "reply to 1, term 0: {\"answer\":\"true\"}\n");
        (void)come(s, FRAME_ORDER, 34, 7, STOP_AGAIN); /* it was lost itself */
        expect(s, "engine: stop g:cat [as they are] \n");
        jump(s);
        orders_link_resumed(s->orders, PEER);
        expect(s, "reply to 1, term 0: {\"answer\":\"true\"}\n");
        (void)come(s, FRAME_ORDER, 34, 7, STOP_AGAIN);
        expect(s, "reply to 1, term 0: {\"answer\":\"true\"}\n");
        /* It is another life of the peer that comes after a link was lost. */
        orders_link_down(s->orders, PEER);
        (void)come(s, FRAME_ORDER, 1, 7, STOP_AGAIN);
        expect(s, "engine: stop g:cat [as they are] \n");
}

static void a_request_of_another_instance_is_answered_once(void **state)
{
        struct stage *s = *state;

        (void)come(s, FRAME_REQUEST, 40, 0, REQUEST_CAT);
        expect(s, "request of 1: stop_process g:cat [] strategy 0\n");
        jump(s);
        orders_link_resumed(s->orders, PEER);
        (void)come(s, FRAME_REQUEST, 40, 0, REQUEST_AGAIN);
        expect(s, "");
        orders_answer(s->orders, s->request, answer_new(ANSWER_TRUE));
        expect(s, "reply to 1, term 0: {\"answer\":\"true\"}\n");
        assert_int_equal(s->number, 40);
        (void)come(s, FRAME_REQUEST, 40, 0, REQUEST_AGAIN);
        expect(s, "reply to 1, term 0: {\"answer\":\"fault\",\"fault\":40,\"text\":"
                  "\"ABNORMAL_TERMINATION: the answer was lost\"}\n");
        (void)come(s, FRAME_REQUEST, 41, 0, REQUEST_CAT);
        expect(s, "request of 1: stop_process g:cat [] strategy 0\n");
}

static void a_request_of_ours_is_repeated_and_ours_alone_dies_with_us(void **state)
{
        const unsigned instances[] = { 2 };
        const struct fleet_request asked = { .id = 8,
                .type = FLEET_STOP_PROCESS,
                .name = "g:cat",
                .instances = instances,
                .instances_count = 1 };
        struct stage *s = *state;

        orders_forward(s->orders, PEER, &asked);
        expect(s, "request to 1, term 0: {\"request\":\"stop_process\",\"name\":\"g:cat\","
                  "\"identifiers\":[\"third:1\"]}\n");
        orders_link_resumed(s->orders, PEER); /* it was the master that was replaced */
        expect(s, "request to 1, term 0: {\"request\":\"stop_process\",\"name\":\"g:cat\","
                  "\"repeated\":true,\"identifiers\":[\"third:1\"]}\n");
        jump(s);
        orders_link_resumed(s->orders, PEER);
        expect(s, "");
        (void)come(s, FRAME_REPLY, 1, 0, "{\"answer\":\"true\"}");
        expect(s, "");
}

static void a_state_of_orders_that_cannot_be_is_refused_with_a_sentence(void **state)
{
        static const char *const texts[] = {
                "[.pending]\nnumber=1\npeer=0\ngroup=g\nname=p\n",
                "[.pending]\nnumber=1\npeer=1\ngroup=g\n",
                "[.pending]\nnumber=10\npeer=1\ngroup=g\nname=p\n",
                "[.pending]\nnumber=1\npeer=1\ngroup=g\nname=p\n"
                "[.pending]\nnumber=1\npeer=1\ngroup=g\nname=p\n",
                "[.served]\nid=1\npeer=1\n",
                "[.served]\nid=9223372036854775809\npeer=0\n",
                "[.served]\nid=9223372036854775818\npeer=1\n",
                "[.served]\nid=9223372036854775809\npeer=1\n"
                "[.served]\nid=9223372036854775809\npeer=1\n",
                "[.counterpart]\npeer=5000\n",
        };
        struct stage *s = *state;

        for (size_t i = 0; i < ELEMENTS(texts); i++) {
                CLEANUP(mem_free)
                char *text = mem_format(
                        "reeve-state 1\n[fleet_orders]\nnumber=9\nid=9\n%s[]\n", texts[i]);
                struct err err = {};

                assert_int_equal(restore(s, text, &err), -EBADMSG);
                assert_memory_equal(err.text, "line ", 5);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(an_order_goes_out_with_the_term_and_comes_back_as_its_answer),
                TEST(nobody_is_ordered_when_the_cluster_forbids_it),
                TEST(silence_fails_in_the_end),
                TEST(a_lost_link_fails_what_was_under_way),
                TEST(a_refused_order_is_sent_again_but_not_for_ever),
                TEST(only_the_peer_that_was_asked_answers),
                TEST(an_order_to_ourselves_goes_straight_to_the_engine),
                TEST(an_order_of_the_master_is_carried_out_and_answered),
                TEST(an_order_of_an_old_term_is_refused_with_the_one_that_is_obeyed),
                TEST(an_order_that_cannot_be_read_is_answered_with_what_is_wrong),
                TEST(a_request_is_forwarded_and_its_answer_comes_back_however_late),
                TEST(a_request_of_a_peer_is_answered_when_it_is_done),
                TEST(a_request_that_names_an_unknown_instance_is_refused),
                TEST(what_a_lost_peer_asked_is_dropped),
                TEST(a_peer_cannot_have_more_under_way_than_the_limit),
                TEST(arguments_that_no_payload_carries_fail_instead_of_being_cut),
                TEST(what_is_not_answered_is_repeated_under_its_number),
                TEST(a_refused_order_waits_for_its_next_attempt_over_an_upgrade),
                TEST(a_repeated_order_waits_for_the_lease_but_not_for_ever),
                TEST(what_was_taken_is_not_done_twice),
                TEST(a_request_of_another_instance_is_answered_once),
                TEST(a_request_of_ours_is_repeated_and_ours_alone_dies_with_us),
                TEST(a_state_of_orders_that_cannot_be_is_refused_with_a_sentence),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
