/* Events as text: see eventtext.h. */
#include "engine/eventtext.h"

#include <limits.h>
#include <stddef.h>

#include "base/figures.h"
#include "base/mem.h"
#include "engine/fields.h"
#include "engine/program_state.h"

#define AT(member)   offsetof(struct event, member)
#define FIELDS(name) name, ELEMENTS(name)

static const char *const types[EV_RECOVERED + 1] = {
        [EV_PROGRAM_DISABLED] = "program_disabled",
        [EV_BOOT] = "boot",
        [EV_TIMER] = "timer",
        [EV_REQUEST] = "request",
        [EV_REQUEST_DROPPED] = "request_dropped",
        [EV_COMMAND_CHECKED] = "command_checked",
        [EV_SPAWNED] = "spawned",
        [EV_SPAWN_FAILED] = "spawn_failed",
        [EV_SIGNALLED] = "signalled",
        [EV_EXITED] = "exited",
        [EV_EMPTIED] = "emptied",
        [EV_FROZEN] = "frozen",
        [EV_CONFIG_READ] = "config_read",
        [EV_GROUP_CHECKED] = "group_checked",
        [EV_LIMITS_CHANGED] = "limits_changed",
        [EV_PROGRAM_EXPANDED] = "program_expanded",
        [EV_EVENT_SENT] = "event_sent",
        [EV_LISTENER_OUTPUT] = "listener_output",
        [EV_OUTPUT] = "output",
        [EV_REMOTE] = "remote",
        [EV_NO_AUTORESTART] = "no_autorestart",
        [EV_SHUTDOWN] = "shutdown",
        [EV_ADOPTED] = "adopted",
        [EV_LOST] = "lost",
        [EV_RECOVERED] = "recovered",
};

static const struct field request_fields[] = {
        { "id", FIELD_UINT64, AT(request.id) },
        { "request", FIELD_ORDINAL, AT(request.type), request_names, REQUEST_TYPES },
        { "name", FIELD_TEXT, AT(request.name) },
        { "signal", FIELD_TEXT, AT(request.signal) },
        { "wait", FIELD_FLAG, AT(request.wait) },
        { "args", FIELD_TEXT, AT(request.args) },
        { "number", FIELD_UINT32, AT(request.number) },
        { "lazy", FIELD_FLAG, AT(request.lazy) },
};

static const struct field disabled_fields[] = {
        { "program", FIELD_TEXT, AT(disabled_program), .is_needed = true },
};

static const struct field config_fields[] = {
        { "request", FIELD_UINT64, AT(config.request) },
        { "error", FIELD_TEXT, AT(config.error) },
        { "restart", FIELD_FLAG, AT(config.restart) },
};

static const struct field expanded_fields[] = {
        { "request", FIELD_UINT64, AT(expanded.request) },
        { "fault", FIELD_INT, AT(expanded.fault) },
        { "error", FIELD_TEXT, AT(expanded.error) },
};

static const struct field adopted_fields[] = {
        { "process", FIELD_UINT32, AT(adopted.process) },
        { "pid", FIELD_INT, AT(adopted.pid), .min = 1, .max = INT_MAX },
        { "started", FIELD_TIME, AT(adopted.started) },
        { "start_wall", FIELD_UINT64, AT(adopted.start_wall) },
        { "has_output", FIELD_FLAG, AT(adopted.has_output) },
};

static const struct field lost_fields[] = {
        { "process", FIELD_UINT32, AT(lost.process) },
        { "has_status", FIELD_FLAG, AT(lost.has_status) },
        { "status", FIELD_INT, AT(lost.status) },
        { "populated", FIELD_FLAG, AT(lost.populated) },
};

static const struct field dropped_fields[] = {
        { "request", FIELD_UINT64, AT(dropped) },
};

