/* Program sections: one section and its numprocs into process slots.
 *
 * What knows no process_num is read once, into a pattern that every slot starts as a copy of. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "base/text.h"
#include "config/environment.h"
#include "config/reader.h"
#include "config/values.h"
#include "config/words.h"

struct section_reading {
        struct reader *reader;
        const struct ini_section *section;
        struct expand_map *map;  /* of SCOPE_PROGRAM */
        struct program *pattern; /* what all of its processes have in common */
        char *process_name;      /* as written */
        int64_t numprocs;
        int64_t first;
        bool out_is_syslog; /* the deprecated word, of the slot being read */
        bool err_is_syslog;
        struct program **slots;
        size_t slots_count;
};

static struct section_reading *section_reading_clear(struct section_reading *s)
{
        for (size_t i = 0; i < s->slots_count; i++)
                program_free(s->slots[i]);
        mem_free(s->slots);
        expand_map_free(s->map);
        program_free(s->pattern);
        mem_free(s->process_name);
        return NULL;
}
DEFINE_CLEANUP(struct section_reading *, section_reading_clear)

static int text_of(struct section_reading *s, const char *option, const struct expand_map *map,
        char **ret, struct err *err)
{
        return reader_text(s->reader, s->section, option, map, ret, err);
}

static int fail(struct section_reading *s, const char *option, struct err *err, const char *words)
{
        return reader_fail(s->reader, s->section, option, err, "%s", words);
}

static int read_exitcodes(struct section_reading *s, struct err *err)
{
        CLEANUP(mem_free) char *text = NULL;
        size_t count;
        int *codes;
        int r = text_of(s, "exitcodes", s->map, &text, err);

        if (r < 0 || !text)
                return r;
        r = values_exitcodes(text, &codes, &count, err);
        if (r < 0)
                return reader_blame(s->reader, s->section, "exitcodes", r);
        mem_free(s->pattern->exitcodes);
        s->pattern->exitcodes = codes;
        s->pattern->exitcodes_count = count;
        return 0;
}

static int read_killasgroup(struct section_reading *s, struct err *err)
{
        struct program *program = s->pattern;
        CLEANUP(mem_free) char *text = NULL;
        int r = text_of(s, "killasgroup", s->map, &text, err);

        program->killasgroup = program->stopasgroup;
        if (r < 0 || !text)
                return r;
        r = values_boolean(text, &program->killasgroup, err);
        if (r < 0)
                return reader_blame(s->reader, s->section, "killasgroup", r);
        program->kill_narrow = !program->killasgroup;
        return 0;
}

static int read_on_orphan(struct section_reading *s, struct err *err)
{
        CLEANUP(mem_free) char *text = NULL;
        int r = text_of(s, "on_orphan", s->map, &text, err);

        s->pattern->on_orphan = s->reader->config->on_orphan;
        if (r < 0 || !text)
                return r;
        r = values_orphan(text, &s->pattern->on_orphan, err);
        return r < 0 ? reader_blame(s->reader, s->section, "on_orphan", r) : 0;
}

static int read_user(struct section_reading *s, struct err *err)
{
        CLEANUP(mem_free) char *text = NULL;
        int r = text_of(s, "user", s->map, &text, err);

        if (r < 0 || !text)
                return r;
        r = values_user(text, &s->pattern->user, err);
        s->pattern->has_user = r >= 0;
        return r < 0 ? reader_blame(s->reader, s->section, "user", r) : 0;
}

/* Absent or AUTO: the automatic one.  Empty: none at all. */
static int read_serverurl(struct section_reading *s, struct err *err)
{
        CLEANUP(mem_free) char *text = NULL, *upper = NULL, *stripped = NULL;
        int r = text_of(s, "serverurl", s->map, &text, err);

        if (r < 0 || !text)
                return r;
        upper = words_upper(text);
        stripped = words_stripped(upper);
        if (strcmp(stripped, "AUTO") != 0)
                s->pattern->serverurl = TAKE(text);
        return 0;
}

static int read_numprocs(struct section_reading *s, struct err *err)
{
        if (s->reader->is_expansion) {
                s->numprocs = s->reader->numprocs;
                return 0;
        }
        return reader_integer(s->reader, s->section, "numprocs", s->map, 1, &s->numprocs, err);
}

