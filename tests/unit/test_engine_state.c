/* The engine's state as text: that nothing is left out, what older and later builds have written,
 * and what is damaged.
 *
 * The structs below are filled member by member in their order: who adds one cannot compile this
 * file until he has come here, and sees to it that the member is written (or says why not). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/saved.h"
#include "base/saver.h"
#include "base/text.h"
#include "engine/pool.h"
#include "engine/process_state.h"
#include "engine/program_state.h"
#include "engine/state.h"
#include "engine/work.h"
#include "tests/unit/engine_host.h"
#include "tests/unit/random_config.h"

#pragma GCC diagnostic error "-Wmissing-field-initializers"

enum { ROUNDS = 200 };

static uint64_t seed = 88172645463325252u;

static uint64_t roll(uint64_t sides)
{
        return random_roll(&seed, sides);
}

static bool flip(void)
{
        return roll(2);
}

static int64_t any_number(void)
{
        return (int64_t)(roll(UINT64_MAX >> 11) << 11) - (int64_t)roll(1000);
}

/* Bytes of any kind but NUL. */
static char *any_text(void)
{
        size_t length = 1 + roll(12);
        char *text = mem_new(length + 1);

        for (size_t i = 0; i < length; i++)
                text[i] = (char)(1 + roll(255));
        return text;
}

static char *maybe_text(void)
{
        return flip() ? any_text() : NULL;
}

static char **any_texts(const char *suffix)
{
        size_t count = roll(4);
        char **texts = mem_new_array(count + 1, sizeof(*texts));

        for (size_t i = 0; i < count; i++) {
                CLEANUP(mem_free) char *text = any_text();

                texts[i] = mem_format("x%s%s", text, suffix);
        }
        return texts;
}

/*
 * Comparing.
 */

static void same_text(const char *a, const char *b)
{
        assert_int_equal(a == NULL, b == NULL);
        if (a)
                assert_string_equal(a, b);
}

static void same_texts(char *const *a, char *const *b)
{
        assert_int_equal(a == NULL, b == NULL);
        for (; a && *a && *b; a++, b++)
                assert_string_equal(*a, *b);
        if (a)
                assert_true(!*a && !*b);
}

static void same_log(const struct log_options *a, const struct log_options *b)
{
        assert_int_equal(a->kind, b->kind);
        same_text(a->path, b->path);
        assert_true(a->bytes_max == b->bytes_max && a->backups == b->backups);
        assert_true(a->capture_max == b->capture_max);
        assert_true(a->events == b->events && a->syslog == b->syslog);
}

static void same_limits(const struct limits *a, const struct limits *b)
{
        assert_int_equal(a == NULL, b == NULL);
        if (!a)
                return;
        assert_int_equal(a->is_strict, b->is_strict);
        for (unsigned i = 0; i < LIMITS; i++) {
                same_text(a->value[i], b->value[i]);
                same_text(a->value[i] ? a->origin[i] : NULL, b->origin[i]);
        }
}

static void same_program(const struct program *a, const struct program *b)
{
        same_text(a->name, b->name);
        same_text(a->section, b->section);
        same_text(a->label, b->label);
        assert_int_equal(a->index, b->index);
        same_text(a->command, b->command);
        same_text(a->directory, b->directory);
        assert_true(a->has_user == b->has_user && a->user == b->user && a->umask == b->umask);
        assert_true(a->priority == b->priority && a->autostart == b->autostart);
        assert_int_equal(a->autorestart, b->autorestart);
        assert_true(a->startsecs == b->startsecs && a->startretries == b->startretries);
        assert_int_equal(a->exitcodes_count, b->exitcodes_count);
        for (size_t i = 0; i < a->exitcodes_count; i++)
                assert_int_equal(a->exitcodes[i], b->exitcodes[i]);
        assert_true(a->stopsignal == b->stopsignal && a->stopwaitsecs == b->stopwaitsecs);
        assert_true(a->stopasgroup == b->stopasgroup && a->killasgroup == b->killasgroup);
        assert_true(a->kill_narrow == b->kill_narrow && a->redirect_stderr == b->redirect_stderr);
        assert_int_equal(a->on_orphan, b->on_orphan);
        same_texts(a->environment, b->environment);
        same_text(a->serverurl, b->serverurl);
        same_log(&a->out, &b->out);
        same_log(&a->err, &b->err);
        same_limits(a->limits, b->limits);
        same_text(a->rest, b->rest);
}

