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

#define SEEDS 20
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

static void check_models(
        const struct world *w, const struct world *other, uint64_t seed, unsigned step)
{
        CLEANUP(mem_free) char *model = state_model(w);
        CLEANUP(mem_free) char *other_model = state_model(other);
        CLEANUP(mem_free) char *text = state_save(w);
        CLEANUP(mem_free) char *other_text = state_save(other);

        check_same(other_model, model, seed, step);
        check_same(other_text, text, seed, step);
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
                        if (state_draw(&moments, 8))
                                continue;
                        restart(other, state_draw(&moments, 3) * USEC_SEC, seed, i);
                        check_models(w, other, seed, i);
                }
        }
}

static void change_rules(struct world *w)
{
        fake_rules_program(w->rules, "g0:p2",
                &(struct rules_program){ .start_sequence = 1, .expected_loading = 50 }, "#,i3");
        fake_rules_application(w->rules, "g2",
                &(struct rules_application){
                        .start_sequence = 1, .formula = fake_formula_new("!no such") },
                NULL);
}

/* Time stands still, or what is due would come between. */
static void rules_that_have_changed_meanwhile_apply_as_if_they_came_then(void **state)
{
        (void)state;
        for (uint64_t seed = 1; seed <= 60; seed++) {
                CLEANUP(world_free) struct world *w = state_world();
                CLEANUP(world_free) struct world *other = state_world();
                CLEANUP(mem_free) char *text = NULL, *fx = NULL, *other_fx = NULL;
                uint64_t random = seed * 0x9e3779b97f4a7c15, same = random;
                struct err err = {};

                for (unsigned i = 0; i < 200; i++) {
                        state_do(w, &random);
                        state_do(other, &same);
                }
                text = state_save(other);
                change_rules(w);
                change_rules(other);
                world_reload(w);
                fx = state_effects(w);
                assert_int_equal(state_restore(other, text, 0, &err), 0);
                assert_int_equal(fleet_deadline(other->fleet), other->now);
                restart(other, 0, seed, 0); /* before they have come */
                world_step(other, &(struct fleet_event){ .type = FLEET_TIMER });
                other_fx = state_effects(other);
                check_same(other_fx, fx, seed, 0);
                check_models(w, other, seed, 0);
        }
}

/* Whatever a text says, it is refused with a sentence, or is a fleet that works. */
static void try_text(const char *text, bool exact, uint64_t seed)
{
        CLEANUP(world_free) struct world *w = state_world();
        struct err err = {};
        int r = state_restore(w, text, 0, &err);

        if (r < 0) {
                assert_int_equal(r, -EBADMSG);
                assert_true(text_starts(err.text, "line "));
                return;
        }
        if (exact)
                restart(w, 0, seed, 0);
        for (unsigned i = 0; i < 12; i++)
                state_do(w, &seed);
        if (exact)
                restart(w, 0, seed, 1);
}

/* Which of two fields of one item is meant is not said: then it is not the same when it is written
 * again.  The line as it was, without it, twice, and with values that it does not expect. */
static void damage(const char *text, const char *line, const char *end, uint64_t seed)
{
        static const char *const values[] = { "", "-1", "x", "99999999999999999999", "3",
                "4000000000", "+5", "never", "g0", "p1" };
        const char *equals = memchr(line, '=', (size_t)(end - line));
        int before = (int)(line - text), length = (int)(end - line);
        CLEANUP(mem_free) char *without = mem_format("%.*s%s", before, text, end);
        CLEANUP(mem_free) char *twice = mem_format("%.*s%s", before + length, text, line);

        try_text(without, equals, seed);
        try_text(twice, !equals, seed);
        for (size_t i = 0; equals && i < ELEMENTS(values); i++) {
                CLEANUP(mem_free)
                char *other = mem_format("%.*s=%s\n%s", (int)(equals - text), text, values[i], end);

                try_text(other, true, seed);
        }
}

static void a_text_that_is_damaged_anywhere_is_refused_or_works(void **state)
{
        (void)state;
        for (uint64_t seed = 1; seed <= 2; seed++) {
                CLEANUP(world_free) struct world *w = state_world();
                CLEANUP(mem_free) char *text = NULL;
                uint64_t random = seed * 0x9e3779b97f4a7c15;

                for (unsigned i = 0; i < 150; i++)
                        state_do(w, &random);
                text = state_save(w);
                for (const char *line = strchr(text, '\n') + 1, *end; *line; line = end) {
                        end = strchr(line, '\n') + 1;
                        damage(text, line, end, seed);
                }
        }
}

static char *read_case(const char *name)
{
        const char *srcdir = getenv("srcdir");
        CLEANUP(mem_free)
        char *path = mem_format("%s/tests/cases/state/%s", srcdir ? srcdir : ".", name);
        struct text text = {};
        char buffer[4096];
        FILE *f = fopen(path, "re");
        size_t n;

        if (!f)
                fail_msg("%s cannot be read", path);
        while ((n = fread(buffer, 1, sizeof(buffer), f)) > 0)
                text_append_bytes(&text, buffer, n);
        (void)fclose(f); /* was only read */
        return text_take(&text);
}

/* Their rules are those of the random world, whose number is not part of the form. */
static char *with_rules(const struct world *w, const char *text)
{
        const char *number = strstr(text, "\nrules=");

        assert_non_null(number);
        number += strlen("\nrules=");
        return mem_format("%.*s%llu%s", (int)(number - text), text,
                (unsigned long long)rules_hash(w->rules), strchr(number, '\n'));
}

static void the_states_that_are_kept_are_understood(void **state)
{
        static const char *const names[] = { "fleet-first.state", "fleet-later.state" };

        (void)state;
        for (size_t i = 0; i < ELEMENTS(names); i++) {
                CLEANUP(world_free) struct world *w = state_world();
                CLEANUP(mem_free) char *kept = read_case(names[i]);
                CLEANUP(mem_free) char *text = with_rules(w, kept), *again = NULL;
                struct err err = {};

                if (state_restore(w, text, 0, &err) < 0)
                        fail_msg("%s: %s", names[i], err.text);
                again = state_save(w);
                check_same(again, text, 0, 0); /* also what this build does not know */
        }
}

static void a_state_with_few_fields_is_a_fleet(void **state)
{
        CLEANUP(world_free) struct world *w = state_world();
        CLEANUP(mem_free) char *text = read_case("fleet-few-fields.state");
        struct err err = {};

        (void)state;
        if (state_restore(w, text, 0, &err) < 0)
                fail_msg("%s", err.text);
        assert_string_equal(world_shown(w, "g0:p0"), "RUNNING i1");
        assert_string_equal(world_shown(w, "g0:p1"), "STOPPED");
        assert_true(fleet_is_starting(w->fleet));
        lead_state(w, FSM_OPERATION, 1, false);
        world_tell(w, 1, "g0:p1=STARTING g0:p1=RUNNING");
        assert_false(fleet_is_starting(w->fleet));
        assert_string_equal(world_shown(w, "g0:p1"), "RUNNING i2");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(
                        a_fleet_that_is_restored_at_any_moment_does_what_it_would_have_done),
                cmocka_unit_test(rules_that_have_changed_meanwhile_apply_as_if_they_came_then),
                cmocka_unit_test(a_text_that_is_damaged_anywhere_is_refused_or_works),
                cmocka_unit_test(the_states_that_are_kept_are_understood),
                cmocka_unit_test(a_state_with_few_fields_is_a_fleet),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