static int read_numprocs_start(struct section_reading *s, struct err *err)
{
        return reader_integer(s->reader, s->section, "numprocs_start", s->map, 0, &s->first, err);
}

/* What an event listener says to us there is nothing for a journal. */
static bool is_protocol(const struct section_reading *s, const char *option)
{
        return section_find(s->section->name) == &section_eventlistener &&
               strcmp(option, "stdout_logfile") == 0;
}

/* Expanded twice, so that a percent sign is four. */
static int read_log(struct section_reading *s, const char *option, const struct expand_map *map,
        struct log_options *log, bool *ret_syslog, struct err *err)
{
        CLEANUP(mem_free) char *once = NULL, *twice = NULL;
        int r = text_of(s, option, map, &once, err);

        *ret_syslog = false;
        if (r >= 0 && !once)
                log->kind =
                        is_protocol(s, option) ? LOGFILE_AUTO : s->reader->config->default_logfile;
        if (r < 0 || !once)
                return r;
        r = expand_text(once, option, map, &twice, err);
        if (r >= 0)
                r = values_logfile(twice, log, ret_syslog, err);
        return r < 0 ? reader_blame(s->reader, s->section, option, r) : 0;
}

/* Rows of SCOPE_PROGRAM that are not stored by themselves.  They are read where they stand in the
 * order of the table. */
static const struct {
        const char *option;
        int (*read)(struct section_reading *, struct err *);
} read_by_hand[] = {
        { "killasgroup", read_killasgroup },
        { "on_orphan", read_on_orphan },
        { "exitcodes", read_exitcodes },
        { "numprocs", read_numprocs },
        { "numprocs_start", read_numprocs_start },
        { "serverurl", read_serverurl },
        { "user", read_user },
};

static int read_row(struct section_reading *s, const struct section_option *option,
        const struct expand_map *map, struct program *program, struct err *err)
{
        if (option->offset != BY_HAND)
                return reader_store(s->reader, s->section, option, map, program, err);
        if (strcmp(option->name, "stdout_logfile") == 0)
                return read_log(s, option->name, map, &program->out, &s->out_is_syslog, err);
        if (strcmp(option->name, "stderr_logfile") == 0)
                return read_log(s, option->name, map, &program->err, &s->err_is_syslog, err);
        for (size_t i = 0; i < ELEMENTS(read_by_hand); i++)
                if (strcmp(read_by_hand[i].option, option->name) == 0)
                        return read_by_hand[i].read(s, err);
        return 0;
}

