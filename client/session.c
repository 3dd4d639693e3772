/* The session: see session.h. */
#include "client/session.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "engine/fault.h"

static void connect_again(struct session *s)
{
        s->connection = connection_free(s->connection);
        s->connection = connection_new(&(struct connection_settings){
                .serverurl = s->serverurl,
                .username = s->username,
                .password = s->password,
                .interrupt_fd = s->interrupt_fd,
        });
}

static void replace(char **text, const char *by)
{
        char *copy = by ? mem_strdup(by) : NULL; /* 'by' may be the old one */

        mem_free(*text);
        *text = copy;
}

void session_open(struct session *s, const struct session_settings *settings)
{
        *s = (struct session){
                .interactive = settings->interactive,
                .json = settings->json,
                .input = { .fd = STDIN_FILENO, .interrupt_fd = -1 },
                .messages = stdout,
                .interrupt_fd = -1,
        };
        replace(&s->serverurl, settings->serverurl);
        replace(&s->username, settings->username);
        replace(&s->password, settings->password);
        replace(&s->configuration, settings->configuration);
        connect_again(s);
}

void session_close(struct session *s)
{
        s->connection = connection_free(s->connection);
        s->processes = value_free(s->processes);
        s->interrupt_fd = fd_close(s->interrupt_fd);
        failure_clear(&s->failure);
        input_clear(&s->input);
        replace(&s->serverurl, NULL);
        replace(&s->username, NULL);
        replace(&s->password, NULL);
        replace(&s->configuration, NULL);
}

void session_reconnect(struct session *s, const char *serverurl)
{
        replace(&s->serverurl, serverurl);
        connect_again(s);
}

void session_set_credentials(struct session *s, const char *username, const char *password)
{
        replace(&s->username, username);
        replace(&s->password, password);
        connect_again(s);
}

static void interrupt_set(sigset_t *set)
{
        (void)sigemptyset(set); /* these fail for signals that do not exist only */
        (void)sigaddset(set, SIGINT);
}

void session_hold_interrupts(struct session *s)
{
        sigset_t set;

        if (s->interrupt_fd >= 0)
                return;
        interrupt_set(&set);
        s->interrupt_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        if (s->interrupt_fd < 0)
                return; /* Ctrl-C then ends us as usual, which is the next best */
        (void)sigprocmask(SIG_BLOCK, &set, NULL);
        s->input.interrupt_fd = s->interrupt_fd;
        connect_again(s);
}

void session_die_of_interrupt(struct session *s)
{
        sigset_t set;

        (void)fflush(stdout);
        (void)signal(SIGINT, SIG_DFL);
        interrupt_set(&set);
        (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
        (void)raise(SIGINT);
        abort(); /* not reached: the signal ends the process */
}

void session_say(struct session *s, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        /* A full disk or a closed descriptor shows when main() closes the output. */
        (void)vfprintf(s->messages, format, ap);
        va_end(ap);
        (void)fputc('\n', s->messages);
        (void)fflush(s->messages);
}

size_t session_columns(const struct session *s)
{
        struct winsize size = {};

        return ioctl(fileno(s->messages), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int session_ask(struct session *s, const char *question, bool echo, char **ret)
{
        int r;

        /* Otherwise Ctrl-C could leave a terminal behind that shows nothing of what is typed. */
        session_hold_interrupts(s);
        r = input_ask(&s->input, question, echo, ret);
        if (r > 0)
                return 0;
        if (r == -EINTR)
                return failure_set(
                        &s->failure, FAILURE_INTERRUPTED, 0, "KeyboardInterrupt", "interrupted");
        if (r < 0)
                return failure_set_errno(&s->failure, -r);
        return failure_set_value(&s->failure, "EOFError", "EOF when reading a line");
}

int session_call(struct session *s, const char *method, struct value *params, struct value **ret)
{
        CLEANUP(value_free) struct value *taken = params;

        return connection_call(s->connection, method, taken, 0, ret, &s->failure);
}

int session_order(struct session *s, const char *method, struct value *params)
{
        CLEANUP(value_free) struct value *result = NULL;

        return session_call(s, method, params, &result);
}

struct value *session_strings(const char *first, const char *second)
{
        struct value *params = value_new(VALUE_ARRAY);

        value_append(params, value_new_string(first));
        if (second)
                value_append(params, value_new_string(second));
        return params;
}

static int explain_no_server(struct session *s, int r)
{
        const struct failure *failure = &s->failure;

        if (r == FAULT_UNKNOWN_METHOD) {
                session_say(s,
                        "Sorry, supervisord responded but did not recognize the supervisor "
                        "namespace commands that supervisorctl uses to control it.  Please check "
                        "that the [rpcinterface:supervisor] section is enabled in the "
                        "configuration file (see sample.conf).");
                s->exit_status = EXIT_UNIMPLEMENTED;
                return 0;
        }
        if (failure->kind == FAILURE_SYSTEM && failure->code == ECONNREFUSED) {
                session_say(s, "%s refused connection", s->serverurl);
                s->exit_status = EXIT_REFUSED;
                return 0;
        }
        if (failure->kind == FAILURE_SYSTEM && failure->code == ENOENT) {
                session_say(s, "%s no such file", s->serverurl);
                s->exit_status = EXIT_NOT_RUNNING;
                return 0;
        }
        return -EIO;
}

int session_check_server(struct session *s)
{
        CLEANUP(value_free) struct value *version = NULL;
        const char *text;
        int r = connection_call(s->connection, "supervisor.getVersion", NULL,
                SESSION_CHECK_SECS_MAX, &version, &s->failure);

        if (r != 0)
                return explain_no_server(s, r);
        text = value_string(version, "");
        if (text_equal(text, "3.0"))
                return 1;
        session_say(s,
                "Sorry, this version of supervisorctl expects to talk to a server with API version "
                "3.0, but the remote version is %s.",
                text);
        s->exit_status = EXIT_NOT_INSTALLED;
        return 0;
}
