/* Deadlines: the heap gives the earliest, whatever was put in, changed and taken out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/deadlines.h"

enum { SLOTS = 200 };

static uint64_t next_random(uint64_t *seed)
{
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        return *seed;
}

static const struct slot *earliest_of(const struct slot *slots)
{
        const struct slot *best = NULL;

        for (size_t i = 0; i < SLOTS; i++)
                if (slots[i].heap_place &&
                        (!best || slots[i].process.deadline < best->process.deadline))
                        best = &slots[i];
        return best;
}

static void the_earliest_comes_first_whatever_was_changed(void **state)
{
        struct slot *slots = mem_new_array(SLOTS, sizeof(*slots));
        struct deadlines heap = {};
        uint64_t seed = 1;

        for (uint32_t i = 0; i < SLOTS; i++) {
                slots[i].process.id = i + 1;
                slots[i].process.deadline = USEC_NEVER;
        }
        for (int i = 0; i < 20000; i++) {
                struct slot *slot = &slots[next_random(&seed) % SLOTS];
                const struct slot *earliest;

                slot->process.deadline =
                        next_random(&seed) % 3 ? next_random(&seed) % 1000 : USEC_NEVER;
                deadlines_update(&heap, slot);
                assert_int_equal(slot->heap_place != 0, slot->process.deadline != USEC_NEVER);
                earliest = earliest_of(slots);
                assert_true(deadlines_first(&heap) ==
                            (earliest ? earliest->process.deadline : USEC_NEVER));
                assert_ptr_equal(deadlines_due(&heap, USEC_NEVER), earliest);
        }
        deadlines_clear(&heap);
        mem_free(slots);
}

static void nothing_is_due_before_its_time(void **state)
{
        struct slot slot = { .process = { .id = 1, .deadline = 5 } };
        struct deadlines heap = {};

        assert_true(deadlines_first(&heap) == USEC_NEVER);
        assert_null(deadlines_due(&heap, USEC_NEVER));
        deadlines_update(&heap, &slot);
        assert_null(deadlines_due(&heap, 4));
        assert_ptr_equal(deadlines_due(&heap, 5), &slot);
        deadlines_remove(&heap, &slot);
        deadlines_remove(&heap, &slot);
        assert_null(deadlines_due(&heap, 5));
        deadlines_clear(&heap);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_earliest_comes_first_whatever_was_changed),
                cmocka_unit_test(nothing_is_due_before_its_time),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
