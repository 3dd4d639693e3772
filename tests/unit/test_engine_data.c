/* Faults, answers, effects: the plain data around the engine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "engine/answer.h"
#include "engine/effects.h"
#include "engine/fault.h"

static void a_fault_has_the_name_that_clients_know(void **state)
{
        assert_string_equal(fault_name(FAULT_UNKNOWN_METHOD), "UNKNOWN_METHOD");
        assert_string_equal(fault_name(FAULT_SHUTDOWN_STATE), "SHUTDOWN_STATE");
        assert_string_equal(fault_name(FAULT_BAD_NAME), "BAD_NAME");
        assert_string_equal(fault_name(FAULT_CANT_REREAD), "CANT_REREAD");
        assert_string_equal(fault_name((enum fault)77), "UNKNOWN");
}

static void a_fault_text_is_the_name_and_the_words_if_there_are_any(void **state)
{
        CLEANUP(mem_free) char *with = fault_text(FAULT_BAD_NAME, "cat");
        CLEANUP(mem_free) char *empty = fault_text(FAULT_BAD_NAME, "");
        CLEANUP(mem_free) char *without = fault_text(FAULT_NO_FILE, NULL);

        assert_string_equal(with, "BAD_NAME: cat");
        assert_string_equal(empty, "BAD_NAME: ");
        assert_string_equal(without, "NO_FILE");
}

static void an_entry_is_ok_or_says_the_fault(void **state)
{
        CLEANUP(answer_free) struct answer *answer = answer_new(ANSWER_ENTRIES);

        answer_add_entry(answer, "a", "g", FAULT_SUCCESS, "ignored");
        answer_add_entry(answer, "b", "g", FAULT_SPAWN_ERROR, "g:b");
        assert_int_equal(answer->entries_count, 2);
        assert_string_equal(answer->entries[0].description, "OK");
        assert_int_equal(answer->entries[0].status, 80);
        assert_string_equal(answer->entries[1].name, "b");
        assert_string_equal(answer->entries[1].group, "g");
        assert_string_equal(answer->entries[1].description, "SPAWN_ERROR: g:b");
}

static void an_answer_owns_the_names_it_was_given(void **state)
{
        CLEANUP(answer_free) struct answer *answer = answer_new(ANSWER_DIFF);
        char name[] = "web";

        answer_names_add(&answer->added, name);
        name[0] = 'x';
        assert_int_equal(answer->added.count, 1);
        assert_string_equal(answer->added.names[0], "web");
        assert_int_equal(answer->removed.count, 0);
}

static void a_fault_answer_carries_the_whole_text(void **state)
{
        CLEANUP(answer_free) struct answer *answer = answer_new_fault(FAULT_NOT_RUNNING, "web:1");

        assert_int_equal(answer->type, ANSWER_FAULT);
        assert_int_equal(answer->fault, 70);
        assert_string_equal(answer->text, "NOT_RUNNING: web:1");
}

static void effects_keep_their_order_and_are_empty_after_a_reset(void **state)
{
        CLEANUP(effects_clear) struct effects fx = {};

        for (uint32_t i = 1; i <= 100; i++)
                effects_add(&fx, FX_SPAWN, i);
        effects_log(&fx, LOG_LEVEL_INFO, 7, "spawned: '%s' with pid %d", "cat", 12);
        effects_add(&fx, FX_ANSWER, 0)->answer.answer = answer_new(ANSWER_TRUE);
        effects_add(&fx, FX_GROUP_ADDED, 0)->group.name = mem_strdup("g");
        assert_int_equal(fx.count, 103);
        assert_int_equal(fx.at[99].process, 100);
        assert_string_equal(fx.at[100].log.text, "spawned: 'cat' with pid 12");
        assert_int_equal(fx.at[100].log.level, LOG_LEVEL_INFO);
        effects_reset(&fx);
        assert_int_equal(fx.count, 0);
        assert_non_null(fx.at);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_fault_has_the_name_that_clients_know),
                cmocka_unit_test(a_fault_text_is_the_name_and_the_words_if_there_are_any),
                cmocka_unit_test(an_entry_is_ok_or_says_the_fault),
                cmocka_unit_test(an_answer_owns_the_names_it_was_given),
                cmocka_unit_test(a_fault_answer_carries_the_whole_text),
                cmocka_unit_test(effects_keep_their_order_and_are_empty_after_a_reset),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
