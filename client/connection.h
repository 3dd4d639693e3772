/* The connection to the server: XML-RPC calls, and the loop in which followed logs go on.
 *
 * Waiting for an answer ends early on Ctrl-C only when an interrupt descriptor is given. */
#pragma once

#include <curl/curl.h>
#include <poll.h>
#include <stddef.h>

#include "client/failure.h"
#include "client/transfer.h"
#include "rpc/value.h"

/* Long enough for one turn: the next one waits on. */
#define CONNECTION_TURN_MSEC 1000
/* An answer beyond this is refused. */
#define CONNECTION_ANSWER_MAX ((size_t)256 << 20)

struct connection_settings {
        const char *serverurl;
        const char *username; /* credentials are sent when neither is NULL */
        const char *password;
        int interrupt_fd; /* a signalfd, -1: none */
};

struct connection;

/* A bad serverurl is a failure of every call, not of this. */
struct connection *connection_new(const struct connection_settings *)
        __attribute__((returns_nonnull));
struct connection *connection_free(struct connection *);
DEFINE_CLEANUP(struct connection *, connection_free)
const char *connection_serverurl(const struct connection *);

/* 0 with the value, or a fault's positive code, or -EIO; the last two fill the failure.  With a
 * patience of 0 seconds it waits as long as it takes. */
int connection_call(struct connection *, const char *method,
        const struct value *params /* NULL: none */, unsigned patience_secs, struct value **ret,
        struct failure *) __attribute__((warn_unused_result));

/* For stream.c: a handle to the server, and its way into and out of the loop. */
int connection_open(struct connection *, const char *path, struct transfer *ret, struct failure *)
        __attribute__((warn_unused_result));
void connection_add(struct connection *, struct transfer *);
void connection_remove(struct connection *, struct transfer *);

/* Lets all transfers go on once, after waiting until one of them can, the extra descriptor (its
 * revents are filled) is ready, or the time has passed.  -EINTR: Ctrl-C. */
int connection_turn(struct connection *, struct pollfd *extra /* NULL: none */, int timeout_msec)
        __attribute__((warn_unused_result));
