/* The relay's own process: see relay_work.h.  A fork of the daemon that shares nothing with it but
 * its memory as it was: it touches no part of that, and waits where the daemon never may. */
#include "logs/relay_work.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "base/title.h"
#include "logs/relay.h"

enum { PIECE = 64 * 1024, EVENTS = 64 };

struct channel { /* a pipe that it was handed */
        int fd;
        char *fields; /* encoded */
        size_t fields_length;
        struct text line; /* that has not ended yet */
};

struct work {
        int epoll, socket; /* socket -1: nobody will hand us anything any more */
        size_t channels;
        struct journal *journal;
        struct text record;
        char piece[PIECE];
};

static void send_line(struct work *w, const struct channel *ch, const char *line, size_t length,
        const char *line_break)
{
        const struct journal_field fields[] = {
                { "MESSAGE", line, length },
                { RELAY_LINE_BREAK, line_break, line_break ? strlen(line_break) : 0 },
        };

        text_truncate(&w->record, 0);
        text_append_bytes(&w->record, ch->fields, ch->fields_length);
        journal_encode(&w->record, fields, line_break ? 2 : 1);
        journal_send_record(w->journal, &w->record);
}

static void end_line(struct work *w, struct channel *ch, const char *line_break)
{
        send_line(w, ch, text_string(&ch->line), ch->line.length, line_break);
        text_truncate(&ch->line, 0);
}

/* What is too long for a record is cut, and said to be. */
static void add_to_line(struct work *w, struct channel *ch, const char *data, size_t length)
{
        while (ch->line.length + length > RELAY_LINE_MAX) {
                size_t room = RELAY_LINE_MAX - ch->line.length;

                text_append_bytes(&ch->line, data, room);
                end_line(w, ch, "max");
                data += room;
                length -= room;
        }
        text_append_bytes(&ch->line, data, length);
}

static void take(struct work *w, struct channel *ch, const char *data, size_t length)
{
        const char *end = data + length, *newline;

        while ((newline = memchr(data, '\n', (size_t)(end - data)))) {
                if (ch->line.length == 0 && newline - data <= RELAY_LINE_MAX) {
                        send_line(w, ch, data, (size_t)(newline - data), NULL);
                } else {
                        add_to_line(w, ch, data, (size_t)(newline - data));
                        end_line(w, ch, NULL);
                }
                data = newline + 1;
        }
        if (data < end)
                add_to_line(w, ch, data, (size_t)(end - data));
}

static void close_channel(struct work *w, struct channel *ch)
{
        if (ch->line.length)
                end_line(w, ch, "end");
        (void)epoll_ctl(w->epoll, EPOLL_CTL_DEL, ch->fd, NULL); /* others may have it open, too */
        fd_close(ch->fd);
        text_clear(&ch->line);
        mem_free(ch->fields);
        mem_free(ch);
        w->channels--;
}

static void on_readable(struct work *w, struct channel *ch)
{
        ssize_t n = read(ch->fd, w->piece, sizeof(w->piece));

        if (n > 0)
                take(w, ch, w->piece, (size_t)n);
        else if (n == 0 || (errno != EINTR && errno != EAGAIN))
                close_channel(w, ch);
}

static void add_channel(struct work *w, int fd, const char *fields, size_t length)
{
        struct channel *ch = mem_new(sizeof(*ch));
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = ch };

        ch->fd = fd;
        ch->fields = mem_copy(fields, length);
        ch->fields_length = length;
        w->channels++;
        if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
                close_channel(w, ch); /* its program is told by EPIPE */
}

/* One pipe to read; or the end of the daemon. */
static void on_socket(struct work *w)
{
        union {
                struct cmsghdr header;
                char room[CMSG_SPACE(sizeof(int))];
        } control = {};
        struct iovec whole = { w->piece, sizeof(w->piece) };
        struct msghdr message = { .msg_iov = &whole,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control) };
        ssize_t n = recvmsg(w->socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
        int fd = -1;

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n <= 0) {
                w->socket = fd_close(w->socket);
                return;
        }
        if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(int)))
                return; /* no descriptor was free: its program is told by EPIPE */
        memcpy(&fd, CMSG_DATA(c), sizeof(fd));
        add_channel(w, fd, w->piece, (size_t)n);
}

static void become_nobody(int *socket)
{
        sigset_t none;

        (void)setsid();
        title_set(RELAY_NAME, "reeved: relay to the journal");
        (void)prctl(PR_SET_DUMPABLE, 0); /* the daemon's secrets are in this memory as well */
        (void)chdir("/");
        for (int i = 1; i <= SIGRTMAX; i++)
                (void)signal(i, SIG_DFL); /* KILL and STOP refuse, rightly */
        /* Who ends the daemon from a terminal or by its group does not mean us: while there is
         * output, somebody has to read it. */
        (void)signal(SIGHUP, SIG_IGN);
        (void)signal(SIGINT, SIG_IGN);
        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
        if (*socket != 3 && dup2(*socket, 3) == 3)
                *socket = 3;
        if (syscall(SYS_close_range, 4, ~0U, 0) < 0)
                for (int fd = (int)sysconf(_SC_OPEN_MAX); fd > 3; fd--)
                        (void)close(fd);
        for (int fd = 0; fd < 3; fd++)
                (void)close(fd);
        if (open("/dev/null", O_RDWR) == 0) {
                (void)dup2(0, 1);
                (void)dup2(0, 2);
        }
}

void relay_work(const char *journal_path, int socket)
{
        struct work *w = mem_new(sizeof(*w));
        struct epoll_event event = { .events = EPOLLIN }, events[EVENTS];

        become_nobody(&socket);
        w->socket = socket;
        w->epoll = epoll_create1(EPOLL_CLOEXEC);
        if (w->epoll < 0 || epoll_ctl(w->epoll, EPOLL_CTL_ADD, socket, &event) < 0 ||
                journal_new(journal_path, &w->journal, NULL) < 0)
                _exit(1);
        journal_set_patient(w->journal);
        while (w->socket >= 0 || w->channels > 0) {
                int n = epoll_wait(w->epoll, events, EVENTS, -1);

                for (int i = 0; i < n; i++)
                        if (events[i].data.ptr)
                                on_readable(w, events[i].data.ptr);
                        else if (w->socket >= 0)
                                on_socket(w);
        }
        _exit(0); /* nothing of the daemon's is to be flushed or run */
}
