/* The sections of a configuration file and their options, as tables: what there is, of which type,
 * with which default, what may be expanded in it, and where its value goes.  Manual pages and
 * checks are made from them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum section_type {        /* what it is stored as */
        TYPE_STRING,       /* char * */
        TYPE_INTEGER,      /* int64_t */
        TYPE_BOOLEAN,      /* bool */
        TYPE_SIZE,         /* int64_t */
        TYPE_OCTAL,        /* int */
        TYPE_SIGNAL,       /* int */
        TYPE_AUTORESTART,  /* enum autorestart */
        TYPE_LOGLEVEL,     /* enum log_level */
        TYPE_SERVICE_STOP, /* enum service_stop */
        TYPE_ORPHAN,       /* enum orphan */
        TYPE_LOGFILE_KIND, /* enum logfile_kind, without LOGFILE_PATH */
        TYPE_DIRECTORY,    /* char * */
        TYPE_PATH,         /* char * */
        /* Those that the reading code stores by itself. */
        TYPE_LIST,
        TYPE_EXITCODES,
        TYPE_LOGFILE,
        TYPE_USER,
        TYPE_OWNER,
        TYPE_ADDRESS,
        TYPE_ENVIRONMENT,
        TYPE_NAME,
        TYPE_NUMBER,
        TYPE_DURATION,
        TYPE_WORD,
        TYPE_PORT,
        TYPE_GROUP,
        TYPE_PATTERNS,
        TYPE_FILE,
        TYPE_LIMIT,
};

enum section_scope {       /* which names expand besides ENV_* of the start */
        SCOPE_START,       /* none */
        SCOPE_INCLUDE,     /* here, host_node_name */
        SCOPE_SUPERVISORD, /* here */
        SCOPE_SERVER,      /* ENV_* of [supervisord] environment */
        SCOPE_HERE,        /* those and here */
        SCOPE_CLUSTER,     /* those and host_node_name */
        SCOPE_PROGRAM,     /* those and program_name, group_name */
        SCOPE_PROCESS,     /* those and process_num, numprocs, ENV_* of the own environment */
};

enum section_wrong {      /* what a value that is not good leads to */
        WRONG_IS_FATAL,   /* the configuration is refused */
        WRONG_IS_DEFAULT, /* an error is noted, the default holds */
        WRONG_IS_ALONE,   /* an error is noted, and there is no cluster: no default is as safe */
};

#define BY_HAND ((size_t)-1)

struct clusterreading;

struct section_option {
        const char *name;
        enum section_type type;
        enum section_scope scope;
        const char *fallback; /* the default as it would be written; NULL: there is none */
        size_t offset;        /* in the structure that the section fills, or BY_HAND */
        const char *help;
        /* Of the cluster's options only. */
        enum section_wrong wrong;
        int64_t min, max; /* where 'take' looks at them */
        int (*take)(struct clusterreading *, const struct section_option *, const char *text,
                struct err *); /* NULL: section_store() */
};

enum section_naming { NAMED_EXACTLY, NAMED_WITH_LABEL, NAMED_WITH_PREFIX };

struct section_kind {
        const char *name; /* "program" of [program:x] */
        enum section_naming naming;
        const struct section_option *options;
        size_t options_count;
        const struct section_kind *also; /* whose options it has too; NULL: none */
        bool takes_anything;             /* of a plugin, or of somebody else */
        const char *help;
};

extern const struct section_kind section_supervisord, section_program, section_group,
        section_eventlistener, section_fcgi, section_unix_server, section_inet_server,
        section_reeve;
/* What a group may have of cgroups, and what a program may have besides. */
extern const struct section_kind section_cgroup_limits, section_process_limits;

/* All kinds, the last one is followed by NULL. */
const struct section_kind *const *section_kinds(void);
const struct section_kind *section_find(const char *section); /* NULL: unknown */
const struct section_option *section_option(const struct section_kind *, const char *name);
const char *section_type_name(enum section_type);

/* Stores the value of the text in the structure; what was there is released. */
int section_store(const struct section_option *, const char *text, void *structure, struct err *)
        __attribute__((warn_unused_result));
