/* A fleet whose state is written and read again goes on as if nothing had been. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tests/unit/fleet_state.h"

#define SEEDS 40
#define STEPS 1500

static void check_same(const char *got, const char *expected, uint64_t seed, unsigned step)
{
        size_t line = 0;

        if (strcmp(got, expected) == 0)
                return;
        for (size_t i = 0; got[i] && got[i] == expected[i]; i++)
                if (got[i] == '\n')
                        line = i + 1;
        fail_msg("seed %llu, step %u:\n got      %.300s\n expected %.300s",
                (unsigned long long)seed, step, got + line, expected + line);
}

static void restart(struct world *w, usec_t later, uint64_t seed, unsigned step)
{
        CLEANUP(mem_free) char *text = state_save(w);
        CLEANUP(mem_free) char *again = NULL;
        struct err err = {};

        if (state_restore(w, text, later, &err) < 0)
                fail_msg("seed %llu, step %u: %s", (unsigned long long)seed, step, err.text);
        again = state_save(w);
        check_same(again, text, seed, step);
}

static void check_lockstep(
        const struct world *w, const struct world *other, uint64_t seed, unsigned step)
{
        CLEANUP(mem_free) char *fx = state_effects(w);
        CLEANUP(mem_free) char *other_fx = state_effects(other);

        check_same(other_fx, fx, seed, step);
        assert_int_equal(
                fleet_deadline(w->fleet) == USEC_NEVER, fleet_deadline(other->fleet) == USEC_NEVER);
        if (fleet_deadline(w->fleet) != USEC_NEVER)
                assert_int_equal(fleet_deadline(w->fleet) - w->now,
                        fleet_deadline(other->fleet) - other->now);
}

static void a_fleet_that_is_restored_at_any_moment_does_what_it_would_have_done(void **state)
{
        (void)state;
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
                CLEANUP(world_free) struct world *w = state_world();
                CLEANUP(world_free) struct world *other = state_world();
                uint64_t random = seed * 0x9e3779b97f4a7c15, moments = seed * 31 + 7;

                for (unsigned i = 0; i < STEPS; i++) {
                        uint64_t same = random;

                        state_do(w, &random);
                        state_do(other, &same);
                        check_lockstep(w, other, seed, i);
                        if (state_draw(&moments, 8) == 0)
                                restart(other, state_draw(&moments, 3) * USEC_SEC, seed, i);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(
                        a_fleet_that_is_restored_at_any_moment_does_what_it_would_have_done),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
