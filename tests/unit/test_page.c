/* Pages: forms, origins, escaping, and what the pages and actions say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rpc/page.h"
#include "rpc/page_action.h"
#include "rpc/page_assets.h"
#include "rpc/page_form.h"
#include "rpc/page_html.h"
#include "rpc/page_origin.h"
#include "tests/unit/fake_host.h"

static void assert_form(const char *form, const char *want)
{
        CLEANUP(mem_free) char *value = NULL;
        int r = page_form_value(form, strlen(form), "x", &value);

        assert_int_equal(r, want != NULL);
        if (want)
                assert_string_equal(value, want);
        else
                assert_null(value);
}

static void a_form_is_decoded(void **state)
{
        char *value = NULL;

        assert_form("x=1", "1");
        assert_form("a=0&x=g%3Ap+q%2B&b=2", "g:p q+");
        assert_form("%78=1", "1");
        assert_form("x=a%zz%4", "a%zz%4");
        assert_form("x=a=b", "a=b");
        assert_form("x=%C3%A9", "\xc3\xa9");
        assert_int_equal(page_form_value("x=a%00b", 7, "x", &value), -EBADMSG);
        assert_null(value);
}

static void the_last_value_that_is_not_empty_counts(void **state)
{
        assert_form("x=1&x=2", "2");
        assert_form("x=1&x=", "1");
        assert_form("x=", NULL);
        assert_form("x", NULL);
        assert_form("", NULL);
        assert_form("&&=&xx=1&X=2", NULL);
}

static void text_cannot_become_markup(void **state)
{
        CLEANUP(text_clear) struct text t = {};

        page_html(&t, "<b>\"&'\xff\x1b\xc3\xa9");
        assert_string_equal(t.data, "&lt;b&gt;&quot;&amp;&#39;\xef\xbf\xbd\xef\xbf\xbd\xc3\xa9");
}

static void a_text_is_quoted_for_a_url(void **state)
{
        CLEANUP(text_clear) struct text t = {};

        page_html_url(&t, "A z_.-~/:&=?#%\r\n\xc3\xa9");
        assert_string_equal(t.data, "A%20z_.-~/%3A%26%3D%3F%23%25%0D%0A%C3%A9");
}

static void a_time_is_written_in_english(void **state)
{
        CLEANUP(text_clear) struct text t = {};

        assert_int_equal(setenv("TZ", "UTC", 1), 0);
        page_html_time(&t, 1762063995);
        assert_string_equal(t.data, "Sun Nov  2 06:13:15 2025");
}

static void a_request_of_a_foreign_page_is_not_trusted(void **state)
{
        static const struct {
                struct page_headers headers;
                bool trusted;
        } cases[] = {
                { { .host = "h:9001" }, true },
                { { .host = "h:9001", .is_get = true, .agent = "curl/7.88" }, true },
                { { .host = "h:9001", .is_get = true, .agent = "Mozilla/5.0" }, false },
                { { .host = "h:9001", .agent = "Mozilla/5.0" }, true },
                { { .host = "h:9001", .origin = "http://h:9001" }, true },
                { { .host = "H:9001", .origin = "HTTP://h:9001" }, true },
                { { .host = "h:9001", .origin = "http://h:9002" }, false },
                { { .host = "h:9001", .origin = "http://h" }, false },
                { { .host = "h:9001", .origin = "http://h:9001.evil.example" }, false },
                { { .host = "h:9001", .origin = "http://evil.example" }, false },
                { { .host = "h:9001", .origin = "null" }, false },
                { { .host = "h:9001", .origin = "" }, false },
                { { .host = NULL, .origin = "http://h" }, false },
                { { .host = "h", .origin = "http://h:80" }, true },
                { { .host = "h:80", .origin = "http://h" }, true },
                { { .host = "h", .origin = "https://h:443" }, true },
                { { .host = "h:80", .origin = "https://h" }, false },
                { { .host = "h:9001", .referer = "http://h:9001/?message=x" }, true },
                { { .host = "h:9001", .referer = "http://h:9001/", .is_get = true }, true },
                { { .host = "h:9001", .referer = "http://evil.example/h:9001" }, false },
                { { .host = "h:9001", .referer = "http://h:9001@evil.example/" }, false },
                { { .host = "h", .fetch_site = "same-origin", .origin = "https://proxy" }, true },
                { { .host = "h", .fetch_site = "none", .is_get = true, .agent = "Mozilla/" },
                        true },
                { { .host = "h", .fetch_site = "cross-site" }, false },
                { { .host = "h", .fetch_site = "same-site", .origin = "http://h" }, false },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++)
                if (page_origin_is_trusted(&cases[i].headers) != cases[i].trusted)
                        fail_msg("case %zu", i);
}

static void the_assets_are_there(void **state)
{
        const struct page_asset *css = page_asset_find("stylesheets/supervisor.css");

        assert_non_null(css);
        assert_string_equal(css->type, "text/css");
        assert_non_null(memmem(css->data, css->size, ".statusrunning", 14));
        assert_non_null(page_asset_find("images/icon.png"));
        assert_memory_equal(page_asset_find("images/icon.png")->data, "\x89PNG", 4);
        assert_null(page_asset_find("images/"));
        assert_null(page_asset_find(""));
        assert_true(page_asset_is_directory("images"));
        assert_true(page_asset_is_directory("stylesheets"));
        assert_false(page_asset_is_directory("image"));
        assert_false(page_asset_is_directory("images/"));
        assert_false(page_asset_is_directory(""));
}

/*
 * With processes.
 */

