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
        assert_true(sample.cores[0].work == 2);
        assert_true(sample.cores[0].idle == 5);
}

static void memory_is_what_is_not_available(void **state)
{
        double percent = 0;

        assert_true(hosttext_memory(
                "MemTotal: 3000 kB\nMemFree: 1 kB\nMemAvailable: 1000 kB\n", &percent));
        assert_true(percent == 66.7);
        assert_false(hosttext_memory("MemTotal: 0 kB\n", &percent));
        assert_false(hosttext_memory("", &percent));
}

static void interfaces_and_devices_are_counted_in_bytes(void **state)
{
        CLEANUP(host_sample_clear) struct host_sample sample = {};

        hosttext_nets("Inter-|   Receive\n face |bytes\n"
                      "    lo: 117 22 0 0 0 0 0 0 118 22 0 0 0 0 0 0\n"
                      "veth@x:7 1 0 0 0 0 0 0 8 1 0 0 0 0 0 0\n",
                &sample.nets);
        assert_int_equal(sample.nets.count, 2);
        assert_string_equal(sample.nets.at[0].name, "lo");
        assert_int_equal(sample.nets.at[0].in, 117);
        assert_int_equal(sample.nets.at[0].out, 118);
        assert_string_equal(sample.nets.at[1].name, "veth@x");
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
        assert_true(host_memory() > 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(cores_come_with_their_mean_first),
                cmocka_unit_test(memory_is_what_is_not_available),
                cmocka_unit_test(interfaces_and_devices_are_counted_in_bytes),
                cmocka_unit_test(mounts_are_told_with_their_escapes_undone),
                cmocka_unit_test(the_host_that_runs_this_can_be_measured),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
