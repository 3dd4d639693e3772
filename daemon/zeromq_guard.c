/* The guard of a ZeroMQ socket: see zeromq_guard.h. */
#include "daemon/zeromq_guard.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "net/endpoint.h"

struct client {
        int fd; /* libzmq's */
        struct endpoint from;
};

struct zeromq_guard {
        const struct zeromq *zmq;
        void *watched, *monitor;
        sd_event_source *source;
        const struct zeromq_guard_handler *handler;
        void *context;
        uint64_t refused;
        struct client clients[ZEROMQ_CLIENTS_MAX];
        size_t count;
};

static bool is_same_host(const struct endpoint *a, const struct endpoint *b)
{
        struct endpoint x = *a, y = *b;

        endpoint_set_port(&x, 0);
        endpoint_set_port(&y, 0);
        return x.size == y.size && memcmp(&x.address, &y.address, x.size) == 0;
}

static bool peer_of(int fd, struct endpoint *ret)
{
        struct sockaddr_storage address = {};
        socklen_t size = sizeof(address);

        if (getpeername(fd, (struct sockaddr *)&address, &size) < 0)
                return false;
        endpoint_set(ret, (const struct sockaddr *)&address, size);
        return true;
}

static void forget(struct zeromq_guard *guard, int fd)
{
        for (size_t i = 0; i < guard->count; i++)
                if (guard->clients[i].fd == fd) {
                        guard->clients[i] = guard->clients[--guard->count];
                        return;
                }
}

static size_t count_of(const struct zeromq_guard *guard, const struct endpoint *host)
{
        size_t count = 0;

        for (size_t i = 0; i < guard->count; i++)
                count += is_same_host(&guard->clients[i].from, host);
        return count;
}

/* That it is still the connection that was told of can be seen by its other end.  What was closed
 * meanwhile is not there, or is none of these: nothing is done to it. */
static void on_accepted(struct zeromq_guard *guard, int fd)
{
        char name[ENDPOINT_NAME_SIZE];
        struct endpoint from = {};

        forget(guard, fd);
        if (!peer_of(fd, &from))
                return;
        if (guard->count < ZEROMQ_CLIENTS_MAX &&
                count_of(guard, &from) < ZEROMQ_CLIENTS_OF_ONE_MAX) {
                guard->clients[guard->count++] = (struct client){ fd, from };
                return;
        }
        (void)shutdown(fd, SHUT_RDWR); /* it may have gone by itself */
        guard->refused++;
        guard->handler->refused(guard->context, endpoint_name(&from, name), guard->refused);
}

/* One message: the number and the value of the event, and then an address.  False: there is none.
 */
static bool take_event(struct zeromq_guard *guard)
{
        unsigned char event[6];
        char address[256];
        uint16_t number;
        int32_t value;
        int n = guard->zmq->recv(guard->monitor, event, sizeof(event), ZMQ_DONTWAIT);

        if (n < 0)
                return false;
        (void)guard->zmq->recv(guard->monitor, address, sizeof(address), ZMQ_DONTWAIT);
        if (n != sizeof(event))
                return true;
        memcpy(&number, event, sizeof(number));
        memcpy(&value, event + sizeof(number), sizeof(value));
        if (number == ZMQ_EVENT_ACCEPTED)
                on_accepted(guard, value);
        else
                forget(guard, value);
        return true;
}

/* Its descriptor tells only of what is new: all is to be taken, always. */
static int on_events(sd_event_source *source, int fd, uint32_t revents, void *context)
{
        while (take_event(context))
                ;
        return 0;
}

static int watch(struct zeromq_guard *guard, sd_event *loop, void *zmq_context)
{
        CLEANUP(mem_free) char *name = mem_format("inproc://guard-%p", (void *)guard);
        const int unlimited = 0;
        size_t size = sizeof(int);
        int fd;

        if (guard->zmq->socket_monitor(
                    guard->watched, name, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED) < 0)
                return -errno;
        guard->monitor = guard->zmq->socket(zmq_context, ZMQ_PAIR);
        /* Whoever waited for us in libzmq would hold up all connections. */
        if (!guard->monitor ||
                guard->zmq->setsockopt(guard->monitor, ZMQ_RCVHWM, &unlimited, sizeof(unlimited)) <
                        0 ||
                guard->zmq->connect(guard->monitor, name) < 0 ||
                guard->zmq->getsockopt(guard->monitor, ZMQ_FD, &fd, &size) < 0)
                return -errno;
        return sd_event_add_io(loop, &guard->source, fd, EPOLLIN, on_events, guard);
}

int zeromq_guard_new(sd_event *loop, const struct zeromq *zmq, void *zmq_context, void *zmq_socket,
        const struct zeromq_guard_handler *handler, void *context, struct zeromq_guard **ret,
        struct err *err)
{
        CLEANUP(zeromq_guard_free) struct zeromq_guard *guard = mem_new(sizeof(*guard));
        int r;

        guard->zmq = zmq;
        guard->watched = zmq_socket;
        guard->handler = handler;
        guard->context = context;
        r = watch(guard, loop, zmq_context);
        if (r < 0)
                return err_set(err, r, "%s", zmq->strerror(-r));
        (void)on_events(NULL, -1, 0, guard); /* what came before anybody looked */
        *ret = TAKE(guard);
        return 0;
}

struct zeromq_guard *zeromq_guard_free(struct zeromq_guard *guard)
{
        if (!guard)
                return NULL;
        guard->source = sd_event_source_disable_unref(guard->source);
        (void)guard->zmq->socket_monitor(guard->watched, NULL, 0); /* ends it */
        if (guard->monitor)
                (void)guard->zmq->close(guard->monitor); /* fails on no socket of ours */
        return mem_free(guard);
}
