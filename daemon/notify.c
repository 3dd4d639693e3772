/* What the service manager is told: see notify.h. */
#include "daemon/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/monotonic.h"
#include "daemon/daemon.h"

enum { STATUS_DELAY_USEC = 250 * 1000 };

/* A failure to notify is the manager's business, not ours: hence the ignored results below. */

/* "/path" or "@abstract"; anything else is no manager on this machine. */
static int find_manager(struct sockaddr_un *ret, socklen_t *ret_length)
{
        const char *path = getenv("NOTIFY_SOCKET");
        size_t length = path ? strlen(path) : 0;

        if (length < 2 || length >= sizeof(ret->sun_path) || (*path != '/' && *path != '@'))
                return -ENOENT;
        *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
        memcpy(ret->sun_path, path, length + 1);
        if (*path == '@')
                ret->sun_path[0] = '\0';
        *ret_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (*path == '/'));
        return 0;
}

/* sd_notify() would wait. */
int notify_send(const char *words, const int *fds, size_t count)
{
        CLEANUP(fd_close) int fd = -1;
        union {
                struct cmsghdr header;
                char room[CMSG_SPACE(NOTIFY_FDS_MAX * sizeof(int))];
        } control = {};
        struct sockaddr_un address;
        struct iovec whole = { (void *)words, strlen(words) };
        struct msghdr message = { .msg_name = &address, .msg_iov = &whole, .msg_iovlen = 1 };
        int r = find_manager(&address, &message.msg_namelen);

        if (r < 0)
                return r;
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        if (count > 0) {
                struct cmsghdr *c;

                message.msg_control = &control;
                message.msg_controllen = CMSG_SPACE(count * sizeof(int));
                c = CMSG_FIRSTHDR(&message);
                c->cmsg_level = SOL_SOCKET;
                c->cmsg_type = SCM_RIGHTS;
                c->cmsg_len = CMSG_LEN(count * sizeof(int));
                memcpy(CMSG_DATA(c), fds, count * sizeof(int));
        }
        return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int send_status(struct daemon *d)
{
        char words[96];
        size_t total = 0, running = 0, failed = 0;

        for (size_t i = 0; i < engine_groups_count(d->engine); i++) {
                struct engine_group group = engine_group_at(d->engine, i);

                for (size_t j = 0; j < group.processes_count; j++) {
                        total++;
                        running += group.processes[j]->state == RUNNING;
                        failed += group.processes[j]->state == FATAL;
                }
        }
        (void)snprintf(words, sizeof(words), "STATUS=%zu of %zu processes running, %zu failed",
                running, total, failed); /* fits */
        return notify_send(words, NULL, 0);
}

static int on_status(sd_event_source *source, uint64_t usec, void *context)
{
        /* Right arguments do not fail. */
        (void)sd_event_source_set_time_relative(source, STATUS_DELAY_USEC);
        if (send_status(context) == -EAGAIN) /* later, with what is true then */
                (void)sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        return 0;
}

void notify_status_changed(struct daemon *d)
{
        int enabled = SD_EVENT_OFF;

        if (!getenv("NOTIFY_SOCKET"))
                return;
        if (d->status_source && sd_event_source_get_enabled(d->status_source, &enabled) > 0)
                return;
        if (!d->status_source) {
                (void)sd_event_add_time_relative(d->loop, &d->status_source, CLOCK_MONOTONIC,
                        STATUS_DELAY_USEC, 0, on_status, d);
                return;
        }
        (void)sd_event_source_set_time_relative(d->status_source, STATUS_DELAY_USEC);
        (void)sd_event_source_set_enabled(d->status_source, SD_EVENT_ONESHOT);
}

void notify_ready(struct daemon *d)
{
        (void)sd_notifyf(0, "READY=1\nMAINPID=%d", getpid());
        notify_status_changed(d);
}

void notify_reloading(void)
{
        (void)sd_notifyf(
                0, "RELOADING=1\nMONOTONIC_USEC=%llu", (unsigned long long)monotonic_now());
}

void notify_mood(struct daemon *d, enum mood mood)
{
        switch (mood) {
        case MOOD_SHUTDOWN:
                (void)sd_notify(0, "STOPPING=1\nSTATUS=Stopping all processes");
                break;
        case MOOD_RESTARTING:
                (void)sd_notify(0, "STATUS=Stopping all processes before a restart");
                break;
        case MOOD_RUNNING:
                break;
        }
}
