/* The descriptor store: see fdstore.h. */
#include "daemon/fdstore.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-login.h>
#include <time.h>

#include "base/fd.h"
#include "base/monotonic.h"
#include "base/text.h"
#include "daemon/notify.h"
#include "daemon/sockets.h"

static const char prefix[] = "reeve-http-";

/* A manager does it at once; one that knows no barriers must not hold us up for long. */
#define PATIENCE_USEC (5 * USEC_SEC)
#define ASK_USEC      (2 * USEC_SEC) /* what the manager may take to say how much it keeps */
#define RETRY_USEC    (5 * USEC_MSEC)
#define RETRY_MAX     USEC_SEC

enum {
        HOST_MAX = 200, /* the store takes no name that is longer than 255 bytes */
        SERVERS_ROOM = 32,
        /* All names are handed over in one variable, which may have 128 KiB. */
        NAMES_BYTES_MAX = 120 * 1000,
        /* Where the manager does not say: without harm, for what it does not take it closes. */
        MAX_UNKNOWN = 1024,
        /* systemd moves what it hands over within the soft limit of open files that it gives us,
         * and fails to start us where that does not suffice (seen with version 252). */
        FILES_SPARE = 64,
};

/* What waits to be sent. */
struct order {
        struct order *next;
        char *name;
        bool is_removal;
        size_t count;
        int fds[FDSTORE_TOGETHER_MAX]; /* copies; of a removal none */
};

struct fdstore {
        size_t max, count, names_bytes; /* that are there, or are going to be */
        struct order *first, **last;
        sd_event *loop;
        sd_event_source *timer;
        usec_t delay;
};

/*
 * How much.
 */

static size_t ask_manager(void)
{
        CLEANUP(mem_free) char *unit = NULL, *object = NULL;
        sd_bus *bus = NULL;
        uint32_t max = MAX_UNKNOWN;

        if (sd_booted() > 0 && getenv("INVOCATION_ID") && sd_pid_get_unit(0, &unit) >= 0 &&
                sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &object) >= 0 &&
                sd_bus_open_system(&bus) >= 0) {
                (void)sd_bus_set_method_call_timeout(bus, ASK_USEC); /* or the usual one */
                if (sd_bus_get_property_trivial(bus, "org.freedesktop.systemd1", object,
                            "org.freedesktop.systemd1.Service", "FileDescriptorStoreMax", NULL, 'u',
                            &max) < 0)
                        max = MAX_UNKNOWN;
        }
        (void)sd_bus_flush_close_unref(bus);
        return max;
}

size_t fdstore_max(rlim_t files)
{
        const char *told = getenv("FDSTORE"); /* since systemd 254 */
        size_t max;

        if (!getenv("NOTIFY_SOCKET"))
                return 0;
        max = told ? strtoul(told, NULL, 10) : ask_manager();
        if (files != RLIM_INFINITY) {
                size_t most = files < FILES_SPARE ? 0 : (files - FILES_SPARE) / 2;

                max = max < most ? max : most;
        }
        return max > SERVERS_ROOM ? max - SERVERS_ROOM : 0;
}

size_t fdstore_room(const struct fdstore *store)
{
        return store ? store->max : 0;
}

bool fdstore_is_roomy(const struct fdstore *store)
{
        return store->names_bytes < NAMES_BYTES_MAX / 2;
}

/*
 * Orders.
 */

struct fdstore *fdstore_new(size_t max)
{
        struct fdstore *store;

        if (max == 0)
                return NULL;
        store = mem_new(sizeof(*store));
        store->last = &store->first;
        store->max = max;
        store->delay = RETRY_USEC;
        return store;
}

static struct order *order_free(struct order *order)
{
        for (size_t i = 0; !order->is_removal && i < order->count; i++)
                (void)fd_close(order->fds[i]);
        mem_free(order->name);
        return mem_free(order);
}