static void same_group(const struct program_group *a, const struct program_group *b)
{
        same_text(a->name, b->name);
        assert_int_equal(a->kind, b->kind);
        assert_true(a->priority == b->priority);
        same_limits(a->limits, b->limits);
        assert_int_equal(a->programs_count, b->programs_count);
        for (size_t i = 0; i < a->programs_count; i++)
                same_program(a->programs[i], b->programs[i]);
        same_texts(a->labels, b->labels);
        same_texts(a->events, b->events);
        assert_true(a->buffer_size == b->buffer_size && a->socket_backlog == b->socket_backlog);
        same_text(a->result_handler, b->result_handler);
        same_text(a->socket, b->socket);
        assert_int_equal(a->socket_mode, b->socket_mode);
        assert_true(a->has_socket_owner == b->has_socket_owner);
        assert_true(a->socket_uid == b->socket_uid && a->socket_gid == b->socket_gid);
        same_text(a->rest, b->rest);
}

/*
 * Filling.  Members that are not written say so.
 */

static struct log_options any_log(void)
{
        enum logfile_kind kind = (enum logfile_kind)roll(LOGFILE_JOURNAL + 1);

        return (struct log_options){ kind, kind == LOGFILE_PATH ? any_text() : NULL, any_number(),
                any_number(), any_number(), flip(), flip() };
}

static struct limits *any_limits(void)
{
        struct limits *limits = mem_new(sizeof(*limits));

        *limits = (struct limits){ flip(), {}, {} };
        for (unsigned i = 0; i < LIMITS; i++)
                if (roll(4) == 0)
                        limits_set(&limits, i, any_text(), maybe_text());
        return limits;
}

static struct program *any_program(void)
{
        struct program *program = mem_new(sizeof(*program));
        int *codes = mem_new_array(3, sizeof(*codes));

        for (size_t i = 0; i < 3; i++)
                codes[i] = (int)roll(256);
        *program = (struct program){ any_text(), maybe_text(), maybe_text(), (unsigned)roll(100000),
                any_text(), maybe_text(), flip(), (uid_t)roll(UINT32_MAX), (int)roll(01000) - 1,
                any_number(), flip(), (enum autorestart)roll(3), any_number(), any_number(), codes,
                roll(4), 1 + (int)roll(64), any_number(), flip(), flip(), flip(),
                (enum orphan)roll(ORPHAN_KILL + 1), flip(), any_texts("=1"), maybe_text(),
                any_log(), any_log(), flip() ? any_limits() : NULL,
                flip() ? mem_strdup("later=1\n") : NULL };
        return program;
}

static struct program_group *any_group(void)
{
        struct program_group *group = mem_new(sizeof(*group));
        size_t count = roll(4);
        struct program **programs = mem_new_array(count + 1, sizeof(*programs));

        for (size_t i = 0; i < count; i++)
                programs[i] = any_program();
        *group = (struct program_group){ 1 /* counted, not written */, any_text(),
                (enum group_kind)roll(GROUP_FCGI + 1), any_number(), flip() ? any_limits() : NULL,
                programs, count, flip() ? any_texts("") : NULL, flip() ? any_texts("") : NULL,
                any_number(), maybe_text(), any_text(), any_number(), (int)roll(01000) - 1, flip(),
                (uid_t)roll(UINT32_MAX), (gid_t)roll(UINT32_MAX),
                flip() ? mem_strdup("later=1\n[..later]\nx=2\n") : NULL };
        return group;
}