struct page_world {
        struct fake_host host;
        struct fake_group *group;
        struct asking *asking;
        unsigned done;
};

static void world_clear_at(struct page_world *w)
{
        asking_free(w->asking);
        fake_host_clear(&w->host);
}

#define WORLD(name) __attribute__((cleanup(world_clear_at))) struct page_world name = {}

static struct process *world_init(struct page_world *w)
{
        w->host.engine = fake_engine_new();
        w->group = fake_engine_add_group(w->host.engine, "cat", 999);
        w->asking = asking_new(&fake_host_calls, &w->host);
        w->host.server = w->asking;
        return fake_engine_add(w->host.engine, w->group, "cat");
}

static char *status_of(struct page_world *w, const char *message)
{
        CLEANUP(text_clear) struct text t = {};

        page_status(&t, &fake_host_calls, &w->host, message, 1000);
        return text_take(&t);
}

static void assert_has(const char *page, const char *want)
{
        if (!strstr(page, want))
                fail_msg("no '%s' in '%s'", want, page);
}

static void assert_lacks(const char *page, const char *unwanted)
{
        if (strstr(page, unwanted))
                fail_msg("'%s' is in '%s'", unwanted, page);
}

static void without_processes_the_page_says_so(void **state)
{
        WORLD(w);
        CLEANUP(mem_free) char *page = NULL;

        w.host.engine = fake_engine_new();
        page = status_of(&w, NULL);
        assert_has(page, "No programs to manage");
        assert_has(page, "<title>Supervisor Status</title>");
        assert_lacks(page, "<table>");
        assert_lacks(page, "class=\"message");
}

static void the_rows_are_sorted_and_tell_what_can_be_done(void **state)
{
        static const struct {
                enum process_state state;
                const char *class, *word, *actions;
        } cases[] = {
                { RUNNING, "statusrunning", "running", "restart stop clearlog " },
                { STOPPED, "statusnominal", "stopped", "start clearlog " },
                { EXITED, "statusnominal", "exited", "start clearlog " },
                { FATAL, "statuserror", "fatal", "start clearlog " },
                { BACKOFF, "statuserror", "backoff", "clearlog " },
                { STARTING, "statusnominal", "starting", "clearlog " },
                { STOPPING, "statusnominal", "stopping", "clearlog " },
                { UNKNOWN, "statusnominal", "unknown", "clearlog " },
        };
        WORLD(w);
        struct process *b = world_init(&w);
        struct process *a = fake_engine_add(w.host.engine, w.group, "ant");

        a->state = RUNNING;
        a->pid = 5;
        a->start_wall = 997 * USEC_SEC;
        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(mem_free) char *page = NULL, *badge = NULL;
                CLEANUP(text_clear) struct text actions = {};
                const char *row;

                b->state = cases[i].state;
                page = status_of(&w, NULL);
                assert_has(page, "pid 5, uptime 0:00:03");
                assert_has(page, ">cat:ant</a>");
                row = strstr(strstr(page, ">cat:ant</a>"), "<tr>");
                badge = mem_format("<span class=\"%s\">%s</span>", cases[i].class, cases[i].word);
                assert_has(row, badge);
                assert_has(row, "tail.html?processname=cat\"");
                assert_has(row, "href=\"logtail/cat/stderr\"");
                for (const char *s = row; (s = strstr(s, "name=\"action\" value=\"")); s++)
                        text_format(&actions, "%.*s ", (int)strcspn(s + 21, "\""), s + 21);
                assert_string_equal(actions.data, cases[i].actions);
        }
}

