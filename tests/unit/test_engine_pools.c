/* The engine: event listeners, their pools, and what they are told. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/engine_host.h"

enum { EXIT_0 = 0, EXIT_1 = 1 << 8 };

/* A pool "p" of that many members "l0", "l1"..., subscribed to what the list says. */
static struct program_group *add_pool(struct host *host, const char *name, size_t members,
        int64_t buffer_size, const char *const *events)
{
        struct program_group *pool = host_group(host, name, -1);
        size_t count = 0;

        while (events[count])
                count++;
        pool->kind = GROUP_EVENTLISTENER;
        pool->buffer_size = buffer_size;
        pool->events = mem_new_array(count + 1, sizeof(char *));
        for (size_t i = 0; i < count; i++)
                pool->events[i] = mem_strdup(events[i]);
        for (size_t i = 0; i < members; i++) {
                char member[] = { 'l', (char)('0' + i), 0 };

                host_program(pool, member);
        }
        return pool;
}

#define POOL(host, members, buffer_size, ...) \
        add_pool(host, "p", members, buffer_size, (const char *const[]){ __VA_ARGS__, NULL })

static void say_bytes(struct host *host, const char *namespec, const char *data, size_t length)
{
        host_feed(host, (struct event){ .type = EV_LISTENER_OUTPUT,
                                .output = { .process = host_process(host, namespec)->id,
                                        .data = data,
                                        .length = length } });
}

static void say(struct host *host, const char *namespec, const char *text)
{
        say_bytes(host, namespec, text, strlen(text));
}

static void tell(struct host *host, const char *type, const char *data)
{
        host_feed(host, (struct event){ .type = EV_REMOTE, .remote = { type, data } });
}

static void write_output(
        struct host *host, const char *namespec, enum topic topic, const char *data)
{
        host_feed(host, (struct event){ .type = EV_OUTPUT,
                                .output = { host_process(host, namespec)->id, data, strlen(data),
                                        topic } });
}

/* Answers every message in the transcript that the member got, and those that this brings. */
static void drain(struct host *host, const char *namespec)
{
        CLEANUP(mem_free) char *mark = mem_format("event %s: ", namespec);
        size_t at = 0;
        const char *found;

        while ((found = strstr(text_string(&host->transcript) + at, mark))) {
                at = (size_t)(found - host->transcript.data) + strlen(mark);
                say(host, namespec, "RESULT 2\nOKREADY\n");
        }
}

/* Booted, every member RUNNING and READY, the transcript empty. */
static void make_ready(struct host *host)
{
        host_boot(host);
        host_advance(host, 2 * USEC_SEC);
        for (size_t i = 0; i < engine_groups_count(host->engine); i++) {
                struct engine_group group = engine_group_at(host->engine, i);

                for (size_t j = 0; j < group.processes_count; j++) {
                        CLEANUP(mem_free) char *name = NULL;

                        if (group.config->kind != GROUP_EVENTLISTENER)
                                continue;
                        name = mem_format(
                                "%s:%s", group.config->name, group.processes[j]->program->name);
                        say(host, name, "READY\n");
                        drain(host, name);
                }
        }
        host_ignore(host);
}

#define MESSAGE(serial, poolserial, name, len, payload)                                          \
        "ver:3.0 server:host serial:" serial " pool:p poolserial:" poolserial " eventname:" name \
        " len:" len "|" payload "\n"
#define SENT(serial, member)    "DEBG event " serial " sent to listener " member "\n"
#define REMOTE(serial, payload) MESSAGE(serial, serial, "REMOTE_COMMUNICATION", "8", payload)
#define PROCESSED(member)                        \
        "DEBG " member ": event was processed\n" \
        "DEBG " member ": BUSY -> ACKNOWLEDGED\n"
#define READY(member) "DEBG " member ": ACKNOWLEDGED -> READY\n"

