/* The sections and their options: see sections.h; those of the cluster are in clusteroptions.c. The
 * order of the rows is the order in which they are read, so it decides which of two mistakes is
 * reported. */
#include "config/sections.h"

#include <string.h>

#include "base/text.h"
#include "config/config.h"
#include "config/values.h"

#define AT(member)  offsetof(struct config, member)
#define OF(member)  offsetof(struct program, member)
#define TABLE(rows) .options = (rows), .options_count = ELEMENTS(rows)

static const struct section_option supervisord_options[] = {
        { "minfds", TYPE_INTEGER, SCOPE_SUPERVISORD, "1024", AT(minfds),
                "file descriptors that must be available" },
        { "minprocs", TYPE_INTEGER, SCOPE_SUPERVISORD, "200", AT(minprocs),
                "processes that must be available" },
        { "directory", TYPE_DIRECTORY, SCOPE_SUPERVISORD, NULL, AT(directory),
                "where to change to when becoming a daemon" },
        { "user", TYPE_USER, SCOPE_SUPERVISORD, NULL, BY_HAND, "whom to run as" },
        { "umask", TYPE_OCTAL, SCOPE_SUPERVISORD, "022", AT(umask),
                "file mode mask, set when becoming a daemon" },
        { "logfile", TYPE_PATH, SCOPE_SUPERVISORD, "supervisord.log", AT(logfile),
                "the activity log; \"syslog\" and \"journal\" send it there" },
        { "logfile_maxbytes", TYPE_SIZE, SCOPE_SUPERVISORD, "50MB", AT(logfile_bytes_max),
                "rotate the activity log at this size; 0: never" },
        { "logfile_backups", TYPE_INTEGER, SCOPE_SUPERVISORD, "10", AT(logfile_backups),
                "how many rotated activity logs to keep" },
        { "loglevel", TYPE_LOGLEVEL, SCOPE_SUPERVISORD, "info", AT(loglevel),
                "the least level that is written to the activity log" },
        { "pidfile", TYPE_PATH, SCOPE_SUPERVISORD, "supervisord.pid", AT(pidfile),
                "where to write the process id" },
        { "state_file", TYPE_PATH, SCOPE_SUPERVISORD, NULL, AT(state_file),
                "what a crash must not lose; \"NONE\": nothing is kept" },
        { "identifier", TYPE_STRING, SCOPE_SUPERVISORD, "supervisor", AT(identifier),
                "the name of this instance" },
        { "nodaemon", TYPE_BOOLEAN, SCOPE_SUPERVISORD, "false", AT(nodaemon),
                "stay in the foreground" },
        { "silent", TYPE_BOOLEAN, SCOPE_SUPERVISORD, "false", AT(silent),
                "do not copy the activity log to standard output in the foreground" },
        { "childlogdir", TYPE_DIRECTORY, SCOPE_SUPERVISORD, NULL, AT(childlogdir),
                "where AUTO log files go; the directory for temporary files by default" },
        { "nocleanup", TYPE_BOOLEAN, SCOPE_SUPERVISORD, "false", AT(nocleanup),
                "keep the AUTO log files of an earlier run" },
        { "strip_ansi", TYPE_BOOLEAN, SCOPE_SUPERVISORD, "false", AT(strip_ansi),
                "remove terminal escape sequences from captured output" },
        { "on_service_stop", TYPE_SERVICE_STOP, SCOPE_SUPERVISORD, "end", AT(on_service_stop),
                "what becomes of the programs when the service is stopped: \"end\" or \"leave\"" },
        { "on_orphan", TYPE_ORPHAN, SCOPE_SUPERVISORD, "adopt", AT(on_orphan),
                "what programs get whose output a crash has lost: \"adopt\", \"restart\" or \"kill\"" },
        { "require_auth", TYPE_BOOLEAN, SCOPE_SUPERVISORD, "false", AT(require_auth),
                "refuse a TCP port without user name and password" },
        { "default_logfile", TYPE_LOGFILE_KIND, SCOPE_SUPERVISORD, "AUTO", AT(default_logfile),
                "where the output of programs goes whose section does not say it" },
        { "environment", TYPE_ENVIRONMENT, SCOPE_INCLUDE, "", BY_HAND,
                "variables for every program" },
};