/* What a text with one item holds. */
static struct saved *read_again(struct saver *saver)
{
        struct err err = {};
        struct saved *saved;
        size_t length;
        CLEANUP(mem_free) char *text = saver_take(saver, &length);

        if (saved_parse(text, length, 1000 * USEC_SEC, &saved, &err) < 0)
                fail_msg("%s\n%s", err.text, text);
        return saved;
}

static void no_member_of_a_configuration_is_left_out(void **state)
{
        for (int i = 0; i < ROUNDS; i++) {
                CLEANUP(program_group_unref) struct program_group *group = any_group();
                CLEANUP(program_group_unref) struct program_group *again = NULL;
                CLEANUP(saver_free) struct saver *saver = saver_new(0);
                CLEANUP(saved_free) struct saved *saved = NULL;
                struct err err = {};

                saver_item(saver, "outer");
                saver_inner(saver);
                saver_item(saver, "config");
                program_state_save(group, saver);
                saver_outer(saver);
                saved = read_again(saver);
                again = program_state_restore(saved_inner(saved_first(saved, "outer"), "config"));
                if (saved_status(saved, &err) < 0)
                        fail_msg("%s", err.text);
                same_group(group, again);
        }
}

static struct exit_record any_record(void)
{
        struct figures usage = {};

        for (unsigned i = 0; i < FIGURES; i++)
                if (flip()) {
                        figures_set(&usage, i, (uint64_t)any_number(),
                                1 + (enum figure_source)roll(FIGURE_FROM_WAIT));
                        usage.is_bound[i] = flip();
                }
        return (struct exit_record){ (enum exit_reason)roll(EXIT_UNKNOWN + 1), (pid_t)roll(10000),
                (int)roll(65536) - 1, flip(), flip() ? limits_name(roll(LIMITS)) : NULL, roll(9999),
                roll(9999), roll(9999), usage };
}

static usec_t any_time(void)
{
        return roll(4) ? roll(2000 * USEC_SEC) : USEC_NEVER;
}

/* A process that runs.  The members that are empty are found from elsewhere, and compared by the
 * engine's twins. */
static void fill_slot(struct slot *slot, const struct program *program)
{
        const bool stops = flip();
        struct process process = { 7, program, "g", stops ? STOPPING : RUNNING,
                1 + (pid_t)roll(99999), flip(), false, stops, (unsigned)roll(99), any_time(),
                roll(99999), roll(99999), USEC_NEVER /* follows from the others */, any_time(),
                maybe_text(), maybe_text(), flip(), flip(), flip(), flip(), (int)roll(257) - 1,
                (int)roll(65536) - 1, roll(99999), flip(), flip(), NULL, 0 };

        *slot = (struct slot){ process, NULL, any_time(), any_time(), roll(99999), roll(99999),
                roll(99999), flip(), flip(), NULL, flip(), NULL, 0, NULL, NULL, {}, {} };
        for (uint64_t i = roll(EXITS_MAX + 1); i > 0; i--) {
                const struct exit_record record = any_record();

                exits_add(&slot->process, &record);
        }
}

static void clear_slot(struct slot *slot)
{
        mem_free(slot->process.spawnerr);
        mem_free(slot->process.extra_args);
        mem_free(slot->process.exits);
        mem_free(slot->rest);
}

static void same_process(const struct process *a, const struct process *b)
{
        assert_true(a->state == b->state && a->pid == b->pid && a->reaped == b->reaped);
        assert_true(a->spawning == b->spawning && a->stop_asked == b->stop_asked);
        assert_true(a->retries == b->retries && a->started == b->started);
        assert_true(a->start_wall == b->start_wall && a->stop_wall == b->stop_wall);
        assert_true(a->stop_deadline == b->stop_deadline);
        same_text(a->spawnerr, b->spawnerr);
        same_text(a->extra_args, b->extra_args);
        assert_true(a->disabled == b->disabled && a->obsolete == b->obsolete);
        assert_true(a->no_autorestart == b->no_autorestart);
        assert_true(a->has_exitstatus == b->has_exitstatus && a->exitstatus == b->exitstatus);
        assert_true(a->wait_status == b->wait_status && a->own_cpu == b->own_cpu);
        assert_true(a->frozen == b->frozen && a->output_lost == b->output_lost);
}