static void an_event_goes_to_the_first_member_that_is_ready(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 2, 10, "REMOTE_COMMUNICATION");
        make_ready(host);
        tell(host, "a", "1");
        host_expect(host, "event p:l0: " REMOTE("0", "type:a|1") SENT("0", "l0"));
        tell(host, "a", "2");
        host_expect(host, "event p:l1: " REMOTE("1", "type:a|2") SENT("1", "l1"));
        tell(host, "a", "3");
        host_expect(host, "");
        say(host, "p:l1", "RESULT 2\nOK");
        host_expect(host, PROCESSED("l1"));
        say(host, "p:l1", "READY\n");
        host_expect(host, READY("l1") "event p:l1: " REMOTE("2", "type:a|3") SENT("2", "l1"));
}

static void nothing_is_delivered_before_a_member_is_running(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 1, 10, "REMOTE_COMMUNICATION");
        host_boot(host);
        say(host, "p:l0", "READY\n");
        tell(host, "a", "1");
        host_ignore(host);
        host_advance(host, USEC_SEC / 2);
        host_expect(host, "");
        host_advance(host, USEC_SEC);
        host_expect(host,
                "p:l0 STARTING->RUNNING pid 10\n"
                "INFO success: l0 entered RUNNING state, process has stayed up for > than "
                "1 seconds (startsecs)\n"
                "event p:l0: " REMOTE("0", "type:a|1") SENT("0", "l0"));
}

static void a_rejected_event_comes_again_before_the_others(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 1, 10, "REMOTE_COMMUNICATION");
        make_ready(host);
        tell(host, "a", "1");
        tell(host, "a", "2");
        host_ignore(host);
        say(host, "p:l0", "RESULT 4\nFAIL");
        host_expect(host, "WARN l0: event was rejected\n"
                          "DEBG l0: BUSY -> ACKNOWLEDGED\n"
                          "DEBG rebuffering event 0 for pool p (buf size=1, max=10)\n");
        say(host, "p:l0", "READY\n");
        host_expect(host, READY("l0") "event p:l0: " REMOTE("0", "type:a|1") SENT("0", "l0"));
}

static void a_rejected_event_is_no_business_of_other_pools(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 1, 10, "REMOTE_COMMUNICATION");
        add_pool(host, "q", 1, 10, (const char *const[]){ "TICK_3600", NULL });
        make_ready(host);
        tell(host, "a", "1");
        host_ignore(host);
        say(host, "p:l0", "RESULT 4\nFAIL");
        host_expect(host, "WARN l0: event was rejected\n"
                          "DEBG l0: BUSY -> ACKNOWLEDGED\n"
                          "DEBG rebuffering event 0 for pool p (buf size=0, max=10)\n");
}

static void what_a_member_was_busy_with_when_it_ended_goes_to_the_next(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 2, 10, "REMOTE_COMMUNICATION");
        make_ready(host);
        tell(host, "a", "1");
        host_ignore(host);
        host_exit(host, "p:l0", EXIT_0);
        host_expect(host, "p:l0 RUNNING->EXITED expected pid 10\n"
                          "INFO exited: l0 (exit status 0; expected)\n"
                          "DEBG rebuffering event 0 for pool p (buf size=0, max=10)\n"
                          "event p:l1: " REMOTE("0", "type:a|1") SENT("0", "l1"));
}

static void a_new_run_has_to_say_again_that_it_is_ready(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 1, 10, "REMOTE_COMMUNICATION");
        make_ready(host);
        host_exit(host, "p:l0", EXIT_1);
        host_advance(host, 2 * USEC_SEC);
        tell(host, "a", "1");
        host_ignore(host);
        say(host, "p:l0", "READY\n");
        host_expect(host, READY("l0") "event p:l0: " REMOTE("0", "type:a|1") SENT("0", "l0"));
}