static const struct section_option include_options[] = {
        { "files", TYPE_LIST, SCOPE_INCLUDE, NULL, BY_HAND,
                "patterns of further files, between white space" },
};

static const struct section_option unix_server_options[] = {
        { "file", TYPE_PATH, SCOPE_HERE, NULL, BY_HAND, "path of the socket" },
        { "chmod", TYPE_OCTAL, SCOPE_SERVER, "0700", BY_HAND, "mode of the socket" },
        { "chown", TYPE_OWNER, SCOPE_SERVER, NULL, BY_HAND, "owner of the socket" },
        { "username", TYPE_STRING, SCOPE_SERVER, NULL, BY_HAND, "for HTTP authentication" },
        { "password", TYPE_STRING, SCOPE_SERVER, NULL, BY_HAND,
                "for HTTP authentication, plain or {SHA} with the digest in hexadecimal" },
};

static const struct section_option inet_server_options[] = {
        { "port", TYPE_ADDRESS, SCOPE_SERVER, NULL, BY_HAND, "host:port to listen on" },
        { "username", TYPE_STRING, SCOPE_SERVER, NULL, BY_HAND, "for HTTP authentication" },
        { "password", TYPE_STRING, SCOPE_SERVER, NULL, BY_HAND,
                "for HTTP authentication, plain or {SHA} with the digest in hexadecimal" },
};

/* Read by the client. */
static const struct section_option supervisorctl_options[] = {
        { "serverurl", TYPE_STRING, SCOPE_SUPERVISORD, "http://localhost:9001", BY_HAND,
                "where the daemon listens: http://host:port or unix:///path" },
        { "username", TYPE_STRING, SCOPE_START, NULL, BY_HAND, "for HTTP authentication" },
        { "password", TYPE_STRING, SCOPE_START, NULL, BY_HAND, "for HTTP authentication" },
        { "prompt", TYPE_STRING, SCOPE_START, "supervisor", BY_HAND, "of the interactive shell" },
        { "history_file", TYPE_PATH, SCOPE_SUPERVISORD, NULL, BY_HAND,
                "where the interactive shell keeps its history" },
};

