/* The commands: see commands.h. */
#include "client/commands.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/check.h"
#include "client/clusteradmin.h"
#include "client/clusterask.h"
#include "client/clustercommands.h"
#include "client/control.h"
#include "client/doctor.h"
#include "client/events.h"
#include "client/foreground.h"
#include "client/groups.h"
#include "client/help.h"
#include "client/import.h"
#include "client/keygen.h"
#include "client/latency.h"
#include "client/logs.h"
#include "client/probe.h"
#include "client/server.h"
#include "client/status.h"
#include "client/top.h"
#include "client/upgrade.h"
#include "client/usage.h"
#include "config/words.h"

static int leave(struct session *s, const char *args)
{
        session_say(s, "%s", "");
        s->is_over = true;
        return 0;
}

static const struct commands_row table[] = {
        { "add", groups_add, 0, COMPLETES_GROUPS,
                "add <name> [...]\tPut a newly configured process or group into service" },
        { "avail", status_avail, COMMANDS_NO_ARGS, COMPLETES_NOTHING,
                "avail\t\t\tList every process of the configuration" },
        { "clear", control_clear, COMMANDS_CHECK, COMPLETES_PROCESSES,
                "clear <name>\t\tEmpty the logs of a process\n"
                "clear <name> <name>\tEmpty the logs of several processes\n"
                "clear all\t\tEmpty the logs of all processes" },
        { "exit", leave, 0, COMPLETES_NOTHING, "exit\tLeave the shell" },
        { "fg", foreground_run, COMMANDS_CHECK, COMPLETES_PROCESSES,
                "fg <process>\tTalk to a process: its output is shown, your lines are its input\n"
                "\t\tCtrl-C goes back; the process runs on" },
        { "maintail", logs_maintail, COMMANDS_CHECK, COMPLETES_NOTHING,
                "maintail -f \tFollow the log of the daemon (Ctrl-C to stop)\n"
                "maintail -100\tShow its last 100 *bytes*\n"
                "maintail\tShow its last 1600 *bytes*\n" },
        { "open", server_open, 0, COMPLETES_NOTHING,
                "open <url>\tTalk to another daemon from here on\n"
                "\t\t(of a UNIX domain socket: unix:///socket/path)" },
        { "pid", status_pid, COMMANDS_CHECK, COMPLETES_PROCESSES,
                "pid\t\t\tShow the pid of the daemon\n"
                "pid <name>\t\tShow the pid of a process\n"
                "pid all\t\t\tShow the pids of all processes, one on a line" },
        { "quit", leave, 0, COMPLETES_NOTHING, "quit\tLeave the shell" },
        { "reload", server_reload, COMMANDS_NO_ARGS, COMPLETES_NOTHING,
                "reload \t\tRestart the daemon, and so all of its processes" },
        { "remove", groups_remove, 0, COMPLETES_GROUPS,
                "remove <name> [...]\tTake a stopped process or group out of service" },
        { "reread", groups_reread, COMMANDS_NO_ARGS, COMPLETES_NOTHING,
                "reread \t\t\tHave the configuration read again, and only say what is new in it" },
        { "restart", control_restart, COMMANDS_CHECK, COMPLETES_PROCESSES,
                "restart <name>\t\tStop and start a process\n"
                "restart <gname>:*\tStop and start the processes of a group\n"
                "restart <name> <name>\tStop and start several processes or groups\n"
                "restart all\t\tStop and start all processes\n"
                "Note: restart knows nothing of changes in the configuration. See update." },
        { "shutdown", server_shutdown, COMMANDS_NO_ARGS, COMPLETES_NOTHING,
                "shutdown \tEnd the daemon and all of its processes" },
        { "signal", control_signal, COMMANDS_CHECK, COMPLETES_PROCESSES,
                "signal <signal name> <name>\t\tSend a signal to a process\n"
                "signal <signal name> <gname>:*\t\tSend it to the processes of a group\n"
                "signal <signal name> <name> <name>\tSend it to several processes or groups\n"
                "signal <signal name> all\t\tSend it to all processes" },
        { "start", control_start, COMMANDS_CHECK, COMPLETES_PROCESSES,
                "start <name>\t\tStart a process, and wait until it runs\n"
                "start <gname>:*\t\tStart the processes of a group\n"
                "start <name> <name>\tStart several processes or groups\n"
                "start all\t\tStart all processes" },
        { "status", status_run, COMMANDS_JSON, COMPLETES_PROCESSES,
                "status <name>\t\tShow the state of a process\n"
                "status <gname>:*\tShow the states of the processes of a group\n"
                "status <name> <name>\tShow the states of several processes\n"
                "status\t\t\tShow the states of all processes" },
        { "stop", control_stop, COMMANDS_CHECK, COMPLETES_PROCESSES,
                "stop <name>\t\tStop a process, and wait until it is gone\n"
                "stop <gname>:*\t\tStop the processes of a group\n"
                "stop <name> <name>\tStop several processes or groups\n"
                "stop all\t\tStop all processes" },
        { "tail", logs_tail, COMMANDS_CHECK, COMPLETES_PROCESSES,
                "tail [-f] <name> [stdout|stderr] (default stdout)\n"
                "Ex:\n"
                "tail -f <name>\t\tFollow what the process writes to its stdout\n"
                "\t\t\t(Ctrl-C to stop)\n"
                "tail -100 <name>\tThe last 100 *bytes* of its stdout\n"
                "tail <name> stderr\tThe last 1600 *bytes* of its stderr" },
        { "update", groups_update, 0, COMPLETES_GROUPS,
                "update\t\t\tRead the configuration again, and add, remove and restart what "
                "changed\n"
                "update all\t\tThe same\n"
                "update <gname> [...]\tThe same for these groups only" },
        { "version", server_version, COMMANDS_NO_ARGS | COMMANDS_CHECK, COMPLETES_NOTHING,
                "version\t\t\tShow the version of the daemon" },
};