static void names_and_words_are_escaped(void **state)
{
        WORLD(w);
        struct process *p = world_init(&w);
        CLEANUP(mem_free) char *page = NULL;

        p = fake_engine_add(w.host.engine, w.group, "<i>\"&x");
        p->state = FATAL;
        p->spawnerr = mem_strdup("can't <find>");
        page = status_of(&w, "<script>alert('x')</script>");
        assert_has(page, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
        assert_has(page, "can&#39;t &lt;find&gt;");
        assert_has(page, "value=\"cat:&lt;i&gt;&quot;&amp;x\"");
        assert_has(page, "processname=cat%3A%3Ci%3E%22%26x\"");
        assert_lacks(page, "<script");
        assert_lacks(page, "<i>");
}

static void a_shutdown_is_told(void **state)
{
        WORLD(w);
        CLEANUP(mem_free) char *page = NULL;

        (void)world_init(&w);
        w.host.engine->mood = MOOD_SHUTDOWN;
        page = status_of(&w, NULL);
        assert_has(page, "Shutting down");
}

static char *tail_of(struct page_world *w, const char *name, const char *limit)
{
        CLEANUP(text_clear) struct text t = {};

        page_tail(&t, &fake_host_calls, &w->host, name, limit, "processname=cat&limit=\"9");
        return text_take(&t);
}

static void the_tail_page_shows_the_end_of_the_log(void **state)
{
        WORLD(w);
        char path[] = "/tmp/test_page_XXXXXX";
        int fd = mkstemp(path);
        FILE *f = fdopen(fd, "w");
        static const struct {
                const char *limit;
                size_t lines;
        } cases[] = { { NULL, 128 }, { "1024", 128 }, { "7", 128 }, { "-5", 128 }, { "x", 128 },
                { "1600", 200 }, { "99999999999999999999999", 300 } };

        (void)world_init(&w);
        assert_non_null(f);
        for (int i = 0; i < 300; i++)
                assert_true(fprintf(f, "<%05d>\n", i) == 8);
        assert_int_equal(fclose(f), 0);
        w.host.out_log = path;
        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(mem_free) char *page = tail_of(&w, "cat", cases[i].limit);
                size_t lines = 0;

                for (const char *s = page; (s = strstr(s, "&lt;00")); s++)
                        lines++;
                assert_int_equal(lines, cases[i].lines);
                assert_has(page, "&lt;00299&gt;\n</pre>");
                assert_has(page, "<title>Supervisor tail of process cat</title>");
                assert_has(page, "href=\"tail.html?processname=cat&amp;limit=&quot;9\"");
        }
        assert_int_equal(unlink(path), 0);
}

static void the_tail_page_says_what_is_wrong(void **state)
{
        WORLD(w);
        CLEANUP(mem_free) char *none = NULL, *unknown = NULL, *no_file = NULL, *directory = NULL;

        (void)world_init(&w);
        none = tail_of(&w, NULL, NULL);
        assert_has(none, "No process name found");
        unknown = tail_of(&w, "<nix", NULL);
        assert_has(unknown, "ERROR: unexpected rpc fault [10] BAD_NAME: &lt;nix");
        no_file = tail_of(&w, "cat", NULL);
        assert_has(no_file, "No file for cat");
        w.host.out_log = "/tmp";
        directory = tail_of(&w, "cat", NULL);
        assert_has(directory, "ERROR: unexpected rpc fault [30] FAILED");
}

/*
 * Actions.
 */

static void on_done(void *context)
{
        ((struct page_world *)context)->done++;
}

