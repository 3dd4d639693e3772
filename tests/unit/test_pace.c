/* The pace of what may be done only so often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/pace.h"

static const struct pace_limit limit = { .count_max = 3, .span_usec = 100 };

static void so_many_go_at_once_and_the_next_when_the_span_is_over(void **state)
{
        struct pace pace = {};

        assert_int_equal(pace_take(&pace, &limit, 1000), 0);
        assert_int_equal(pace_take(&pace, &limit, 1001), 0);
        assert_int_equal(pace_take(&pace, &limit, 1099), 0);
        assert_int_equal(pace_take(&pace, &limit, 1099), 1100);
        assert_int_equal(pace_take(&pace, &limit, 1099), 1100); /* asking costs nothing */
        assert_int_equal(pace_take(&pace, &limit, 1100), 0);
}

static void who_is_slow_never_waits(void **state)
{
        struct pace pace = {};

        for (usec_t now = 0; now < 10000; now += 34)
                assert_int_equal(pace_take(&pace, &limit, now), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(so_many_go_at_once_and_the_next_when_the_span_is_over),
                cmocka_unit_test(who_is_slow_never_waits),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
