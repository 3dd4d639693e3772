/* Samples become figures over periods. */
#include "fleet/statistics.h"

#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

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

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_first_sample_is_the_reference),
                cmocka_unit_test(every_period_has_figures_of_its_own),
                cmocka_unit_test(a_counter_that_begins_again_is_left_out),
                cmocka_unit_test(a_process_is_measured_against_one_core),
                cmocka_unit_test(another_pid_begins_again),
                cmocka_unit_test(a_forgotten_instance_begins_again),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
