/* Samples of statistics, out and in again. */
#include "wire/samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static struct samples_decoded *decode(const char *text)
{
        return samples_decode((const uint8_t *)text, strlen(text));
}

static void what_is_encoded_is_decoded(void **state)
{
        const struct statistics_core cores[] = { { 1.5, 2 } };
        const struct statistics_pair nets[] = { { "lo", 10, 20 } };
        const struct statistics_part mounts[] = { { "/", 33.3 } };
        struct statistics_process processes[] = { { "g:p", 7, 100.25, 3.5, 0.5 } };
        const struct samples samples = {
                .has_host = true,
                .host = { .now = 99.5,
                        .cores = cores,
                        .cores_count = 1,
                        .memory = 12.5,
                        .nets = nets,
                        .nets_count = 1,
                        .mounts = mounts,
                        .mounts_count = 1 },
                .processes = processes,
                .processes_count = 1,
        };
        CLEANUP(mem_free) char *text = samples_encode(&samples);
        CLEANUP(samples_free) struct samples_decoded *decoded = decode(text);
        const struct samples *back;

        assert_non_null(decoded);
        back = samples_of(decoded);
        assert_true(back->has_host);
        assert_true(back->host.now == 99.5 && back->host.memory == 12.5);
        assert_true(back->host.cores[0].work == 1.5 && back->host.cores[0].idle == 2);
        assert_string_equal(back->host.nets[0].name, "lo");
        assert_true(back->host.nets[0].out == 20);
        assert_true(back->host.mounts[0].percent == 33.3);
        assert_int_equal(back->host.disks_count, 0);
        assert_int_equal(back->processes_count, 1);
        assert_string_equal(back->processes[0].namespec, "g:p");
        assert_int_equal(back->processes[0].pid, 7);
        assert_true(back->processes[0].work == 3.5);
}

static void what_is_no_sample_is_refused(void **state)
{
        static const char *const bad[] = {
                "",
                "[]",
                "{}",
                "{\"processes\":{}}",
                "{\"processes\":[[\"p\",-1,1,1,1]]}",
                "{\"processes\":[[\"p\",1,1,1]]}",
                "{\"processes\":[[1,1,1,1,1]]}",
                "{\"processes\":[],\"host\":{}}",
                ("{\"processes\":[],\"host\":{\"now\":-1,\"cpu\":[],\"mem\":1,\"net_io\":{},"
                 "\"disk_io\":{},\"disk_usage\":{}}}"),
        };

        for (size_t i = 0; i < ELEMENTS(bad); i++) {
                CLEANUP(samples_free) struct samples_decoded *decoded = decode(bad[i]);

                assert_null(decoded);
        }
}

static void names_have_a_limit(void **state)
{
        static const char *const forms[] = {
                "{\"processes\":[[\"%s\",1,1,1,1]]}",
                "{\"processes\":[],\"host\":{\"now\":1,\"cpu\":[],\"mem\":1,\"net_io\":{\"%s\":"
                "[1,1]},\"disk_io\":{},\"disk_usage\":{}}}",
                "{\"processes\":[],\"host\":{\"now\":1,\"cpu\":[],\"mem\":1,\"net_io\":{},"
                "\"disk_io\":{},\"disk_usage\":{\"%s\":1}}}",
        };

        for (size_t i = 0; i < 2 * ELEMENTS(forms); i++) {
                bool is_long = i % 2;
                CLEANUP(mem_free) char *name = mem_new(SAMPLES_NAME_MAX + 2);
                CLEANUP(text_clear) struct text text = {};
                const char *form = forms[i / 2], *at = strstr(form, "%s");
                struct samples_decoded *decoded;

                memset(name, 'x', SAMPLES_NAME_MAX + is_long);
                text_append_bytes(&text, form, (size_t)(at - form));
                text_append(&text, name);
                text_append(&text, at + 2);
                decoded = decode(text_string(&text));
                assert_true(is_long ? !decoded : decoded != NULL);
                samples_free(decoded);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_encoded_is_decoded),
                cmocka_unit_test(what_is_no_sample_is_refused),
                cmocka_unit_test(names_have_a_limit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