static void what_is_held_when_leftovers_are_waited_for_goes_back_at_once(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 2, 10, "REMOTE_COMMUNICATION");
        make_ready(host);
        tell(host, "a", "1");
        host_ignore(host);
        host_exit_leaving(host, "p:l0", EXIT_0);
        host_expect(host, "DEBG rebuffering event 0 for pool p (buf size=0, max=10)\n"
                          "DEBG killing what l0 (pid 10) left behind\n"
                          "kill-all p:l0\n"
                          "event p:l1: " REMOTE("0", "type:a|1") SENT("0", "l1"));
}

static void one_that_is_gone_is_told_nothing_while_its_leftovers_are_waited_for(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 2, 10, "REMOTE_COMMUNICATION");
        make_ready(host);
        host_exit_leaving(host, "p:l0", EXIT_0);
        host_ignore(host);
        tell(host, "a", "1");
        host_expect(host, "event p:l1: " REMOTE("0", "type:a|1") SENT("0", "l1"));
}

static void a_closed_stdin_passes_the_event_on(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 2, 10, "REMOTE_COMMUNICATION");
        make_ready(host);
        host->deaf = "p:l0";
        tell(host, "a", "1");
        host_expect(host,
                "event p:l0: " REMOTE("0",
                        "type:a|1") "DEBG epipe occurred while sending event 0 to listener l0, listener state "
                                    "unchanged\n"
                                    "DEBG rebuffering event 0 for pool p (buf size=0, max=10)\n"
                                    "event p:l1: " REMOTE("0", "type:a|1") SENT("0", "l1"));
        tell(host, "a", "2");
        host_expect(host, "");
}

static void a_full_buffer_gives_up_the_oldest_event(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 1, 2, "REMOTE_COMMUNICATION");
        make_ready(host);
        tell(host, "a", "0");
        tell(host, "a", "1");
        tell(host, "a", "2");
        host_ignore(host);
        tell(host, "a", "3");
        host_expect(host, "ERRO pool p event buffer overflowed, discarding event 1\n");
        say(host, "p:l0", "RESULT 4\nFAIL");
        host_expect(host, "WARN l0: event was rejected\n"
                          "DEBG l0: BUSY -> ACKNOWLEDGED\n"
                          "DEBG rebuffering event 0 for pool p (buf size=2, max=2)\n"
                          "ERRO pool p event buffer overflowed, discarding event 2\n");
        say(host, "p:l0", "READY\n");
        host_expect(host, READY("l0") "event p:l0: " REMOTE("0", "type:a|0") SENT("0", "l0"));
}

static void a_large_buffer_keeps_its_order(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        char data[16];

        POOL(host, 1, 1000, "REMOTE_COMMUNICATION");
        make_ready(host);
        for (int i = 0; i < 500; i++) {
                (void)snprintf(data, sizeof(data), "%d", i);
                tell(host, "", data);
        }
        for (int i = 0; i < 500; i++) {
                CLEANUP(mem_free) char *want = mem_format(" serial:%d ", i);

                assert_non_null(strstr(text_string(&host->transcript), want));
                host_ignore(host);
                say(host, "p:l0", i % 7 ? "RESULT 2\nOK" : "RESULT 2\nNO");
                host_ignore(host);
                say(host, "p:l0", "READY\n");
                if (i % 7 == 0) {
                        say(host, "p:l0", "RESULT 2\nOK");
                        host_ignore(host);
                        say(host, "p:l0", "READY\n");
                }
        }
        host_ignore(host);
}

static void overlapping_subscriptions_bring_an_event_twice(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 2, 10, "EVENT", "REMOTE_COMMUNICATION");
        make_ready(host);
        tell(host, "a", "1");
        host_expect(host, "DEBG rebuffering event 6 for pool p (buf size=1, max=10)\n"
                          "event p:l0: " REMOTE("6", "type:a|1") "event p:l1: " REMOTE(
                                  "6", "type:a|1") SENT("6", "l0") SENT("6", "l1"));
}

static void an_event_that_nobody_wants_has_no_serial(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 1, 10, "REMOTE_COMMUNICATION");
        host_program(host_group(host, "x", 999), "cat");
        make_ready(host);
        host_request(host, REQUEST_STOP, "x:cat", false);
        assert_true(engine_next_serial(host->engine) == 0);
        tell(host, "a", "1");
        assert_true(engine_next_serial(host->engine) == 1);
}

