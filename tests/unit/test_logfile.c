/* Log files: appending, rotating, sharing, and what happens when they cannot be written to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/mount.h>

#include "logs/logfile.h"
#include "tests/unit/scratch.h"

struct fixture {
        char *dir;
        struct logfiles *files;
        struct text told;
};

static void remember(void *context, enum log_level level, const char *text)
{
        text_format(context, "%s %s\n", log_level_code(level), text);
}

static int setup(void **state)
{
        struct fixture *f = mem_new(sizeof(*f));

        (void)umask(022);
        f->dir = scratch_new();
        f->files = logfiles_new();
        logfiles_set_sink(f->files, (struct log_sink){ remember, &f->told });
        *state = f;
        return 0;
}

static int teardown(void **state)
{
        struct fixture *f = *state;

        logfiles_free(f->files);
        (void)umount2(scratch_path(f->dir, "disk"), MNT_DETACH); /* left by a test that failed */
        scratch_free(f->dir);
        text_clear(&f->told);
        mem_free(f);
        return 0;
}

static struct logfile *open_log(struct fixture *f, const char *path, int64_t max, int64_t backups)
{
        struct logfile *file = NULL;
        struct err err = {};

        if (logfile_open(
                    f->files, &(struct logfile_options){ path, max, backups, 0 }, &file, &err) < 0)
                fail_msg("%s", err.text);
        return file;
}

static void say(struct logfile *file, const char *text)
{
        logfile_write(file, text, strlen(text));
}

