/* Slices: see slices.h. */
#include "loop/slices.h"

#include "base/clock.h"
#include "base/monotonic.h"

enum { SLICE_USEC = 250 };

struct slices {
        sd_event_source *source;
        bool (*piece)(void *context);
        void *context;
        bool is_busy;
};

static int on_turn(sd_event_source *source, uint64_t usec, void *context)
{
        struct slices *slices = context;
        usec_t end = monotonic_now() + SLICE_USEC;

        do {
                if (!slices->piece(slices->context)) {
                        slices->is_busy = false;
                        return 0;
                }
        } while (monotonic_now() < end);
        /* A time that has passed, and not a deferred source, which would go before all others. */
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int slices_new(sd_event *loop, bool (*piece)(void *context), void *context, struct slices **ret)
{
        CLEANUP(slices_free) struct slices *slices = mem_new(sizeof(*slices));
        int r = sd_event_add_time(loop, &slices->source, CLOCK_MONOTONIC, 0, 1, on_turn, slices);

        if (r >= 0)
                r = sd_event_source_set_enabled(slices->source, SD_EVENT_OFF);
        if (r < 0)
                return r;
        slices->piece = piece;
        slices->context = context;
        *ret = TAKE(slices);
        return 0;
}

struct slices *slices_free(struct slices *slices)
{
        if (!slices)
                return NULL;
        slices->source = sd_event_source_disable_unref(slices->source);
        return mem_free(slices);
}

void slices_begin(struct slices *slices)
{
        slices->is_busy = true;
        (void)sd_event_source_set_enabled(slices->source, SD_EVENT_ONESHOT); /* right arguments */
}

bool slices_is_busy(const struct slices *slices)
{
        return slices->is_busy;
}