static void serials_go_on_after_a_restart_and_poolserials_do_not(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 1, 10, "REMOTE_COMMUNICATION");
        engine_set_next_serial(host->engine, 41);
        make_ready(host);
        tell(host, "a", "1");
        host_expect(host, "event p:l0: " MESSAGE("41", "0", "REMOTE_COMMUNICATION", "8", "type:a|1")
                                  SENT("41", "l0"));
}

static void whoever_speaks_out_of_turn_is_told_nothing_more(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 1, 10, "REMOTE_COMMUNICATION");
        make_ready(host);
        say(host, "p:l0", "x");
        host_expect(host, "DEBG l0: READY -> UNKNOWN\n"
                          "WARN l0: has entered the UNKNOWN state and will no longer receive "
                          "events, this usually indicates the process violated the eventlistener "
                          "protocol\n");
        assert_int_equal(host_process(host, "p:l0")->state, RUNNING);
        say(host, "p:l0", "READY\n");
        tell(host, "a", "1");
        host_expect(host, "");
}

static void a_bad_result_line_is_told_and_its_event_kept(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 1, 10, "REMOTE_COMMUNICATION");
        make_ready(host);
        tell(host, "a", "1");
        host_ignore(host);
        say(host, "p:l0", "RESULT \377\n");
        host_expect(host, "WARN l0: bad result line: 'Undecodable: b'RESULT \\xff''\n"
                          "DEBG l0: BUSY -> UNKNOWN\n"
                          "WARN l0: has entered the UNKNOWN state and will no longer receive "
                          "events, this usually indicates the process violated the eventlistener "
                          "protocol\n"
                          "DEBG rebuffering event 0 for pool p (buf size=0, max=10)\n");
}

/* The names and payloads of the messages in the transcript, which then is empty. */
static char *told(struct host *host)
{
        static const char mark[] = " eventname:";
        struct text t = {};

        for (const char *p = text_string(&host->transcript); (p = strstr(p, mark));) {
                const char *end = strchr(p, '\n');

                p += sizeof(mark) - 1;
                text_append_bytes(&t, p, (size_t)(end - p + 1));
                p = end;
        }
        host_ignore(host);
        return text_take(&t);
}

static void expect_told(struct host *host, const char *text)
{
        CLEANUP(mem_free) char *got = NULL;

        drain(host, "p:l0");
        got = told(host);
        assert_string_equal(got, text);
}

static void a_pool_hears_of_itself_and_of_what_comes_after_it(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "before", -5), "a")->autostart = false;
        POOL(host, 1, 20, "EVENT");
        host_program(host_group(host, "after", 5), "b")->autostart = false;
        host_boot(host);
        say(host, "p:l0", "READY\n");
        host_advance(host, 2 * USEC_SEC);
        expect_told(host, "PROCESS_GROUP_ADDED len:12|groupname:p|\n"
                          "PROCESS_GROUP_ADDED len:16|groupname:after|\n"
                          "SUPERVISOR_STATE_CHANGE_RUNNING len:0|\n"
                          "PROCESS_STATE_STARTING len:53|processname:l0 groupname:p "
                          "from_state:STOPPED tries:0\n"
                          "PROCESS_STATE_RUNNING len:53|processname:l0 groupname:p "
                          "from_state:STARTING pid:10\n");
}

static void groups_that_come_and_go_are_told(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 1, 20, "PROCESS_GROUP");
        host_program(host_group(host, "x", 5), "b")->autostart = false;
        make_ready(host);
        host_request(host, REQUEST_REMOVE_GROUP, "x", false);
        host_request(host, REQUEST_ADD_GROUP, "x", false);
        expect_told(host, "PROCESS_GROUP_REMOVED len:12|groupname:x|\n"
                          "PROCESS_GROUP_ADDED len:12|groupname:x|\n");
        host_request(host, REQUEST_STOP, "p:l0", false);
        host_exit(host, "p:l0", EXIT_0);
        host_ignore(host);
        host_request(host, REQUEST_REMOVE_GROUP, "p", false);
        host_expect(host, "process-removed p:l0\n"
                          "group-removed p\n"
                          "answer 4 true\n");
        assert_false(engine_is_heard(host->engine, TOPIC_PROCESS_GROUP_REMOVED));
}