static const struct section_option program_options[] = {
        { "priority", TYPE_INTEGER, SCOPE_PROGRAM, "999", OF(priority),
                "lower ones start earlier and stop later" },
        { "autostart", TYPE_BOOLEAN, SCOPE_PROGRAM, "true", OF(autostart),
                "start together with the daemon" },
        { "autorestart", TYPE_AUTORESTART, SCOPE_PROGRAM, "unexpected", OF(autorestart),
                "start again after an exit: true, false or unexpected" },
        { "startsecs", TYPE_INTEGER, SCOPE_PROGRAM, "1", OF(startsecs),
                "seconds to stay up to count as started" },
        { "startretries", TYPE_INTEGER, SCOPE_PROGRAM, "3", OF(startretries),
                "failed starts before giving up" },
        { "stopsignal", TYPE_SIGNAL, SCOPE_PROGRAM, "TERM", OF(stopsignal), "asks it to stop" },
        { "stopwaitsecs", TYPE_INTEGER, SCOPE_PROGRAM, "10", OF(stopwaitsecs),
                "seconds between that and SIGKILL" },
        { "stopasgroup", TYPE_BOOLEAN, SCOPE_PROGRAM, "false", OF(stopasgroup),
                "send the stop signal to the whole process group" },
        { "killasgroup", TYPE_BOOLEAN, SCOPE_PROGRAM, NULL, BY_HAND,
                "kill the whole process group; as stopasgroup by default" },
        { "on_orphan", TYPE_ORPHAN, SCOPE_PROGRAM, NULL, BY_HAND,
                "what follows when its output cannot be had again: adopt, restart or kill" },
        { "exitcodes", TYPE_EXITCODES, SCOPE_PROGRAM, "0", BY_HAND, "the expected exit codes" },
        { "redirect_stderr", TYPE_BOOLEAN, SCOPE_PROGRAM, "false", OF(redirect_stderr),
                "send standard error where standard output goes" },
        { "numprocs", TYPE_INTEGER, SCOPE_PROGRAM, "1", BY_HAND, "how many of it to run" },
        { "numprocs_start", TYPE_INTEGER, SCOPE_PROGRAM, "0", BY_HAND, "process_num of the first" },
        { "stdout_capture_maxbytes", TYPE_SIZE, SCOPE_PROGRAM, "0", OF(out.capture_max),
                "size of the buffer for captured output; 0: no capturing" },
        { "stdout_events_enabled", TYPE_BOOLEAN, SCOPE_PROGRAM, "false", OF(out.events),
                "send an event for what is written" },
        { "stderr_capture_maxbytes", TYPE_SIZE, SCOPE_PROGRAM, "0", OF(err.capture_max),
                "size of the buffer for captured output; 0: no capturing" },
        { "stderr_events_enabled", TYPE_BOOLEAN, SCOPE_PROGRAM, "false", OF(err.events),
                "send an event for what is written" },
        { "serverurl", TYPE_STRING, SCOPE_PROGRAM, "AUTO", BY_HAND,
                "SUPERVISOR_SERVER_URL of the program" },
        { "user", TYPE_USER, SCOPE_PROGRAM, NULL, BY_HAND, "whom to run it as" },
        { "umask", TYPE_OCTAL, SCOPE_PROGRAM, NULL, OF(umask), "its file mode mask" },
        { "process_name", TYPE_NAME, SCOPE_PROCESS, "%(program_name)s", BY_HAND,
                "the name of each process" },
        { "environment", TYPE_ENVIRONMENT, SCOPE_PROCESS, "", BY_HAND,
                "variables for the program" },
        { "directory", TYPE_STRING, SCOPE_PROCESS, NULL, OF(directory),
                "where to change to before the program starts" },
        { "stdout_logfile", TYPE_LOGFILE, SCOPE_PROCESS, "AUTO", BY_HAND,
                "a path, AUTO, NONE or journal" },
        { "stdout_logfile_backups", TYPE_INTEGER, SCOPE_PROCESS, "10", OF(out.backups),
                "how many rotated files to keep" },
        { "stdout_logfile_maxbytes", TYPE_SIZE, SCOPE_PROCESS, "50MB", OF(out.bytes_max),
                "rotate at this size; 0: never" },
        { "stdout_syslog", TYPE_BOOLEAN, SCOPE_PROCESS, "false", OF(out.syslog),
                "send the output to syslog too" },
        { "stderr_logfile", TYPE_LOGFILE, SCOPE_PROCESS, "AUTO", BY_HAND,
                "a path, AUTO, NONE or journal" },
        { "stderr_logfile_backups", TYPE_INTEGER, SCOPE_PROCESS, "10", OF(err.backups),
                "how many rotated files to keep" },
        { "stderr_logfile_maxbytes", TYPE_SIZE, SCOPE_PROCESS, "50MB", OF(err.bytes_max),
                "rotate at this size; 0: never" },
        { "stderr_syslog", TYPE_BOOLEAN, SCOPE_PROCESS, "false", OF(err.syslog),
                "send the output to syslog too" },
        { "command", TYPE_STRING, SCOPE_PROCESS, NULL, OF(command), "what to run" },
};

static const struct section_option group_options[] = {
        { "programs", TYPE_LIST, SCOPE_HERE, "", BY_HAND, "its programs, between commas" },
        { "priority", TYPE_INTEGER, SCOPE_HERE, "999", BY_HAND,
                "lower ones start earlier and stop later" },
};

