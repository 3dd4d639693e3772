/* Output: one channel of a child, from its pipe to wherever its configuration says.
 *
 * What only goes to a file is spliced there and never seen by us; everything else is read in units
 * of at most LOGFILE_UNIT_MAX bytes that go through ansi, capture, file, syslog, the activity log
 * and the events, in this order. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "logs/logfile.h"
#include "logs/syslog.h"

enum output_channel { OUTPUT_STDOUT, OUTPUT_STDERR };

enum output_result {
        OUTPUT_IDLE,   /* wait until it is readable */
        OUTPUT_MORE,   /* its share of this turn is used up: come again, others first */
        OUTPUT_REST,   /* a stream of small pieces: cheaper when left alone for OUTPUT_REST_USEC */
        OUTPUT_CLOSED, /* the end; stop watching, then output_free() */
};

enum { OUTPUT_REST_USEC = 1000, OUTPUT_TURN_MAX = 1 << 19 };

/* Bytes are borrowed for the length of the call.  A callback that is NULL is a destination less,
 * and without any a channel is cheapest.  Callbacks must not free the output. */
struct output_host {
        /* A line of the activity log at DEBG: set it when the level is debug or lower. */
        void (*debug)(void *context, const char *text, size_t length);
        /* PROCESS_LOG: set it when {channel}_events_enabled. */
        void (*log_event)(void *context, enum output_channel, const char *data, size_t length);
        /* PROCESS_COMMUNICATION: needed with capture_max. */
        void (*comm_event)(void *context, enum output_channel, const char *data, size_t length);
        /* The protocol of an event listener: makes this channel one, whose bytes go to the file
         * unchanged and to nothing else but the activity log. */
        void (*listener)(void *context, const char *data, size_t length);
};

struct output_options {
        enum output_channel channel;
        const char *name; /* of the process, without its group; copied */
        struct logfiles *files;
        struct logfile *file;  /* NULL: none; taken */
        struct syslog *syslog; /* NULL: none; borrowed, outlives the output */
        bool strip_ansi;
        int64_t capture_max; /* 0 or less: off */
        struct output_host host;
        void *context;
};

struct output;
struct saved_item;
struct saver;

/* 'pipe_fd' is taken and made non-blocking. */
struct output *output_new(const struct output_options *, int pipe_fd)
        __attribute__((returns_nonnull));
struct output *output_free(struct output *); /* takes NULL, returns NULL; reads nothing more */
DEFINE_CLEANUP(struct output *, output_free)

int output_fd(const struct output *); /* the caller watches it for EPOLLIN and owns no part of it */
enum output_result output_read(struct output *);
/* At the exit of the process: everything that is in the pipe by now, and what capture mode held
 * back.  Does not wait for the end, for a grandchild may hold the pipe. */
void output_drain(struct output *);

/* The descriptors that it holds besides its pipe and files that can be opened again; -1: none. */
int output_stream_fd(const struct output *);
/* What came out of the pipe and waits for more, as fields of the item; and for a new output of the
 * same pipe, whose errors are the document's. */
void output_save(const struct output *, struct saver *);
void output_restore(struct output *, struct saved_item *);

void output_set_strip_ansi(struct output *, bool);
/* As the callback of the same name at the start; NULL: none. */
void output_set_log_event(struct output *,
        void (*log_event)(void *context, enum output_channel, const char *data, size_t length));
/* A new, empty file, and nothing captured so far. */
int output_clear(struct output *, struct err *);
