/* Samples become figures over periods. */
#include "fleet/statistics.h"

#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/saved.h"
#include "base/saver.h"

struct told {
        int count;
        struct statistics_figure last;
        double cores[4];
        struct statistics_pair nets[4];
};

static void on_figure(void *context, const struct statistics_figure *figure)
{
        struct told *told = context;

        told->count++;
        told->last = *figure;
        for (size_t i = 0; i < figure->cores_count && i < 4; i++)
                told->cores[i] = figure->cores[i];
        for (size_t i = 0; i < figure->nets_count && i < 4; i++)
                told->nets[i] = figure->nets[i];
}

static struct statistics *make(struct told *told, const double *periods, size_t count)
{
        return statistics_new(periods, count, (struct statistics_sink){ on_figure, told });
}

static void host(struct statistics *statistics, double now, double work, double idle, double bytes)
{
        const struct statistics_core cores[] = { { work, idle }, { work, idle } };
        const struct statistics_pair nets[] = { { "lo", bytes, 2 * bytes } };

        statistics_add_host(statistics, 1,
                &(struct statistics_host){ .now = now,
                        .cores = cores,
                        .cores_count = 2,
                        .memory = 12.5,
                        .nets = nets,
                        .nets_count = 1 });
}

static void process(struct statistics *statistics, double now, pid_t pid, double work)
{
        statistics_add_process(statistics, 1,
                &(struct statistics_process){
                        .namespec = "g:p", .pid = pid, .now = now, .work = work, .memory = 1 });
}

static void the_first_sample_is_the_reference(void **state)
{
        struct told told = {};
        CLEANUP(statistics_free)
        struct statistics *statistics = make(&told, (double[]){ 10 }, 1);

        host(statistics, 100, 5, 5, 0);
        assert_int_equal(told.count, 0);
        host(statistics, 109, 6, 9, 0);
        assert_int_equal(told.count, 0);
        host(statistics, 110, 10, 10, 12800);
        assert_int_equal(told.count, 1);
        assert_true(told.cores[0] == 50);
        assert_true(told.nets[0].in == 10);
        assert_true(told.nets[0].out == 20);
        assert_true(told.last.start == 0);
        assert_true(told.last.end == 10);
        assert_true(told.last.memory == 12.5);
}

static void every_period_has_figures_of_its_own(void **state)
{
        struct told told = {};
        CLEANUP(statistics_free)
        struct statistics *statistics = make(&told, (double[]){ 2, 4 }, 2);

        host(statistics, 0, 0, 0, 0);
        host(statistics, 2, 1, 1, 0);
        assert_int_equal(told.count, 1);
        host(statistics, 4, 2, 2, 0);
        assert_int_equal(told.count, 3);
}

static void a_counter_that_begins_again_is_left_out(void **state)
{
        struct told told = {};
        CLEANUP(statistics_free)
        struct statistics *statistics = make(&told, (double[]){ 1 }, 1);

        host(statistics, 0, 0, 0, 1000);
        host(statistics, 1, 1, 0, 10);
        assert_int_equal(told.count, 1);
        assert_int_equal(told.last.nets_count, 0);
}

static void a_process_is_measured_against_one_core(void **state)
{
        struct told told = {};
        CLEANUP(statistics_free)
        struct statistics *statistics = make(&told, (double[]){ 5 }, 1);

        process(statistics, 10, 77, 1);
        process(statistics, 15, 77, 11);
        assert_int_equal(told.count, 1);
        assert_true(told.last.cpu == 200);
        assert_int_equal(told.last.pid, 77);
        assert_string_equal(told.last.namespec, "g:p");
}

static void another_pid_begins_again(void **state)
{
        struct told told = {};
        CLEANUP(statistics_free)
        struct statistics *statistics = make(&told, (double[]){ 5 }, 1);

        process(statistics, 10, 77, 1);
        process(statistics, 16, 78, 0);
        assert_int_equal(told.count, 0);
        process(statistics, 17, 0, 0);
        process(statistics, 30, 78, 5);
        assert_int_equal(told.count, 0);
        process(statistics, 36, 78, 4); /* a child's time can be missing for a moment */
        assert_int_equal(told.count, 1);
        assert_true(told.last.cpu == 0);
}

static void a_forgotten_instance_begins_again(void **state)
{
        struct told told = {};
        CLEANUP(statistics_free)
        struct statistics *statistics = make(&told, (double[]){ 1 }, 1);

        host(statistics, 0, 0, 0, 0);
        process(statistics, 0, 5, 0);
        statistics_forget(statistics, 1);
        host(statistics, 2, 0, 0, 0);
        process(statistics, 2, 5, 0);
        assert_int_equal(told.count, 0);
}

