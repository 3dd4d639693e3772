/* Adoption: see adoption.h. */
#include "daemon/adoption.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "daemon/daemon.h"

/* The pidfd tells first; whoever knows the status does so a moment later: the kernel when it is
 * reaped, the proc connector within microseconds. */
enum { ASK_USEC = 1000, ASK_USEC_MAX = 64 * 1000, WAIT_USEC_MAX = 500 * 1000 };

struct stranger_watch {
        struct child *child;
        sd_event_source *timer;
        uint64_t delay, waited;
};

struct stranger_watch *adoption_forget(struct stranger_watch *watch)
{
        if (!watch)
                return NULL;
        watch->timer = sd_event_source_disable_unref(watch->timer);
        return mem_free(watch);
}

bool adoption_has_ended(const struct child *child)
{
        struct pollfd fd = { .fd = child->pidfd, .events = POLLIN };

        return child->watch || poll(&fd, 1, 0) > 0;
}

static bool ask(struct child *child)
{
        int status;

        if (!stranger_status(child->pidfd, child->pid, &child->birth.time, &status)) {
                if (!child->has_heard)
                        return false;
                status = child->heard;
        }
        children_ended(child, &status, NULL);
        return true;
}

static int on_time(sd_event_source *source, uint64_t usec, void *context)
{
        struct stranger_watch *watch = context;
        struct child *child = watch->child;

        descendants_drain(child->daemon->descendants);
        if (ask(child))
                return 0;
        watch->waited += watch->delay;
        if (watch->waited >= WAIT_USEC_MAX) {
                children_ended(child, NULL, NULL);
                return 0;
        }
        watch->delay = watch->delay * 2 > ASK_USEC_MAX ? ASK_USEC_MAX : watch->delay * 2;
        /* Right arguments do not fail. */
        (void)sd_event_source_set_time_relative(source, watch->delay);
        (void)sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        return 0;
}

int adoption_on_exit(sd_event_source *source, int fd, uint32_t revents, void *context)
{
        struct child *child = context;
        struct stranger_watch *watch;

        if (ask(child))
                return 0;
        (void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
        watch = mem_new(sizeof(*watch));
        watch->child = child;
        watch->delay = ASK_USEC;
        child->watch = watch;
        if (sd_event_add_time_relative(child->daemon->loop, &watch->timer, CLOCK_MONOTONIC,
                    watch->delay, 1, on_time, watch) < 0)
                children_ended(child, NULL, NULL);
        return 0;
}

void adoption_heard(struct daemon *d, uint32_t id, pid_t pid, int status)
{
        struct child *child = children_find(d, id);

        if (!child || !child->is_stranger || child->pid != pid)
                return;
        /* The connector calls the end of the first thread the end of the process, so it is the
         * pidfd that says when. */
        child->has_heard = true;
        child->heard = status;
}