static void refuse(struct fake_host *host, const struct event *event)
{
        asking_answer(
                host->server, event->request.id, answer_new_fault(FAULT_SHUTDOWN_STATE, NULL));
}

static void succeed(struct fake_host *host, const struct event *event)
{
        asking_answer(host->server, event->request.id, answer_new(ANSWER_TRUE));
}

/* What an action says to which all requests are answered at once in this way. */
static void assert_said(struct page_world *w, const char *name,
        void (*answer)(struct fake_host *, const struct event *), const char *requests,
        const char *want)
{
        CLEANUP(page_action_free)
        struct page_action *action =
                page_action_new(w->asking, &fake_host_calls, &w->host, name, "cat");

        w->host.on_request = answer;
        text_truncate(&w->host.events, 0);
        assert_non_null(action);
        assert_true(page_action_run(action, on_done, w));
        assert_string_equal(text_string(&w->host.events), requests);
        if (strncmp(page_action_message(action), want, strlen(want)) != 0)
                fail_msg("'%s' said '%s'", name, page_action_message(action));
        assert_int_equal(w->done, 0);
}

static void each_action_asks_and_says_what_it_did(void **state)
{
        WORLD(w);

        (void)world_init(&w);
        assert_said(&w, "refresh", succeed, "", "Page refreshed at ");
        assert_said(&w, "stopall", succeed, "stop all name=- signal=- wait=1\n", "All stopped at ");
        assert_said(&w, "restartall", succeed,
                "stop all name=- signal=- wait=1\nstart all name=- signal=- wait=1\n",
                "All restarted at ");
        assert_said(
                &w, "start", succeed, "start name=cat signal=- wait=1\n", "Process cat started");
        assert_said(&w, "stop", succeed, "stop name=cat signal=- wait=1\n", "Process cat stopped");
        assert_said(&w, "restart", succeed,
                "stop name=cat signal=- wait=1\nstart name=cat signal=- wait=1\n",
                "Process cat restarted");
        assert_said(&w, "clearlog", succeed, "", "Log for cat cleared");
        assert_string_equal(text_string(&w.host.cleared), ""); /* it does not run */
}

static void a_shutdown_is_what_an_action_says_then(void **state)
{
        static const char fault[] = "unexpected rpc fault [6] SHUTDOWN_STATE";
        WORLD(w);

        (void)world_init(&w);
        w.host.engine->mood = MOOD_SHUTDOWN;
        assert_said(&w, "stopall", refuse, "stop all name=- signal=- wait=1\n", fault);
        assert_said(&w, "start", refuse, "start name=cat signal=- wait=1\n",
                "ERROR: Process cat: unexpected rpc fault [6] SHUTDOWN_STATE");
        assert_said(&w, "stop", refuse, "stop name=cat signal=- wait=1\n", fault);
        assert_said(&w, "restart", refuse,
                "stop name=cat signal=- wait=1\nstart name=cat signal=- wait=1\n", fault);
        assert_said(&w, "clearlog", refuse, "", fault);
}

static void a_start_that_fails_says_why(void **state)
{
        static const struct {
                enum fault fault;
                const char *want;
        } cases[] = {
                { FAULT_NO_FILE, "ERROR: Process cat: no such file" },
                { FAULT_NOT_EXECUTABLE, "ERROR: Process cat: file not executable" },
                { FAULT_ALREADY_STARTED, "ERROR: Process cat: already started" },
                { FAULT_SPAWN_ERROR, "ERROR: Process cat: spawn error" },
                { FAULT_ABNORMAL_TERMINATION, "ERROR: Process cat: abnormal termination" },
                { FAULT_FAILED, "ERROR: Process cat: unexpected rpc fault [30] FAILED: x" },
        };
        WORLD(w);

        (void)world_init(&w);
        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(page_action_free)
                struct page_action *action =
                        page_action_new(w.asking, &fake_host_calls, &w.host, "start", "cat");

                assert_false(page_action_run(action, on_done, &w));
                assert_int_equal(w.done, i);
                asking_answer(w.asking, w.host.last_request, answer_new_fault(cases[i].fault, "x"));
                assert_int_equal(w.done, i + 1);
                assert_string_equal(page_action_message(action), cases[i].want);
        }
}