static void same_record(const struct exit_record *a, const struct exit_record *b)
{
        assert_true(a->reason == b->reason && a->pid == b->pid && a->wait_status == b->wait_status);
        assert_true(a->stop_asked == b->stop_asked && a->limit == b->limit);
        assert_true(a->start_wall == b->start_wall && a->stop_wall == b->stop_wall);
        assert_true(a->duration == b->duration);
        assert_memory_equal(&a->usage, &b->usage, sizeof(a->usage));
}

static void same_slot(const struct slot *a, const struct slot *b)
{
        same_process(&a->process, &b->process);
        assert_true(a->retry_at == b->retry_at && a->report_at == b->report_at);
        assert_true(a->run_ticket == b->run_ticket && a->stop_ticket == b->stop_ticket);
        assert_true(a->run_usec == b->run_usec && a->exited_early == b->exited_early);
        assert_true(a->autostart_due == b->autostart_due && a->killed == b->killed);
        assert_int_equal(a->process.exits_count, b->process.exits_count);
        for (size_t i = 0; i < a->process.exits_count; i++)
                same_record(&a->process.exits[i], &b->process.exits[i]);
}

static void no_member_of_a_process_is_left_out(void **state)
{
        CLEANUP(program_free) struct program *program = random_program(&seed, 1);

        for (int i = 0; i < ROUNDS; i++) {
                CLEANUP(saver_free) struct saver *saver = saver_new(1000 * USEC_SEC);
                CLEANUP(saved_free) struct saved *saved = NULL;
                struct slot slot, again = {};
                struct err err = {};

                fill_slot(&slot, program);
                saver_item(saver, "process");
                process_state_save(&slot, saver);
                saver_inner(saver);
                process_state_save_exits(&slot, saver);
                saver_outer(saver);
                saved = read_again(saver);
                process_state_restore(saved_first(saved, "process"), &again);
                if (saved_status(saved, &err) < 0)
                        fail_msg("%s", err.text);
                same_slot(&slot, &again);
                clear_slot(&slot);
                clear_slot(&again);
        }
}

/* These are written by their owners and compared by the twins of all tests of the engine; the lists
 * only see to it that a new member is thought of. */
static void the_members_that_the_twins_compare_are_these(void **state)
{
        const struct engine engine = { MOOD_RUNNING, false, false, false, {}, NULL, 0, 0, NULL,
                NULL, 0, 0, {}, NULL, {}, 0, {}, 0, NULL, NULL, 0, 0, NULL, NULL, 0, false, 0, 0,
                NULL, 0, 0, NULL };
        const struct group group = { NULL, NULL, 0, 0, 0, NULL, NULL, NULL, {} };
        const struct tick tick = { false, 0 };
        const struct disability disability = { NULL, {} };
        const struct pending pending = { NULL, 0 };
        const struct listener listener = { LISTENER_READY, {}, 0, false, 0, 0, {} };
        const struct member member = { listener, false, pending };
        const struct pool pool = { NULL, {}, 0, NULL, 0, 0, 0, NULL };
        const struct notice notice = { 1, TOPIC_EVENT, 0, 0 };
        const struct operation operation = { NULL, NULL, OPERATION_DONE, 0, false, FAULT_NONE, NULL,
                NULL, NULL, NULL, NULL, NULL };
        const struct work work = { 1, REQUEST_STOP, false, false, false, NULL, NULL, NULL, NULL, 0,
                false, false, NULL, 0, 0, NULL, 0, {} };

        assert_true(engine.mood == MOOD_RUNNING && !group.count && !tick.number);
        assert_true(!disability.program && !member.deaf && !pool.count && notice.references == 1);
        assert_true(operation.phase == OPERATION_DONE && work.id == 1);
}

