/* Signals to the daemon itself: see signals.h. */
#include "daemon/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/signals.h"
#include "daemon/children.h"
#include "daemon/daemon.h"

static int on_exit_request(
        sd_event_source *source, const struct signalfd_siginfo *si, void *context)
{
        struct daemon *d = context;

        daemon_log(d, LOG_LEVEL_WARN, NULL, "received %s indicating exit request",
                signals_name((int)si->ssi_signo));
        daemon_feed(d, &(struct event){ .type = EV_SHUTDOWN });
        return 0;
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *si, void *context)
{
        struct daemon *d = context;

        if (engine_mood(d->engine) != MOOD_RUNNING) {
                daemon_log(d, LOG_LEVEL_WARN, NULL,
                        "ignored SIGHUP indicating restart request (shutdown in progress)");
                return 0;
        }
        daemon_log(d, LOG_LEVEL_WARN, NULL, "received SIGHUP indicating restart request");
        daemon_feed(d, &(struct event){ .type = EV_SHUTDOWN, .shutdown = { .restart = true } });
        return 0;
}

static int on_reopen(sd_event_source *source, const struct signalfd_siginfo *si, void *context)
{
        struct daemon *d = context;

        daemon_log(d, LOG_LEVEL_INFO, NULL, "received SIGUSR2 indicating log reopen request");
        logfiles_reopen(d->logfiles); /* the activity log is one of them */
        daemon_log(d, LOG_LEVEL_INFO, NULL, "supervisord logreopen");
        return 0;
}

/* Reaps what is nobody's: our programs have a pidfd each, but a daemon that is process 1 of its
 * container, or was executed by something with children, gets strangers too. */
static int on_child(sd_event_source *source, const struct signalfd_siginfo *si, void *context)
{
        struct daemon *d = context;
        siginfo_t info;

        daemon_log(d, LOG_LEVEL_DEBUG, NULL, "received SIGCHLD indicating a child quit");
        for (;;) {
                CLEANUP(mem_free) char *text = NULL;
                int status;

                info.si_pid = 0;
                if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
                        return 0;
                if (children_reap(d, info.si_pid))
                        continue;
                if (waitpid(info.si_pid, &status, WNOHANG) <= 0)
                        return 0;
                text = process_wait_text(status);
                daemon_log(
                        d, LOG_LEVEL_INFO, NULL, "reaped unknown pid %d (%s)", info.si_pid, text);
        }
}

static const struct {
        int number;
        sd_event_signal_handler_t handler;
} table[] = {
        { SIGTERM, on_exit_request },
        { SIGINT, on_exit_request },
        { SIGQUIT, on_exit_request },
        { SIGHUP, on_hangup },
        { SIGUSR2, on_reopen },
        { SIGCHLD, on_child },
};

void signals_block(void)
{
        sigset_t set;

        (void)sigemptyset(&set);
        for (size_t i = 0; i < ELEMENTS(table); i++)
                (void)sigaddset(&set, table[i].number);
        (void)sigprocmask(SIG_BLOCK, &set, NULL); /* right arguments do not fail */
        /* A client that leaves and a file that may not grow are errors of a call, not ends of a
         * daemon. */
        (void)signal(SIGPIPE, SIG_IGN);
        (void)signal(SIGXFSZ, SIG_IGN);
}

int signals_add(struct daemon *d)
{
        for (size_t i = 0; i < ELEMENTS(table); i++) {
                int r = sd_event_add_signal(d->loop, NULL, table[i].number, table[i].handler, d);

                if (r < 0)
                        return r;
        }
        return 0;
}
