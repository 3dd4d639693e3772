/* Views: what others may look up in the model, and the texts of it; see model.h and fleet.h. */
#include <string.h>

#include "base/text.h"
#include "fleet/state.h"
#include "fleet/stopper.h"

static const char *const application_states[] = {
        [APPLICATION_STOPPED] = "STOPPED",
        [APPLICATION_STARTING] = "STARTING",
        [APPLICATION_RUNNING] = "RUNNING",
        [APPLICATION_STOPPING] = "STOPPING",
        [APPLICATION_DELETED] = "DELETED",
};

const char *application_state_name(enum application_state state)
{
        return application_states[state];
}

enum process_state fleet_process_shown(const struct fleet_process *process)
{
        return process->forced ? process->forced_state : process->state;
}

bool fleet_process_runs_on(const struct fleet_process *process, unsigned instance)
{
        if (!process_state_is_running(process->state))
                return false;
        for (size_t i = 0; i < process->running_count; i++)
                if (process->running[i] == instance)
                        return true;
        return false;
}

bool fleet_process_crashed(const struct fleet_process *process)
{
        return process->state == FATAL || (process->state == EXITED && !process->expected);
}

bool fleet_process_conflicts(const struct fleet_process *process)
{
        return process->application->rules->managed && process->running_count > 1;
}

struct fleet_record *fleet_process_record(const struct fleet_process *process, unsigned instance)
{
        for (size_t i = 0; i < process->records_count; i++)
                if (process->records[i]->instance == instance)
                        return process->records[i];
        return NULL;
}

unsigned fleet_instances_count(const struct fleet *fleet)
{
        return (unsigned)fleet->instances_count;
}

const struct fleet_instance *fleet_instance_at(const struct fleet *fleet, unsigned index)
{
        return index < fleet->instances_count ? fleet->instances[index] : NULL;
}

const unsigned *fleet_instances_order(const struct fleet *fleet, size_t *count)
{
        *count = fleet->order_count;
        return fleet->order;
}

static bool has_stereotype(const struct fleet_instance *instance, const char *name)
{
        for (char *const *s = instance->stereotypes; s && *s; s++)
                if (strcmp(*s, name) == 0)
                        return true;
        return false;
}

size_t fleet_instances_find(const struct fleet *fleet, const char *name, unsigned *ret)
{
        size_t count = 0;

        for (size_t i = 0; i < fleet->order_count; i++)
                if (strcmp(fleet->instances[fleet->order[i]]->identifier, name) == 0) {
                        ret[0] = fleet->order[i];
                        return 1;
                }
        for (size_t i = 0; i < fleet->order_count; i++)
                if (strcmp(fleet->instances[fleet->order[i]]->nick, name) == 0) {
                        ret[0] = fleet->order[i];
                        return 1;
                }
        for (size_t i = 0; i < fleet->order_count; i++)
                if (has_stereotype(fleet->instances[fleet->order[i]], name))
                        ret[count++] = fleet->order[i];
        return count;
}

size_t fleet_applications_count(const struct fleet *fleet)
{
        return fleet->applications_count;
}

struct fleet_application *fleet_application_at(const struct fleet *fleet, size_t index)
{
        return index < fleet->applications_count ? fleet->applications[index] : NULL;
}

struct fleet_application *fleet_application_find(const struct fleet *fleet, const char *name)
{
        struct fleet_application *found;

        HASH_FIND_STR(fleet->by_name, name, found);
        return found;
}

struct fleet_process *fleet_process_find(
        const struct fleet_application *application, const char *process_name)
{
        struct fleet_process *found;

        HASH_FIND(by_name, application->by_name, process_name, strlen(process_name), found);
        return found;
}

bool fleet_process_awaits(
        const struct fleet *fleet, const struct fleet_process *process, unsigned instance)
{
        const struct fleet_instance *there = fleet_instance_at(fleet, instance);
        const struct fleet_record *record = fleet_process_record(process, instance);

        if (!there || !there->may_return || !record || !process_state_is_running(record->state) ||
                stopper_ends(fleet, record))
                return false;
        for (size_t i = 0; i < process->running_count; i++)
                if (process->running[i] != instance &&
                        process_state_is_running(
                                fleet_process_record(process, process->running[i])->state))
                        return false;
        return true;
}

bool fleet_has_conflict(const struct fleet *fleet)
{
        return fleet->conflicts > 0;
}

enum fault fleet_find_namespec(const struct fleet *fleet, const char *namespec,
        struct fleet_application **ret, struct fleet_process **ret_process, char **ret_detail)
{
        const char *colon = strchr(namespec, ':');
        const char *name = colon ? colon + 1 : namespec;
        CLEANUP(mem_free)
        char *group = mem_strndup(namespec, colon ? (size_t)(colon - namespec) : strlen(namespec));
        struct fleet_application *application = fleet_application_find(fleet, group);
        struct fleet_process *process = NULL;

        if (!application) {
                *ret_detail = mem_format("application=%s unknown to Supvisors", group);
                return FAULT_BAD_NAME;
        }
        if (!colon || (*name && strcmp(name, "*") != 0)) {
                process = fleet_process_find(application, name);
                if (!process) {
                        *ret_detail =
                                mem_format("process=%s unknown in application=%s", name, group);
                        return FAULT_BAD_NAME;
                }
        }
        *ret = application;
        *ret_process = process;
        return FAULT_NONE;
}
