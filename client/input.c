/* Standard input: see input.h. */
#include "client/input.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

void input_clear(struct input *input)
{
        text_clear(&input->pending);
}

static void drop_front(struct input *input, size_t length)
{
        struct text *t = &input->pending;

        memmove(t->data, t->data + length, t->length - length);
        text_truncate(t, t->length - length);
}

int input_fill(struct input *input)
{
        char bytes[4096];
        ssize_t n = read(input->fd, bytes, sizeof(bytes));

        if (n < 0)
                return errno == EINTR || errno == EAGAIN ? 0 : -errno;
        if (n == 0)
                input->ended = true;
        text_append_bytes(&input->pending, bytes, (size_t)n);
        return 0;
}

bool input_take_line(struct input *input, char **ret)
{
        struct text *t = &input->pending;
        const char *newline = t->length ? memchr(t->data, '\n', t->length) : NULL;
        size_t length = newline ? (size_t)(newline - t->data) : t->length;

        if (!newline && (!input->ended || t->length == 0))
                return false;
        *ret = mem_strndup(t->data, length);
        drop_front(input, length + (newline ? 1 : 0));
        return true;
}

static int wait_and_fill(struct input *input)
{
        struct signalfd_siginfo info;
        struct pollfd fds[] = {
                { .fd = input->fd, .events = POLLIN },
                { .fd = input->interrupt_fd, .events = POLLIN },
        };

        if (poll(fds, ELEMENTS(fds), -1) < 0)
                return errno == EINTR ? 0 : -errno;
        if (fds[1].revents) {
                /* Only its arrival matters, and that was seen. */
                (void)!read(input->interrupt_fd, &info, sizeof(info));
                return -EINTR;
        }
        return input_fill(input);
}

/* 1: a line, without its newline; 0: end of input; -EINTR: Ctrl-C; -E2BIG: a line beyond
 * INPUT_LINE_MAX; or the error of reading. */
static int read_line(struct input *input, char **ret)
{
        while (!input_take_line(input, ret)) {
                int r;

                if (input->ended)
                        return 0;
                if (input->pending.length > INPUT_LINE_MAX)
                        return -E2BIG;
                r = wait_and_fill(input);
                if (r < 0)
                        return r;
        }
        return 1;
}

int input_byte(struct input *input, char *ret)
{
        while (input->pending.length == 0) {
                int r;

                if (input->ended)
                        return 0;
                r = wait_and_fill(input);
                if (r < 0)
                        return r;
        }
        *ret = input->pending.data[0];
        drop_front(input, 1);
        return 1;
}

int input_ask(struct input *input, const char *question, bool echo, char **ret)
{
        struct termios old, silent;
        bool hidden = !echo && tcgetattr(input->fd, &old) == 0;
        int r;

        if (hidden) {
                silent = old;
                silent.c_lflag &= (tcflag_t)~ECHO;
                /* Where it fails, what is typed is seen: no reason to refuse the question. */
                (void)tcsetattr(input->fd, TCSAFLUSH, &silent);
        }
        /* Only now, as what is typed once the question is seen must not be shown. */
        (void)fputs(question, stdout);
        (void)fflush(stdout);
        r = read_line(input, ret);
        if (hidden) {
                (void)tcsetattr(input->fd, TCSAFLUSH, &old);
                (void)fputc('\n', stdout);
        }
        return r;
}
