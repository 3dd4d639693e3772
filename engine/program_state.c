/* The text of a group's configuration: see program_state.h. */
#include "engine/program_state.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/saved.h"
#include "base/saver.h"
#include "base/text.h"
#include "engine/fields.h"

static const char *const kinds[] = {
        [GROUP_PROGRAM] = "program",
        [GROUP_HETEROGENEOUS] = "group",
        [GROUP_EVENTLISTENER] = "eventlistener",
        [GROUP_FCGI] = "fcgi",
};
static const char *const autorestarts[] = {
        [AUTORESTART_NEVER] = "never",
        [AUTORESTART_UNEXPECTED] = "unexpected",
        [AUTORESTART_ALWAYS] = "always",
};
static const char *const logfile_kinds[] = {
        [LOGFILE_NONE] = "none",
        [LOGFILE_AUTO] = "auto",
        [LOGFILE_PATH] = "path",
        [LOGFILE_JOURNAL] = "journal",
};

static const char *const orphans[] = {
        [ORPHAN_ADOPT] = "adopt",
        [ORPHAN_RESTART] = "restart",
        [ORPHAN_KILL] = "kill",
};

#define ORDINAL(names_) .names = (names_), .names_count = ELEMENTS(names_)

static const struct field group_fields[] = {
        { "name", FIELD_TEXT, offsetof(struct program_group, name), .is_needed = true },
        { "kind", FIELD_ORDINAL, offsetof(struct program_group, kind), ORDINAL(kinds) },
        { "priority", FIELD_INT64, offsetof(struct program_group, priority) },
        { "labels", FIELD_TEXTS, offsetof(struct program_group, labels) },
        { "events", FIELD_TEXTS, offsetof(struct program_group, events) },
        { "buffer_size", FIELD_INT64, offsetof(struct program_group, buffer_size) },
        { "result_handler", FIELD_TEXT, offsetof(struct program_group, result_handler) },
        { "socket", FIELD_TEXT, offsetof(struct program_group, socket) },
        { "socket_backlog", FIELD_INT64, offsetof(struct program_group, socket_backlog) },
        { "socket_mode", FIELD_INT, offsetof(struct program_group, socket_mode), .min = -1,
                .max = 07777 },
        { "has_socket_owner", FIELD_FLAG, offsetof(struct program_group, has_socket_owner) },
        { "socket_uid", FIELD_UINT32, offsetof(struct program_group, socket_uid) },
        { "socket_gid", FIELD_UINT32, offsetof(struct program_group, socket_gid) },
};

static const struct field program_fields[] = {
        { "name", FIELD_TEXT, offsetof(struct program, name), .is_needed = true },
        { "section", FIELD_TEXT, offsetof(struct program, section) },
        { "label", FIELD_TEXT, offsetof(struct program, label) },
        { "index", FIELD_UINT32, offsetof(struct program, index) },
        { "command", FIELD_TEXT, offsetof(struct program, command), .is_needed = true },
        { "directory", FIELD_TEXT, offsetof(struct program, directory) },
        { "has_user", FIELD_FLAG, offsetof(struct program, has_user) },
        { "user", FIELD_UINT32, offsetof(struct program, user) },
        { "umask", FIELD_INT, offsetof(struct program, umask), .min = -1, .max = 07777 },
        { "priority", FIELD_INT64, offsetof(struct program, priority) },
        { "autostart", FIELD_FLAG, offsetof(struct program, autostart) },
        { "autorestart", FIELD_ORDINAL, offsetof(struct program, autorestart),
                ORDINAL(autorestarts) },
        { "startsecs", FIELD_INT64, offsetof(struct program, startsecs) },
        { "startretries", FIELD_INT64, offsetof(struct program, startretries) },
        { "stopsignal", FIELD_INT, offsetof(struct program, stopsignal), .min = 1, .max = 64 },
        { "stopwaitsecs", FIELD_INT64, offsetof(struct program, stopwaitsecs) },
        { "stopasgroup", FIELD_FLAG, offsetof(struct program, stopasgroup) },
        { "killasgroup", FIELD_FLAG, offsetof(struct program, killasgroup) },
        { "kill_narrow", FIELD_FLAG, offsetof(struct program, kill_narrow) },
        { "on_orphan", FIELD_ORDINAL, offsetof(struct program, on_orphan), ORDINAL(orphans) },
        { "redirect_stderr", FIELD_FLAG, offsetof(struct program, redirect_stderr) },
        { "environment", FIELD_TEXTS, offsetof(struct program, environment) },
        { "serverurl", FIELD_TEXT, offsetof(struct program, serverurl) },
};

static const struct field log_fields[] = {
        { "kind", FIELD_ORDINAL, offsetof(struct log_options, kind), ORDINAL(logfile_kinds) },
        { "path", FIELD_TEXT, offsetof(struct log_options, path) },
        { "bytes_max", FIELD_INT64, offsetof(struct log_options, bytes_max) },
        { "backups", FIELD_INT64, offsetof(struct log_options, backups) },
        { "capture_max", FIELD_INT64, offsetof(struct log_options, capture_max) },
        { "events", FIELD_FLAG, offsetof(struct log_options, events) },
        { "syslog", FIELD_FLAG, offsetof(struct log_options, syslog) },
};

/*
 * Limits: each is an item of the name of its option.
 */