static const struct section_option eventlistener_options[] = {
        { "events", TYPE_LIST, SCOPE_HERE, NULL, BY_HAND, "types of events, between commas" },
        { "buffer_size", TYPE_INTEGER, SCOPE_HERE, "10", BY_HAND,
                "events that may wait for a listener" },
        { "result_handler", TYPE_STRING, SCOPE_HERE, "supervisor.dispatchers:default_handler",
                BY_HAND, "what reads the answers" },
};

static const struct section_option fcgi_options[] = {
        { "socket", TYPE_STRING, SCOPE_HERE, NULL, BY_HAND,
                "unix:///path or tcp://host:port, shared by the processes" },
        { "socket_backlog", TYPE_INTEGER, SCOPE_HERE, NULL, BY_HAND, "connections that may wait" },
        { "socket_owner", TYPE_OWNER, SCOPE_HERE, NULL, BY_HAND, "owner of the socket" },
        { "socket_mode", TYPE_OCTAL, SCOPE_HERE, "0700", BY_HAND, "mode of the socket" },
};

static const struct section_option rpcinterface_options[] = {
        { "supervisor.rpcinterface_factory", TYPE_STRING, SCOPE_SERVER, NULL, BY_HAND,
                "supervisor.rpcinterface:make_main_rpcinterface" },
};

const struct section_kind section_supervisord = { "supervisord", NAMED_EXACTLY,
        TABLE(supervisord_options), .help = "the daemon itself" };
const struct section_kind section_unix_server = { "unix_http_server", NAMED_WITH_PREFIX,
        TABLE(unix_server_options), .help = "an HTTP server on a unix socket" };
const struct section_kind section_inet_server = { "inet_http_server", NAMED_WITH_PREFIX,
        TABLE(inet_server_options), .help = "an HTTP server on a TCP port" };
const struct section_kind section_program = { "program", NAMED_WITH_LABEL, TABLE(program_options),
        .also = &section_process_limits, .help = "a program to run" };
const struct section_kind section_group = { "group", NAMED_WITH_LABEL, TABLE(group_options),
        .also = &section_cgroup_limits, .help = "programs that form one group" };
const struct section_kind section_eventlistener = { "eventlistener", NAMED_WITH_LABEL,
        TABLE(eventlistener_options), .also = &section_program,
        .help = "a program that is told of events" };
const struct section_kind section_fcgi = { "fcgi-program", NAMED_WITH_LABEL, TABLE(fcgi_options),
        .also = &section_program, .help = "a FastCGI program whose processes share a socket" };
static const struct section_kind include = { "include", NAMED_EXACTLY, TABLE(include_options),
        .help = "further files to read" };
static const struct section_kind supervisorctl = { "supervisorctl", NAMED_EXACTLY,
        TABLE(supervisorctl_options), .help = "the client" };
static const struct section_kind rpcinterface = { "rpcinterface", NAMED_WITH_LABEL,
        TABLE(rpcinterface_options), .takes_anything = true, .help = "a namespace of the API" };
static const struct section_kind ctlplugin = { "ctlplugin", NAMED_WITH_LABEL, NULL, 0,
        .takes_anything = true, .help = "a plugin of supervisorctl" };

static const struct section_kind *const kinds[] = {
        &section_supervisord,
        &include,
        &section_unix_server,
        &section_inet_server,
        &supervisorctl,
        &section_program,
        &section_group,
        &section_eventlistener,
        &section_fcgi,
        &rpcinterface,
        &ctlplugin,
        &section_reeve,
        NULL,
};

const struct section_kind *const *section_kinds(void)
{
        return kinds;
}

static bool is_named(const struct section_kind *kind, const char *section)
{
        size_t length = strlen(kind->name);

        if (strncmp(section, kind->name, length) != 0)
                return false;
        switch (kind->naming) {
        case NAMED_EXACTLY:
                return section[length] == '\0';
        case NAMED_WITH_LABEL:
                return section[length] == ':';
        case NAMED_WITH_PREFIX:
                return true;
        }
        return false;
}

const struct section_kind *section_find(const char *section)
{
        for (size_t i = 0; kinds[i]; i++)
                if (is_named(kinds[i], section))
                        return kinds[i];
        return NULL;
}

