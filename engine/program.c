/* Programs: see program.h. */
#include "engine/program.h"

#include <signal.h>
#include <string.h>

#include "base/text.h"

static const struct log_options log_defaults = {
        .kind = LOGFILE_AUTO,
        .bytes_max = 50 * 1024 * 1024,
        .backups = 10,
};

struct program *program_new(void)
{
        struct program *program = mem_new(sizeof(*program));

        program->umask = -1;
        program->priority = 999;
        program->autostart = true;
        program->autorestart = AUTORESTART_UNEXPECTED;
        program->startsecs = 1;
        program->startretries = 3;
        program->exitcodes = mem_new(sizeof(*program->exitcodes));
        program->exitcodes_count = 1;
        program->stopsignal = SIGTERM;
        program->stopwaitsecs = 10;
        program->environment = mem_new(sizeof(*program->environment));
        program->out = log_defaults;
        program->err = log_defaults;
        return program;
}

static void strings_free(char **strings)
{
        for (char **s = strings; s && *s; s++)
                mem_free(*s);
        mem_free(strings);
}

struct program *program_free(struct program *program)
{
        if (!program)
                return NULL;
        mem_free(program->name);
        mem_free(program->section);
        mem_free(program->label);
        mem_free(program->command);
        mem_free(program->directory);
        mem_free(program->exitcodes);
        strings_free(program->environment);
        mem_free(program->serverurl);
        mem_free(program->out.path);
        mem_free(program->err.path);
        limits_free(program->limits);
        mem_free(program->rest);
        return mem_free(program);
}

const char *program_label(const struct program *program)
{
        const char *colon = program->section ? strchr(program->section, ':') : NULL;

        if (program->label)
                return program->label;
        return colon ? colon + 1 : program->name;
}

const char *program_orphan_name(enum orphan orphan)
{
        static const char *const names[] = {
                [ORPHAN_ADOPT] = "adopt",
                [ORPHAN_RESTART] = "restart",
                [ORPHAN_KILL] = "kill",
        };

        return names[orphan];
}

struct program_group *program_group_new(const char *name, enum group_kind kind)
{
        struct program_group *group = mem_new(sizeof(*group));

        group->references = 1;
        group->name = mem_strdup(name);
        group->kind = kind;
        group->priority = kind == GROUP_EVENTLISTENER ? -1 : 999;
        group->buffer_size = 10;
        group->socket_mode = -1;
        group->socket_gid = (gid_t)-1;
        return group;
}

struct program_group *program_group_ref(struct program_group *group)
{
        group->references++;
        return group;
}

struct program_group *program_group_unref(struct program_group *group)
{
        if (!group || --group->references > 0)
                return NULL;
        for (size_t i = 0; i < group->programs_count; i++)
                program_free(group->programs[i]);
        mem_free(group->programs);
        limits_free(group->limits);
        mem_free(group->name);
        strings_free(group->labels);
        strings_free(group->events);
        mem_free(group->result_handler);
        mem_free(group->socket);
        mem_free(group->rest);
        return mem_free(group);
}

bool program_group_holds(const struct program_group *group, const char *label)
{
        for (char **l = group->labels; l && *l; l++)
                if (strcmp(*l, label) == 0)
                        return true;
        for (size_t i = 0; i < group->programs_count; i++)
                if (strcmp(program_label(group->programs[i]), label) == 0)
                        return true;
        return false;
}

static size_t strings_count(char *const *strings)
{
        size_t count = 0;

        while (strings && strings[count])
                count++;
        return count;
}

/* Whether two lists without duplicates have the same members.  The order means nothing, but is
 * nearly always the same, so each search starts where the other list has got to. */
static bool strings_same(char *const *a, char *const *b)
{
        size_t count = strings_count(a);

        if (count != strings_count(b))
                return false;
        for (size_t i = 0; i < count; i++) {
                size_t tried = 0;

                while (tried < count && strcmp(a[i], b[(i + tried) % count]) != 0)
                        tried++;
                if (tried == count)
                        return false;
        }
        return true;
}

/* An active AUTO has become a file of its own, so it differs from everything but AUTO; whereas AUTO
 * that was read equals whatever is in use. */
static bool logfile_same(const struct log_options *active, const struct log_options *read)
{
        if (read->kind == LOGFILE_AUTO)
                return true;
        return active->kind == read->kind &&
               (read->kind != LOGFILE_PATH || text_equal(active->path, read->path));
}

