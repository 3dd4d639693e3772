/* The configuration of reeved: what the command line and a supervisord.conf come to.
 *
 * Reading has no effect but reading files and looking up users.  A failure is in Supervisor's exact
 * words where it has any; file and line are told apart from it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/program.h"

struct clusterconfig;
struct ini;
struct config_source;

/* What becomes of the programs when the service manager stops the service. */
enum service_stop { SERVICE_STOP_ENDS, SERVICE_STOP_LEAVES };

enum server_kind { SERVER_INET, SERVER_UNIX };

struct server_config { /* [inet_http_server...], [unix_http_server...] */
        enum server_kind kind;
        char *section;
        char *host; /* INET: lower case; "": all interfaces */
        int port;
        char *file; /* UNIX: absolute */
        int mode;
        bool has_owner;
        uid_t uid; /* (uid_t)-1: unchanged */
        gid_t gid;
        char *username, *password; /* no authentication: NULL or empty; plain or {SHA}hex */
};

struct config_note { /* something to say in the activity log once it is open */
        enum log_level level;
        char *text;
};

struct config {
        char *path; /* of the file as found or as given to -c */
        char *here; /* its directory, absolute */

        /* [supervisord] and its command-line twins */
        char *logfile; /* absolute; exactly "syslog": syslog; "journal": the journal */
        int64_t logfile_bytes_max;
        int64_t logfile_backups;
        enum log_level loglevel;
        char *pidfile;    /* absolute */
        char *state_file; /* absolute; exactly "NONE": none; NULL: where it belongs */
        mode_t umask;
        bool nodaemon;
        bool silent;
        int64_t minfds;
        int64_t minprocs;
        bool nocleanup;
        char *childlogdir;
        bool has_user;
        uid_t user;
        char *directory; /* NULL: none */
        bool strip_ansi;
        enum service_stop on_service_stop;
        enum orphan on_orphan;             /* of programs that do not say it */
        enum logfile_kind default_logfile; /* never LOGFILE_PATH */
        bool require_auth;                 /* holds for what is in 'servers' */
        char **environment;                /* "KEY=value"; NULL at the end */
        char **known; /* and what earlier readings had there: see config_reread() */
        char *identifier;

        struct server_config *servers;
        size_t servers_count;
        bool rpc_supervisor; /* [rpcinterface:supervisor] with the standard factory is there */
        struct clusterconfig *cluster; /* NULL: no cluster is configured */
        char *serverurl; /* the automatic SUPERVISOR_SERVER_URL; NULL: there is no server */
        struct program_set programs;
        struct config_source *source; /* of the programs: see source.h */
        struct config_note *notes;
        size_t notes_count;
};

struct config *config_free(struct config *);
DEFINE_CLEANUP(struct config *, config_free)

/* The first of [inet_http_server], or that of the cluster, which must be there then. */
uint16_t config_http_port(const struct config *);
/* Something more to say, printf-like. */
void config_note(struct config *, enum log_level, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

enum command { COMMAND_RUN, COMMAND_CHECK, COMMAND_HELP, COMMAND_VERSION };

/* The command line, kept so that a reread can apply it again. */
struct command_line;

/* Parses argv and, when it asks for a configuration, finds the file.  Errors are those of
 * Supervisor's option parser. */
int command_line_parse(
        int argc, char *argv[], struct command_line **ret, enum command *ret_command, struct err *);
struct command_line *command_line_free(struct command_line *);
DEFINE_CLEANUP(struct command_line *, command_line_free)
char *command_line_help(const char *argv0) __attribute__((returns_nonnull)); /* the text of -h */

struct config_location { /* what a failure is about; NULL and 0 where that is unknown */
        char *file, *section, *option, *value; /* as written */
        int line;
        int error; /* that of the system, as -EACCES, when the file cannot be read */
};

void config_location_clear(struct config_location *);
/* "file 'x.conf', line 3, section [program:x], option 'startsecs', value 'soon'"; "" if unknown. */
char *config_location_text(const struct config_location *) __attribute__((returns_nonnull));

/* Reads the file and applies the command line over it.  'environ' is that of the start.  The first
 * also tells where a failure is; *location must be cleared. */
int config_read_located(const struct command_line *, char *const *environ, struct config **ret,
        struct config_location *location, struct err *);
/* While programs run: ENV_ names that the environment of an earlier reading brought stay known, as
 * in Supervisor, until a restart. */
int config_reread(const struct command_line *, char *const *environ, const struct config *before,
        struct config **ret, struct config_location *location, struct err *);
int config_read(
        const struct command_line *, char *const *environ, struct config **ret, struct err *);
/* Only what is written, of the file and all that it includes; %(here)s is replaced in it by the
 * directory that it means. */
int config_read_sections(const struct command_line *, char *const *environ, struct ini **ret,
        struct err *) __attribute__((warn_unused_result));
