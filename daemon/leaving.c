/* Leaving: see leaving.h. */
#include "daemon/leaving.h"

#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-login.h>

#include "daemon/chronicle.h"
#include "daemon/daemon.h"
#include "loop/errand.h"

static const char manager[] = "org.freedesktop.systemd1";

#define PATIENCE_USEC (2 * USEC_SEC)

enum reason {
        REASON_OTHER, /* it is not the manager who asks */
        REASON_STOP,
        REASON_RESTART,
        REASON_MACHINE, /* goes down */
};

static bool is_machine_ending(sd_bus *bus)
{
        CLEANUP(mem_free) char *state = NULL;

        return sd_bus_get_property_string(bus, manager, "/org/freedesktop/systemd1",
                       "org.freedesktop.systemd1.Manager", "SystemState", NULL, &state) >= 0 &&
               strcmp(state, "stopping") == 0;
}

/* The path of the job that our unit has, which the caller frees; NULL: none. */
static char *find_job(sd_bus *bus)
{
        CLEANUP(mem_free) char *unit = NULL, *object = NULL;
        sd_bus_message *reply = NULL;
        const char *path = NULL;
        char *job = NULL;
        uint32_t id = 0;

        if (sd_pid_get_unit(0, &unit) < 0 ||
                sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &object) < 0)
                return NULL;
        if (sd_bus_get_property(bus, manager, object, "org.freedesktop.systemd1.Unit", "Job", NULL,
                    &reply, "(uo)") >= 0 &&
                sd_bus_message_read(reply, "(uo)", &id, &path) >= 0 && id != 0)
                job = mem_strdup(path);
        (void)sd_bus_message_unref(reply);
        return job;
}

static enum reason ask(sd_bus *bus)
{
        CLEANUP(mem_free) char *job = NULL, *type = NULL;

        if (is_machine_ending(bus))
                return REASON_MACHINE;
        job = find_job(bus);
        if (!job || sd_bus_get_property_string(bus, manager, job, "org.freedesktop.systemd1.Job",
                            "JobType", NULL, &type) < 0)
                return REASON_OTHER;
        if (strcmp(type, "restart") == 0 || strcmp(type, "try-restart") == 0)
                return REASON_RESTART;
        return strcmp(type, "stop") == 0 ? REASON_STOP : REASON_OTHER;
}

/*
 * Beside the loop: the manager may have much to do.
 */

struct question {
        enum reason reason;
};

static void find_reason(void *job)
{
        struct question *question = job;
        sd_bus *bus = NULL;

        if (sd_bus_open_system(&bus) >= 0) {
                (void)sd_bus_set_method_call_timeout(bus, PATIENCE_USEC); /* or the usual one */
                question->reason = ask(bus);
        }
        (void)sd_bus_flush_close_unref(bus);
}

static void release(void *job)
{
        mem_free(job);
}

/*
 * In the loop.
 */

static void shut_down(struct daemon *d)
{
        daemon_feed(d, &(struct event){ .type = EV_SHUTDOWN });
}

static void leave(struct daemon *d)
{
        daemon_log(d, LOG_LEVEL_INFO, NULL, "programs are left running, for the next daemon");
        d->leaves = true;
        (void)sd_event_exit(d->loop, 0); /* fails only on a loop that has ended */
}

/* Whether anybody could take them over, and whether there is anybody to be asked. */
static bool is_possible(const struct daemon *d)
{
        return engine_mood(d->engine) == MOOD_RUNNING && d->scope &&
               chronicle_is_kept(d->chronicle) && sd_booted() > 0 && getenv("INVOCATION_ID");
}

static bool is_wanted(const struct daemon *d, enum reason reason)
{
        switch (reason) {
        case REASON_STOP:
                return d->config->on_service_stop == SERVICE_STOP_LEAVES;
        case REASON_RESTART:
                return true;
        case REASON_OTHER:
        case REASON_MACHINE:
                break;
        }
        return false;
}

static void on_answer(void *context, void *job)
{
        const struct question *question = job;
        struct daemon *d = context;
        bool leaves = is_possible(d) && is_wanted(d, question->reason);

        d->leaving = errand_free(d->leaving);
        if (leaves)
                leave(d);
        else
                shut_down(d);
}

static const struct errand_kind asking = { find_reason, on_answer, release };

void leaving_or_shutdown(struct daemon *d)
{
        struct err err = {};

        if (d->leaving) /* it is being found out */
                return;
        if (!is_possible(d) || errand_start(d->loop, &asking, mem_new(sizeof(struct question)), d,
                                       &d->leaving, &err) < 0)
                shut_down(d);
}
