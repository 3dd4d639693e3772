/* Leaving: see leaving.h. */
#include "daemon/leaving.h"

#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-login.h>

#include "daemon/chronicle.h"
#include "daemon/daemon.h"

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

static enum reason find_reason(void)
{
        sd_bus *bus = NULL;
        enum reason reason = REASON_OTHER;

        if (sd_booted() > 0 && getenv("INVOCATION_ID") && sd_bus_open_system(&bus) >= 0) {
                (void)sd_bus_set_method_call_timeout(bus, PATIENCE_USEC); /* or the usual one */
                reason = ask(bus);
        }
        (void)sd_bus_flush_close_unref(bus);
        return reason;
}

bool leaving_is_wanted(const struct daemon *d)
{
        if (!d->scope || !chronicle_is_kept(d->chronicle)) /* nobody could take them over */
                return false;
        switch (find_reason()) {
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

void leaving_begin(struct daemon *d)
{
        daemon_log(d, LOG_LEVEL_INFO, NULL, "programs are left running, for the next daemon");
        d->leaves = true;
        (void)sd_event_exit(d->loop, 0); /* fails only on a loop that has ended */
}