static void every_state_has_its_payload(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program *cat;

        POOL(host, 1, 99, "PROCESS_STATE");
        cat = host_program(host_group(host, "x", 5), "cat");
        cat->startretries = 1;
        cat->autorestart = AUTORESTART_NEVER;
        make_ready(host);
        host_exit(host, "x:cat", EXIT_1);
        host_request(host, REQUEST_START, "x:cat", false);
        host_exit(host, "x:cat", EXIT_1);
        host_request(host, REQUEST_STOP, "x:cat", false);
        expect_told(host, "PROCESS_STATE_EXITED len:64|processname:cat groupname:x "
                          "from_state:RUNNING expected:0 pid:11\n"
                          "PROCESS_STATE_STARTING len:53|processname:cat groupname:x "
                          "from_state:EXITED tries:0\n"
                          "PROCESS_STATE_BACKOFF len:55|processname:cat groupname:x "
                          "from_state:STARTING tries:1\n"
                          "PROCESS_STATE_STOPPED len:52|processname:cat groupname:x "
                          "from_state:BACKOFF pid:0\n");
}

static void fatal_and_unknown_say_no_more_than_where_from(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program *cat;

        POOL(host, 1, 99, "PROCESS_STATE_FATAL", "PROCESS_STATE_UNKNOWN");
        cat = host_program(host_group(host, "x", 5), "cat");
        cat->startretries = 0;
        host_program(host_group(host, "y", 6), "dog");
        make_ready(host);
        host_request(host, REQUEST_STOP, "x:cat", false);
        host_exit(host, "x:cat", EXIT_1);
        host_request(host, REQUEST_START, "x:cat", false);
        host_exit(host, "x:cat", EXIT_1);
        host->kill_error = 1; /* EPERM */
        host_request(host, REQUEST_STOP, "y:dog", false);
        expect_told(host, "PROCESS_STATE_FATAL len:46|processname:cat groupname:x "
                          "from_state:BACKOFF\n"
                          "PROCESS_STATE_UNKNOWN len:47|processname:dog groupname:y "
                          "from_state:STOPPING\n");
}

static void output_and_captures_say_whose_they_are(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 1, 99, "PROCESS_LOG", "PROCESS_COMMUNICATION");
        host_program(host_group(host, "x", 5), "cat");
        make_ready(host);
        write_output(host, "x:cat", TOPIC_PROCESS_LOG_STDOUT, "h\303\251\n");
        write_output(host, "x:cat", TOPIC_PROCESS_LOG_STDERR, "oops");
        write_output(host, "x:cat", TOPIC_PROCESS_COMMUNICATION_STDOUT, "");
        write_output(host, "x:cat", TOPIC_PROCESS_COMMUNICATION_STDERR, "b");
        expect_told(host,
                "PROCESS_LOG_STDOUT len:53|processname:cat groupname:x pid:11 channel:stdout"
                "|h\303\251|\n"
                "PROCESS_LOG_STDERR len:54|processname:cat groupname:x pid:11 channel:stderr"
                "|oops\n"
                "PROCESS_COMMUNICATION_STDOUT len:35|processname:cat groupname:x pid:11|\n"
                "PROCESS_COMMUNICATION_STDERR len:36|processname:cat groupname:x pid:11|b\n");
}