static void a_restart_is_one_however_the_stop_went(void **state)
{
        WORLD(w);
        CLEANUP(page_action_free) struct page_action *action = NULL;

        (void)world_init(&w);
        action = page_action_new(w.asking, &fake_host_calls, &w.host, "restart", "cat");
        assert_false(page_action_run(action, on_done, &w));
        asking_answer(w.asking, w.host.last_request, answer_new_fault(FAULT_NOT_RUNNING, "cat"));
        assert_int_equal(w.done, 0);
        asking_answer(w.asking, w.host.last_request, answer_new_fault(FAULT_SPAWN_ERROR, "cat"));
        assert_int_equal(w.done, 1);
        assert_string_equal(page_action_message(action), "Process cat restarted");
}

static void who_leaves_drops_the_request(void **state)
{
        WORLD(w);
        struct page_action *action;

        (void)world_init(&w);
        action = page_action_new(w.asking, &fake_host_calls, &w.host, "stop", "cat");
        assert_false(page_action_run(action, on_done, &w));
        page_action_free(action);
        assert_has(text_string(&w.host.events), "dropped 1\n");
        asking_answer(w.asking, 1, answer_new(ANSWER_TRUE)); /* comes all the same */
}

static void the_log_of_a_running_process_is_cleared(void **state)
{
        WORLD(w);

        world_init(&w)->pid = 7;
        assert_said(&w, "clearlog", succeed, "", "Log for cat cleared");
        assert_string_equal(text_string(&w.host.cleared), "1\n");
        w.host.clear_result = -EIO;
        assert_said(&w, "clearlog", succeed, "", "unexpected rpc fault [30] FAILED: cat");
}

static void a_process_must_exist_and_be_one(void **state)
{
        static const char *const names[] = { "nix", "cat:*", "cat:nix", "<b>" };
        WORLD(w);

        (void)world_init(&w);
        for (size_t i = 0; i < ELEMENTS(names); i++) {
                CLEANUP(mem_free) char *want = mem_format("No such process named %s", names[i]);
                CLEANUP(page_action_free)
                struct page_action *action =
                        page_action_new(w.asking, &fake_host_calls, &w.host, "stop", names[i]);

                assert_true(page_action_run(action, on_done, &w));
                assert_string_equal(page_action_message(action), want);
        }
        assert_string_equal(text_string(&w.host.events), "");
}

static void what_is_no_action_is_none(void **state)
{
        WORLD(w);

        (void)world_init(&w);
        assert_null(page_action_new(w.asking, &fake_host_calls, &w.host, "nix", "cat"));
        assert_null(page_action_new(w.asking, &fake_host_calls, &w.host, "start", NULL));
        assert_null(page_action_new(w.asking, &fake_host_calls, &w.host, "", NULL));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_form_is_decoded),
                cmocka_unit_test(the_last_value_that_is_not_empty_counts),
                cmocka_unit_test(text_cannot_become_markup),
                cmocka_unit_test(a_text_is_quoted_for_a_url),
                cmocka_unit_test(a_time_is_written_in_english),
                cmocka_unit_test(a_request_of_a_foreign_page_is_not_trusted),
                cmocka_unit_test(the_assets_are_there),
                cmocka_unit_test(without_processes_the_page_says_so),
                cmocka_unit_test(the_rows_are_sorted_and_tell_what_can_be_done),
                cmocka_unit_test(names_and_words_are_escaped),
                cmocka_unit_test(a_shutdown_is_told),
                cmocka_unit_test(the_tail_page_shows_the_end_of_the_log),
                cmocka_unit_test(the_tail_page_says_what_is_wrong),
                cmocka_unit_test(each_action_asks_and_says_what_it_did),
                cmocka_unit_test(a_shutdown_is_what_an_action_says_then),
                cmocka_unit_test(a_start_that_fails_says_why),
                cmocka_unit_test(a_restart_is_one_however_the_stop_went),
                cmocka_unit_test(who_leaves_drops_the_request),
                cmocka_unit_test(the_log_of_a_running_process_is_cleared),
                cmocka_unit_test(a_process_must_exist_and_be_one),
                cmocka_unit_test(what_is_no_action_is_none),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
