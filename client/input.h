/* Standard input, as lines or bytes, waiting for it and for Ctrl-C at the same time.
 *
 * The shell's editor, questions and "fg" all read through the one buffer, so that what was typed
 * ahead for one is not lost to another. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

#define INPUT_LINE_MAX (1024 * 1024)

struct input {
        int fd;
        int interrupt_fd; /* a signalfd for SIGINT, -1: none */
        struct text pending;
        bool ended;
};

void input_clear(struct input *);
/* 1: a byte; 0: end of input; -EINTR: Ctrl-C; or the error of reading. */
int input_byte(struct input *, char *ret);
/* Reads what is there, once; to be called when the descriptor is readable. */
int input_fill(struct input *);
/* A line that is there already, or the rest of the input once it has ended. */
bool input_take_line(struct input *, char **ret);
/* Asks on standard output and waits for the line.  Without 'echo', what is typed is not shown.
 * 1: the line, without its newline; 0: end of input; -EINTR: Ctrl-C; -E2BIG: a line beyond
 * INPUT_LINE_MAX; or the error of reading. */
int input_ask(struct input *, const char *question, bool echo, char **ret);
