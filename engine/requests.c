/* Requests: see requests.h. */
#include "engine/requests.h"

#include "engine/abilities.h"
#include "engine/groups.h"
#include "engine/numprocs.h"
#include "engine/operations.h"
#include "engine/reload.h"
#include "engine/shutdown.h"
#include "engine/work.h"

/* Which processes a group form is about. */
static bool is_concerned(enum request_type type, enum process_state state)
{
        switch (type) {
        case REQUEST_START:
        case REQUEST_START_GROUP:
        case REQUEST_START_ALL:
                return !process_state_is_running(state);
        case REQUEST_STOP:
        case REQUEST_STOP_GROUP:
        case REQUEST_STOP_ALL:
                return process_state_is_running(state);
        case REQUEST_SIGNAL:
        case REQUEST_SIGNAL_GROUP:
        case REQUEST_SIGNAL_ALL:
                return process_state_is_signallable(state);
        case REQUEST_ADD_GROUP:
        case REQUEST_REMOVE_GROUP:
        case REQUEST_RELOAD_CONFIG:
        case REQUEST_SHUTDOWN:
        case REQUEST_RESTART:
        case REQUEST_ENABLE:
        case REQUEST_DISABLE:
        case REQUEST_LIMITS:
        case REQUEST_NUMPROCS:
                break;
        }
        return false;
}

static void run_single(struct engine *engine, const struct request *request, struct slot *slot)
{
        struct work *work = work_new(engine, request, 1);

        work->single = true;
        work_add(work, slot, request->name);
        operations_run(engine, work);
}

static void run_groups(struct engine *engine, const struct request *request,
        struct group *const *groups, size_t count)
{
        struct work *work;
        size_t members_count = 0;

        for (size_t i = 0; i < count; i++)
                members_count += groups[i]->count;
        work = work_new(engine, request, members_count);
        for (size_t i = 0; i < count; i++) {
                CLEANUP(mem_free) struct slot **members = groups_members_by_priority(groups[i]);

                for (size_t j = 0; j < groups[i]->count; j++)
                        if (is_concerned(request->type, members[j]->process.state))
                                work_add(work, members[j], NULL);
        }
        operations_run(engine, work);
}

static void take_process(struct engine *engine, const struct request *request)
{
        struct group *group;
        struct slot *slot = NULL;
        enum fault fault = groups_resolve(engine, request->name, &group, &slot);

        if (request->args && (fault != FAULT_NONE || !slot)) {
                CLEANUP(mem_free)
                char *text = mem_format("namespec=%s unknown to Supervisor", request->name);

                work_refuse(engine, request, FAULT_BAD_NAME, text);
        } else if (fault != FAULT_NONE) {
                work_refuse(engine, request, FAULT_BAD_NAME, request->name);
        } else if (slot) {
                run_single(engine, request, slot);
        } else {
                run_groups(engine, request, &group, 1);
        }
}

static void take_group(struct engine *engine, const struct request *request)
{
        struct group *group = groups_find(engine, request->name);

        if (group)
                run_groups(engine, request, &group, 1);
        else
                work_refuse(engine, request, FAULT_BAD_NAME, request->name);
}

static void take_all(struct engine *engine, const struct request *request)
{
        CLEANUP(mem_free) struct group **groups = groups_by_priority(engine);

        run_groups(engine, request, groups, engine->groups_count);
}

/* What adding the group comes to; on success it is there and its programs start. */
static struct answer *add_group(struct engine *engine, const char *name)
{
        struct program_group *config = program_set_find(&engine->pending, name);

        if (!config)
                return answer_new_fault(FAULT_BAD_NAME, name);
        if (!groups_add(engine, config))
                return answer_new_fault(FAULT_ALREADY_ADDED, name);
        groups_autostart(engine, groups_find(engine, name));
        return answer_new(ANSWER_TRUE);
}

/* A group with a socket is only taken when the daemon can have that, which it has to try. */
static void take_add_group(struct engine *engine, const struct request *request)
{
        const struct program_group *config = program_set_find(&engine->pending, request->name);
        struct effect *effect;

        if (!config || config->kind != GROUP_FCGI || groups_find(engine, request->name)) {
                work_reply(engine, request, add_group(engine, request->name));
                return;
        }
        work_new(engine, request, 0)->open = 1; /* the check */
        effect = effects_add(engine->out, FX_CHECK_GROUP, 0);
        effect->check_group.request = request->id;
        effect->check_group.name = mem_strdup(request->name);
}

void requests_group_checked(struct engine *engine, uint64_t id, const char *name, const char *error)
{
        struct work *work = work_find(engine, id);

        if (!work || work->type != REQUEST_ADD_GROUP)
                return;
        work_answer(engine, work,
                error ? answer_new_fault(FAULT_FAILED, error) : add_group(engine, name));
}

static void take_remove_group(struct engine *engine, const struct request *request)
{
        struct group *group = groups_find(engine, request->name);

        if (!group) {
                work_refuse(engine, request, FAULT_BAD_NAME, request->name);
                return;
        }
        if (group->unstopped) {
                work_refuse(engine, request, FAULT_STILL_RUNNING, request->name);
                return;
        }
        groups_remove(engine, group);
        work_reply(engine, request, answer_new(ANSWER_TRUE));
}

static void read_config(struct engine *engine, uint64_t id, bool restart)
{
        struct effect *effect = effects_add(engine->out, FX_READ_CONFIG, 0);

        effect->read_config.request = id;
        effect->read_config.restart = restart;
}

static void take_reading(struct engine *engine, const struct request *request)
{
        work_new(engine, request, 0)->open = 1; /* the reading */
        read_config(engine, request->id, request->type == REQUEST_RESTART);
}