struct fdstore *fdstore_free(struct fdstore *store)
{
        struct order *order;

        if (!store)
                return NULL;
        fdstore_join(store, NULL);
        while ((order = store->first)) {
                store->first = order->next;
                order_free(order);
        }
        return mem_free(store);
}

static int send_put(const char *name, const int *fds, size_t count)
{
        char words[FDSTORE_NAME_MAX + 40];

        (void)snprintf(words, sizeof(words),
                count > 0 ? "FDSTORE=1\nFDNAME=%s\nFDPOLL=0" : "FDSTOREREMOVE=1\nFDNAME=%s",
                name); /* fits */
        return notify_send(words, fds, count);
}

/* What it has no room for just now, or too much of ours on the way. */
static bool is_busy(int r)
{
        return r == -EAGAIN || r == -EINTR || r == -ENOBUFS || r == -ETOOMANYREFS;
}

static void subtract(struct fdstore *store, const char *name, size_t count)
{
        size_t bytes = count * (strlen(name) + 1);

        store->count -= count < store->count ? count : store->count;
        store->names_bytes -= bytes < store->names_bytes ? bytes : store->names_bytes;
}

/* Whether nothing waits any more.  A manager that cannot be reached at all keeps nothing, and is
 * not asked again for what it has missed. */
static bool send_orders(struct fdstore *store)
{
        struct order *order;

        while ((order = store->first)) {
                size_t count = order->is_removal ? 0 : order->count;

                if (is_busy(send_put(order->name, order->fds, count)))
                        return false;
                if (order->is_removal)
                        subtract(store, order->name, order->count);
                store->first = order->next;
                if (!store->first)
                        store->last = &store->first;
                order_free(order);
                store->delay = RETRY_USEC;
        }
        return true;
}

bool fdstore_settle(struct fdstore *store)
{
        return !store || send_orders(store);
}

bool fdstore_is_sent(const struct fdstore *store, const char *name)
{
        for (const struct order *order = store ? store->first : NULL; order; order = order->next)
                if (strcmp(order->name, name) == 0)
                        return false;
        return true;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context);

static void arm(struct fdstore *store)
{
        if (!store->loop || !store->first)
                return;
        if (!store->timer) /* where that fails the next order tries again */
                (void)sd_event_add_time_relative(store->loop, &store->timer, CLOCK_MONOTONIC,
                        store->delay, 1, on_timer, store);
        else
                (void)sd_event_source_set_time_relative(store->timer, store->delay);
        if (store->timer)
                (void)sd_event_source_set_enabled(store->timer, SD_EVENT_ONESHOT);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
        struct fdstore *store = context;

        if (send_orders(store))
                return 0;
        store->delay = usec_min(store->delay * 2, RETRY_MAX);
        arm(store);
        return 0;
}

void fdstore_join(struct fdstore *store, sd_event *loop)
{
        usec_t end = usec_add(monotonic_now(), PATIENCE_USEC);

        if (!store)
                return;
        store->loop = loop;
        store->timer = sd_event_source_disable_unref(store->timer);
        while (!loop && !send_orders(store) && monotonic_now() < end)
                (void)poll(NULL, 0, 1);
        arm(store);
}

static void add(struct fdstore *store, const char *name, const int *fds, size_t count)
{
        struct order *order = mem_new(sizeof(*order));

        order->name = mem_strdup(name);
        order->is_removal = !fds;
        order->count = count;
        for (size_t i = 0; fds && i < count; i++)
                order->fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
        for (size_t i = 0; fds && i < order->count;)
                if (order->fds[i] < 0) /* there are no more to be had */
                        order->fds[i] = order->fds[--order->count];
                else
                        i++;
        *store->last = order;
        store->last = &order->next;
        arm(store);
}

void fdstore_count(struct fdstore *store, const char *name, size_t count)
{
        if (!store)
                return;
        store->count += count;
        store->names_bytes += count * (strlen(name) + 1);
}

