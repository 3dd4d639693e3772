/* Payloads of frames: what is written is read again, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/payload.h"
#include "wire/payload_fields.h"

static const struct fleet_report web = {
        .group = "app",
        .name = "web_01",
        .program_name = "web",
        .state = EXITED,
        .expected = true,
        .disabled = true,
        .obsolete = true,
        .has_stdout = true,
        .has_stderr = true,
        .autorestart = true,
        .pid = 4711,
        .run_pid = 4712,
        .spawnerr = "Bad exit code 3",
        .description = "Nov 22 11:58 AM",
        .extra_args = "-x \"a b\" \\ \t\xc3\xa9",
        .process_index = 7,
        .startsecs = -1,
        .stopwaitsecs = INT64_MAX,
        .start = 1700000000000001,
        .stop = 1700000000000002,
        .start_monotonic = 3,
        .stop_monotonic = 4,
        .event_time = 5,
        .now_monotonic = 6,
};

static const struct fleet_report bare = {
        .group = "g", .name = "p", .program_name = "p", .state = STOPPED, .now_monotonic = 6
};

static void assert_same(const struct fleet_report *a, const struct fleet_report *b)
{
        assert_string_equal(a->group, b->group);
        assert_string_equal(a->name, b->name);
        assert_string_equal(a->program_name, b->program_name);
        assert_int_equal(a->state, b->state);
        assert_int_equal(a->expected, b->expected);
        assert_int_equal(a->disabled, b->disabled);
        assert_int_equal(a->obsolete, b->obsolete);
        assert_int_equal(a->has_stdout, b->has_stdout);
        assert_int_equal(a->has_stderr, b->has_stderr);
        assert_int_equal(a->autorestart, b->autorestart);
        assert_int_equal(a->pid, b->pid);
        assert_int_equal(a->run_pid, b->run_pid);
        assert_string_equal(a->spawnerr, b->spawnerr ? b->spawnerr : "");
        assert_string_equal(a->description, b->description ? b->description : "");
        assert_string_equal(a->extra_args, b->extra_args ? b->extra_args : "");
        assert_int_equal(a->process_index, b->process_index);
        assert_true(a->startsecs == b->startsecs && a->stopwaitsecs == b->stopwaitsecs);
        assert_true(a->start == b->start && a->stop == b->stop);
        assert_true(a->start_monotonic == b->start_monotonic);
        assert_true(a->stop_monotonic == b->stop_monotonic);
        assert_true(a->event_time == b->event_time && a->now_monotonic == b->now_monotonic);
}

static struct payload *read_back(enum frame_kind kind, const struct text *t)
{
        struct payload *p = NULL;
        struct err err = {};

        if (payload_read(kind, t->data, t->length, &p, &err) < 0)
                fail_msg("%s: %s", err.text, t->data);
        return p;
}

static void a_snapshot_carries_every_field_of_every_process(void **state)
{
        const struct fleet_report reports[] = { web, bare };
        CLEANUP(text_clear) struct text t = {};
        CLEANUP(payload_free) struct payload *p = NULL;

        payload_put_snapshot(&t, reports, 2, 6);
        p = read_back(FRAME_SNAPSHOT, &t);
        assert_int_equal(p->reports_count, 2);
        assert_same(&p->reports[0], &web);
        assert_same(&p->reports[1], &bare);
}

static void losses_come_with_who_was_lost_and_what_is_owed(void **state)
{
        const struct payload_loss told[] = {
                { .group = "g", .name = "p", .instance = "n2:1", .life = INT64_MAX },
                { .group = "g", .name = "q", .instance = "n3:1", .life = 7, .is_awaited = true },
                { .group = "g", .name = "r", .instance = "", .is_owed = true },
                { .group = "g", .name = "s", .instance = "", .is_paid = true },
        };
        const struct payload_event event = { .change = PAYLOAD_LOSSES, .losses = { told, 4 } };
        CLEANUP(text_clear) struct text t = {};
        CLEANUP(payload_free) struct payload *p = NULL;

        payload_put_event(&t, &event);
        p = read_back(FRAME_EVENT, &t);
        assert_int_equal(p->event.change, PAYLOAD_LOSSES);
        assert_int_equal(p->event.losses.count, 4);
        for (size_t i = 0; i < 4; i++) {
                const struct payload_loss *loss = &p->event.losses.at[i];

                assert_string_equal(loss->name, told[i].name);
                assert_string_equal(loss->instance, told[i].instance);
                assert_true(loss->life == told[i].life);
                assert_int_equal(loss->is_awaited, told[i].is_awaited);
                assert_int_equal(loss->is_owed, told[i].is_owed);
                assert_int_equal(loss->is_paid, told[i].is_paid);
        }
}

static void what_is_nothing_is_not_written(void **state)
{
        CLEANUP(text_clear) struct text t = {};

        payload_put_snapshot(&t, &bare, 1, 6);
        assert_string_equal(t.data, "{\"now\":6,\"processes\":[{\"group\":\"g\",\"name\":\"p\","
                                    "\"program_name\":\"p\",\"state\":\"STOPPED\"}]}");
}

static void an_event_is_a_report_a_removal_or_a_forced_state(void **state)
{
        struct payload_event told = { .change = PAYLOAD_REPORT, .report = web };
        CLEANUP(text_clear) struct text t = {};
        struct payload *p;

        payload_put_event(&t, &told);
        p = read_back(FRAME_EVENT, &t);
        assert_int_equal(p->event.change, PAYLOAD_REPORT);
        assert_same(&p->event.report, &web);
        payload_free(p);

        told = (struct payload_event){ .change = PAYLOAD_REMOVED };
        told.removed.group = "g";
        text_truncate(&t, 0);
        payload_put_event(&t, &told);
        assert_string_equal(t.data, "{\"removed\":{\"group\":\"g\"}}");
        p = read_back(FRAME_EVENT, &t);
        assert_int_equal(p->event.change, PAYLOAD_REMOVED);
        assert_null(p->event.removed.name);
        payload_free(p);

        told = (struct payload_event){ .change = PAYLOAD_FORCED };
        told.forced.group = "g";
        told.forced.name = "p";
        told.forced.state = FATAL;
        told.forced.reason = "No resource available";
        told.forced.target = PAYLOAD_IDENTIFIER_NONE;
        told.forced.since = 12;
        told.forced.repeated = true;
        text_truncate(&t, 0);
        payload_put_event(&t, &told);
        p = read_back(FRAME_EVENT, &t);
        assert_int_equal(p->event.change, PAYLOAD_FORCED);
        assert_int_equal(p->event.forced.state, FATAL);
        assert_true(p->event.forced.repeated);
        assert_string_equal(p->event.forced.reason, "No resource available");
        assert_string_equal(p->event.forced.target, "");
        assert_int_equal(p->event.forced.since, 12);
        payload_free(p);
}

static void an_order_without_arguments_is_not_one_with_empty_ones(void **state)
{
        static const char *const args[] = { NULL, "", "-v" };

        for (size_t i = 0; i < ELEMENTS(args); i++) {
                const struct payload_order order = {
                        .start = true, .group = "g", .name = "p", .args = args[i]
                };
                CLEANUP(text_clear) struct text t = {};
                CLEANUP(payload_free) struct payload *p = NULL;

                payload_put_order(&t, &order);
                p = read_back(FRAME_ORDER, &t);
                assert_true(p->order.start);
                assert_true(text_equal(p->order.args, args[i]));
        }
}

static void a_request_names_the_instances_or_none(void **state)
{
        const char *names[] = { "h1:60000", "h2:60000" };
        struct payload_request request = { .type = FLEET_STOP_PROCESS,
                .name = "g:p",
                .args = "",
                .strategy = 3,
                .wait = true,
                .identifiers = names,
                .identifiers_count = 2 };
        CLEANUP(text_clear) struct text t = {};
        struct payload *p;

        payload_put_request(&t, &request);
        p = read_back(FRAME_REQUEST, &t);
        assert_int_equal(p->request.type, FLEET_STOP_PROCESS);
        assert_string_equal(p->request.name, "g:p");
        assert_int_equal(p->request.strategy, 3);
        assert_true(p->request.wait);
        assert_int_equal(p->request.identifiers_count, 2);
        assert_string_equal(p->request.identifiers[1], "h2:60000");
        payload_free(p);

        request.identifiers = NULL;
        text_truncate(&t, 0);
        payload_put_request(&t, &request);
        p = read_back(FRAME_REQUEST, &t);
        assert_null(p->request.identifiers);
        payload_free(p);
}

static struct answer *send_answer(struct answer *taken)
{
        CLEANUP(answer_free) struct answer *answer = taken;
        CLEANUP(text_clear) struct text t = {};
        CLEANUP(payload_free) struct payload *p = NULL;

        payload_put_answer(&t, answer);
        p = read_back(FRAME_REPLY, &t);
        assert_int_equal(p->answer->type, answer->type);
        return TAKE(p->answer);
}

static void every_kind_of_answer_arrives(void **state)
{
        struct answer *a = answer_new(ANSWER_FORECAST);
        struct answer_forecast *forecast = answer_add_forecast(a);

        forecast->application = mem_strdup("app");
        forecast->process = mem_strdup("p");
        forecast->state = FATAL;
        forecast->reason = mem_strdup("No resource available");
        forecast->identifiers = mem_new_array(2, sizeof(char *));
        forecast->identifiers[0] = mem_strdup("h:1");
        a = send_answer(a);
        assert_int_equal(a->forecasts_count, 1);
        assert_string_equal(a->forecasts[0].reason, "No resource available");
        assert_string_equal(a->forecasts[0].identifiers[0], "h:1");
        assert_null(a->forecasts[0].identifiers[1]);
        answer_free(a);

        a = send_answer(answer_new_fault(FAULT_NO_FILE, "x"));
        assert_int_equal(a->fault, FAULT_NO_FILE);
        assert_string_equal(a->text, "NO_FILE: x");
        answer_free(a);

        a = answer_new(ANSWER_ENTRIES);
        answer_add_entry(a, "p", "g", FAULT_SUCCESS, NULL);
        answer_add_entry(a, "q", "g", FAULT_SPAWN_ERROR, "g:q");
        a = send_answer(a);
        assert_int_equal(a->entries_count, 2);
        assert_string_equal(a->entries[1].description, "SPAWN_ERROR: g:q");
        answer_free(a);

        a = answer_new(ANSWER_DIFF);
        answer_names_add(&a->changed, "g");
        a = send_answer(a);
        assert_int_equal(a->added.count, 0);
        assert_string_equal(a->changed.names[0], "g");
        answer_free(a);

        a = send_answer(answer_new_text("g:p"));
        assert_string_equal(a->text, "g:p");
        answer_free(a);
        answer_free(send_answer(answer_new(ANSWER_TRUE)));
        answer_free(send_answer(answer_new(ANSWER_FALSE)));
}

static void what_is_not_utf8_and_what_is_too_long_is_made_to_fit(void **state)
{
        CLEANUP(mem_free) char *args = mem_new(PAYLOAD_STRING_MAX + 100);
        CLEANUP(text_clear) struct text t = {};
        CLEANUP(payload_free) struct payload *p = NULL;
        struct fleet_report report = bare;

        memset(args, 'a', PAYLOAD_STRING_MAX + 50);
        report.extra_args = args;
        report.spawnerr = "caf\xe9";
        payload_put_snapshot(&t, &report, 1, 6);
        p = read_back(FRAME_SNAPSHOT, &t);
        assert_string_equal(p->reports[0].spawnerr, "caf\xef\xbf\xbd");
        assert_int_equal(strlen(p->reports[0].extra_args), PAYLOAD_STRING_MAX);
}

static void fields_of_later_versions_are_skipped(void **state)
{
        static const char order[] =
                "{\"stop\":{\"group\":\"g\",\"name\":\"p\",\"politely\":1},\"and\":[]}";
        struct payload *p = NULL;

        assert_int_equal(payload_read(FRAME_ORDER, order, strlen(order), &p, NULL), 0);
        assert_false(p->order.start);
        payload_free(p);
}

static void what_is_wrong_is_refused_with_a_sentence(void **state)
{
        static const struct {
                enum frame_kind kind;
                const char *text, *why;
        } cases[] = {
                { FRAME_EVENT, "", "event: no JSON, byte 0: '[' or '{' expected near end of file" },
                { FRAME_EVENT, "[]", "event: no JSON object" },
                { FRAME_EVENT, "{}",
                        "event: one of 'report', 'removed', 'forced', 'losses' is expected" },
                { FRAME_EVENT, "{\"report\":{},\"removed\":{}}",
                        "event: one of 'report', 'removed', 'forced', 'losses' is expected" },
                { FRAME_EVENT, "{\"report\":7}", "event: an object is expected" },
                { FRAME_EVENT, "{\"report\":{\"group\":\"g\"}}", "event: 'name' is missing" },
                { FRAME_EVENT, "{\"removed\":{\"group\":\"\"}}",
                        "event: 'group' is not what it may be" },
                { FRAME_EVENT, "{\"removed\":{\"group\":\"a\\nb\"}}",
                        "event: 'group' is not what it may be" },
                { FRAME_EVENT,
                        "{\"now\":1,\"report\":{\"group\":\"g\",\"name\":\"p\",\"program_name\":"
                        "\"p\",\"state\":\"BUSY\"}}",
                        "event: 'state' is not what it may be" },
                { FRAME_EVENT,
                        "{\"now\":1,\"report\":{\"group\":\"g\",\"name\":\"p\",\"program_name\":"
                        "\"p\",\"state\":\"RUNNING\",\"pid\":-3}}",
                        "event: 'pid' is not what it may be" },
                { FRAME_EVENT,
                        "{\"now\":1,\"report\":{\"group\":\"g\",\"name\":\"p\",\"program_name\":"
                        "\"p\",\"state\":\"RUNNING\",\"start\":1.5}}",
                        "event: 'start' is not what it may be" },
                { FRAME_EVENT,
                        "{\"forced\":{\"group\":\"g\",\"name\":\"p\",\"state\":\"RUNNING\"}}",
                        "event: 'state' is none that is forced" },
                { FRAME_SNAPSHOT, "{\"now\":1}", "snapshot: 'processes' is not a list" },
                { FRAME_SNAPSHOT, "{\"processes\":[]}", "snapshot: 'now' is missing" },
                { FRAME_SNAPSHOT, "{\"now\":1,\"processes\":[3]}",
                        "snapshot: process 0: an object is expected" },
                { FRAME_ORDER, "{\"kill\":{}}", "order: one of 'start', 'stop' is expected" },
                { FRAME_ORDER, "{\"start\":{\"group\":\"g\",\"name\":\"p\",\"args\":3}}",
                        "order: 'args' is not what it may be" },
                { FRAME_REQUEST, "{\"request\":\"reboot\"}",
                        "request: 'request' is none that is known" },
                { FRAME_REQUEST, "{\"request\":\"start_process\",\"strategy\":6}",
                        "request: 'strategy' is none that is known" },
                { FRAME_REQUEST, "{\"request\":\"stop_process\",\"identifiers\":[1]}",
                        "request: 'identifiers' holds what is no name" },
                { FRAME_REPLY, "{\"answer\":\"maybe\"}", "reply: 'answer' is none that is known" },
                { FRAME_REPLY, "{\"answer\":\"fault\",\"fault\":7777,\"text\":\"\"}",
                        "reply: 'fault' is none that is known" },
                { FRAME_REPLY, "{\"answer\":\"entries\"}", "reply: 'entries' is not a list" },
                { FRAME_HELLO, "{}", "hello: a hello is not read here" },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                struct payload *p = NULL;
                struct err err = {};

                assert_true(payload_read(cases[i].kind, cases[i].text, strlen(cases[i].text), &p,
                                    &err) < 0);
                assert_string_equal(err.text, cases[i].why);
                assert_null(p);
        }
}

static void more_values_than_any_payload_has_are_not_parsed(void **state)
{
        CLEANUP(text_clear) struct text t = {};
        struct payload *p = NULL;
        struct err err = {};

        text_append(&t, "{\"now\":1,\"processes\":[");
        for (unsigned i = 0; i <= PAYLOAD_PARTS_MAX; i++)
                text_append(&t, "[");
        assert_true(payload_read(FRAME_SNAPSHOT, t.data, t.length, &p, &err) < 0);
        assert_string_equal(err.text, "snapshot: more values than any payload has");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_snapshot_carries_every_field_of_every_process),
                cmocka_unit_test(losses_come_with_who_was_lost_and_what_is_owed),
                cmocka_unit_test(what_is_nothing_is_not_written),
                cmocka_unit_test(an_event_is_a_report_a_removal_or_a_forced_state),
                cmocka_unit_test(an_order_without_arguments_is_not_one_with_empty_ones),
                cmocka_unit_test(a_request_names_the_instances_or_none),
                cmocka_unit_test(every_kind_of_answer_arrives),
                cmocka_unit_test(what_is_not_utf8_and_what_is_too_long_is_made_to_fit),
                cmocka_unit_test(fields_of_later_versions_are_skipped),
                cmocka_unit_test(what_is_wrong_is_refused_with_a_sentence),
                cmocka_unit_test(more_values_than_any_payload_has_are_not_parsed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