/* Whether all processes are those of the configuration, so that each has its limits there. */
static bool is_as_configured(const struct group *group)
{
        for (size_t i = 0; i < group->count; i++)
                if (slot_of(group->processes[i])->expanded || group->processes[i]->obsolete)
                        return false;
        return true;
}

static void take_limits(struct engine *engine, const struct request *request)
{
        const struct program_group *read = program_set_find(&engine->pending, request->name);
        const struct group *group = groups_find(engine, request->name);
        struct work *work;

        if (!group || !read) {
                work_refuse(engine, request, FAULT_BAD_NAME, request->name);
                return;
        }
        if (!is_as_configured(group) || !program_group_equal_but_limits(group->config, read)) {
                work_reply(engine, request, answer_new(ANSWER_FALSE));
                return;
        }
        program_group_take_limits(group->config, read);
        if (group->count == 0) {
                work_reply(engine, request, answer_new(ANSWER_TRUE));
                return;
        }
        work = work_new(engine, request, 0);
        work->open = 1; /* until the last of them has come */
        work->number = (unsigned)group->count;
        for (size_t i = 0; i < group->count; i++)
                effects_add(engine->out, FX_LIMITS, group->processes[i]->id)->limits.request =
                        request->id;
}

void requests_limits_changed(struct engine *engine, uint64_t id, const char *error)
{
        struct work *work = work_find(engine, id);

        if (!work || work->type != REQUEST_LIMITS)
                return;
        if (error && !work->error)
                work->error = mem_strdup(error);
        if (--work->number == 0)
                work_answer(engine, work,
                        work->error ? answer_new_fault(FAULT_FAILED, work->error)
                                    : answer_new(ANSWER_TRUE));
}

static void dispatch(struct engine *engine, const struct request *request)
{
        switch (request->type) {
        case REQUEST_START:
        case REQUEST_STOP:
        case REQUEST_SIGNAL:
                take_process(engine, request);
                return;
        case REQUEST_START_GROUP:
        case REQUEST_STOP_GROUP:
        case REQUEST_SIGNAL_GROUP:
                take_group(engine, request);
                return;
        case REQUEST_START_ALL:
        case REQUEST_STOP_ALL:
        case REQUEST_SIGNAL_ALL:
                take_all(engine, request);
                return;
        case REQUEST_ADD_GROUP:
                take_add_group(engine, request);
                return;
        case REQUEST_REMOVE_GROUP:
                take_remove_group(engine, request);
                return;
        case REQUEST_RELOAD_CONFIG:
        case REQUEST_RESTART:
                take_reading(engine, request);
                return;
        case REQUEST_SHUTDOWN:
                work_reply(engine, request, answer_new(ANSWER_TRUE));
                shutdown_begin(engine, false);
                return;
        case REQUEST_ENABLE:
        case REQUEST_DISABLE:
                abilities_take(engine, request);
                return;
        case REQUEST_LIMITS:
                take_limits(engine, request);
                return;
        case REQUEST_NUMPROCS:
                numprocs_take(engine, request);
                return;
        }
}

void requests_take(struct engine *engine, const struct request *request)
{
        struct request copy = *request;

        if (request->id == 0 || work_find(engine, request->id))
                return; /* no caller of ours */
        if (!copy.name)
                copy.name = "";
        if (engine->mood != MOOD_RUNNING)
                work_refuse(engine, &copy, FAULT_SHUTDOWN_STATE, NULL);
        else
                dispatch(engine, &copy);
}

void requests_drop(struct engine *engine, uint64_t id)
{
        struct work *work = work_find(engine, id);

        if (work)
                work->dropped = true;
}

void requests_read_for_restart(struct engine *engine)
{
        if (engine->mood == MOOD_SHUTDOWN || engine->restart_reading)
                return;
        engine->restart_reading = true;
        read_config(engine, 0, true);
}

void requests_read_again(struct engine *engine)
{
        if (engine->restart_reading)
                read_config(engine, 0, true);
}

static void restart_was_read(struct engine *engine, const char *error)
{
        if (!engine->restart_reading)
                return;
        engine->restart_reading = false;
        if (error)
                effects_log(engine->out, LOG_LEVEL_ERROR, 0, "%s: %s",
                        engine->mood == MOOD_RUNNING
                                ? "cannot restart"
                                : "the restart goes on with the configuration read before",
                        error);
        else
                shutdown_begin(engine, true);
}

static bool is_reading(const struct work *work)
{
        return work->type == REQUEST_RELOAD_CONFIG || work->type == REQUEST_RESTART;
}

void requests_config_read(
        struct engine *engine, uint64_t id, const struct program_set *set, const char *error)
{
        struct work *work;

        if (id == 0) {
                restart_was_read(engine, error);
                return;
        }
        work = work_find(engine, id);
        if (!work || !is_reading(work))
                return;
        if (error) {
                work_answer(engine, work, answer_new_fault(FAULT_CANT_REREAD, error));
        } else if (work->type == REQUEST_RESTART) {
                work_answer(engine, work, answer_new(ANSWER_TRUE));
                shutdown_begin(engine, true);
        } else {
                reload_set_pending(engine, set);
                work_answer(engine, work, reload_diff(engine));
        }
}

void requests_refuse(struct engine *engine)
{
        struct work *work, *next;

        for (struct slot *slot = engine->slots; slot; slot = slot->by_id.next)
                operations_refuse(engine, slot);
        HASH_ITER (hh, engine->works, work, next)
                if (is_reading(work) || work->type == REQUEST_ADD_GROUP || work->expanding)
                        work_answer(engine, work, answer_new_fault(FAULT_SHUTDOWN_STATE, NULL));
}

void requests_finish(struct engine *engine)
{
        for (struct slot *slot = engine->slots; slot; slot = slot->by_id.next)
                operations_end(engine, slot);
}