/*
 * Texts of other builds.
 */

static char *read_case(const char *name, size_t *ret_length)
{
        const char *srcdir = getenv("srcdir");
        CLEANUP(mem_free)
        char *path = mem_format("%s/tests/cases/state/%s", srcdir ? srcdir : ".", name);
        FILE *f = fopen(path, "re");
        char *text = NULL;
        size_t capacity = 0, length = 0, n;

        if (!f)
                fail_msg("cannot open %s", path);
        do {
                text = mem_grow(text, &capacity, length + 4096 + 1, 1);
                n = fread(text + length, 1, 4096, f);
                length += n;
        } while (n);
        text[length] = '\0';
        (void)fclose(f); /* only read from */
        *ret_length = length;
        return text;
}

static int restore(const char *text, size_t length, struct engine **ret, struct err *err)
{
        CLEANUP(saved_free) struct saved *saved = NULL;
        int r = saved_parse(text, length, 1000 * USEC_SEC, &saved, err);

        return r < 0 ? r : engine_restore(saved, ret, err);
}

static struct engine *restore_case(const char *name, char **ret_text)
{
        struct engine *engine;
        struct err err = {};
        size_t length;

        *ret_text = read_case(name, &length);
        if (restore(*ret_text, length, &engine, &err) < 0)
                fail_msg("%s: %s", name, err.text);
        return engine;
}

/* Every line is there again, in its order; a later build may have more between them. */
static void what_was_recorded_is_read_and_written_again(void **state)
{
        CLEANUP(mem_free) char *text = NULL;
        CLEANUP(mem_free) char *again = NULL;
        CLEANUP(engine_free) struct engine *engine = restore_case("version-1", &text);
        const char *found;

        again = twin_text(engine, 1000 * USEC_SEC);
        found = again;
        for (const char *at = strchr(text, '\n'); at[1]; at = strchr(at + 1, '\n')) {
                CLEANUP(mem_free) char *line = mem_strndup(at, strcspn(at + 1, "\n") + 2);

                found = strstr(found, line);
                if (!found)
                        fail_msg("%s is not in\n%s", line, again);
                found += strlen(line) - 1;
        }
}

static void what_an_older_build_did_not_write_is_as_if_never_set(void **state)
{
        CLEANUP(mem_free) char *text = NULL;
        CLEANUP(engine_free) struct engine *engine = restore_case("fewer-fields", &text);
        const struct process *process;

        assert_int_equal(engine_find_process(engine, "cat", &process), FAULT_NONE);
        assert_int_equal(process->state, RUNNING);
        assert_int_equal(process->pid, 10);
        assert_int_equal(process->program->stopwaitsecs, 10);
        assert_int_equal(process->stop_deadline, USEC_NEVER);
        assert_int_equal(process->exits_count, 0);
}

static void what_a_later_build_wrote_is_kept_and_written_again(void **state)
{
        static const char *const kept[] = { "\nlater_of_engine=1\n", "\nlater_of_config=1\n",
                "\nlater_of_program=1\n", "\nlater_of_group=1\n", "\nlater_of_process=1\n",
                "\n[..later_item]\ninside=1\n", "\n[...later_item]\ninside=1\n",
                "\n[....later_still]\n", "\n[.later_list]\n" };
        CLEANUP(mem_free) char *text = NULL;
        CLEANUP(mem_free) char *again = NULL;
        CLEANUP(mem_free) char *once_more = NULL;
        CLEANUP(engine_free) struct engine *engine = restore_case("more-fields", &text);
        CLEANUP(engine_free) struct engine *twin = NULL;

        again = twin_text(engine, 1000 * USEC_SEC);
        for (size_t i = 0; i < ELEMENTS(kept); i++)
                if (!strstr(again, kept[i]))
                        fail_msg("%s is not in\n%s", kept[i], again);
        twin = twin_of(engine, 1000 * USEC_SEC);
        once_more = twin_text(twin, 1000 * USEC_SEC);
        assert_string_equal(once_more, again);
}