/* The rows of one scope. */
static int read_rows(struct section_reading *s, enum section_scope scope,
        const struct expand_map *map, struct program *program, struct err *err)
{
        for (size_t i = 0; i < section_program.options_count; i++) {
                const struct section_option *option = &section_program.options[i];
                int r = option->scope == scope ? read_row(s, option, map, program, err) : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_process_name(struct section_reading *s, struct err *err)
{
        struct reader *reader = s->reader;
        const char *name = ini_value(reader->ini, s->section, "process_name");
        int r = values_name(name ? name : "%(program_name)s", &s->process_name, err);

        if (r < 0)
                return reader_blame(reader, s->section, "process_name", r);
        if (s->numprocs > 1 && !strstr(s->process_name, "%(process_num)"))
                return fail(s, name ? "process_name" : "numprocs", err,
                        "%(process_num) must be present within process_name when numprocs > 1");
        if (s->numprocs > (int64_t)(READER_PROCESSES_MAX - reader->processes_count) ||
                s->first > INT64_MAX - READER_PROCESSES_MAX)
                return reader_fail(reader, s->section, "numprocs", err,
                        "more than %d processes in all are not supported", READER_PROCESSES_MAX);
        if (s->numprocs < 0)
                reader_note(reader, LOG_LEVEL_WARN,
                        "%s, line %d: numprocs of [%s] is %" PRId64 ", so it has no process",
                        s->section->file, s->section->line, s->section->name, s->numprocs);
        return 0;
}

static int read_pattern(struct section_reading *s, struct err *err)
{
        int r = read_rows(s, SCOPE_PROGRAM, s->map, s->pattern, err);

        if (r >= 0)
                r = read_process_name(s, err);
        if (r < 0)
                return r;
        if (s->pattern->stopasgroup && !s->pattern->killasgroup)
                return fail(
                        s, "killasgroup", err, "Cannot set stopasgroup=true and killasgroup=false");
        return limits_read(s->reader, s->section, s->map, true, &s->pattern->limits, err);
}

/* A copy of what the pattern has; the rest is set for each slot. */
static struct program *copy_pattern(const struct program *pattern)
{
        struct program *program = program_new();
        int *codes = program->exitcodes;
        char **environment = program->environment;

        *program = *pattern;
        program->environment = environment;
        program->exitcodes = mem_copy(
                pattern->exitcodes, pattern->exitcodes_count * sizeof(*pattern->exitcodes));
        mem_free(codes);
        program->section = mem_strdup(pattern->section);
        program->label = mem_strdup(pattern->label);
        program->limits = limits_copy(pattern->limits);
        if (pattern->serverurl)
                program->serverurl = mem_strdup(pattern->serverurl);
        return program;
}

static int read_environment(
        struct section_reading *s, const struct expand_map *map, char ***ret, struct err *err)
{
        const char *value = ini_value(s->reader->ini, s->section, "environment");
        CLEANUP(mem_free) char *text = NULL;
        int r = expand_text(value ? value : "", "environment", map, &text, err);

        if (r >= 0)
                r = environment_parse(text, ret, err);
        return r < 0 ? reader_blame(s->reader, s->section, "environment", r) : 0;
}

static void finish_log(
        struct section_reading *s, const char *channel, struct log_options *log, bool is_syslog)
{
        log->syslog = log->syslog || is_syslog;
        if (s->slots_count)
                return; /* all the slots of a section would say the same */
        if (is_syslog)
                reader_note(s->reader, LOG_LEVEL_WARN,
                        "For [%s], %s_logfile=syslog but this is deprecated and will be removed.  "
                        "Use %s_syslog=true to enable syslog instead.",
                        s->section->name, channel, channel);
        if (log->kind == LOGFILE_AUTO && log->bytes_max == 0)
                reader_note(s->reader, LOG_LEVEL_WARN,
                        "For [%s], AUTO logging used for %s_logfile without rollover, set maxbytes "
                        "> 0 to avoid filling up filesystem unintentionally",
                        s->section->name, channel);
}

static void finish_logs(struct section_reading *s, struct program *program)
{
        struct log_options *log = &program->err;

        finish_log(s, "stdout", &program->out, s->out_is_syslog);
        finish_log(s, "stderr", log, s->err_is_syslog);
        if (!program->redirect_stderr)
                return;
        if ((log->kind == LOGFILE_PATH || log->kind == LOGFILE_JOURNAL) && s->slots_count == 0)
                reader_note(s->reader, LOG_LEVEL_WARN,
                        "For [%s], redirect_stderr=true but stderr_logfile has also been set to a "
                        "filename, the filename has been ignored",
                        s->section->name);
        log->kind = LOGFILE_NONE;
        log->path = mem_free(log->path);
}

static int fill_slot(struct section_reading *s, const struct expand_map *map,
        struct program *program, char *const *environment, struct err *err)
{
        struct reader *reader = s->reader;
        int r = read_rows(s, SCOPE_PROCESS, map, program, err);

        if (r < 0)
                return r;
        finish_logs(s, program);
        if (!program->command)
                return reader_fail(reader, s->section, NULL, err,
                        "program section %s does not specify a command", s->section->name);
        r = expand_text(s->process_name, "process_name", map, &program->name, err);
        if (r < 0)
                return reader_blame(reader, s->section, "process_name", r);
        words_free(program->environment);
        program->environment = environment_merge(reader->config->environment, environment);
        return 0;
}

static int read_slot(struct section_reading *s, int64_t index, struct err *err)
{
        CLEANUP(expand_map_free) struct expand_map *process = expand_map_new(s->map);
        CLEANUP(expand_map_free) struct expand_map *own = expand_map_new(process);
        CLEANUP(program_free) struct program *program = copy_pattern(s->pattern);
        CLEANUP(words_free) char **environment = NULL;
        int r;

        program->index = (unsigned)index;
        expand_map_set_number(process, "process_num", s->first + index);
        expand_map_set_number(process, "numprocs", s->numprocs);
        r = read_environment(s, process, &environment, err);
        if (r < 0)
                return r;
        expand_map_set_environment(own, environment);
        r = fill_slot(s, own, program, environment, err);
        if (r < 0)
                return r;
        s->slots[s->slots_count++] = TAKE(program);
        return 0;
}

struct named_slot {
        const struct program *program;
        size_t at;
        UT_hash_handle hh;
};

/* Two slots of one name are one process: the later one, in the place of the earlier. */
static void merge_same_names(struct section_reading *s)
{
        struct named_slot *names = NULL, *entry, *next;
        size_t kept = 0;

        for (size_t i = 0; i < s->slots_count; i++) {
                struct program *program = s->slots[i];

                HASH_FIND_STR(names, program->name, entry);
                if (entry) {
                        if (kept == i) /* the first of them */
                                reader_note(s->reader, LOG_LEVEL_WARN,
                                        "%s: [%s] has several processes named '%s', which is one",
                                        s->section->file, s->section->name, program->name);
                        HASH_DEL(names, entry);
                        program_free(s->slots[entry->at]);
                } else {
                        entry = mem_new(sizeof(*entry));
                        entry->at = kept++;
                }
                s->slots[entry->at] = program;
                HASH_ADD_KEYPTR(hh, names, program->name, strlen(program->name), entry);
        }
        HASH_ITER (hh, names, entry, next) {
                HASH_DEL(names, entry);
                mem_free(entry);
        }
        s->slots_count = kept;
}

/* All have one priority, so their names decide, as text: x_10 is before x_2. */
static int compare_slots(const void *a, const void *b)
{
        const struct program *const *left = a, *const *right = b;

        return strcmp((*left)->name, (*right)->name);
}

static int read_slots(struct section_reading *s, struct err *err)
{
        int r = read_pattern(s, err);

        if (r < 0)
                return r;
        s->slots = mem_new_array(s->numprocs > 0 ? (size_t)s->numprocs : 0, sizeof(*s->slots));
        for (int64_t i = s->reader->numprocs_from; i < s->numprocs; i++) {
                r = read_slot(s, i, err);
                if (r < 0)
                        return r;
        }
        merge_same_names(s);
        if (s->slots_count)
                qsort(s->slots, s->slots_count, sizeof(*s->slots), compare_slots);
        return 0;
}

static int fail_with_section(struct section_reading *s, const struct err *reason, struct err *err)
{
        CLEANUP(mem_free) char *section = text_repr(s->section->name);
        CLEANUP(mem_free) char *file = text_repr(s->section->file);
        size_t suffix = strlen(section) + strlen(file) + sizeof(" in section  (file: )");
        size_t room = suffix < ERR_TEXT_MAX ? ERR_TEXT_MAX - suffix : 0;

        /* Where a reason is too long it is that which is cut. */
        return err_set(err, -EINVAL, "%.*s in section %s (file: %s)", (int)room, reason->text,
                section, file);
}

int programs_read(struct reader *reader, const struct ini_section *section,
        struct program_group *group, struct err *err)
{
        struct section_reading reading = { .reader = reader, .section = section };
        CLEANUP(section_reading_clear) struct section_reading *s = &reading;
        CLEANUP(mem_free) char *name = NULL;
        struct err reason = {};
        int r = values_name(strchr(section->name, ':') + 1, &name, &reason);

        if (r < 0) {
                (void)reader_blame(reader, section, NULL, r); /* returned below */
                return fail_with_section(s, &reason, err);
        }
        s->map = expand_map_new(reader->here);
        expand_map_set(s->map, "host_node_name", reader->node);
        expand_map_set(s->map, "program_name", name);
        expand_map_set(s->map, "group_name", group->name);
        s->pattern = program_new();
        s->pattern->section = mem_strdup(section->name);
        s->pattern->label = mem_strdup(name);
        r = read_slots(s, &reason);
        if (r < 0)
                return fail_with_section(s, &reason, err);
        group->programs = mem_resize(
                group->programs, group->programs_count + s->slots_count, sizeof(struct program *));
        for (size_t i = 0; i < s->slots_count; i++)
                group->programs[group->programs_count++] = s->slots[i];
        group->labels = words_append(group->labels, TAKE(name));
        if (!reader->is_expansion)
                reader_member_add(reader, section, group);
        reader->processes_count += s->slots_count;
        s->slots_count = 0;
        return 0;
}
