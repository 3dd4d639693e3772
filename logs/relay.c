/* The relay as the daemon sees it: see relay.h.  What it does is in relay_work.c. */
#include "logs/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "logs/relay_work.h"

struct relay {
        int fd;
        pid_t pid;
};

/* Of a parent that ends at once, so that whoever outlives us need not reap it. */
static pid_t fork_away(const char *path, int theirs, int report)
{
        pid_t child = fork(), relay;

        if (child != 0)
                return child;
        relay = fork();
        if (relay == 0)
                relay_work(path, theirs);
        _exit(relay > 0 && write(report, &relay, sizeof(relay)) > 0 ? 0 : 1);
}

static int start(const char *path, int theirs, pid_t *ret, struct err *err)
{
        CLEANUP(fd_close) int reading = -1, writing = -1;
        int ends[2];
        pid_t child;
        ssize_t n;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return err_errno(err, -errno, "cannot make a pipe");
        reading = ends[0];
        writing = ends[1];
        child = fork_away(path, theirs, writing);
        if (child < 0)
                return err_errno(err, -errno, "cannot fork");
        writing = fd_close(writing); /* its end tells of a failure too */
        do
                n = read(reading, ret, sizeof(*ret));
        while (n < 0 && errno == EINTR);
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
                ;
        if (n != (ssize_t)sizeof(*ret))
                return err_set(err, -ECHILD, "cannot fork the relay to the journal");
        return 0;
}

int relay_start(const char *path, struct relay **ret, struct err *err)
{
        CLEANUP(journal_free) struct journal *probe = NULL;
        CLEANUP(relay_free) struct relay *relay = NULL;
        CLEANUP(fd_close) int theirs = -1;
        int ends[2];
        int r = journal_new(path, &probe, err);

        if (r < 0)
                return r;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
                return err_errno(err, -errno, "cannot make a socket");
        relay = mem_new(sizeof(*relay));
        relay->fd = ends[0];
        theirs = ends[1];
        r = start(path, theirs, &relay->pid, err);
        if (r < 0)
                return r;
        *ret = TAKE(relay);
        return 0;
}

struct relay *relay_adopt(int fd, pid_t pid)
{
        struct relay *relay = mem_new(sizeof(*relay));

        relay->fd = fd;
        relay->pid = pid;
        return relay;
}

struct relay *relay_free(struct relay *relay)
{
        if (!relay)
                return NULL;
        fd_close(relay->fd);
        return mem_free(relay);
}

pid_t relay_pid(const struct relay *relay)
{
        return relay->pid;
}

int relay_fd(const struct relay *relay)
{
        return relay->fd;
}

int relay_hand(struct relay *relay, int fd, const struct journal_field *fields, size_t count)
{
        CLEANUP(text_clear) struct text packet = {};
        union {
                struct cmsghdr header;
                char room[CMSG_SPACE(sizeof(int))];
        } control = {};
        struct iovec whole;
        struct msghdr message = { .msg_iov = &whole,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control) };
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);

        journal_encode(&packet, fields, count);
        if (packet.length == 0 || packet.length > RELAY_FIELDS_MAX)
                return -E2BIG;
        whole = (struct iovec){ packet.data, packet.length };
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &fd, sizeof(fd));
        /* One that has waited long for the journal may have no room; then the start is tried again.
         */
        return sendmsg(relay->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}
