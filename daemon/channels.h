/* Channels: the three pipes between us and one process, and where its output goes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "daemon/input.h"
#include "logs/output.h"

struct child;
struct daemon;
struct err;
struct process;
struct program;
struct saved_item;
struct saver;

struct channel { /* stdout or stderr */
        struct child *child;
        char *path;            /* the log file, AUTO resolved; NULL: none */
        struct output *output; /* NULL: it does not run, or its output does not come to us */
        sd_event_source *source;
        struct channel *next_resting;
        int relayed;  /* the reading end of what the relay reads for us; 0: nothing */
        pid_t reader; /* the relay that does, if an earlier daemon has started it; 0: it is ours */
};

struct channels {
        struct channel out, err;
        struct input *input;
        sd_event_source *input_source; /* NULL: nothing waits to be written */
};

struct channel_ends { /* of one side; the child's become 0, 1 and 2 */
        int in, out, err;
};

/* Names the log files, creating AUTO ones. */
void channels_init(struct channels *, struct child *, const struct process *);
void channels_clear(struct channels *);

/* Opens everything for one run, without 'with_input' all but stdin.  A failure leaves nothing open.
 */
int channels_open(
        struct channels *, const struct process *, bool with_input, struct channel_ends *ret);
void channels_close_ends(struct channel_ends *);

/* For the daemon that goes on with these pipes.  Writes an item "channels": the descriptors by
 * their numbers, the paths of the files, and the bytes that are not where they belong yet. */
void channels_save(const struct channels *, struct saver *);
/* Each descriptor that has to stay open for that. */
void channels_each_fd(const struct channels *, void (*each)(void *context, int fd), void *context);
/* In place of channels_init() and, where the process runs, channels_open().  'item' is what was
 * saved; NULL: nothing, so that AUTO files are new ones.  The descriptors are those of the item, or
 * with 'ours' these (our sides; -1: none; taken in any case), when they have got other numbers, or
 * were saved for another run: then nothing of the item but the paths is of any use.  A file that
 * cannot be opened is tried again as usual.  -EBADF, -EBADMSG: what is wrong with the item; nothing
 * is open then, only the files have their names. */
int channels_restore(struct channels *, struct child *, const struct process *,
        struct saved_item *item, const struct channel_ends *ours, struct err *)
        __attribute__((warn_unused_result));

/* At the end of the run: takes what is in the pipes, then closes. */
void channels_finish(struct channels *);

/* After the relay to the journal was lost. */
void channels_write_journal_again(struct channels *, const struct process *);
/* After the loss of one that was not ours: how many pipes ours goes on with. */
size_t channels_lose_reader(struct channels *, const struct process *, pid_t reader);
/* PROCESS_LOG events are made, or not any more, as somebody listens to them or not. */
void channels_hear_logs(struct channels *, const struct program *);
/* As the configuration says now.  What a program writes into the journal by itself stays as it is
 * until its next start. */
void channels_strip_ansi(struct channels *, bool);
int channels_write(struct channels *, const char *data, size_t length);
int channels_clear_logs(struct channels *);
