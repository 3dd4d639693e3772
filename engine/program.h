/* Programs: what the configuration says of each process slot and group, as plain data.
 *
 * config/ builds them, the engine decides by them, daemon/ executes them.  A group is counted,
 * because the active set and the most recently read configuration may share it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/mem.h"
#include "engine/limits.h"

enum group_kind {
        GROUP_PROGRAM,       /* the group that each [program:x] forms by itself */
        GROUP_HETEROGENEOUS, /* [group:x] */
        GROUP_EVENTLISTENER, /* [eventlistener:x] */
        GROUP_FCGI,          /* [fcgi-program:x] */
};

enum autorestart { AUTORESTART_NEVER, AUTORESTART_UNEXPECTED, AUTORESTART_ALWAYS };

/* What becomes of a program that runs on after a crash, but whose output cannot be had again. */
enum orphan { ORPHAN_ADOPT, ORPHAN_RESTART, ORPHAN_KILL };

enum logfile_kind {
        LOGFILE_NONE,
        LOGFILE_AUTO, /* a file of our own naming under childlogdir */
        LOGFILE_PATH,
        LOGFILE_JOURNAL, /* the journal, which a relay brings it to */
};

struct log_options { /* stdout_* or stderr_* */
        enum logfile_kind kind;
        char *path; /* LOGFILE_PATH only; relative ones are relative to the daemon's directory */
        int64_t bytes_max;   /* rotate at this size; 0 or less: never */
        int64_t backups;     /* 0: truncate instead of keeping any */
        int64_t capture_max; /* 0: capture mode off */
        bool events;
        bool syslog;
};

struct program {        /* one process slot: a program section with its process_num */
        char *name;     /* of the process, without its group */
        char *section;  /* "program:x", for messages */
        char *label;    /* the program, "x" of "program:x"; NULL: see program_label() */
        unsigned index; /* within its section, from 0, whatever numprocs_start */
        char *command;
        char *directory; /* NULL: the daemon's */
        bool has_user;
        uid_t user;
        int umask; /* -1: inherited */
        int64_t priority;
        bool autostart;
        enum autorestart autorestart;
        int64_t startsecs;
        int64_t startretries;
        int *exitcodes;
        size_t exitcodes_count;
        int stopsignal;
        int64_t stopwaitsecs;
        bool stopasgroup;
        bool killasgroup;
        bool kill_narrow; /* killasgroup=false was written: what the program leaves behind is left
                             alone */
        enum orphan on_orphan;
        bool redirect_stderr;
        char **environment; /* "KEY=value", the global ones first, no key twice; NULL at the end */
        char *serverurl;    /* NULL: automatic; "": SUPERVISOR_SERVER_URL is not set */
        struct log_options out, err;
        struct limits *limits; /* NULL: none */
        char *rest;            /* what another build has saved of it and this one does not know */
};

struct program_group {
        unsigned references;
        char *name;
        enum group_kind kind;
        int64_t priority;
        struct limits *limits;     /* of all its processes together; NULL: none */
        struct program **programs; /* in configuration order */
        size_t programs_count;
        char **labels; /* of the programs, also of those with numprocs=0; NULL at the end */

        /* GROUP_EVENTLISTENER */
        char **events; /* upper case, no duplicates, NULL at the end */
        int64_t buffer_size;
        char *result_handler;

        /* GROUP_FCGI */
        char *socket; /* "unix:///path" or "tcp://host:port" */
        int64_t socket_backlog;
        int socket_mode; /* -1: default */
        bool has_socket_owner;
        uid_t socket_uid;
        gid_t socket_gid; /* (gid_t)-1: unchanged */

        char *rest; /* as of a program */
};

struct program *program_new(void); /* the defaults of [program:x] */
struct program *program_free(struct program *);
DEFINE_CLEANUP(struct program *, program_free)
const char *program_label(const struct program *); /* never NULL */
const char *program_orphan_name(enum orphan);      /* "adopt" */

struct program_group *program_group_new(const char *name, enum group_kind); /* one reference */
struct program_group *program_group_ref(struct program_group *);
struct program_group *program_group_unref(struct program_group *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct program_group *, program_group_unref)
/* Whether the program is one of its, however many processes that has. */
bool program_group_holds(const struct program_group *, const char *label);

/* Whether a reread need not call the group changed: the comparison of Supervisor, where a log file
 * that is now AUTO equals everything but one that was AUTO does not (it has become a file of its
 * own), and of an fcgi socket the URL alone counts. */
bool program_group_equal(const struct program_group *active, const struct program_group *read);
/* Of groups that are equal but for their limits: it gets those that were read. */
void program_group_take_limits(struct program_group *active, const struct program_group *read);
/* Whether they differ in their limits at most. */
bool program_group_equal_but_limits(
        const struct program_group *active, const struct program_group *read);

/* The groups of one reading of the configuration, sorted by (priority, name). */
struct program_set {
        struct program_group **groups;
        size_t count;
};

void program_set_clear(struct program_set *); /* drops the references */
struct program_group *program_set_find(const struct program_set *, const char *name);
