/* The state file of the cluster: what it keeps, and what it does when it cannot. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "daemon/cluster_state.h"
#include "tests/unit/scratch.h"

struct world {
        sd_event *loop;
        char *dir;
        const char *path;
        struct cluster_state *state;
        uint64_t written;
        unsigned told_bad, told_good;
};

static void on_written(void *context, uint64_t ticket)
{
        struct world *w = context;

        assert_true(ticket >= w->written);
        w->written = ticket;
}

static void on_told(void *context, bool works, const char *text)
{
        struct world *w = context;

        if (works)
                w->told_good++;
        else
                w->told_bad++;
}

static const struct cluster_state_handler handler = { on_written, on_told };

static void start(struct world *w)
{
        *w = (struct world){ .dir = scratch_new() };
        w->path = scratch_path(w->dir, "record.json");
        assert_true(sd_event_new(&w->loop) >= 0);
}

static void finish(struct world *w)
{
        w->state = cluster_state_free(w->state);
        w->loop = sd_event_unref(w->loop);
        w->dir = scratch_free(w->dir);
}

/* The reason for beginning anew, if there is one: the caller owns it. */
static char *open_file(struct world *w, const char *identifier)
{
        char *why = NULL;
        struct err err = {};

        w->written = 0;
        if (cluster_state_open(w->loop, w->path, identifier, &handler, w, &w->state, &why, &err) <
                0)
                fail_msg("%s", err.text);
        return why;
}

static void write_and_wait(struct world *w, uint64_t ticket, const struct election_record *record)
{
        cluster_state_write(w->state, ticket, record);
        for (unsigned i = 0; i < 100 && w->written < ticket; i++)
                assert_true(sd_event_run(w->loop, 100 * USEC_MSEC) >= 0);
        assert_true(w->written == ticket);
}

static void a_record_survives_with_its_id(void **state)
{
        struct world w;
        struct identity_id id;
        const struct election_record record = {
                .incarnation = 3, .term = 7, .vote = { { 9, [15] = 1 } }, .promise = 1000000
        };

        start(&w);
        assert_null(open_file(&w, "host:1"));
        id = *cluster_state_id(w.state);
        assert_false(identity_is_none(&id));
        assert_true(cluster_state_record(w.state)->incarnation == 0);
        write_and_wait(&w, 1, &(struct election_record){ .incarnation = 3 });
        write_and_wait(&w, 2, &record);
        w.state = cluster_state_free(w.state);
        assert_null(open_file(&w, "host:1"));
        assert_true(identity_equal(cluster_state_id(w.state), &id));
        assert_memory_equal(cluster_state_record(w.state), &record, sizeof(record));
        finish(&w);
}

static int count_files(const char *folder)
{
        DIR *dir = opendir(folder);
        int count = -2; /* "." and ".." */

        assert_non_null(dir);
        while (readdir(dir))
                count++;
        (void)closedir(dir);
        return count;
}

static void only_the_file_is_left(void **state)
{
        struct world w;

        start(&w);
        assert_null(open_file(&w, "host:1"));
        write_and_wait(&w, 1, &(struct election_record){ .incarnation = 1 });
        assert_int_equal(access(scratch_path(w.dir, "record.json"), F_OK), 0);
        assert_int_equal(count_files(w.dir), 2); /* and the lock */
        finish(&w);
}