static const struct field checked_fields[] = {
        { "process", FIELD_UINT32, AT(checked.process) },
        { "ticket", FIELD_UINT64, AT(checked.ticket) },
        { "fault", FIELD_INT, AT(checked.fault) },
        { "text", FIELD_TEXT, AT(checked.text) },
};

static const struct field spawned_fields[] = {
        { "process", FIELD_UINT32, AT(spawned.process) },
        { "pid", FIELD_INT, AT(spawned.pid), .min = 1, .max = INT_MAX },
};

static const struct field spawn_failed_fields[] = {
        { "process", FIELD_UINT32, AT(spawn_failed.process) },
        { "text", FIELD_TEXT, AT(spawn_failed.text) },
};

static const struct field signalled_fields[] = {
        { "process", FIELD_UINT32, AT(signalled.process) },
        { "ticket", FIELD_UINT64, AT(signalled.ticket) },
        { "signal", FIELD_INT, AT(signalled.signal) },
        { "error", FIELD_INT, AT(signalled.error) },
};

static const struct field exited_fields[] = {
        { "process", FIELD_UINT32, AT(exited.process) },
        { "pid", FIELD_INT, AT(exited.pid), .min = 1, .max = INT_MAX },
        { "status", FIELD_INT, AT(exited.status) },
        { "populated", FIELD_FLAG, AT(exited.populated) },
        { "own_cpu", FIELD_UINT64, AT(exited.own_cpu) },
};

static const struct field emptied_fields[] = {
        { "process", FIELD_UINT32, AT(emptied.process) },
};

static const struct field frozen_fields[] = {
        { "process", FIELD_UINT32, AT(frozen.process) },
        { "frozen", FIELD_FLAG, AT(frozen.frozen) },
};

static const struct field group_checked_fields[] = {
        { "request", FIELD_UINT64, AT(group_checked.request) },
        { "name", FIELD_TEXT, AT(group_checked.name), .is_needed = true },
        { "error", FIELD_TEXT, AT(group_checked.error) },
};

static const struct field limits_fields[] = {
        { "process", FIELD_UINT32, AT(limits_changed.process) },
        { "request", FIELD_UINT64, AT(limits_changed.request) },
        { "error", FIELD_TEXT, AT(limits_changed.error) },
};

static const struct field sent_fields[] = {
        { "process", FIELD_UINT32, AT(sent.process) },
        { "serial", FIELD_UINT64, AT(sent.serial) },
        { "error", FIELD_INT, AT(sent.error) },
};

static const struct field output_fields[] = {
        { "process", FIELD_UINT32, AT(output.process) },
        { "topic", FIELD_INT, AT(output.topic), .min = 0, .max = TOPICS - 1 },
};

static const struct field remote_fields[] = {
        { "type", FIELD_TEXT, AT(remote.type), .is_needed = true },
        { "data", FIELD_TEXT, AT(remote.data), .is_needed = true },
};

static const struct field no_autorestart_fields[] = {
        { "process", FIELD_UINT32, AT(no_autorestart) },
};

static const struct field shutdown_fields[] = {
        { "restart", FIELD_FLAG, AT(shutdown.restart) },
};

