/* The machine's figures beside the loop, with a partition that nobody serves. */
#include "daemon/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sys/statvfs.h>

static pthread_mutex_t served = PTHREAD_MUTEX_INITIALIZER; /* locked: nobody does */

/* In the place of libc's. */
int statvfs(const char *path, struct statvfs *ret)
{
        (void)pthread_mutex_lock(&served);
        (void)pthread_mutex_unlock(&served);
        *ret = (struct statvfs){ .f_blocks = 4, .f_bfree = 3, .f_bavail = 3 };
        return 0;
}

struct world {
        sd_event *loop;
        struct machine *machine;
        unsigned told;
        size_t cores, mounts;
};

static void on_sample(void *context, const struct host_sample *sample)
{
        struct world *w = context;

        w->told++;
        w->cores = sample->cores_count;
        w->mounts = sample->mounts_count;
}

static void wait_for(struct world *w, unsigned told)
{
        while (w->told < told)
                assert_true(sd_event_run(w->loop, UINT64_MAX) >= 0);
}

static void world_begin(struct world *w)
{
        assert_true(sd_event_new(&w->loop) >= 0);
        w->machine = machine_new(w->loop);
}

static void world_end(struct world *w)
{
        machine_free(w->machine);
        sd_event_unref(w->loop);
}

static size_t mounts_here(void)
{
        CLEANUP(host_sample_clear) struct host_sample sample = {};

        host_mounts_take(&sample);
        return sample.mounts_count;
}

static void one_sample_is_told_to_all_who_asked(void **state)
{
        struct world w = {};

        world_begin(&w);
        machine_ask(w.machine, on_sample, &w);
        machine_ask(w.machine, on_sample, &w);
        wait_for(&w, 2);
        assert_int_equal(machine_count(w.machine), 1);
        assert_true(w.cores > 1);
        assert_int_equal(w.mounts, mounts_here());
        machine_ask(w.machine, on_sample, &w);
        machine_forget(w.machine, &w);
        while (machine_count(w.machine) < 2)
                assert_true(sd_event_run(w.loop, UINT64_MAX) >= 0);
        assert_int_equal(w.told, 2);
        world_end(&w);
}

static void a_partition_that_nobody_serves_keeps_only_the_partitions_from_us(void **state)
{
        size_t here = mounts_here();
        struct world w = {};

        world_begin(&w);
        (void)pthread_mutex_lock(&served);
        for (unsigned i = 1; i <= 3; i++) {
                machine_ask(w.machine, on_sample, &w);
                wait_for(&w, i);
                assert_true(w.cores > 1);
                if (here > 0)
                        assert_int_equal(w.mounts, 0);
        }
        (void)pthread_mutex_unlock(&served);
        for (unsigned i = 4; w.mounts != here; i++) { /* the late answer comes with one of them */
                machine_ask(w.machine, on_sample, &w);
                wait_for(&w, i);
        }
        world_end(&w);
}

static void who_ends_does_not_wait_for_it(void **state)
{
        struct world w = {};

        world_begin(&w);
        (void)pthread_mutex_lock(&served);
        machine_ask(w.machine, on_sample, &w);
        world_end(&w);
        (void)pthread_mutex_unlock(&served);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_sample_is_told_to_all_who_asked),
                cmocka_unit_test(a_partition_that_nobody_serves_keeps_only_the_partitions_from_us),
                cmocka_unit_test(who_ends_does_not_wait_for_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