static bool log_same(const struct log_options *active, const struct log_options *read)
{
        return logfile_same(active, read) && active->bytes_max == read->bytes_max &&
               active->backups == read->backups && active->capture_max == read->capture_max &&
               active->events == read->events && active->syslog == read->syslog;
}

static bool exitcodes_same(const struct program *a, const struct program *b)
{
        return a->exitcodes_count == b->exitcodes_count &&
               (a->exitcodes_count == 0 ||
                       memcmp(a->exitcodes, b->exitcodes,
                               a->exitcodes_count * sizeof(*a->exitcodes)) == 0);
}

static bool execution_same(const struct program *a, const struct program *b)
{
        return text_equal(a->name, b->name) && text_equal(a->command, b->command) &&
               text_equal(a->directory, b->directory) && a->has_user == b->has_user &&
               (!a->has_user || a->user == b->user) && a->umask == b->umask &&
               strings_same(a->environment, b->environment) &&
               text_equal(a->serverurl, b->serverurl);
}

static bool behaviour_same(const struct program *a, const struct program *b)
{
        return a->priority == b->priority && a->autostart == b->autostart &&
               a->autorestart == b->autorestart && a->startsecs == b->startsecs &&
               a->startretries == b->startretries && exitcodes_same(a, b) &&
               a->stopsignal == b->stopsignal && a->stopwaitsecs == b->stopwaitsecs &&
               a->stopasgroup == b->stopasgroup && a->killasgroup == b->killasgroup &&
               a->kill_narrow == b->kill_narrow && a->on_orphan == b->on_orphan;
}

static bool program_same(const struct program *active, const struct program *read)
{
        return execution_same(active, read) && behaviour_same(active, read) &&
               active->redirect_stderr == read->redirect_stderr &&
               log_same(&active->out, &read->out) && log_same(&active->err, &read->err);
}

static bool kind_same(const struct program_group *a, const struct program_group *b)
{
        switch (a->kind) {
        case GROUP_PROGRAM:
        case GROUP_HETEROGENEOUS:
                /* How an ordinary group was written makes no difference to what it is. */
                return b->kind == GROUP_PROGRAM || b->kind == GROUP_HETEROGENEOUS;
        case GROUP_EVENTLISTENER:
                return b->kind == GROUP_EVENTLISTENER && a->buffer_size == b->buffer_size &&
                       strings_same(a->events, b->events) &&
                       text_equal(a->result_handler, b->result_handler);
        case GROUP_FCGI:
                return b->kind == GROUP_FCGI && text_equal(a->socket, b->socket);
        }
        return false;
}

bool program_group_equal_but_limits(
        const struct program_group *active, const struct program_group *read)
{
        if (active == read)
                return true;
        if (!text_equal(active->name, read->name) || active->priority != read->priority ||
                !kind_same(active, read) || active->programs_count != read->programs_count)
                return false;
        for (size_t i = 0; i < active->programs_count; i++)
                if (!program_same(active->programs[i], read->programs[i]))
                        return false;
        return true;
}

bool program_group_equal(const struct program_group *active, const struct program_group *read)
{
        if (!program_group_equal_but_limits(active, read) ||
                !limits_equal(active->limits, read->limits))
                return false;
        for (size_t i = 0; i < active->programs_count; i++)
                if (!limits_equal(active->programs[i]->limits, read->programs[i]->limits))
                        return false;
        return true;
}

static void take_limits(struct limits **active, const struct limits *read)
{
        limits_free(*active);
        *active = limits_copy(read);
}

void program_group_take_limits(struct program_group *active, const struct program_group *read)
{
        if (active == read)
                return;
        take_limits(&active->limits, read->limits);
        for (size_t i = 0; i < active->programs_count; i++)
                take_limits(&active->programs[i]->limits, read->programs[i]->limits);
}

void program_set_clear(struct program_set *set)
{
        for (size_t i = 0; i < set->count; i++)
                program_group_unref(set->groups[i]);
        mem_free(set->groups);
        *set = (struct program_set){};
}

struct program_group *program_set_find(const struct program_set *set, const char *name)
{
        for (size_t i = 0; i < set->count; i++)
                if (strcmp(set->groups[i]->name, name) == 0)
                        return set->groups[i];
        return NULL;
}