static void save_limits(const struct limits *limits, struct saver *saver)
{
        if (!limits)
                return;
        saver_item(saver, "limits");
        saver_flag(saver, "is_strict", limits->is_strict);
        saver_inner(saver);
        for (unsigned i = 0; i < LIMITS; i++) {
                if (!limits->value[i])
                        continue;
                saver_item(saver, limits_name(i));
                saver_text(saver, "value", limits->value[i]);
                saver_text(saver, "origin", limits->origin[i]);
        }
        saver_outer(saver);
}

static struct limits *restore_limits(struct saved_item *outer)
{
        struct saved_item *item = fields_item(outer, "limits");
        struct limits *limits;

        if (!item)
                return NULL;
        limits = mem_new(sizeof(*limits));
        limits->is_strict = saved_flag(item, "is_strict");
        for (unsigned i = 0; i < LIMITS; i++) {
                struct saved_item *limit = fields_item(item, limits_name(i));
                const char *value = limit ? saved_text(limit, "value") : NULL;
                const char *origin = limit ? saved_text(limit, "origin") : NULL;

                if (value)
                        limits_set(
                                &limits, i, mem_strdup(value), origin ? mem_strdup(origin) : NULL);
                else if (limit)
                        saved_fail(limit, "value", "it is missing");
        }
        return limits;
}

/*
 * Programs.
 */

static void save_exitcodes(const struct program *program, struct saver *saver)
{
        CLEANUP(text_clear) struct text t = {};

        for (size_t i = 0; i < program->exitcodes_count; i++)
                text_format(&t, "%s%d", i ? " " : "", program->exitcodes[i]);
        saver_text(saver, "exitcodes", text_string(&t));
}

static void restore_exitcodes(struct saved_item *item, struct program *program)
{
        const char *at = saved_text(item, "exitcodes");
        size_t capacity = program->exitcodes_count;

        if (!at)
                return;
        program->exitcodes_count = 0;
        while (*at) {
                char *end;
                long code = strtol(at, &end, 10);

                if (end == at || *at < '0' || *at > '9' || code > INT_MAX ||
                        (*end && (*end != ' ' || !end[1]))) {
                        saved_fail(item, "exitcodes", "not a list of exit codes");
                        return;
                }
                program->exitcodes = mem_grow(program->exitcodes, &capacity,
                        program->exitcodes_count + 1, sizeof(*program->exitcodes));
                program->exitcodes[program->exitcodes_count++] = (int)code;
                at = *end ? end + 1 : end;
        }
}

static void save_log(const struct log_options *log, const char *type, struct saver *saver)
{
        saver_item(saver, type);
        fields_save(saver, log, log_fields, ELEMENTS(log_fields));
}

static void restore_log(struct saved_item *program, const char *type, struct log_options *log)
{
        struct saved_item *item = fields_item(program, type);

        if (!item)
                return;
        fields_restore(item, log, log_fields, ELEMENTS(log_fields));
        if (log->kind == LOGFILE_PATH && !log->path)
                saved_fail(item, "path", "it is missing");
}

static void save_program(const struct program *program, struct saver *saver)
{
        saver_item(saver, "program");
        fields_save(saver, program, program_fields, ELEMENTS(program_fields));
        save_exitcodes(program, saver);
        saver_rest(saver, program->rest);
        saver_inner(saver);
        save_log(&program->out, "out", saver);
        save_log(&program->err, "err", saver);
        save_limits(program->limits, saver);
        saver_outer(saver);
}

static void check_program(struct saved_item *item, const struct program *program)
{
        for (char **variable = program->environment; *variable; variable++)
                if (**variable == '=' || !strchr(*variable, '='))
                        saved_fail(item, "environment", "'%s' is no variable", *variable);
        if (program->name && !*program->name)
                saved_fail(item, "name", "it is empty");
}

static struct program *restore_program(struct saved_item *item)
{
        struct program *program = program_new();

        fields_restore(item, program, program_fields, ELEMENTS(program_fields));
        restore_exitcodes(item, program);
        restore_log(item, "out", &program->out);
        restore_log(item, "err", &program->err);
        program->limits = restore_limits(item);
        check_program(item, program);
        if (!program->name)
                program->name = mem_strdup("");
        program->rest = saved_rest(item);
        return program;
}

/*
 * Groups.
 */

void program_state_save(const struct program_group *group, struct saver *saver)
{
        fields_save(saver, group, group_fields, ELEMENTS(group_fields));
        saver_rest(saver, group->rest);
        saver_inner(saver);
        save_limits(group->limits, saver);
        for (size_t i = 0; i < group->programs_count; i++)
                save_program(group->programs[i], saver);
        saver_outer(saver);
}

static void check_group(struct saved_item *item, const struct program_group *group)
{
        if (group->kind == GROUP_FCGI && !group->socket)
                saved_fail(item, "socket", "it is missing");
        if (group->name && !*group->name)
                saved_fail(item, "name", "it is empty");
}

struct program_group *program_state_restore(struct saved_item *item)
{
        /* The defaults are those of the kind. */
        enum group_kind kind = saved_name(item, "kind", kinds, ELEMENTS(kinds), GROUP_PROGRAM);
        struct program_group *group = program_group_new("", kind);
        size_t capacity = 0;

        fields_restore(item, group, group_fields, ELEMENTS(group_fields));
        group->limits = restore_limits(item);
        for (struct saved_item *inner = saved_inner(item, "program"); inner;
                inner = saved_next(inner)) {
                group->programs = mem_grow(group->programs, &capacity, group->programs_count + 1,
                        sizeof(struct program *));
                group->programs[group->programs_count++] = restore_program(inner);
        }
        check_group(item, group);
        group->rest = saved_rest(item);
        return group;
}