/* What only we have. */
static const struct commands_row own_table[] = {
        { "check", check_run, COMMANDS_LOCAL | COMMANDS_JSON, COMPLETES_NOTHING,
                "check [-c <file>] [--strict]\n"
                "\t\t\tShow what the rules make of the programs of a configuration, and\n"
                "\t\t\tall that is wrong with it; no server is asked; --strict fails for\n"
                "\t\t\twarnings, too" },
        { "cluster", probe_run, COMMANDS_CLUSTER | COMMANDS_JSON, COMPLETES_NOTHING,
                "cluster probe\t\tWatch the cluster's network for two seconds, and say what is "
                "wrong" },
        { "doctor", doctor_run, COMMANDS_LENIENT | COMMANDS_JSON, COMPLETES_NOTHING,
                "doctor [--strict]\tLook over this machine, the configuration and the daemon, and "
                "say\n"
                "\t\t\twhat is not well and what to do about it; --strict fails for doubts,\n"
                "\t\t\ttoo" },
        { "events", events_run, COMMANDS_CLUSTER | COMMANDS_JSON, COMPLETES_NOTHING,
                "events [<header> ...]\tFollow what happens in the cluster (Ctrl-C to stop): "
                "supvisors,\n"
                "\t\t\tinstance, application, event, process, hstats, pstats; all by default" },
        { "freeze", usage_freeze, COMMANDS_CHECK, COMPLETES_PROCESSES,
                "freeze <name> [...]\tFreeze a process with all that it has started" },
        { "import-supervisor", import_run, COMMANDS_LOCAL, COMPLETES_NOTHING,
                "import-supervisor [<file>|<directory>] [-o <file>] [--dry-run] [--force]\n"
                "\t\t\tTake over the programs of a Supervisor (/etc/supervisor), and say what "
                "is\n"
                "\t\t\tdifferent; --dry-run writes to the standard output" },
        { "keygen", keygen_run, COMMANDS_LOCAL, COMPLETES_NOTHING,
                "keygen <file>\t\tMake a key for a cluster, and write it to a new file\n"
                "keygen --force <file>\tReplace the file that is there\n"
                "keygen --add <file>\tAdd a key to the file, to be received only: delete the "
                "word\n"
                "\t\t\t'receive' when every instance has the file" },
        { "latency", latency_run, COMMANDS_CHECK | COMMANDS_JSON, COMPLETES_NOTHING,
                "latency\t\t\tShow for how long the turns of the daemon's loop kept others waiting\n"
                "latency reset\t\tThe same, and begin to count anew" },
        { "readmit", clusteradmin_readmit, COMMANDS_CLUSTER, COMPLETES_NOTHING,
                "readmit <identifier>\tLift the isolation of an instance" },
        { "reload_rules", clusteradmin_reload_rules, COMMANDS_CLUSTER, COMPLETES_NOTHING,
                "reload_rules\t\tHave the rules files of this instance read again" },
        { "thaw", usage_thaw, COMMANDS_CHECK, COMPLETES_PROCESSES,
                "thaw <name> [...]\tLet a frozen process run on" },
        { "top", top_run, COMMANDS_CHECK | COMMANDS_JSON, COMPLETES_PROCESSES,
                "top [<name> ...]\tShow what processes use, again and again\n"
                "top --once\t\tShow it once\n"
                "top --json\t\tShow it as JSON\n"
                "top --sort <key>\tby cpu, time, memory, tasks, io, pressure or name\n"
                "top --interval <secs>\tshow it so often (2)\n"
                "On a terminal the keys c t m p i s n sort by these, and q quits." },
        { "upgrade", upgrade_run, COMMANDS_CHECK, COMPLETES_NOTHING,
                "upgrade\t\t\tReplace the running daemon by the one that is installed; no program "
                "is\n"
                "\t\t\tstopped\n"
                "upgrade --binary <path>\tReplace it by another one (as root, by the unix socket)" },
};

/* Not listed, for the list is that of Supervisor's client: what the shell itself understands. */
static const struct commands_row shell_table[] = {
        { "help", help_run, COMMANDS_LOCAL, COMPLETES_NOTHING,
                "help\t\tList the commands\nhelp <action>\tExplain a command" },
        { "EOF", leave, 0, COMPLETES_NOTHING, NULL },
};

