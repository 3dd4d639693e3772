/* The kernel's text about cgroups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "cgroup/parse.h"

static const char hybrid_own[] = "9:name=systemd:/\n8:pids:/\n5:cpu,cpuacct:/both\n"
                                 "4:memory:/process/a:b\n0::/own\n";
static const char hybrid_mounts[] =
        "23 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
        "31 23 0:28 / /sys/fs/cgroup rw,relatime shared:9 - tmpfs tmpfs rw,mode=755\n"
        "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"
        "35 31 0:32 /process /sys/fs/cgroup/memory rw master:3 other:4 - cgroup cgroup rw,memory\n"
        "41 31 0:38 / /sys/fs/cgroup/uni\\040fi\\134ed rw,relatime - cgroup2 cgroup2 rw\n";

static void check_own(const char *text, const char *controller, int r, const char *expected)
{
        CLEANUP(text_clear) struct text path = {};

        assert_int_equal(parse_own_path(text, strlen(text), controller, &path), r);
        assert_string_equal(text_string(&path), expected);
}

static void our_own_path_is_found_in_each_hierarchy(void **state)
{
        check_own(hybrid_own, NULL, 1, "/own");
        check_own(hybrid_own, "memory", 1, "/process/a:b");
        check_own(hybrid_own, "cpuacct", 1, "/both");
        check_own(hybrid_own, "cpu", 1, "/both");
        check_own(hybrid_own, "io", 0, "");
        check_own("1:memory:/\n", NULL, 0, "");
        check_own("", NULL, 0, "");
}

static void a_removed_cgroup_of_our_own_is_told(void **state)
{
        check_own("0::/gone (deleted)\n", NULL, -ENOENT, "");
}

static void lines_of_another_form_are_passed_over(void **state)
{
        check_own("garbage\n0:\n0::\n0::relative\n::/x\n0::/good", NULL, 1, "/good");
}

static void check_mount(const char *text, const char *controller, const char *path, int r,
        const char *point, const char *below)
{
        CLEANUP(text_clear) struct text p = {}, b = {};

        assert_int_equal(parse_mount(text, strlen(text), controller, path, &p, &b), r);
        assert_string_equal(text_string(&p), point);
        assert_string_equal(text_string(&b), below);
}

static void the_mount_of_each_hierarchy_is_found(void **state)
{
        check_mount(hybrid_mounts, NULL, "/", 1, "/sys/fs/cgroup/uni fi\\ed", "");
        check_mount(hybrid_mounts, NULL, "/a/b", 1, "/sys/fs/cgroup/uni fi\\ed", "/a/b");
        check_mount(hybrid_mounts, "cpuacct", "/x", 1, "/sys/fs/cgroup/cpu", "/x");
        check_mount(hybrid_mounts, "pids", "/x", 0, "", "");
}

static void a_mount_of_a_part_shows_only_that_part(void **state)
{
        check_mount(hybrid_mounts, "memory", "/process/1", 1, "/sys/fs/cgroup/memory", "/1");
        check_mount(hybrid_mounts, "memory", "/process", 1, "/sys/fs/cgroup/memory", "");
        check_mount(hybrid_mounts, "memory", "/processes", 0, "", "");
        check_mount(hybrid_mounts, "memory", "/", 0, "", "");
}

static void a_path_that_climbs_is_not_followed(void **state)
{
        check_mount(hybrid_mounts, NULL, "/../x", 0, "", "");
        check_mount(hybrid_mounts, NULL, "/x/..", 0, "", "");
        check_mount(hybrid_mounts, NULL, "/x/..y", 1, "/sys/fs/cgroup/uni fi\\ed", "/x/..y");
}

static void incomplete_mount_lines_are_passed_over(void **state)
{
        check_mount("1 2 0:1 / /x rw\n1 2 0:1 / /x rw -\n1 2 0:1 / /x rw - cgroup2\n\n1\n"
                    "1 2 0:1 / /y rw - cgroup2 none",
                NULL, "/", 1, "/y", "");
}

static void numbers_are_read_whole_or_not_at_all(void **state)
{
        uint64_t n = 7;

        assert_true(parse_number("0\n", 2, &n));
        assert_int_equal(n, 0);
        assert_true(parse_number("18446744073709551615", 20, &n));
        assert_true(n == UINT64_MAX);
        assert_false(parse_number("18446744073709551616\n", 21, &n));
        assert_false(parse_number("max\n", 4, &n));
        assert_false(parse_number("-1\n", 3, &n));
        assert_false(parse_number("1 2\n", 4, &n));
        assert_false(parse_number("\n", 1, &n));
        assert_false(parse_number("", 0, &n));
}

static void keys_are_matched_whole(void **state)
{
        static const char text[] = "oom 1\noom_kill 2\nusage_usec 5\nfrozen x\npopulated 1";
        uint64_t n = 0;

        assert_true(parse_keyed(text, strlen(text), "oom_kill", &n));
        assert_int_equal(n, 2);
        assert_true(parse_keyed(text, strlen(text), "populated", &n));
        assert_int_equal(n, 1);
        assert_false(parse_keyed(text, strlen(text), "oom_k", &n));
        assert_false(parse_keyed(text, strlen(text), "usec", &n));
        assert_false(parse_keyed(text, strlen(text), "frozen", &n));
}

static void io_is_summed_over_the_devices(void **state)
{
        static const char huge[] = "8:0 rbytes=18446744073709551615\n8:16 rbytes=1\n";
        static const char text[] = "8:0 rbytes=100 wbytes=5 rios=1\n8:16 rbytes=11 xrbytes=7\n";
        uint64_t n;

        assert_true(parse_io(text, strlen(text), "rbytes", &n));
        assert_int_equal(n, 111);
        assert_true(parse_io("", 0, "rbytes", &n));
        assert_int_equal(n, 0);
        assert_false(parse_io(huge, strlen(huge), "rbytes", &n));
}

static void what_blkio_counts_is_summed_and_what_it_does_not_is_unknown(void **state)
{
        static const char text[] =
                "8:0 Read 100\n8:0 Write 7\n8:0 Total 107\n8:16 Read 11\nTotal 118\n";
        static const char none[] = "Total 0\n";
        uint64_t n;

        assert_true(parse_blkio(text, strlen(text), "Read", &n));
        assert_int_equal(n, 111);
        assert_true(parse_blkio(text, strlen(text), "Write", &n));
        assert_int_equal(n, 7);
        assert_false(parse_blkio(none, strlen(none), "Read", &n));
        assert_false(parse_blkio("8:0 Read x\n", 11, "Read", &n));
}

static void pressure_is_that_of_some(void **state)
{
        static const char text[] = "some avg10=12.34 avg60=0.00 total=5\nfull avg10=1.00 total=4\n";
        uint64_t n;

        assert_true(parse_pressure(text, strlen(text), &n));
        assert_int_equal(n, 1234);
        assert_false(parse_pressure("full avg10=1.00\n", 16, &n));
        assert_false(parse_pressure("some avg10=1.5\n", 15, &n));
        assert_false(parse_pressure("some avg10=1\n", 13, &n));
        assert_false(parse_pressure("some total=1\n", 13, &n));
}

static void words_are_matched_whole(void **state)
{
        static const char text[] = "cpuset cpu io memory hugetlb pids\n";

        assert_true(parse_has_word(text, strlen(text), "cpuset"));
        assert_true(parse_has_word(text, strlen(text), "cpu"));
        assert_true(parse_has_word(text, strlen(text), "pids"));
        assert_false(parse_has_word(text, strlen(text), "mem"));
        assert_false(parse_has_word("", 0, "cpu"));
}

static void processes_are_read_in_order_and_nonsense_is_left_out(void **state)
{
        static const char text[] = "12\n0\nx\n-5\n99999999999\n4194303";
        static const pid_t expected[] = { 12, 0, 4194303 };
        size_t at = 0, count = 0;
        pid_t pid;

        while (parse_next_pid(text, strlen(text), &at, &pid)) {
                assert_true(count < ELEMENTS(expected));
                assert_int_equal(pid, expected[count++]);
        }
        assert_int_equal(count, ELEMENTS(expected));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(our_own_path_is_found_in_each_hierarchy),
                cmocka_unit_test(a_removed_cgroup_of_our_own_is_told),
                cmocka_unit_test(lines_of_another_form_are_passed_over),
                cmocka_unit_test(the_mount_of_each_hierarchy_is_found),
                cmocka_unit_test(a_mount_of_a_part_shows_only_that_part),
                cmocka_unit_test(a_path_that_climbs_is_not_followed),
                cmocka_unit_test(incomplete_mount_lines_are_passed_over),
                cmocka_unit_test(numbers_are_read_whole_or_not_at_all),
                cmocka_unit_test(keys_are_matched_whole),
                cmocka_unit_test(io_is_summed_over_the_devices),
                cmocka_unit_test(what_blkio_counts_is_summed_and_what_it_does_not_is_unknown),
                cmocka_unit_test(pressure_is_that_of_some),
                cmocka_unit_test(words_are_matched_whole),
                cmocka_unit_test(processes_are_read_in_order_and_nonsense_is_left_out),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
