/* Key files: what is accepted, what is refused in which words, and how they are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/stat.h>

#include "base/text.h"
#include "config/keyfile.h"
#include "tests/unit/scratch.h"

#define SECRET "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

static int parse(const char *text, struct keyfile *ret, struct err *err)
{
        return keyfile_parse(text, strlen(text), ret, err);
}

static void comments_and_several_keys_are_read(void **state)
{
        struct keyfile file;
        struct err err = {};

        assert_int_equal(parse("# a comment\n\n  key 7 " SECRET " 2026-11-22T10:00:00Z\n"
                               "key 65534 " SECRET " 2026-11-23T10:00:00Z receive",
                                 &file, &err),
                0);
        assert_int_equal(file.count, 2);
        assert_int_equal(file.keys[0].id, 7);
        assert_int_equal(file.keys[0].created, 1795341600);
        assert_int_equal(file.keys[0].secret[1], 0x11);
        assert_int_equal(file.keys[0].secret[31], 0xff);
        assert_false(file.keys[0].receive);
        assert_true(file.keys[1].receive);
}

static void the_newest_key_that_is_not_only_received_is_sent_with(void **state)
{
        struct keyfile file;

        assert_int_equal(parse("key 1 " SECRET " 2026-11-22T10:00:00Z\n"
                               "key 2 " SECRET " 2026-11-24T10:00:00Z\n"
                               "key 3 " SECRET " 2026-11-23T10:00:00Z\n"
                               "key 4 " SECRET " 2026-11-25T10:00:00Z receive\n",
                                 &file, NULL),
                0);
        assert_int_equal(keyfile_newest(&file)->id, 2);
}

static void what_is_wrong_is_told_with_its_line_and_without_the_secret(void **state)
{
        static const struct {
                const char *text, *words;
        } cases[] = {
                { "", "no key in it to send with" },
                { "key 4 " SECRET " 2026-11-25T10:00:00Z receive\n", "no key in it to send with" },
                { "\nkeys 1 " SECRET " x\n", "line 2 begins with 'keys'" },
                { "key 0 " SECRET " 2026-11-22T10:00:00Z\n", "line 1: the id '0'" },
                { "key 65535 " SECRET " 2026-11-22T10:00:00Z\n", "line 1: the id '65535'" },
                { "key -1 " SECRET " 2026-11-22T10:00:00Z\n", "line 1: the id '-1'" },
                { "key 1 00" SECRET " 2026-11-22T10:00:00Z\n", "line 1: the secret of key 1" },
                { "key 1 " SECRET " yesterday\n", "line 1: the time 'yesterday'" },
                { "key 1 " SECRET " 2026-11-22T10:00:00Z send\n", "may only be 'receive'" },
                { "key 1 " SECRET "\n", "line 1 has not the form" },
                { "key 1 " SECRET " 2026-11-22T10:00:00Z\nkey 1 " SECRET " 2026-11-22T10:00:00Z\n",
                        "line 2: there are two keys 1" },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                struct keyfile file;
                struct err err = {};

                assert_int_equal(parse(cases[i].text, &file, &err), -EINVAL);
                if (!strstr(err.text, cases[i].words))
                        fail_msg("'%s' is not in '%s'", cases[i].words, err.text);
                assert_null(strstr(err.text, "2233"));
        }
}

static void a_generated_file_is_private_and_reads_back(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "key");
        struct keyfile file = {}, read;
        struct stat st;
        struct err err = {};
        uint16_t id;

        assert_int_equal(keyfile_generate(&file, 1795341600, false, &id, &err), 0);
        assert_int_equal(keyfile_generate(&file, 1795341601, true, &id, &err), 0);
        assert_int_equal(keyfile_write(path, &file, false, &err), 0);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(keyfile_read(path, &read, &err), 0);
        assert_int_equal(read.count, 2);
        assert_int_equal(read.keys[1].id, id);
        assert_int_equal(read.keys[1].created, 1795341601);
        assert_true(read.keys[1].receive);
        assert_memory_equal(read.keys[0].secret, file.keys[0].secret, KEYFILE_SECRET_SIZE);
        assert_int_not_equal(read.keys[0].id, read.keys[1].id);
}

static void an_existing_file_is_replaced_only_when_asked(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "key");
        struct keyfile file = {}, read;
        struct err err = {};
        uint16_t id;

        scratch_write(path, "mine");
        assert_int_equal(keyfile_generate(&file, 1795341600, false, &id, &err), 0);
        assert_int_equal(keyfile_write(path, &file, false, &err), -EEXIST);
        assert_true(scratch_holds(path, "mine"));
        assert_int_equal(keyfile_write(path, &file, true, &err), 0);
        assert_int_equal(keyfile_read(path, &read, &err), 0);
        assert_int_equal(rmdir(dir), -1); /* ... and holds that file only */
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(dir), 0);
}

static void a_file_that_others_can_read_is_refused(void **state)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "key");
        struct keyfile file;
        struct err err = {};

        scratch_write(path, "key 1 " SECRET " 2026-11-22T10:00:00Z\n");
        assert_int_equal(keyfile_read(path, &file, &err), -EPERM);
        assert_non_null(strstr(err.text, "its mode is 0644 and must be 0600"));
        assert_int_equal(keyfile_read(dir, &file, &err), -EINVAL);
        assert_int_equal(keyfile_read(scratch_path(dir, "none"), &file, &err), -ENOENT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(comments_and_several_keys_are_read),
                cmocka_unit_test(the_newest_key_that_is_not_only_received_is_sent_with),
                cmocka_unit_test(what_is_wrong_is_told_with_its_line_and_without_the_secret),
                cmocka_unit_test(a_generated_file_is_private_and_reads_back),
                cmocka_unit_test(an_existing_file_is_replaced_only_when_asked),
                cmocka_unit_test(a_file_that_others_can_read_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