static void overwrite(const char *path, const char *text)
{
        FILE *f = fopen(path, "we");

        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

static void a_damaged_file_makes_somebody_new(void **state)
{
        static const char *const texts[] = { "", "{", "{}", "[]", "null",
                "{\"version\":2,\"identifier\":\"host:1\"}",
                "{\"version\":1,\"identifier\":\"host:1\",\"id\":\"00000000000000000000000000000000\","
                "\"incarnation\":1,\"term\":0,\"vote\":\"00000000000000000000000000000000\","
                "\"promise\":0}" };
        struct world w;

        start(&w);
        for (size_t i = 0; i < ELEMENTS(texts); i++) {
                CLEANUP(mem_free) char *why = NULL;

                overwrite(w.path, texts[i]);
                why = open_file(&w, "host:1");
                assert_non_null(why);
                assert_non_null(strstr(why, "is damaged"));
                assert_false(identity_is_none(cluster_state_id(w.state)));
                w.state = cluster_state_free(w.state);
        }
        finish(&w);
}

static struct saved *read_text(const char *text)
{
        struct saved *saved = NULL;
        struct err err = {};

        if (saved_parse(text, strlen(text), 0, &saved, &err) < 0)
                fail_msg("%s", err.text);
        return saved;
}

/* As over an upgrade in place, in which the descriptor of the lock goes on. */
static void the_file_stays_taken_from_one_image_of_us_to_the_next(void **state)
{
        CLEANUP(descriptors_free) struct descriptors *out = descriptors_new(), *in = NULL;
        CLEANUP(saver_free) struct saver *saver = saver_new(0);
        CLEANUP(saved_free) struct saved *saved = NULL;
        CLEANUP(mem_free) char *text = NULL;
        const struct election_record record = { .incarnation = 3, .term = 8 };
        struct cluster_state *first, *other = NULL;
        struct identity_id id;
        struct world w;
        struct err err = {};
        char *why = NULL;
        size_t length;

        start(&w);
        assert_null(open_file(&w, "host:1"));
        id = *cluster_state_id(w.state);
        cluster_state_save(w.state, out, saver);
        descriptors_write(out, saver);
        text = saver_take(saver, &length);
        first = w.state; /* which is replaced, and closes nothing */
        saved = read_text(text);
        assert_int_equal(descriptors_read(saved, false, &in, &err), 0);
        assert_int_equal(cluster_state_restore(w.loop, saved_first(saved, "record"), in, &handler,
                                 &w, &w.state, &err),
                0);
        assert_int_equal(saved_status(saved, &err), 0);
        descriptors_settle(in);
        assert_true(identity_equal(cluster_state_id(w.state), &id));
        assert_int_equal(
                cluster_state_open(w.loop, w.path, "host:1", &handler, &w, &other, &why, &err),
                -EBUSY);
        write_and_wait(&w, 5, &record);
        w.state = cluster_state_free(w.state);
        cluster_state_free(first); /* what it closes is closed already */
        in = descriptors_free(in); /* which may have a copy */
        assert_null(open_file(&w, "host:1"));
        assert_memory_equal(cluster_state_record(w.state), &record, sizeof(record));
        finish(&w);
}

static void who_is_called_otherwise_is_somebody_else(void **state)
{
        CLEANUP(mem_free) char *why = NULL;
        struct identity_id id;
        struct world w;

        start(&w);
        assert_null(open_file(&w, "host:1"));
        id = *cluster_state_id(w.state);
        write_and_wait(&w, 1, &(struct election_record){ .incarnation = 1, .term = 4 });
        w.state = cluster_state_free(w.state);
        why = open_file(&w, "clone:1");
        assert_non_null(strstr(why, "is that of 'host:1'"));
        assert_false(identity_equal(cluster_state_id(w.state), &id));
        assert_true(cluster_state_record(w.state)->term == 0);
        finish(&w);
}

static void a_file_is_for_one_at_a_time(void **state)
{
        struct world w;
        struct cluster_state *other = NULL;
        struct err err = {};

        start(&w);
        assert_null(open_file(&w, "host:1"));
        assert_int_equal(
                cluster_state_open(w.loop, w.path, "host:1", &handler, &w, &other, NULL, &err),
                -EBUSY);
        w.state = cluster_state_free(w.state);
        assert_null(open_file(&w, "host:1"));
        finish(&w);
}

/* The records that come while one is being written are one write. */
static void the_last_of_many_records_counts(void **state)
{
        struct world w;

        start(&w);
        assert_null(open_file(&w, "host:1"));
        for (uint64_t i = 1; i < 500; i++)
                cluster_state_write(
                        w.state, i, &(struct election_record){ .incarnation = 1, .term = i });
        write_and_wait(&w, 500, &(struct election_record){ .incarnation = 1, .term = 500 });
        w.state = cluster_state_free(w.state);
        assert_null(open_file(&w, "host:1"));
        assert_true(cluster_state_record(w.state)->term == 500);
        finish(&w);
}

static void what_cannot_be_written_is_tried_until_it_can(void **state)
{
        struct world w;
        CLEANUP(mem_free) char *away = NULL;

        start(&w);
        away = mem_format("%s.away", w.dir);
        assert_null(open_file(&w, "host:1"));
        assert_int_equal(rename(w.dir, away), 0);
        cluster_state_write(w.state, 1, &(struct election_record){ .incarnation = 1 });
        while (w.told_bad == 0)
                assert_true(sd_event_run(w.loop, USEC_SEC) >= 0);
        assert_true(w.written == 0);
        assert_int_equal(rename(away, w.dir), 0);
        while (w.written == 0)
                assert_true(sd_event_run(w.loop, 3 * USEC_SEC) >= 0);
        assert_int_equal(w.told_bad, 1);
        assert_int_equal(w.told_good, 1);
        finish(&w);
}

static void without_a_file_everything_is_answered_all_the_same(void **state)
{
        struct world w;

        start(&w);
        w.path = NULL;
        assert_null(open_file(&w, "host:1"));
        assert_false(identity_is_none(cluster_state_id(w.state)));
        write_and_wait(&w, 3, &(struct election_record){ .incarnation = 1 });
        finish(&w);
}

static void who_ends_while_it_is_written_waits_for_nothing(void **state)
{
        struct world w;

        start(&w);
        for (unsigned i = 0; i < 50; i++) {
                CLEANUP(mem_free) char *why = open_file(&w, "host:1");

                assert_null(why);
                cluster_state_write(w.state, 1, &(struct election_record){ .incarnation = i + 1 });
                w.state = cluster_state_free(w.state);
        }
        (void)usleep(50000); /* the threads come to their end in the folder that is removed next */
        finish(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_record_survives_with_its_id),
                cmocka_unit_test(only_the_file_is_left),
                cmocka_unit_test(a_damaged_file_makes_somebody_new),
                cmocka_unit_test(who_is_called_otherwise_is_somebody_else),
                cmocka_unit_test(a_file_is_for_one_at_a_time),
                cmocka_unit_test(the_last_of_many_records_counts),
                cmocka_unit_test(what_cannot_be_written_is_tried_until_it_can),
                cmocka_unit_test(without_a_file_everything_is_answered_all_the_same),
                cmocka_unit_test(who_ends_while_it_is_written_waits_for_nothing),
                cmocka_unit_test(the_file_stays_taken_from_one_image_of_us_to_the_next),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