static void the_clock_is_told_at_multiples_of_the_period(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 1, 99, "TICK_5", "TICK_60");
        host->now += USEC_SEC; /* the wall clock shows 1001001 s, and 1001003 s when all is ready */
        make_ready(host);
        host_advance(host, 2 * USEC_SEC);
        expect_told(host, "TICK_5 len:12|when:1001005\n"); /* and not 1001000 */
        host_advance(host, 16 * USEC_SEC);
        expect_told(host, "TICK_5 len:12|when:1001010\n"
                          "TICK_5 len:12|when:1001015\n"
                          "TICK_5 len:12|when:1001020\n");
        host_advance(host, 20 * USEC_SEC);
        expect_told(host, "TICK_5 len:12|when:1001025\n"
                          "TICK_5 len:12|when:1001030\n"
                          "TICK_5 len:12|when:1001035\n"
                          "TICK_5 len:12|when:1001040\n"
                          "TICK_60 len:12|when:1001040\n");
}

static void a_stepped_clock_is_told_once_and_followed(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 1, 99, "TICK_5");
        host->now += USEC_SEC;
        make_ready(host);
        host->wall_ahead = 1000 * USEC_SEC; /* it shows 1002003 s */
        host_feed(host, (struct event){ .type = EV_REMOTE, .remote = { "", "" } });
        host_advance(host, 3 * USEC_SEC);
        expect_told(host, "TICK_5 len:12|when:1002000\n"
                          "TICK_5 len:12|when:1002005\n");
        host->wall_ahead = 0; /* 1001006 s, with the next tick due when it shows 1001010 s */
        host_advance(host, 10 * USEC_SEC);
        expect_told(host, "TICK_5 len:12|when:1001010\n"
                          "TICK_5 len:12|when:1001015\n");
        host->wall_ahead = 2 * USEC_SEC; /* 1001018 s, noticed at 1001022 s */
        host_advance(host, 5 * USEC_SEC);
        expect_told(host, "TICK_5 len:12|when:1001020\n");
        assert_true(engine_deadline(host->engine) == host->now + 2 * USEC_SEC);
}

static void a_clock_that_is_a_little_behind_is_waited_for(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 1, 99, "TICK_5");
        host->wall_ahead = 1000;
        make_ready(host);
        host->now = engine_deadline(host->engine);
        host->wall_ahead = 500;
        host_feed(host, (struct event){ .type = EV_TIMER });
        host_expect(host, "");
        assert_true(engine_deadline(host->engine) == host->now + 500);
        host_advance(host, 500);
        expect_told(host, "TICK_5 len:12|when:1001005\n");
}

static void without_a_listener_the_clock_wakes_nobody(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        POOL(host, 1, 99, "REMOTE_COMMUNICATION");
        make_ready(host);
        assert_true(engine_deadline(host->engine) == USEC_NEVER);
        host_forget_config(host);
        POOL(host, 1, 99, "TICK_3600");
        host_request(host, REQUEST_STOP, "p:l0", false);
        host_exit(host, "p:l0", EXIT_0);
        host_request(host, REQUEST_RELOAD_CONFIG, NULL, false);
        host_request(host, REQUEST_REMOVE_GROUP, "p", false);
        host_request(host, REQUEST_ADD_GROUP, "p", false);
        host_advance(host, 2 * USEC_SEC);
        assert_true(engine_deadline(host->engine) > host->now + 60 * USEC_SEC);
        assert_true(engine_deadline(host->engine) <= host->now + 3600 * USEC_SEC);
        host_request(host, REQUEST_STOP, "p:l0", false);
        host_exit(host, "p:l0", EXIT_0);
        host_request(host, REQUEST_REMOVE_GROUP, "p", false);
        assert_true(engine_deadline(host->engine) == USEC_NEVER);
}

static struct host *host_at_its_end(void)
{
        struct host *host = host_new();
        CLEANUP(mem_free) char *got = NULL;