const struct section_option *section_option(const struct section_kind *kind, const char *name)
{
        for (; kind; kind = kind->also)
                for (size_t i = 0; i < kind->options_count; i++)
                        if (strcmp(kind->options[i].name, name) == 0)
                                return &kind->options[i];
        return NULL;
}

const char *section_type_name(enum section_type type)
{
        static const char *const names[] = {
                [TYPE_STRING] = "text",
                [TYPE_INTEGER] = "integer",
                [TYPE_BOOLEAN] = "boolean",
                [TYPE_SIZE] = "byte size",
                [TYPE_OCTAL] = "octal number",
                [TYPE_SIGNAL] = "signal",
                [TYPE_AUTORESTART] = "boolean or \"unexpected\"",
                [TYPE_LOGLEVEL] = "log level",
                [TYPE_SERVICE_STOP] = "\"end\" or \"leave\"",
                [TYPE_ORPHAN] = "adopt, restart or kill",
                [TYPE_LOGFILE_KIND] = "AUTO, NONE or journal",
                [TYPE_DIRECTORY] = "existing directory",
                [TYPE_PATH] = "path in an existing directory",
                [TYPE_LIST] = "list",
                [TYPE_EXITCODES] = "list of exit codes",
                [TYPE_LOGFILE] = "log file",
                [TYPE_USER] = "user",
                [TYPE_OWNER] = "user or user:group",
                [TYPE_ADDRESS] = "port or host:port",
                [TYPE_ENVIRONMENT] = "KEY=value list",
                [TYPE_NAME] = "name",
                [TYPE_NUMBER] = "number",
                [TYPE_DURATION] = "duration",
                [TYPE_WORD] = "word",
                [TYPE_PORT] = "port",
                [TYPE_GROUP] = "group:port",
                [TYPE_PATTERNS] = "patterns",
                [TYPE_FILE] = "path",
                [TYPE_LIMIT] = "limit",
        };

        return names[type];
}

static int store_path(enum section_type type, const char *text, char **member, struct err *err)
{
        char *path;
        int r = type == TYPE_PATH ? values_path(text, &path, err)
                                  : values_directory(text, &path, err);

        if (r < 0)
                return r;
        mem_free(*member);
        *member = path;
        return 0;
}

int section_store(
        const struct section_option *option, const char *text, void *structure, struct err *err)
{
        void *member = (char *)structure + option->offset;

        switch (option->type) {
        case TYPE_STRING:
                mem_free(*(char **)member);
                *(char **)member = mem_strdup(text);
                return 0;
        case TYPE_INTEGER:
                return values_integer(text, member, err);
        case TYPE_BOOLEAN:
                return values_boolean(text, member, err);
        case TYPE_SIZE:
                return values_size(text, member, err);
        case TYPE_OCTAL:
                return values_octal(text, member, err);
        case TYPE_SIGNAL:
                return values_signal(text, member, err);
        case TYPE_AUTORESTART:
                return values_autorestart(text, member, err);
        case TYPE_LOGLEVEL:
                return values_loglevel(text, member, err);
        case TYPE_SERVICE_STOP:
                return values_service_stop(text, member, err);
        case TYPE_ORPHAN:
                return values_orphan(text, member, err);
        case TYPE_LOGFILE_KIND:
                return values_logfile_kind(text, member, err);
        case TYPE_DIRECTORY:
        case TYPE_PATH:
                return store_path(option->type, text, member, err);
        case TYPE_LIST:
        case TYPE_EXITCODES:
        case TYPE_LOGFILE:
        case TYPE_USER:
        case TYPE_OWNER:
        case TYPE_ADDRESS:
        case TYPE_ENVIRONMENT:
        case TYPE_NAME:
        case TYPE_NUMBER:
        case TYPE_DURATION:
        case TYPE_WORD:
        case TYPE_PORT:
        case TYPE_GROUP:
        case TYPE_PATTERNS:
        case TYPE_FILE:
        case TYPE_LIMIT:
                break;
        }
        return 0;
}
