/* The handler of supervisor.getAllConfigInfo: the most recently read configuration. */
#include <stdlib.h>
#include <string.h>

#include "rpc/handlers.h"
#include "rpc/xml.h"

struct slot {
        const struct program_group *group;
        const struct program *program;
        size_t index; /* in configuration order, which decides between equal names */
};

static int compare_slots(const void *a, const void *b)
{
        const struct slot *x = a, *y = b;
        int r = strcmp(x->program->name, y->program->name);

        if (r)
                return r;
        return x->index < y->index ? -1 : x->index > y->index;
}

/* The active process that was made from just this reading of the configuration, else NULL. */
static const struct process *process_of(
        const struct engine_group *active, const struct program *program)
{
        for (size_t i = 0; i < active->processes_count; i++)
                if (active->processes[i]->program == program)
                        return active->processes[i];
        return NULL;
}

/* An automatic file has its name only once its group is active. */
static const char *log_name(const struct invocation *in, const struct log_options *log,
        const struct process *process, enum rpc_channel channel)
{
        const char *path = NULL;

        switch (log->kind) {
        case LOGFILE_NONE:
                return "none";
        case LOGFILE_PATH:
                return log->path;
        case LOGFILE_JOURNAL:
                return "journal";
        case LOGFILE_AUTO:
                path = process ? in->host->log_path(in->context, process->id, channel) : NULL;
                break;
        }
        return path ? path : "auto";
}

static void append_log(
        struct text *out, const char *channel, const struct log_options *log, const char *logfile)
{
        static const char *const keys[][2] = {
                { "stdout_capture_maxbytes", "stderr_capture_maxbytes" },
                { "stdout_events_enabled", "stderr_events_enabled" },
                { "stdout_logfile", "stderr_logfile" },
                { "stdout_logfile_backups", "stderr_logfile_backups" },
                { "stdout_logfile_maxbytes", "stderr_logfile_maxbytes" },
                { "stdout_syslog", "stderr_syslog" },
        };
        size_t i = strcmp(channel, "stderr") == 0;

        xml_member_integer(out, keys[0][i], log->capture_max);
        xml_member_boolean(out, keys[1][i], log->events);
        xml_member_string(out, keys[2][i], logfile);
        xml_member_integer(out, keys[3][i], log->backups);
        xml_member_integer(out, keys[4][i], log->bytes_max);
        xml_member_boolean(out, keys[5][i], log->syslog);
}

static void append_exitcodes(struct text *out, const struct program *program)
{
        xml_member_begin(out, "exitcodes");
        xml_array_begin(out);
        for (size_t i = 0; i < program->exitcodes_count; i++)
                xml_integer(out, program->exitcodes[i]);
        xml_array_end(out);
        xml_member_end(out);
}

/* The members of the newest release: the unreleased "autorestart" is not among them. */
static void append_slot(const struct invocation *in, const struct slot *slot)
{
        const struct program *program = slot->program;
        struct engine_group active = {};
        bool in_use = engine_group_find(in->engine, slot->group->name, &active);
        const struct process *process = in_use ? process_of(&active, program) : NULL;
        struct text *out = in->out;

        xml_struct_begin(out);
        xml_member_boolean(out, "autostart", program->autostart);
        xml_member_string(out, "directory", program->directory ? program->directory : "none");
        if (program->has_user)
                xml_member_integer(out, "uid", program->user);
        else
                xml_member_string(out, "uid", "none");
        xml_member_string(out, "command", program->command);
        append_exitcodes(out, program);
        xml_member_string(out, "group", slot->group->name);
        xml_member_integer(out, "group_prio", slot->group->priority);
        xml_member_boolean(out, "inuse", in_use);
        xml_member_boolean(out, "killasgroup", program->killasgroup);
        xml_member_string(out, "name", program->name);
        xml_member_integer(out, "process_prio", program->priority);
        xml_member_boolean(out, "redirect_stderr", program->redirect_stderr);
        xml_member_integer(out, "startretries", program->startretries);
        xml_member_integer(out, "startsecs", program->startsecs);
        append_log(out, "stdout", &program->out, log_name(in, &program->out, process, RPC_STDOUT));
        xml_member_integer(out, "stopsignal", program->stopsignal);
        xml_member_integer(out, "stopwaitsecs", program->stopwaitsecs);
        append_log(out, "stderr", &program->err, log_name(in, &program->err, process, RPC_STDERR));
        xml_member_string(out, "serverurl", program->serverurl ? program->serverurl : "none");
        xml_struct_end(out);
}

enum outcome config_all_info(const struct invocation *in)
{
        const struct program_set *pending = engine_pending(in->engine);
        CLEANUP(mem_free) struct slot *slots = NULL;
        size_t count = 0, capacity = 0;

        for (size_t i = 0; i < pending->count; i++) {
                const struct program_group *group = pending->groups[i];

                slots = mem_grow(slots, &capacity, count + group->programs_count, sizeof(*slots));
                for (size_t j = 0; j < group->programs_count; j++, count++)
                        slots[count] = (struct slot){ group, group->programs[j], count };
        }
        if (count > 1)
                qsort(slots, count, sizeof(*slots), compare_slots);
        xml_array_begin(in->out);
        for (size_t i = 0; i < count; i++)
                append_slot(in, &slots[i]);
        xml_array_end(in->out);
        return OUTCOME_VALUE;
}
