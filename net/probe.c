/* Probe: see probe.h. */
#include "net/probe.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/fd.h"

struct probe {
        int fd;
        sd_event_source *io, *timer;
        void (*told)(void *context, uint64_t ticket, enum probe_result);
        void *context;
        uint64_t ticket;
        int code; /* of connect(), where it failed at once; 0 */
};

static void finish(struct probe *probe, int code)
{
        probe->told(probe->context, probe->ticket,
                code == 0              ? PROBE_LISTENS
                : code == ECONNREFUSED ? PROBE_REFUSED
                                       : PROBE_UNKNOWN);
        (void)probe_free(probe);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *context)
{
        struct probe *probe = context;
        socklen_t size = sizeof(int);
        int code = 0;

        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) < 0)
                code = errno;
        finish(probe, code);
        return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
        struct probe *probe = context;

        finish(probe, probe->code ? probe->code : ETIMEDOUT);
        return 0;
}

struct probe *probe_start(sd_event *loop, const struct endpoint *address, usec_t usec_max,
        void (*told)(void *context, uint64_t ticket, enum probe_result), void *context,
        uint64_t ticket)
{
        CLEANUP(probe_free) struct probe *probe = mem_new(sizeof(*probe));
        int r = 0;

        probe->told = told;
        probe->context = context;
        probe->ticket = ticket;
        probe->fd =
                socket(address->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (probe->fd < 0)
                return NULL;
        /* Closed with a reset, lest the other side's log is told of an end in good order. */
        (void)setsockopt(probe->fd, SOL_SOCKET, SO_LINGER, &(struct linger){ .l_onoff = 1 },
                sizeof(struct linger));
        if (connect(probe->fd, (const struct sockaddr *)&address->address, address->size) < 0 &&
                errno != EINPROGRESS)
                probe->code = errno;
        /* What is known already is told by the timer, so that it is told from the loop. */
        if (probe->code == 0)
                r = sd_event_add_io(loop, &probe->io, probe->fd, EPOLLOUT, on_io, probe);
        if (r >= 0)
                r = sd_event_add_time_relative(loop, &probe->timer, CLOCK_MONOTONIC,
                        probe->code ? 0 : usec_max, USEC_MSEC, on_timer, probe);
        return r < 0 ? NULL : TAKE(probe);
}

struct probe *probe_free(struct probe *probe)
{
        if (!probe)
                return NULL;
        probe->io = sd_event_source_disable_unref(probe->io);
        probe->timer = sd_event_source_disable_unref(probe->timer);
        (void)fd_close(probe->fd);
        return mem_free(probe);
}
