/* One reading of a configuration: what its parts share while they turn sections into data. */
#pragma once

#include "base/err.h"
#include "base/log.h"
#include "config/arguments.h"
#include "config/config.h"
#include "config/expand.h"
#include "config/ini.h"
#include "config/sections.h"
#include "config/source.h"

/* More processes than this are a mistake in numprocs rather than a wish. */
enum { READER_PROCESSES_MAX = 100000 };

struct reader_member { /* a program section as a part of a group */
        const struct ini_section *section;
        char *group;
        enum group_kind kind;
};

struct reader {
        const struct command_line *line;
        char *const *environ;
        struct config *config;
        struct ini *ini;
        char *node;                 /* the name of this host */
        struct expand_map *start;   /* the names of SCOPE_START, and so on */
        struct expand_map *include; /* these three have 'start' as their parent */
        struct expand_map *supervisord;
        struct expand_map *server;
        struct expand_map *here;         /* this one 'server' */
        struct expand_map *cluster;      /* and this one 'here' */
        char *user;                      /* of [supervisord], as written */
        struct config_location location; /* of a failure */
        size_t notes_capacity;
        size_t groups_capacity;
        size_t processes_count;
        struct reader_member *members;
        size_t members_count, members_capacity;

        bool is_reread; /* by a daemon that runs: what only a start looks at is not looked at */

        /* Of config_source_expand() */
        bool is_expansion;
        int64_t numprocs; /* in place of what the sections say */
        int64_t numprocs_from;
};

void reader_member_add(struct reader *, const struct ini_section *, const struct program_group *);
void reader_members_free(struct reader_member *, size_t count);
/* What is to be kept of a reading that went well; the reader can read no more. */
struct config_source *reader_take_source(struct reader *);

void reader_note(struct reader *, enum log_level, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* Says where a failure is, unless that is known more exactly already; returns the code. */
int reader_blame(struct reader *, const struct ini_section *, const char *option, int code);
/* A failure of the section in Supervisor's words or ours. */
int reader_fail(struct reader *, const struct ini_section *, const char *option, struct err *,
        const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The map of a scope; those of programs belong to who reads them. */
const struct expand_map *reader_map(const struct reader *, enum section_scope);
/* The value of an option, expanded; *ret is NULL when it is not there. */
int reader_text(struct reader *, const struct ini_section *, const char *option,
        const struct expand_map *, char **ret, struct err *) __attribute__((warn_unused_result));
/* Stores the value of an option, or its default if it has one, in the structure. */
int reader_store(struct reader *, const struct ini_section *, const struct section_option *,
        const struct expand_map *, void *structure, struct err *)
        __attribute__((warn_unused_result));
/* As reader_text() and values_integer(); 'fallback' when it is not there. */
int reader_integer(struct reader *, const struct ini_section *, const char *option,
        const struct expand_map *, int64_t fallback, int64_t *ret, struct err *)
        __attribute__((warn_unused_result));

/* config_reread(), with what was omitted by others taken as not written; NULL: nothing. */
struct config_problems;
int config_read_omitting(const struct command_line *, char *const *environ,
        const struct config *before, const struct config_problems *omitted, struct config **ret,
        struct config_location *, struct err *) __attribute__((warn_unused_result));

/* The parts, in the files of their names. */
int include_read(struct reader *, struct err *) __attribute__((warn_unused_result));
int groups_read(struct reader *, struct err *) __attribute__((warn_unused_result));
/* Those of the cgroup, and with is_program those of processes; *ret is NULL when there are none. */
int limits_read(struct reader *, const struct ini_section *, const struct expand_map *,
        bool is_program, struct limits **ret, struct err *) __attribute__((warn_unused_result));
/* Appends the processes of a program section to the group. */
int programs_read(struct reader *, const struct ini_section *, struct program_group *, struct err *)
        __attribute__((warn_unused_result));
/* Sets the socket of the group. */
int fcgi_read(struct reader *, const struct ini_section *, struct program_group *, struct err *)
        __attribute__((warn_unused_result));
int servers_read(struct reader *, struct err *) __attribute__((warn_unused_result));
int interfaces_read(struct reader *, struct err *) __attribute__((warn_unused_result));
/* After the servers, the command line and the user. */
int clusterconfig_read(struct reader *, struct err *) __attribute__((warn_unused_result));
/* Notes what nobody reads: unknown sections and options, and plugins. */
void unknown_note(struct reader *);
