/* The state of the engine from anywhere: whatever is taken is written the same again, and the
 * engine that goes on from there comes to its end when it is told to. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/saved.h"
#include "base/saver.h"
#include "engine/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1000000, STEPS_MAX = 50 };

static struct engine *restore(const char *data, size_t length)
{
        CLEANUP(saved_free) struct saved *saved = NULL;
        struct engine *engine = NULL;

        if (saved_parse(data, length, NOW, &saved, NULL) < 0 ||
                engine_restore(saved, &engine, NULL) < 0)
                return NULL;
        return engine;
}

static char *save(const struct engine *engine, size_t *ret_length)
{
        CLEANUP(saver_free) struct saver *saver = saver_new(NOW);

        engine_save(engine, saver);
        return saver_take(saver, ret_length);
}

static void check_again(const struct engine *engine)
{
        size_t length, length_again;
        CLEANUP(mem_free) char *text = save(engine, &length);
        CLEANUP(engine_free) struct engine *again = restore(text, length);
        CLEANUP(mem_free) char *text_again = NULL;

        if (!again)
                abort();
        text_again = save(again, &length_again);
        if (length != length_again || memcmp(text, text_again, length) != 0)
                abort();
}

static void step(struct engine *engine, struct event event)
{
        static const usec_t wall = 1700000000 * USEC_SEC;
        struct effects fx = {};

        event.wall = wall;
        engine_step(engine, &event, &fx);
        effects_clear(&fx);
}

/* Each process is told of what may have happened to it meanwhile. */
static void tell(struct engine *engine, uint32_t id)
{
        switch (id % 4) {
        case 0:
                step(engine,
                        (struct event){ .type = EV_LOST, .now = NOW, .lost = { .process = id } });
                return;
        case 1:
                step(engine, (struct event){ .type = EV_ADOPTED,
                                     .now = NOW,
                                     .adopted = { .process = id, .pid = 77 } });
                return;
        case 2:
                step(engine,
                        (struct event){
                                .type = EV_EMPTIED, .now = NOW, .emptied = { .process = id } });
                return;
        default:
                return;
        }
}

static void go_on(struct engine *engine)
{
        usec_t now = NOW;

        for (uint32_t id = 1; id < STEPS_MAX; id++)
                tell(engine, id);
        check_again(engine);
        step(engine, (struct event){ .type = EV_RECOVERED, .now = NOW });
        step(engine, (struct event){ .type = EV_SHUTDOWN, .now = NOW });
        for (int i = 0; i < STEPS_MAX && engine_deadline(engine) != USEC_NEVER; i++) {
                if (engine_deadline(engine) > now)
                        now = engine_deadline(engine);
                step(engine, (struct event){ .type = EV_TIMER, .now = now });
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(engine_free) struct engine *engine = restore((const char *)data, size);

        if (!engine)
                return 0;
        check_again(engine);
        go_on(engine);
        return 0;
}