static void a_text_of_a_later_version_is_refused(void **state)
{
        struct engine *engine;
        struct err err = {};
        size_t length;
        CLEANUP(mem_free) char *text = read_case("later-version", &length);

        assert_int_equal(restore(text, length, &engine, &err), -EPROTONOSUPPORT);
        assert_string_equal(
                err.text, "the state is of version 2, and this build knows those up to 1");
}

static void a_request_that_is_under_way_keeps_its_number(void **state)
{
        CLEANUP(mem_free) char *text = NULL;
        CLEANUP(engine_free) struct engine *engine = restore_case("version-1", &text);

        assert_true(engine_has_request(engine, 2));
        assert_true(engine_has_request(engine, 4));
        assert_false(engine_has_request(engine, 1));
        assert_false(engine_has_request(engine, 5));
}

/*
 * Damage.
 */

/* The text with the line that begins at 'at' in another way. */
static char *with_line(const char *text, const char *at, const char *line)
{
        size_t length = strcspn(at, "\n");

        return mem_format("%.*s%s%s%s", (int)(at - text), text, line, *line ? "\n" : "",
                at + length + (at[length] == '\n'));
}

/* An engine that can be used and given up, or a sentence. */
static void check_damaged(const char *text)
{
        struct engine *engine = NULL;
        struct err err = {};
        int r = restore(text, strlen(text), &engine, &err);

        if (r < 0) {
                assert_int_equal(r, -EBADMSG);
                assert_true(strlen(err.text) > 10);
                return;
        }
        engine_free(twin_of(engine, 1000 * USEC_SEC));
        engine_free(engine);
}

static void a_damaged_value_is_refused_with_a_sentence(void **state)
{
        static const char *const values[] = { "", "-1", "never", "99999999999999999999", "x",
                "\\00", "18446744073709551615", "2", "0", "+1" };
        size_t length;
        CLEANUP(mem_free) char *text = read_case("version-1", &length);

        for (const char *at = strchr(text, '\n') + 1; *at; at = strchr(at, '\n') + 1) {
                const char *equals = strchr(at, '=');
                CLEANUP(mem_free) char *gone = with_line(text, at, "");

                if (*at != '[')
                        check_damaged(gone);
                for (size_t i = 0; *at != '[' && i < ELEMENTS(values); i++) {
                        CLEANUP(mem_free)
                        char *line = mem_format("%.*s=%s", (int)(equals - at), at, values[i]);
                        CLEANUP(mem_free) char *damaged = with_line(text, at, line);

                        check_damaged(damaged);
                }
        }
}

static void what_is_wrong_is_said(void **state)
{
        static const struct {
                const char *from, *to, *sentence;
        } cases[] = {
                { "mood=1", "mood=0",
                        "line 2, engine: stopping=: 0 groups, which does not fit the mood" },
                { "state=RUNNING", "state=DANCING",
                        "line 286, process: state=DANCING: not known here" },
                { "pid=15\n", "pid=0\n", "line 286, process: pid=0: it is RUNNING" },
                { "pid=15\n", "pid=15\nspawning=1\n",
                        "line 286, process: spawning=1: it is RUNNING" },
                { "id=2\nstate", "id=1\nstate", "line 344, process: id=1: there are two of it" },
                { "id=7\n", "id=8\n", "line 452, process: id=8: not one that was given" },
                { "]\nconfig=3\n", "]\nconfig=9\n",
                        "line 368, group: config=9: not a number up to 4" },
                { "]\nconfig=3\n", "]\nconfig=1\n",
                        "line 368, group: config=1: there are two groups 'cat'" },
                { "notice=11\n", "notice=12\n",
                        "line 363, listener: notice=12: not a number up to 11" },
                { "autorestart=unexpected", "autorestart=maybe",
                        "line 24, program: autorestart=maybe: not known here" },
                { "exitcodes=0", "exitcodes=0,2",
                        "line 24, program: exitcodes=0,2: not a list of exit codes" },
                { "\nprocess=7\n", "\nprocess=9\n",
                        "line 479, operation: process=9: there is no such process" },
                { "type=disable", "type=enable",
                        "line 535, work: type=enable: it is answered at once" },
        };
        size_t length;
        CLEANUP(mem_free) char *text = read_case("version-1", &length);

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                const char *at = strstr(text, cases[i].from);
                CLEANUP(mem_free)
                char *damaged = mem_format("%.*s%s%s", (int)(at - text), text, cases[i].to,
                        at + strlen(cases[i].from));
                struct engine *engine;
                struct err err = {};

                assert_int_equal(restore(damaged, strlen(damaged), &engine, &err), -EBADMSG);
                if (strcmp(err.text, cases[i].sentence) != 0)
                        print_error("%s\n", err.text);
                assert_string_equal(err.text, cases[i].sentence);
        }
}

