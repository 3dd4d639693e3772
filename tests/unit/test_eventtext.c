/* Events as text: what is written is what is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/figures.h"
#include "base/mem.h"
#include "engine/eventtext.h"

static char *text_of(const struct event *ev, size_t *ret_length)
{
        CLEANUP(saver_free) struct saver *saver = saver_new(0);

        eventtext_save(saver, ev);
        return saver_take(saver, ret_length);
}

static struct event read_again(const struct event *ev)
{
        CLEANUP(saved_free) struct saved *saved = NULL;
        CLEANUP(mem_free) char *text = NULL;
        struct err err = {};
        struct event ret;
        size_t length;

        text = text_of(ev, &length);
        assert_int_equal(saved_parse(text, length, 0, &saved, &err), 0);
        eventtext_restore(saved_first(saved, "event"), &ret);
        if (saved_status(saved, &err) < 0)
                fail_msg("%s in\n%s", err.text, text);
        assert_int_equal(ret.type, ev->type);
        return ret;
}

static void every_type_is_read_as_it_was_written(void **state)
{
        struct program_group *none[1] = { NULL };

        for (int type = EV_PROGRAM_DISABLED; type <= EV_RECOVERED; type++) {
                struct event ev = { .type = (enum event_type)type }, ret;

                switch (ev.type) {
                case EV_PROGRAM_DISABLED:
                        ev.disabled_program = "p";
                        break;
                case EV_GROUP_CHECKED:
                        ev.group_checked.name = "g";
                        break;
                case EV_REMOTE:
                        ev.remote.type = ev.remote.data = "x";
                        break;
                case EV_SPAWNED:
                        ev.spawned.pid = 1;
                        break;
                case EV_EXITED:
                        ev.exited.pid = 1;
                        break;
                case EV_ADOPTED:
                        ev.adopted.pid = 1;
                        break;
                case EV_BOOT:
                        ev.boot.groups = none;
                        break;
                case EV_TIMER:
                case EV_REQUEST:
                case EV_REQUEST_DROPPED:
                case EV_COMMAND_CHECKED:
                case EV_SPAWN_FAILED:
                case EV_SIGNALLED:
                case EV_EMPTIED:
                case EV_FROZEN:
                case EV_CONFIG_READ:
                case EV_PROGRAM_EXPANDED:
                case EV_LIMITS_CHANGED:
                case EV_EVENT_SENT:
                case EV_LISTENER_OUTPUT:
                case EV_OUTPUT:
                case EV_NO_AUTORESTART:
                case EV_SHUTDOWN:
                case EV_LOST:
                case EV_RECOVERED:
                        break;
                }
                ret = read_again(&ev);
                if (ev.type == EV_PROGRAM_DISABLED)
                        mem_free((void *)ret.disabled_program);
                if (ev.type == EV_GROUP_CHECKED)
                        mem_free((void *)ret.group_checked.name);
                if (ev.type == EV_LISTENER_OUTPUT || ev.type == EV_OUTPUT)
                        mem_free((void *)ret.output.data);
                if (ev.type == EV_REMOTE) {
                        mem_free((void *)ret.remote.type);
                        mem_free((void *)ret.remote.data);
                }
        }
}

static void a_request_keeps_everything_that_was_asked_for(void **state)
{
        const struct event ev = { .type = EV_REQUEST,
                .request = { .id = UINT64_MAX,
                        .type = REQUEST_START,
                        .name = "g:p\n",
                        .wait = true,
                        .args = "",
                        .number = 7,
                        .lazy = true } };
        struct event ret = read_again(&ev);

        assert_true(ret.request.id == UINT64_MAX);
        assert_int_equal(ret.request.type, REQUEST_START);
        assert_string_equal(ret.request.name, "g:p\n");
        assert_null(ret.request.signal);
        assert_string_equal(ret.request.args, "");
        assert_true(ret.request.wait && ret.request.lazy);
        assert_int_equal(ret.request.number, 7);
        mem_free((void *)ret.request.name);
        mem_free((void *)ret.request.args);
}

static void an_exit_keeps_its_status_and_its_figures(void **state)
{
        struct figures figures = {};
        struct event ev = { .type = EV_EXITED,
                .exited = { .process = 3,
                        .pid = 9,
                        .status = 0x300,
                        .own_cpu = 2000001,
                        .usage = &figures } };
        struct event ret;

        figures_set(&figures, FIGURE_CPU, 123456, FIGURE_FROM_V2);
        ret = read_again(&ev);
        assert_int_equal(ret.exited.status, 0x300);
        assert_int_equal(ret.exited.own_cpu, 2000001);
        assert_non_null(ret.exited.usage);
        assert_int_equal(figures_get(ret.exited.usage, FIGURE_CPU), 123456);
        assert_false(figures_knows(ret.exited.usage, FIGURE_MEMORY));
        mem_free((void *)ret.exited.usage);
        ev.exited.usage = NULL;
        ret = read_again(&ev);
        assert_null(ret.exited.usage);
}

static void output_may_be_any_bytes(void **state)
{
        const char bytes[] = "a\0b\n\xff[]\n=";
        const struct event ev = { .type = EV_LISTENER_OUTPUT,
                .output = { .process = 1, .data = bytes, .length = sizeof(bytes) } };
        struct event ret = read_again(&ev);

        assert_int_equal(ret.output.length, sizeof(bytes));
        assert_memory_equal(ret.output.data, bytes, sizeof(bytes));
        mem_free((void *)ret.output.data);
}

static void a_configuration_comes_with_its_groups(void **state)
{
        CLEANUP(program_group_unref)
        struct program_group *group = program_group_new("web", GROUP_HETEROGENEOUS);
        struct event ev = { .type = EV_CONFIG_READ,
                .config = { .request = 5, .set = { .groups = &group, .count = 1 } } };
        struct program *program = program_new();
        struct event ret;

        program->name = mem_strdup("p");
        program->section = mem_strdup("program:p");
        program->command = mem_strdup("/bin/true %");
        group->programs = mem_new_array(1, sizeof(*group->programs));
        group->programs[0] = program;
        group->programs_count = 1;
        ret = read_again(&ev);
        assert_int_equal(ret.config.request, 5);
        assert_int_equal(ret.config.set.count, 1);
        assert_true(program_group_equal(ret.config.set.groups[0], group));
        assert_string_equal(ret.config.set.groups[0]->programs[0]->command, "/bin/true %");
        program_set_clear(&ret.config.set);
}

static void what_is_of_no_type_is_told(void **state)
{
        static const char text[] = "reeve-state 1\n[event]\ntype=nonsense\n[]\n";
        CLEANUP(saved_free) struct saved *saved = NULL;
        struct err err = {};
        struct event ev;

        assert_int_equal(saved_parse(text, strlen(text), 0, &saved, &err), 0);
        eventtext_restore(saved_first(saved, "event"), &ev);
        assert_true(saved_status(saved, &err) < 0);
        assert_non_null(strstr(err.text, "type"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_type_is_read_as_it_was_written),
                cmocka_unit_test(a_request_keeps_everything_that_was_asked_for),
                cmocka_unit_test(an_exit_keeps_its_status_and_its_figures),
                cmocka_unit_test(output_may_be_any_bytes),
                cmocka_unit_test(a_configuration_comes_with_its_groups),
                cmocka_unit_test(what_is_of_no_type_is_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