/* Puts the text into a pipe and splices it from there. */
static ssize_t splice_text(struct logfile *file, const char *text)
{
        int fds[2];
        ssize_t n;

        assert_int_equal(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
        assert_int_equal(write(fds[1], text, strlen(text)), strlen(text));
        n = logfile_splice(file, fds[0], 1 << 20);
        (void)close(fds[0]);
        (void)close(fds[1]);
        return n;
}

static void what_is_written_is_appended(void **state)
{
        struct fixture *f = *state;
        const char *path = scratch_path(f->dir, "log");
        struct logfile *file;
        struct stat st;

        scratch_write(path, "old\n");
        file = open_log(f, path, 0, 0);
        say(file, "new\n");
        assert_int_equal(splice_text(file, "spliced\n"), 8);
        say(file, "newer\n");
        assert_true(scratch_holds(path, "old\nnew\nspliced\nnewer\n"));
        assert_string_equal(logfile_path(file), path);
        logfile_unref(file);

        file = open_log(f, scratch_path(f->dir, "created"), 0, 0);
        assert_int_equal(stat(scratch_path(f->dir, "created"), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0644);
        logfile_unref(file);
}

static void a_file_may_be_created_for_its_owner_only(void **state)
{
        struct fixture *f = *state;
        const char *path = scratch_path(f->dir, "log");
        struct logfile *file;
        struct stat st;

        assert_int_equal(
                logfile_open(f->files, &(struct logfile_options){ path, 3, 1, 0600 }, &file, NULL),
                0);
        say(file, "12345");
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_size, 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        logfile_unref(file);
}

static void a_file_that_cannot_be_opened_says_why(void **state)
{
        struct fixture *f = *state;
        CLEANUP(mem_free) char *missing = mem_format("%s/no/log", f->dir);
        CLEANUP(mem_free)
        char *sentence = mem_format(
                "cannot open log file '%s': the directory '%s/no' does not exist", missing, f->dir);
        struct logfile *file = NULL;
        struct err err;

        assert_int_equal(
                logfile_open(f->files, &(struct logfile_options){ missing }, &file, &err), -ENOENT);
        assert_string_equal(err.text, sentence);
        assert_int_equal(
                logfile_open(f->files, &(struct logfile_options){ f->dir }, &file, &err), -EISDIR);
        assert_non_null(strstr(err.text, ": Is a directory"));
        assert_null(file);
}

/* One row: what a file of 'max' bytes and 'backups' looks like after the pieces were written. */
static void rotation(struct fixture *f, int64_t max, int64_t backups, const char *const *pieces,
        const char *const *expected, bool spliced)
{
        const char *path = scratch_path(f->dir, "log");
        struct logfile *file;
        char name[16];

        for (int i = 0; i < 6; i++) {
                (void)snprintf(name, sizeof(name), i ? "log.%d" : "log", i);
                (void)unlink(scratch_path(f->dir, name));
        }
        file = open_log(f, path, max, backups);
        for (; *pieces; pieces++) {
                if (spliced)
                        assert_int_equal(splice_text(file, *pieces), strlen(*pieces));
                else
                        say(file, *pieces);
        }
        for (int i = 0; i < 5; i++) {
                const char *at;

                (void)snprintf(name, sizeof(name), i ? "log.%d" : "log", i);
                at = scratch_path(f->dir, name);
                if (expected[i])
                        assert_true(scratch_holds(at, expected[i]));
                else if (access(at, F_OK) == 0)
                        fail_msg("%s exists", at);
        }
        logfile_unref(file);
}

static void files_rotate_as_the_table_says(void **state)
{
        static const struct {
                int64_t max, backups;
                const char *pieces[8], *expected[5];
        } table[] = {
                { 0, 3, { "aaaaaaaaaaaa" }, { "aaaaaaaaaaaa" } },
                { -1, 3, { "aaaaaaaaaaaa" }, { "aaaaaaaaaaaa" } },
                { 10, 3, { "123456789" }, { "123456789" } },
                { 10, 3, { "123456789", "0" }, { "", "1234567890" } },
                { 10, 3, { "a unit is never split", "b" }, { "b", "a unit is never split" } },
                { 4, 2, { "aaaa", "bbbb", "cccc", "d" }, { "d", "cccc", "bbbb" } },
                { 4, 3, { "aaaa", "bbbb", "cccc", "d" }, { "d", "cccc", "bbbb", "aaaa" } },
                { 4, 1, { "aaaa", "bbbb", "cc", "ccc" }, { "", "ccccc" } },
                { 4, 0, { "aaaa", "bbbb", "cc" }, { "cc" } },
        };

        for (size_t i = 0; i < ELEMENTS(table); i++) {
                rotation(*state, table[i].max, table[i].backups, table[i].pieces, table[i].expected,
                        false);
                rotation(*state, table[i].max, table[i].backups, table[i].pieces, table[i].expected,
                        true);
        }
}

static void a_missing_backup_leaves_its_gap(void **state)
{
        struct fixture *f = *state;
        const char *path = scratch_path(f->dir, "log");
        struct logfile *file = open_log(f, path, 4, 5);

        scratch_write(scratch_path(f->dir, "log.3"), "three");
        say(file, "aaaa");
        assert_true(scratch_holds(scratch_path(f->dir, "log.1"), "aaaa"));
        assert_true(scratch_holds(scratch_path(f->dir, "log.4"), "three"));
        assert_int_not_equal(access(scratch_path(f->dir, "log.3"), F_OK), 0);
        (void)unlink(path); /* missing while it is open: nothing to rotate */
        say(file, "bbbb");
        assert_true(scratch_holds(path, ""));
        assert_int_not_equal(access(scratch_path(f->dir, "log.1"), F_OK), 0);
        assert_true(scratch_holds(scratch_path(f->dir, "log.2"), "aaaa"));
        assert_string_equal(text_string(&f->told), "");
        logfile_unref(file);
}

static void very_many_backups_are_swept_up_to_the_first_gap(void **state)
{
        struct fixture *f = *state;
        const char *path = scratch_path(f->dir, "log");
        struct logfile *file = open_log(f, path, 4, INT64_MAX);

        say(file, "aaaa");
        say(file, "bbbb");
        say(file, "cccc");
        assert_true(scratch_holds(scratch_path(f->dir, "log.1"), "cccc"));
        assert_true(scratch_holds(scratch_path(f->dir, "log.3"), "aaaa"));
        logfile_unref(file);
}

static void a_file_that_cannot_rotate_goes_on_growing(void **state)
{
        struct fixture *f = *state;
        const char *path = scratch_path(f->dir, "log");
        struct logfile *file = open_log(f, path, 4, 1);

        assert_int_equal(mkdir(scratch_path(f->dir, "log.1"), 0700), 0);
        say(file, "aaaa");
        say(file, "b");
        assert_true(scratch_holds(path, "aaaab"));
        assert_non_null(strstr(f->told.data, "it goes on growing"));
        text_truncate(&f->told, 0);
        assert_int_equal(rmdir(scratch_path(f->dir, "log.1")), 0);
        say(file, "cccccccc");
        assert_true(scratch_holds(path, ""));
        assert_true(scratch_holds(scratch_path(f->dir, "log.1"), "aaaabcccccccc"));
        assert_string_equal(text_string(&f->told), "");
        logfile_unref(file);
}

static void two_channels_with_one_path_share_the_file(void **state)
{
        struct fixture *f = *state;
        const char *path = scratch_path(f->dir, "log");
        struct logfile *one = open_log(f, path, 0, 0), *two = open_log(f, path, 8, 2);

        assert_ptr_equal(one, two);
        say(one, "aaaa");
        say(two, "bbbb");
        say(one, "cc");
        logfile_unref(one);
        assert_int_equal(splice_text(two, "dd"), 2);
        assert_true(scratch_holds(path, "ccdd"));
        assert_true(scratch_holds(scratch_path(f->dir, "log.1"), "aaaabbbb"));
        logfile_unref(two);
}

static void a_second_name_of_a_file_shares_it_too(void **state)
{
        struct fixture *f = *state;
        const char *path = scratch_path(f->dir, "log"), *link = scratch_path(f->dir, "link");
        struct logfile *one = open_log(f, path, 4, 1), *two;

        assert_int_equal(symlink("log", link), 0);
        two = open_log(f, link, 4, 1);
        assert_ptr_equal(one, two);
        say(two, "aaaa");
        say(one, "bb");
        say(two, "b");
        assert_true(scratch_holds(path, "bbb"));
        logfile_unref(one);
        logfile_unref(two);
}

static void a_new_opener_finds_a_file_that_was_moved_away(void **state)
{
        struct fixture *f = *state;
        const char *path = scratch_path(f->dir, "log");
        struct logfile *one = open_log(f, path, 0, 0), *two;

        say(one, "before");
        assert_int_equal(rename(path, scratch_path(f->dir, "moved")), 0);
        two = open_log(f, path, 0, 0);
        assert_ptr_equal(one, two);
        say(one, "after");
        assert_true(scratch_holds(path, "after"));
        assert_true(scratch_holds(scratch_path(f->dir, "moved"), "before"));
        logfile_unref(one);
        logfile_unref(two);
}

static void a_file_truncated_by_others_goes_on_at_its_new_end(void **state)
{
        struct fixture *f = *state;
        const char *path = scratch_path(f->dir, "log");
        struct logfile *file = open_log(f, path, 0, 0);

        assert_int_equal(splice_text(file, "before"), 6);
        assert_int_equal(truncate(path, 0), 0);
        assert_int_equal(splice_text(file, "after"), 5);
        assert_true(scratch_holds(path, "after"));
        assert_int_equal(truncate(path, 0), 0);
        say(file, "again");
        assert_true(scratch_holds(path, "again"));
        assert_true(logfile_can_splice(file));
        logfile_unref(file);
}

static void a_file_that_others_append_to_is_not_spliced_into(void **state)
{
        struct fixture *f = *state;
        const char *path = scratch_path(f->dir, "log");
        struct logfile *file = open_log(f, path, 0, 0);
        int other = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

        assert_int_equal(splice_text(file, "a"), 1);
        assert_int_equal(write(other, "b", 1), 1);
        assert_int_equal(splice_text(file, "c"), -EOPNOTSUPP);
        assert_false(logfile_can_splice(file));
        say(file, "d");
        assert_int_equal(write(other, "e", 1), 1);
        say(file, "f");
        assert_true(scratch_holds(path, "abdef"));
        assert_int_equal(logfile_reopen(file, NULL), 0);
        assert_true(logfile_can_splice(file));
        (void)close(other);
        logfile_unref(file);
}

static void a_reopened_file_is_the_one_under_its_path(void **state)
{
        struct fixture *f = *state;
        const char *path = scratch_path(f->dir, "log"), *moved = scratch_path(f->dir, "log-1");
        struct logfile *file = open_log(f, path, 0, 0), *gone;
        struct err err;

        say(file, "one");
        assert_int_equal(rename(path, moved), 0);
        say(file, "two");
        logfiles_reopen(f->files);
        say(file, "three");
        assert_true(scratch_holds(moved, "onetwo"));
        assert_true(scratch_holds(path, "three"));
        assert_int_equal(mkdir(scratch_path(f->dir, "sub"), 0700), 0);
        gone = open_log(f, scratch_path(f->dir, "sub/log"), 0, 0);
        assert_int_equal(unlink(scratch_path(f->dir, "sub/log")), 0);
        assert_int_equal(rmdir(scratch_path(f->dir, "sub")), 0);
        assert_int_equal(logfile_reopen(gone, &err), -ENOENT);
        logfiles_reopen(f->files);
        assert_non_null(strstr(f->told.data, "sub' does not exist"));
        logfile_unref(gone);
        logfile_unref(file);
}

static void a_cleared_file_is_new_and_empty(void **state)
{
        struct fixture *f = *state;
        const char *path = scratch_path(f->dir, "log");
        struct logfile *file = open_log(f, path, 4, 3);
        struct stat before, after;

        say(file, "aaaa");
        say(file, "b");
        assert_int_equal(link(path, scratch_path(f->dir, "old")), 0);
        assert_int_equal(stat(path, &before), 0);
        assert_int_equal(logfile_clear(file, NULL), 0);
        assert_int_equal(stat(path, &after), 0);
        assert_int_not_equal(before.st_ino, after.st_ino);
        say(file, "c");
        assert_true(scratch_holds(path, "c"));
        assert_true(scratch_holds(scratch_path(f->dir, "log.1"), "aaaa"));
        assert_int_equal(unlink(path), 0);
        assert_int_equal(logfile_clear(file, NULL), 0);
        assert_true(scratch_holds(path, ""));
        logfile_unref(file);
}

static void a_fifo_that_is_full_drops_and_never_waits(void **state)
{
        struct fixture *f = *state;
        const char *path = scratch_path(f->dir, "fifo");
        char *data = mem_new(50000), buffer[100000];
        struct logfile *file;
        struct stat st;
        size_t lost;
        int reader;

        assert_int_equal(mkfifo(path, 0600), 0);
        file = open_log(f, path, 10, 2); /* nobody reads it yet, and it must not rotate */
        assert_false(logfile_can_splice(file));
        logfile_write(file, data, 50000);
        logfile_write(file, data, 50000);
        logfile_write(file, data, 50000);
        lost = (size_t)logfile_bytes_lost(file);
        assert_in_range(lost, 150000 - 65536, 150000 - 50000);
        assert_non_null(strstr(f->told.data, "it is full"));
        assert_null(strchr(strchr(f->told.data, '\n') + 1, '\n')); /* told once */
        text_truncate(&f->told, 0);
        reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        assert_int_equal(read(reader, buffer, sizeof(buffer)), 150000 - lost);
        say(file, "hello");
        assert_non_null(strstr(f->told.data, "is written to again, "));
        assert_int_equal(read(reader, buffer, sizeof(buffer)), 5);
        (void)close(reader);
        say(file, "nobody");
        assert_int_equal(logfile_clear(file, NULL), 0);
        assert_int_equal(stat(path, &st), 0);
        assert_true(S_ISFIFO(st.st_mode));
        logfile_unref(file);
        mem_free(data);
}

static void our_own_stdout_is_neither_rotated_nor_removed(void **state)
{
        struct fixture *f = *state;
        const char *path = scratch_path(f->dir, "stdout"), *link = scratch_path(f->dir, "link");
        int saved = dup(STDOUT_FILENO), out = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        struct logfile *file;

        assert_int_equal(symlink("/dev/stdout", link), 0);
        (void)fflush(stdout);
        assert_int_equal(dup2(out, STDOUT_FILENO), STDOUT_FILENO);
        file = open_log(f, link, 4, 2);
        say(file, "aaaa");
        say(file, "bbbb");
        assert_int_equal(logfile_clear(file, NULL), 0);
        assert_int_equal(logfile_reopen(file, NULL), 0);
        say(file, "cc");
        logfile_unref(file);
        assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
        assert_true(scratch_holds(path, "aaaabbbbcc"));
        assert_int_not_equal(access(scratch_path(f->dir, "link.1"), F_OK), 0);
        (void)close(saved);
        (void)close(out);
}

static void a_descriptor_can_be_a_target(void **state)
{
        struct fixture *f = *state;
        struct logfile *file;
        char buffer[16];
        int fds[2];

        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        assert_int_equal(logfile_adopt(f->files, "journal of x", fds[1], &file, NULL), 0);
        say(file, "hello");
        logfiles_reopen(f->files);
        assert_int_equal(logfile_clear(file, NULL), 0);
        assert_int_equal(read(fds[0], buffer, sizeof(buffer)), 5);
        logfile_unref(file);
        assert_int_equal(read(fds[0], buffer, sizeof(buffer)), 0);
        (void)close(fds[0]);
}

/* Fills a small disk, as write and as splice, and makes room again. */
static void a_full_disk_costs_what_does_not_fit(void **state)
{
        struct fixture *f = *state;
        CLEANUP(mem_free) char *disk = mem_strdup(scratch_path(f->dir, "disk"));
        CLEANUP(mem_free) char *path = mem_format("%s/log", disk);
        CLEANUP(mem_free) char *filler = mem_format("%s/filler", disk);
        CLEANUP(mem_free) char *data = mem_new(60001);
        struct logfile *file;

        assert_int_equal(mkdir(disk, 0700), 0);
        if (mount("tmpfs", disk, "tmpfs", 0, "size=65536") < 0) {
                print_message("skipped: no permission to mount a small disk\n");
                return;
        }
        memset(data, 'x', 60000);
        scratch_write(filler, data);
        file = open_log(f, path, 0, 0);
        say(file, data);
        assert_true(logfile_bytes_lost(file) > 50000);
        assert_non_null(strstr(f->told.data, "No space left on device"));
        text_truncate(&f->told, 0);
        assert_int_equal(splice_text(file, "the child must not wait"), 23);
        say(file, "for the disk");
        assert_string_equal(text_string(&f->told), "");
        assert_int_equal(unlink(filler), 0);
        assert_int_equal(truncate(path, 0), 0);
        assert_int_equal(splice_text(file, "there is room again"), 19);
        assert_true(scratch_holds(path, "there is room again"));
        assert_non_null(strstr(f->told.data, "is written to again"));
        logfile_unref(file);
        assert_int_equal(umount(disk), 0);
}

static void a_folder_that_vanishes_and_returns_is_found_again(void **state)
{
        struct fixture *f = *state;
        CLEANUP(mem_free) char *sub = mem_strdup(scratch_path(f->dir, "sub"));
        CLEANUP(mem_free) char *path = mem_format("%s/log", sub);
        struct logfile *file;

        assert_int_equal(mkdir(sub, 0700), 0);
        file = open_log(f, path, 4, 0);
        say(file, "a");
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(sub), 0);
        say(file, "bbb"); /* rotates: there is nothing to open */
        say(file, "lost");
        assert_int_equal(splice_text(file, "lost too"), 8);
        assert_int_equal(logfile_bytes_lost(file), 12);
        assert_int_equal(mkdir(sub, 0700), 0);
        say(file, "new");
        assert_true(scratch_holds(path, "new"));
        logfile_unref(file);
}

static void discarding_empties_the_pipe(void **state)
{
        struct fixture *f = *state;
        int fds[2];

        assert_int_equal(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
        assert_int_equal(write(fds[1], "hello", 5), 5);
        assert_int_equal(logfiles_discard(f->files, fds[0], 1000), 5);
        assert_int_equal(logfiles_discard(f->files, fds[0], 1000), -EAGAIN);
        (void)close(fds[1]);
        assert_int_equal(logfiles_discard(f->files, fds[0], 1000), 0);
        (void)close(fds[0]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(what_is_written_is_appended),
                TEST(a_file_may_be_created_for_its_owner_only),
                TEST(a_file_that_cannot_be_opened_says_why),
                TEST(files_rotate_as_the_table_says),
                TEST(a_missing_backup_leaves_its_gap),
                TEST(very_many_backups_are_swept_up_to_the_first_gap),
                TEST(a_file_that_cannot_rotate_goes_on_growing),
                TEST(two_channels_with_one_path_share_the_file),
                TEST(a_second_name_of_a_file_shares_it_too),
                TEST(a_new_opener_finds_a_file_that_was_moved_away),
                TEST(a_file_truncated_by_others_goes_on_at_its_new_end),
                TEST(a_file_that_others_append_to_is_not_spliced_into),
                TEST(a_reopened_file_is_the_one_under_its_path),
                TEST(a_cleared_file_is_new_and_empty),
                TEST(a_fifo_that_is_full_drops_and_never_waits),
                TEST(our_own_stdout_is_neither_rotated_nor_removed),
                TEST(a_descriptor_can_be_a_target),
                TEST(a_full_disk_costs_what_does_not_fit),
                TEST(a_folder_that_vanishes_and_returns_is_found_again),
                TEST(discarding_empties_the_pipe),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