const struct commands_row *commands_table(size_t *ret_count)
{
        *ret_count = ELEMENTS(table);
        return table;
}

const struct commands_row *commands_own_table(size_t *ret_count)
{
        *ret_count = ELEMENTS(own_table);
        return own_table;
}

static const struct commands_row *find_in(
        const struct commands_row *rows, size_t count, const char *name)
{
        for (size_t i = 0; i < count; i++)
                if (text_equal(rows[i].name, name))
                        return &rows[i];
        return NULL;
}

const struct commands_row *commands_find(const char *name)
{
        const struct commands_row *row, *cluster;
        size_t count;

        cluster = clustercommands_table(&count);
        row = find_in(shell_table, ELEMENTS(shell_table), name);
        row = row ?: find_in(own_table, ELEMENTS(own_table), name);
        row = row ?: find_in(table, ELEMENTS(table), name);
        return row ?: find_in(cluster, count, name);
}

/* The length of the word, where it is one of ours with other characters than Supervisor's have. */
static size_t own_word(const char *line)
{
        size_t n = strcspn(line, " \t\n");

        for (size_t i = 0; i < ELEMENTS(own_table); i++)
                if (strlen(own_table[i].name) == n && strncmp(own_table[i].name, line, n) == 0)
                        return n;
        return 0;
}

struct commands_line commands_parse(const char *text)
{
        static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789_";
        CLEANUP(mem_free) char *line = words_stripped(text);
        struct commands_line parsed = {};
        size_t n;

        if (line[0] == '?') {
                parsed.word = mem_strdup("help");
                parsed.args = words_stripped(line + 1);
                return parsed;
        }
        n = own_word(line);
        if (!n)
                n = strspn(line, letters);
        parsed.word = n ? mem_strndup(line, n) : NULL;
        parsed.args = words_stripped(line + n);
        return parsed;
}

void commands_line_clear(struct commands_line *line)
{
        mem_free(line->word);
        mem_free(line->args);
        *line = (struct commands_line){};
}

void commands_refuse(
        struct session *s, const char *command, int exit_status, const char *format, ...)
{
        CLEANUP(mem_free) char *message = NULL;
        va_list ap;

        va_start(ap, format);
        message = mem_vformat(format, ap);
        va_end(ap);
        session_say(s, "%s", message);
        help_show(s, command);
        s->exit_status = exit_status;
}

static int run_row(struct session *s, const struct commands_row *row, const char *args)
{
        int r;

        if ((row->flags & COMMANDS_NO_ARGS) && *args) {
                commands_refuse(
                        s, row->name, EXIT_GENERIC, "Error: %s accepts no arguments", row->name);
                return 0;
        }
        if (row->flags & COMMANDS_CHECK) {
                r = session_check_server(s);
                if (r <= 0)
                        return r;
        }
        if (row->flags & COMMANDS_CLUSTER) {
                r = clusterask_check(s);
                if (r <= 0)
                        return r;
        }
        return row->run(s, args);
}

/* 1: credentials to try; otherwise the failure says why not. */
static int ask_credentials(struct session *s)
{
        CLEANUP(mem_free) char *username = NULL;
        CLEANUP(mem_free) char *password = NULL;
        int r;

        r = session_ask(s, "Username:", true, &username);
        if (r < 0)
                return r;
        r = session_ask(s, "Password:", false, &password);
        if (r < 0)
                return r;
        session_say(s, "%s", "");
        session_set_credentials(s, username, password);
        return 1;
}

static bool wants_credentials(const struct session *s, int r)
{
        return r != 0 && s->failure.kind == FAILURE_HTTP && s->failure.code == 401;
}

static void show_failure(struct session *s)
{
        CLEANUP(mem_free) char *line = NULL;

        if (s->failure.kind == FAILURE_INTERRUPTED) {
                s->was_interrupted = true;
                s->is_over = true;
                return;
        }
        line = failure_line(&s->failure);
        session_say(s, "%s", line);
        s->exit_status = EXIT_GENERIC;
}

void commands_run(struct session *s, const char *text)
{
        CLEANUP(commands_line_clear) struct commands_line line = commands_parse(text);
        CLEANUP(mem_free) char *stripped = words_stripped(text);
        const struct commands_row *row = line.word ? commands_find(line.word) : NULL;
        int r;

        s->processes = value_free(s->processes);
        if (!*stripped)
                return;
        if (!row) {
                session_say(s, "*** Unknown syntax: %s", stripped);
                s->exit_status = EXIT_GENERIC;
                return;
        }
        r = run_row(s, row, line.args);
        while (wants_credentials(s, r)) {
                session_say(s, "Server requires authentication");
                if (!s->interactive)
                        break;
                r = ask_credentials(s);
                if (r > 0)
                        r = run_row(s, row, line.args);
        }
        if (r != 0)
                show_failure(s);
        s->messages = stdout; /* the command may have turned it elsewhere */
}
