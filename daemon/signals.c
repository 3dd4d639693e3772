/* Signals to the daemon itself: see signals.h. */
#include "daemon/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/signals.h"
#include "daemon/children.h"
#include "daemon/chronicle.h"
#include "daemon/daemon.h"
#include "daemon/leaving.h"
#include "daemon/upgrade.h"

static void on_exit_request(struct daemon *d, int number)
{
        CLEANUP(mem_free)
        char *text = mem_format("received %s indicating exit request", signals_name(number));

        daemon_log_message(d, MESSAGE_DAEMON_STOPPING, LOG_LEVEL_WARN, NULL, text, false);
        if (number == SIGTERM)
                leaving_or_shutdown(d);
        else
                daemon_feed(d, &(struct event){ .type = EV_SHUTDOWN });
}

/* While a restart is under way already, the file may have changed since it was read for that. */
static void on_hangup(struct daemon *d, int number)
{
        CLEANUP(mem_free) char *text = NULL;

        if (engine_mood(d->engine) == MOOD_SHUTDOWN) {
                daemon_log(d, LOG_LEVEL_WARN, NULL,
                        "ignored %s indicating restart request (shutdown in progress)",
                        signals_name(number));
                return;
        }
        text = mem_format("received %s indicating restart request", signals_name(number));
        daemon_log_message(d, MESSAGE_DAEMON_RESTARTING, LOG_LEVEL_WARN, NULL, text, false);
        daemon_feed(d, &(struct event){ .type = EV_SHUTDOWN, .shutdown = { .restart = true } });
}

static void on_reopen(struct daemon *d, int number)
{
        daemon_log(d, LOG_LEVEL_INFO, NULL, "received %s indicating log reopen request",
                signals_name(number));
        logfiles_reopen(d->logfiles); /* the activity log is one of them */
        daemon_log(d, LOG_LEVEL_INFO, NULL, "supervisord logreopen");
}

/* Reaps what is nobody's: our programs have a pidfd each, but a daemon that is process 1 of its
 * container, or was executed by something with children, gets strangers too. */
static void on_child(struct daemon *d, int number)
{
        siginfo_t info;

        daemon_log(d, LOG_LEVEL_DEBUG, NULL, "received %s indicating a child quit",
                signals_name(number));
        for (;;) {
                CLEANUP(mem_free) char *text = NULL;
                int status;

                info.si_pid = 0;
                if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
                        return;
                if (children_reap(d, info.si_pid) || upgrade_reap(d->upgrade, info.si_pid) ||
                        chronicle_reap(d, info.si_pid))
                        continue;
                if (waitpid(info.si_pid, &status, WNOHANG) <= 0)
                        return;
                text = process_wait_text(status);
                daemon_log(
                        d, LOG_LEVEL_INFO, NULL, "reaped unknown pid %d (%s)", info.si_pid, text);
        }
}

static const struct {
        int number;
        void (*handler)(struct daemon *, int number);
} table[] = {
        { SIGTERM, on_exit_request },
        { SIGINT, on_exit_request },
        { SIGQUIT, on_exit_request },
        { SIGHUP, on_hangup },
        { SIGUSR2, on_reopen },
        { SIGCHLD, on_child },
};

/* One at a time: what has been taken is acted upon, and what has not waits in the kernel for the
 * loop after a restart.  sd_event_add_signal() would take all that there are before it calls the
 * first handler, and what the end of the loop finds among them would be lost. */
static int on_signal(sd_event_source *source, int fd, uint32_t revents, void *context)
{
        struct signalfd_siginfo si;

        if (read(fd, &si, sizeof(si)) != sizeof(si))
                return 0;
        for (size_t i = 0; i < ELEMENTS(table); i++)
                if ((int)si.ssi_signo == table[i].number)
                        table[i].handler(context, table[i].number);
        return 0;
}

static sigset_t handled(void)
{
        sigset_t set;

        (void)sigemptyset(&set);
        for (size_t i = 0; i < ELEMENTS(table); i++)
                (void)sigaddset(&set, table[i].number);
        return set;
}

void signals_block(void)
{
        sigset_t set = handled();

        (void)sigprocmask(SIG_BLOCK, &set, NULL); /* right arguments do not fail */
        /* A client that leaves and a file that may not grow are errors of a call, not ends of a
         * daemon. */
        (void)signal(SIGPIPE, SIG_IGN);
        (void)signal(SIGXFSZ, SIG_IGN);
}

int signals_add(struct daemon *d)
{
        CLEANUP(fd_close) int fd = -1;
        sigset_t set = handled();
        int r;

        fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = sd_event_add_io(d->loop, &d->signals, fd, EPOLLIN, on_signal, d);
        if (r >= 0)
                r = sd_event_source_set_io_fd_own(d->signals, true);
        if (r >= 0)
                (void)TAKE_FD(fd); /* the source's */
        return r < 0 ? r : 0;
}