static const struct {
        const struct field *fields;
        size_t count;
} tables[ELEMENTS(types)] = {
        [EV_PROGRAM_DISABLED] = { FIELDS(disabled_fields) },
        [EV_REQUEST] = { FIELDS(request_fields) },
        [EV_REQUEST_DROPPED] = { FIELDS(dropped_fields) },
        [EV_COMMAND_CHECKED] = { FIELDS(checked_fields) },
        [EV_SPAWNED] = { FIELDS(spawned_fields) },
        [EV_SPAWN_FAILED] = { FIELDS(spawn_failed_fields) },
        [EV_SIGNALLED] = { FIELDS(signalled_fields) },
        [EV_EXITED] = { FIELDS(exited_fields) },
        [EV_EMPTIED] = { FIELDS(emptied_fields) },
        [EV_FROZEN] = { FIELDS(frozen_fields) },
        [EV_CONFIG_READ] = { FIELDS(config_fields) },
        [EV_GROUP_CHECKED] = { FIELDS(group_checked_fields) },
        [EV_PROGRAM_EXPANDED] = { FIELDS(expanded_fields) },
        [EV_LIMITS_CHANGED] = { FIELDS(limits_fields) },
        [EV_EVENT_SENT] = { FIELDS(sent_fields) },
        [EV_LISTENER_OUTPUT] = { FIELDS(output_fields) },
        [EV_OUTPUT] = { FIELDS(output_fields) },
        [EV_REMOTE] = { FIELDS(remote_fields) },
        [EV_NO_AUTORESTART] = { FIELDS(no_autorestart_fields) },
        [EV_SHUTDOWN] = { FIELDS(shutdown_fields) },
        [EV_ADOPTED] = { FIELDS(adopted_fields) },
        [EV_LOST] = { FIELDS(lost_fields) },
};

static bool is_output(enum event_type type)
{
        return type == EV_LISTENER_OUTPUT || type == EV_OUTPUT;
}

/* Where the figures of a run are, and the configuration, in the few that have any. */
static const struct figures **usage_of(struct event *ev)
{
        if (ev->type == EV_EXITED)
                return &ev->exited.usage;
        if (ev->type == EV_LOST)
                return &ev->lost.usage;
        return ev->type == EV_EMPTIED ? &ev->emptied.usage : NULL;
}

static struct program_set *set_of(struct event *ev)
{
        if (ev->type == EV_BOOT)
                return &ev->boot;
        if (ev->type == EV_CONFIG_READ)
                return &ev->config.set;
        return ev->type == EV_PROGRAM_EXPANDED ? &ev->expanded.set : NULL;
}

static void save_set(struct saver *saver, const struct program_set *set)
{
        saver_inner(saver);
        for (size_t i = 0; i < set->count; i++) {
                saver_item(saver, "group");
                program_state_save(set->groups[i], saver);
        }
        saver_outer(saver);
}

static void restore_set(struct saved_item *item, struct program_set *set)
{
        size_t capacity = 0;

        for (struct saved_item *at = saved_inner(item, "group"); at; at = saved_next(at)) {
                set->groups =
                        mem_grow(set->groups, &capacity, set->count + 1, sizeof(*set->groups));
                set->groups[set->count++] = program_state_restore(at);
        }
}

void eventtext_save(struct saver *saver, const struct event *ev)
{
        const struct figures **usage = usage_of((struct event *)ev);
        const struct program_set *set = set_of((struct event *)ev);

        saver_item(saver, "event");
        saver_text(saver, "type", types[ev->type]);
        fields_save(saver, ev, tables[ev->type].fields, tables[ev->type].count);
        if (is_output(ev->type))
                saver_bytes(saver, "data", ev->output.data, ev->output.length);
        if (usage && *usage) {
                saver_flag(saver, "has_usage", true);
                figures_save(*usage, saver);
        }
        if (set)
                save_set(saver, set);
}

void eventtext_restore(struct saved_item *item, struct event *ret)
{
        const struct figures **usage;
        struct program_set *set;
        struct figures figures = {};
        const char *data;

        *ret = (struct event){};
        ret->type = (enum event_type)saved_name(item, "type", types, ELEMENTS(types), EV_TIMER);
        fields_restore(item, ret, tables[ret->type].fields, tables[ret->type].count);
        if (is_output(ret->type)) {
                data = saved_bytes(item, "data", &ret->output.length);
                ret->output.data = mem_copy(data ? data : "", ret->output.length);
        }
        usage = usage_of(ret);
        if (usage && saved_flag(item, "has_usage")) {
                figures_restore(&figures, item);
                *usage = mem_copy(&figures, sizeof(figures));
        }
        set = set_of(ret);
        if (set)
                restore_set(item, set);
}