static char *text_of(const struct statistics *statistics)
{
        CLEANUP(saver_free) struct saver *saver = saver_new(0);
        size_t length;

        statistics_save(statistics, saver);
        return saver_take(saver, &length);
}

static int restore(struct statistics *statistics, const char *text, struct err *err)
{
        CLEANUP(saved_free) struct saved *saved = NULL;

        assert_int_equal(saved_parse(text, strlen(text), 0, &saved, err), 0);
        return statistics_restore(statistics, saved, err);
}

static void figures_go_on_from_what_was_written(void **state)
{
        struct told told = {}, told_again = {};
        CLEANUP(statistics_free)
        struct statistics *statistics = make(&told, (double[]){ 10, 20 }, 2);
        CLEANUP(statistics_free)
        struct statistics *again = make(&told_again, (double[]){ 10, 20 }, 2);
        CLEANUP(mem_free) char *text = NULL, *second = NULL;
        struct err err = {};

        host(statistics, 100.1, 5, 5, 1);
        process(statistics, 100.3, 7, 0.1);
        host(statistics, 112.7, 6, 9, 77);
        process(statistics, 111, 7, 3.3);
        text = text_of(statistics);
        assert_int_equal(restore(again, text, &err), 0);
        second = text_of(again);
        assert_string_equal(second, text);
        told = told_again = (struct told){};
        host(statistics, 123, 11, 12, 12800);
        host(again, 123, 11, 12, 12800);
        assert_int_equal(told.count, 2);
        assert_int_equal(told_again.count, 2);
        assert_memory_equal(told.cores, told_again.cores, sizeof(told.cores));
        assert_true(told.nets[0].in == told_again.nets[0].in);
        assert_true(told.last.start == told_again.last.start);
        process(statistics, 131, 7, 5);
        process(again, 131, 7, 5);
        assert_int_equal(told_again.count, told.count);
        assert_true(told.last.cpu == told_again.last.cpu);
        assert_true(told.last.start == told_again.last.start);
}

static void a_period_that_is_new_begins_where_the_others_were(void **state)
{
        struct told told = {};
        CLEANUP(statistics_free)
        struct statistics *statistics = make(&told, (double[]){ 10 }, 1);
        CLEANUP(statistics_free) struct statistics *again = make(&told, (double[]){ 5 }, 1);
        CLEANUP(mem_free) char *text = NULL;
        struct err err = {};

        host(statistics, 100, 5, 5, 1);
        process(statistics, 100, 7, 1);
        process(statistics, 110, 7, 2);
        text = text_of(statistics);
        assert_int_equal(restore(again, text, &err), 0);
        told = (struct told){};
        host(again, 120, 6, 6, 2); /* the reference */
        assert_int_equal(told.count, 0);
        process(again, 120, 7, 3);
        assert_int_equal(told.count, 1);
        assert_true(told.last.cpu == 10);
        assert_true(told.last.start == 10);
}

static void figures_that_cannot_be_are_refused_with_a_sentence(void **state)
{
        static const char *const texts[] = {
                "[statistics]\ninstance=4096\n",
                "[statistics]\ninstance=1\nfirst=x\n",
                "[statistics]\ninstance=1\n[statistics]\ninstance=1\n",
                "[statistics]\ninstance=1\n[.process]\npid=1\n",
                "[statistics]\ninstance=1\n[.process]\nnamespec=a\npid=0\n",
                "[statistics]\n[.host]\nperiod=0x1.4p+3\ncore#=1\ncore=nan\n",
                "[statistics]\n[.host]\nperiod=0x1.4p+3\ncore#=2\ncore=1\ncore=inf\n",
                "[statistics]\n[.host]\nperiod=0x1.4p+3\nnet#=2\nnet=1\nnet=1\n",
        };

        for (size_t i = 0; i < ELEMENTS(texts); i++) {
                struct told told = {};
                CLEANUP(statistics_free)
                struct statistics *statistics = make(&told, (double[]){ 10 }, 1);
                CLEANUP(mem_free) char *text = mem_format("reeve-state 1\n%s[]\n", texts[i]);
                struct err err = {};
                int r = restore(statistics, text, &err);

                assert_int_equal(r, -EBADMSG);
                assert_non_null(strstr(err.text, "line "));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(figures_go_on_from_what_was_written),
                cmocka_unit_test(a_period_that_is_new_begins_where_the_others_were),
                cmocka_unit_test(figures_that_cannot_be_are_refused_with_a_sentence),
                cmocka_unit_test(the_first_sample_is_the_reference),
                cmocka_unit_test(every_period_has_figures_of_its_own),
                cmocka_unit_test(a_counter_that_begins_again_is_left_out),
                cmocka_unit_test(a_process_is_measured_against_one_core),
                cmocka_unit_test(another_pid_begins_again),
                cmocka_unit_test(a_forgotten_instance_begins_again),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
