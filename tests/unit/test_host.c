/* Figures of the host out of the kernel's text. */
#include "cgroup/hosttext.h"

#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

static void cores_come_with_their_mean_first(void **state)
{
        CLEANUP(host_sample_clear) struct host_sample sample = {};

        hosttext_cores("cpu  40 0 0 60 0 0 0 0 0 0\n"
                       "cpu0 10 5 5 70 10 3 4 3 99 0\n"
                       "cpu1 10 0 0 20 0 0 0 0 0 0\nintr 1 2\n",
                10, &sample);
        assert_int_equal(sample.cores_count, 3);
        assert_true(sample.cores[1].work == 3);
        assert_true(sample.cores[1].idle == 8);
        assert_int_equal(sample.cores[2].number, 1);
        assert_true(sample.cores[0].work == 2);
        assert_true(sample.cores[0].idle == 5);
}

static void memory_is_what_is_not_available(void **state)
{
        CLEANUP(host_sample_clear) struct host_sample sample = {};

        assert_true(hosttext_memory("MemTotal: 3000 kB\nMemFree: 1 kB\nMemAvailable: 1000 kB\n"
                                    "SwapTotal: 7 kB\nSwapFree: 5 kB\n",
                &sample));
        assert_true(sample.memory_percent == 66.7);
        assert_int_equal(sample.memory, 3000 << 10);
        assert_int_equal(sample.memory_available, 1000 << 10);
        assert_int_equal(sample.swap, 7 << 10);
        assert_int_equal(sample.swap_free, 5 << 10);
        sample = (struct host_sample){};
        assert_false(hosttext_memory("MemTotal: 0 kB\n", &sample));
        assert_false(hosttext_memory("MemTotal: 99999999999999999999999 kB\n", &sample));
        assert_false(hosttext_memory("", &sample));
}

static void devices_are_counted_in_bytes(void **state)
{
        CLEANUP(host_sample_clear) struct host_sample sample = {};

        hosttext_disks("   8 0 sda 5 0 10 3 6 0 20 4 0 1 1\n   8\n", &sample.disks);
        assert_int_equal(sample.disks.count, 1);
        assert_int_equal(sample.disks.at[0].in, 5120);
        assert_int_equal(sample.disks.at[0].out, 10240);
}

static void mounts_are_told_with_their_escapes_undone(void **state)
{
        struct hosttext_mount mount;
        size_t at = 0;

        assert_true(hosttext_next_mount(
                "/dev/sda1 /a\\040b ext4 rw 0 0\nproc /proc proc rw 0 0", &at, &mount));
        assert_string_equal(mount.point, "/a b");
        assert_true(hosttext_is_physical("nodev\tproc\n\text4\n", mount.type));
        assert_true(hosttext_next_mount(
                "/dev/sda1 /a\\040b ext4 rw 0 0\nproc /proc proc rw 0 0", &at, &mount));
        assert_false(hosttext_is_physical("nodev\tproc\n\text4\n", mount.type));
        assert_true(hosttext_is_physical("", "zfs"));
}

static void the_host_that_runs_this_can_be_measured(void **state)
{
        CLEANUP(host_sample_clear) struct host_sample sample = {};

        host_sample_take(&sample);
        assert_true(sample.now > 0);
        assert_true(sample.cores_count >= 2);
        assert_true(sample.cores[1].idle + sample.cores[1].work > 0);
        assert_true(sample.memory_percent > 0 && sample.memory_percent < 100);
        assert_int_equal(host_memory() >> 20, sample.memory >> 20);
        assert_true(sample.knows_load);
        host_mounts_take(&sample);
        for (size_t i = 0; i < sample.mounts_count; i++)
                assert_true(sample.mounts[i].percent >= 0 && sample.mounts[i].percent <= 100);
}

static void a_quota_is_told_in_processors(void **state)
{
        assert_true(bounds_quota("50000 100000\n") == 0.5);
        assert_true(bounds_quota("max 100000\n") == 0);
        assert_true(bounds_quota("100000 0\n") == 0);
        assert_true(bounds_quota("") == 0);
}

static void what_allows_all_processors_bounds_none(void **state)
{
        struct bounds bounds;

        bounds_take(&bounds);
        assert_true(bounds.cpuset_count > 0);
        if (!bounds.has_cpuset)
                assert_true(bounds_allow(&bounds, 4711));
        bounds = (struct bounds){ .has_cpuset = true, .cpuset = { [0] = 4 } };
        assert_true(bounds_allow(&bounds, 2));
        assert_false(bounds_allow(&bounds, 3));
        assert_false(bounds_allow(&bounds, BOUNDS_CORES_MAX));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(cores_come_with_their_mean_first),
                cmocka_unit_test(memory_is_what_is_not_available),
                cmocka_unit_test(devices_are_counted_in_bytes),
                cmocka_unit_test(mounts_are_told_with_their_escapes_undone),
                cmocka_unit_test(the_host_that_runs_this_can_be_measured),
                cmocka_unit_test(a_quota_is_told_in_processors),
                cmocka_unit_test(what_allows_all_processors_bounds_none),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