bool fdstore_put(struct fdstore *store, const char *name, const int *fds, size_t count)
{
        size_t bytes = count * (strlen(name) + 1);
        int r = -EAGAIN;

        if (!store || count == 0 || count > FDSTORE_TOGETHER_MAX ||
                strlen(name) > FDSTORE_NAME_MAX || store->count + count > store->max ||
                store->names_bytes + bytes > NAMES_BYTES_MAX)
                return false;
        if (!store->first)
                r = send_put(name, fds, count);
        if (r < 0 && !is_busy(r))
                return false;
        fdstore_count(store, name, count);
        if (r < 0)
                add(store, name, fds, count);
        return true;
}

/* One that was not even sent is taken back. */
static bool take_back(struct fdstore *store, const char *name)
{
        for (struct order **p = &store->first; *p; p = &(*p)->next) {
                struct order *order = *p;

                if (order->is_removal || strcmp(order->name, name) != 0)
                        continue;
                *p = order->next;
                if (!order->next)
                        store->last = p;
                order_free(order);
                return true;
        }
        return false;
}

void fdstore_remove(struct fdstore *store, const char *name, size_t count)
{
        int r = -EAGAIN;

        if (!store)
                return;
        if (take_back(store, name)) {
                subtract(store, name, count);
                return;
        }
        if (!store->first)
                r = send_put(name, NULL, 0);
        if (r < 0 && is_busy(r))
                add(store, name, NULL, count);
        else
                subtract(store, name, count);
}

/*
 * Listening sockets of the HTTP servers.
 */

char *fdstore_name(const struct server_config *server)
{
        struct text name = {};
        struct stat st;

        switch (server->kind) {
        case SERVER_UNIX:
                /* As long as somebody has the socket nobody else gets its inode. */
                if (lstat(server->file, &st) < 0 || !S_ISSOCK(st.st_mode))
                        return NULL;
                return mem_format("%sunix-%llx-%llu", prefix, (unsigned long long)st.st_dev,
                        (unsigned long long)st.st_ino);
        case SERVER_INET:
                text_format(&name, "%sinet-%d-", prefix, server->port);
                for (const char *c = server->host; *c && c - server->host < HOST_MAX; c++)
                        text_append_char(
                                &name, (char)(isalnum((unsigned char)*c) || *c == '.' ? *c : '-'));
                return text_take(&name);
        }
        return NULL;
}

char *fdstore_name_of(int fd)
{
        const char *name = getenv("LISTEN_FDNAMES");
        size_t length;

        if (!name || fd < SOCKETS_HANDED_FIRST ||
                fd >= SOCKETS_HANDED_FIRST + (int)sockets_handed_count())
                return NULL;
        for (int i = SOCKETS_HANDED_FIRST; i < fd; i++) {
                name = strchr(name, ':');
                if (!name++)
                        return NULL;
        }
        length = strcspn(name, ":");
        return text_starts(name, prefix) ? mem_format("%.*s", (int)length, name) : NULL;
}

/* What comes of these is the manager's business: without a store all is as it was before there was
 * one. */

void fdstore_keep(const struct server_config *server, int fd)
{
        CLEANUP(mem_free) char *name = getenv("NOTIFY_SOCKET") ? fdstore_name(server) : NULL;
        CLEANUP(mem_free) char *words = NULL;

        if (!name)
                return;
        words = mem_format("FDSTORE=1\nFDNAME=%s\nFDPOLL=0", name);
        (void)sd_pid_notify_with_fds(0, false, words, &fd, 1);
}

void fdstore_forget(const char *name)
{
        if (name)
                (void)sd_notifyf(0, "FDSTOREREMOVE=1\nFDNAME=%s", name);
}

void fdstore_wait(void)
{
        if (getenv("NOTIFY_SOCKET"))
                (void)sd_notify_barrier(0, PATIENCE_USEC);
}