/*
 * What the recorded texts are made from; RECORD names the file.
 */

static struct host *busy_host(void)
{
        struct host *host = host_new();
        struct program_group *cat = host_group(host, "cat", 999);
        struct program_group *ear = host_group(host, "ear", -1);
        struct program_group *many = host_group(host, "many", 5);
        struct program *program = host_program(cat, "cat");

        program->environment[0] = NULL;
        program->startsecs = 0;
        limits_set(&program->limits, LIMIT_MEMORY_MAX, mem_strdup("1048576"),
                mem_strdup("x.conf, line 3: [program:cat] memory_max=1MB"));
        ear->kind = GROUP_EVENTLISTENER;
        ear->events = mem_new_array(3, sizeof(char *));
        ear->events[0] = mem_strdup("PROCESS_STATE");
        ear->events[1] = mem_strdup("TICK_60");
        (void)host_program(ear, "ear");
        host_numbered(many, "q", 0, 3);
        host_boot(host);
        host_advance(host, 2 * USEC_SEC);
        host_feed(host, (struct event){ .type = EV_LISTENER_OUTPUT,
                                .output = { .process = host_process(host, "ear")->id,
                                        .data = "READY\nRESU",
                                        .length = 6 } });
        host_exit(host, "cat", 1 << 8);
        host_numprocs(host, "q", 5, true, false);
        host_numprocs(host, "q", 4, true, false);
        (void)host_request(host, REQUEST_STOP_GROUP, "many", true);
        host_exit_leaving(host, "many:q_1", 0);
        host_exit(host, "many:q_2", 9);
        (void)host_request(host, REQUEST_DISABLE, "ear", true);
        return host;
}

static void a_busy_engine_is_recorded(void **state)
{
        CLEANUP(host_free) struct host *host = busy_host();
        const char *path = getenv("RECORD");
        CLEANUP(mem_free) char *text = twin_text(host->engine, host->now);
        FILE *f = path ? fopen(path, "we") : NULL;

        engine_free(twin_of(host->engine, host->now));
        if (!f)
                return;
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(no_member_of_a_configuration_is_left_out),
                cmocka_unit_test(no_member_of_a_process_is_left_out),
                cmocka_unit_test(the_members_that_the_twins_compare_are_these),
                cmocka_unit_test(a_busy_engine_is_recorded),
                cmocka_unit_test(what_was_recorded_is_read_and_written_again),
                cmocka_unit_test(what_an_older_build_did_not_write_is_as_if_never_set),
                cmocka_unit_test(what_a_later_build_wrote_is_kept_and_written_again),
                cmocka_unit_test(a_text_of_a_later_version_is_refused),
                cmocka_unit_test(a_request_that_is_under_way_keeps_its_number),
                cmocka_unit_test(a_damaged_value_is_refused_with_a_sentence),
                cmocka_unit_test(what_is_wrong_is_said),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
