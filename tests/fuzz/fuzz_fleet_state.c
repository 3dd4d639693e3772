/* States of a fleet from anywhere: each is refused, or is a fleet that takes steps, and whose own
 * state is understood. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/saved.h"
#include "base/saver.h"
#include "fleet/fleet.h"
#include "fleet/statistics.h"

#define NOW (1000 * USEC_SEC)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fleet *restore(const char *data, size_t size, struct err *err)
{
        CLEANUP(saved_free) struct saved *saved = NULL;
        const struct fleet_options options = { .order_usec_max = 10 * USEC_SEC };
        struct fleet *fleet = NULL;

        if (saved_parse(data, size, NOW, &saved, err) < 0 ||
                fleet_restore(&options, saved, &fleet, err) < 0)
                return NULL;
        return fleet;
}

/* The master goes on, time passes, everybody is lost. */
static void take_steps(struct fleet *fleet)
{
        CLEANUP(fleet_effects_clear) struct fleet_effects fx = {};
        struct fleet_event event = { .now = NOW, .type = FLEET_TIMER };

        fleet_step(fleet, &event, &fx);
        event = (struct fleet_event){ .now = NOW,
                .type = FLEET_STATE,
                .state = { .state = FSM_OPERATION, .acting = true, .mastership = 1 } };
        fleet_step(fleet, &event, &fx);
        event = (struct fleet_event){
                .now = NOW, .type = FLEET_WORK, .work = { FSM_WORK_DISTRIBUTE, 1 }
        };
        fleet_step(fleet, &event, &fx);
        event = (struct fleet_event){ .now = NOW + 100 * USEC_SEC, .type = FLEET_TIMER };
        fleet_step(fleet, &event, &fx);
        for (unsigned i = 0; i < fleet_instances_count(fleet); i++) {
                event = (struct fleet_event){ .now = event.now,
                        .type = FLEET_INSTANCE,
                        .instance = i,
                        .peer = { .identifier = "i", .nick = "i", .why = PEERS_SILENT } };
                fleet_step(fleet, &event, &fx);
        }
        if (fleet_deadline(fleet) < event.now && fleet_deadline(fleet) == 0)
                abort();
}

static void take_figures(const char *data, size_t size)
{
        CLEANUP(saved_free) struct saved *saved = NULL;
        CLEANUP(statistics_free)
        struct statistics *statistics =
                statistics_new((double[]){ 5 }, 1, (struct statistics_sink){});

        if (saved_parse(data, size, NOW, &saved, NULL) >= 0 &&
                statistics_restore(statistics, saved, NULL) > 0)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct err err = {};
        CLEANUP(fleet_free) struct fleet *fleet = restore((const char *)data, size, &err);
        CLEANUP(fleet_free) struct fleet *again = NULL;
        CLEANUP(saver_free) struct saver *saver = saver_new(NOW);
        CLEANUP(mem_free) char *text = NULL;
        size_t length;

        take_figures((const char *)data, size);
        if (!fleet) {
                if (!*err.text)
                        abort();
                return 0;
        }
        take_steps(fleet);
        fleet_save(fleet, saver);
        text = saver_take(saver, &length);
        again = restore(text, length, &err);
        if (!again)
                abort();
        return 0;
}