        POOL(host, 1, 99, "SUPERVISOR_STATE_CHANGE", "PROCESS_STATE_STOPPED", "TICK_3600");
        host_program(host_group(host, "x", 5), "cat");
        make_ready(host);
        host_shutdown(host, false);
        expect_told(host, "SUPERVISOR_STATE_CHANGE_STOPPING len:0|\n");
        host_exit(host, "x:cat", EXIT_0);
        got = told(host);
        assert_string_equal(got, "PROCESS_STATE_STOPPED len:54|processname:cat groupname:x "
                                 "from_state:STOPPING pid:11\n");
        assert_int_equal(host_process(host, "p:l0")->state, RUNNING);
        return host;
}

static void the_end_of_the_last_is_told_before_the_listener_is_stopped(void **state)
{
        CLEANUP(host_free) struct host *host = host_at_its_end();

        say(host, "p:l0", "RESULT 2\nOK");
        assert_int_equal(host_process(host, "p:l0")->state, STOPPING);
        host_exit(host, "p:l0", EXIT_0);
        assert_true(engine_deadline(host->engine) == USEC_NEVER);
}

static void a_listener_that_does_not_answer_at_the_end_is_waited_for_no_longer_than_a_second(
        void **state)
{
        CLEANUP(host_free) struct host *host = host_at_its_end();

        host_advance(host, USEC_SEC - 1);
        assert_int_equal(host_process(host, "p:l0")->state, RUNNING);
        host_advance(host, 1);
        assert_int_equal(host_process(host, "p:l0")->state, STOPPING);
}

static void a_listener_that_breaks_off_at_the_end_is_not_waited_for(void **state)
{
        CLEANUP(host_free) struct host *host = host_at_its_end();

        say(host, "p:l0", "RESULT x\n");
        assert_int_equal(host_process(host, "p:l0")->state, STOPPING);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_event_goes_to_the_first_member_that_is_ready),
                cmocka_unit_test(nothing_is_delivered_before_a_member_is_running),
                cmocka_unit_test(a_rejected_event_comes_again_before_the_others),
                cmocka_unit_test(a_rejected_event_is_no_business_of_other_pools),
                cmocka_unit_test(what_a_member_was_busy_with_when_it_ended_goes_to_the_next),
                cmocka_unit_test(a_new_run_has_to_say_again_that_it_is_ready),
                cmocka_unit_test(what_is_held_when_leftovers_are_waited_for_goes_back_at_once),
                cmocka_unit_test(
                        one_that_is_gone_is_told_nothing_while_its_leftovers_are_waited_for),
                cmocka_unit_test(a_closed_stdin_passes_the_event_on),
                cmocka_unit_test(a_full_buffer_gives_up_the_oldest_event),
                cmocka_unit_test(a_large_buffer_keeps_its_order),
                cmocka_unit_test(overlapping_subscriptions_bring_an_event_twice),
                cmocka_unit_test(an_event_that_nobody_wants_has_no_serial),
                cmocka_unit_test(serials_go_on_after_a_restart_and_poolserials_do_not),
                cmocka_unit_test(whoever_speaks_out_of_turn_is_told_nothing_more),
                cmocka_unit_test(a_bad_result_line_is_told_and_its_event_kept),
                cmocka_unit_test(a_pool_hears_of_itself_and_of_what_comes_after_it),
                cmocka_unit_test(groups_that_come_and_go_are_told),
                cmocka_unit_test(every_state_has_its_payload),
                cmocka_unit_test(fatal_and_unknown_say_no_more_than_where_from),
                cmocka_unit_test(output_and_captures_say_whose_they_are),
                cmocka_unit_test(the_clock_is_told_at_multiples_of_the_period),
                cmocka_unit_test(a_stepped_clock_is_told_once_and_followed),
                cmocka_unit_test(a_clock_that_is_a_little_behind_is_waited_for),
                cmocka_unit_test(without_a_listener_the_clock_wakes_nobody),
                cmocka_unit_test(the_end_of_the_last_is_told_before_the_listener_is_stopped),
                cmocka_unit_test(
                        a_listener_that_does_not_answer_at_the_end_is_waited_for_no_longer_than_a_second),
                cmocka_unit_test(a_listener_that_breaks_off_at_the_end_is_not_waited_for),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
