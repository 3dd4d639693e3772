/* Ticks: see ticks.h. */
#include "engine/ticks.h"

#include "engine/announce.h"

static const struct {
        enum topic topic;
        usec_t period;
} ticks[TICKS] = {
        { TOPIC_TICK_5, 5 * USEC_SEC },
        { TOPIC_TICK_60, 60 * USEC_SEC },
        { TOPIC_TICK_3600, 3600 * USEC_SEC },
};

/* The two clocks drift against each other: a deadline is only moved when that is worth it. */
static const usec_t drift_usec_max = USEC_MSEC;

static bool is_near(usec_t a, usec_t b)
{
        return usec_sub(a, b) <= drift_usec_max && usec_sub(b, a) <= drift_usec_max;
}

void ticks_check(struct engine *engine)
{
        usec_t next = USEC_NEVER;

        for (size_t i = 0; i < TICKS; i++) {
                uint64_t number = engine->wall / ticks[i].period;
                struct tick *tick = &engine->ticks[i];

                if (!engine->subscribers[ticks[i].topic] || engine->finished) {
                        tick->is_counted = false;
                        continue;
                }
                /* The first number is where the counting begins, and no event. */
                if (tick->is_counted && number != tick->number)
                        announce_tick(
                                engine, ticks[i].topic, number * (ticks[i].period / USEC_SEC));
                tick->is_counted = true;
                tick->number = number;
                next = usec_min(next, ticks[i].period - engine->wall % ticks[i].period);
        }
        next = usec_add(engine->now, next);
        if (engine->tick_at <= engine->now || !is_near(next, engine->tick_at))
                engine->tick_at = next;
}
