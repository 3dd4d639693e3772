/* The session: what one run of reevectl has in hand, and the small acts that all commands share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "client/connection.h"
#include "client/failure.h"
#include "client/input.h"
#include "rpc/value.h"

/* Whether anybody is there is answered at once or never. */
#define SESSION_CHECK_SECS_MAX 60

/* The exit statuses of Supervisor's client. */
enum exit_status {
        EXIT_OK = 0,
        EXIT_GENERIC = 1,
        EXIT_INVALID_ARGUMENTS = 2,
        EXIT_UNIMPLEMENTED = 3, /* of "status": something shown does not run */
        EXIT_REFUSED = 4,       /* of "status": unknown name, or no server */
        EXIT_NOT_INSTALLED = 5,
        EXIT_NOT_RUNNING = 7,
};

struct session {
        char *serverurl;
        char *username; /* NULL: none */
        char *password;
        char *configuration; /* the file of option -c; NULL: none was given */
        bool interactive;    /* somebody is there to answer questions */
        bool json;
        struct connection *connection;
        struct failure failure; /* of the last call that went wrong */
        struct input input;
        FILE *messages; /* where text goes: standard output, but for JSON beside it */
        int exit_status;
        bool is_over;            /* the shell is to be left */
        bool was_interrupted;    /* because of Ctrl-C */
        int interrupt_fd;        /* -1: Ctrl-C ends the process as usual */
        struct value *processes; /* fetched for completion; NULL: not yet */
};

struct session_settings {
        const char *serverurl;
        const char *username;
        const char *password;
        const char *configuration;
        bool interactive;
        bool json;
};

void session_open(struct session *, const struct session_settings *);
void session_close(struct session *);

/* Another server, or other credentials. */
void session_reconnect(struct session *, const char *serverurl);
void session_set_credentials(struct session *, const char *username, const char *password);
/* From here on Ctrl-C is something to read, in waits and questions, and no longer the end. */
void session_hold_interrupts(struct session *);
/* Ends the process as Ctrl-C does when nobody holds it. */
void session_die_of_interrupt(struct session *) __attribute__((noreturn));

/* One message, and its newline. */
void session_say(struct session *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How wide the terminal is that messages go to; 0: they do not go to one. */
size_t session_columns(const struct session *);

/* A question to whoever is there.  0, or -EIO: Ctrl-C, or nobody answers. */
int session_ask(struct session *, const char *question, bool echo, char **ret)
        __attribute__((warn_unused_result));

/* As connection_call(), without hurry; the failure is the session's. */
int session_call(struct session *, const char *method, struct value *params /* taken; NULL: none */,
        struct value **ret) __attribute__((warn_unused_result));
/* For results that say nothing but "done". */
int session_order(struct session *, const char *method, struct value *params)
        __attribute__((warn_unused_result));
/* Arguments that are all strings. */
struct value *session_strings(const char *first, const char *second /* NULL: one only */);

/* Whether there is a server that speaks our version: 1 yes; 0 no, which is said and is in the exit
 * status; -EIO another failure. */
int session_check_server(struct session *) __attribute__((warn_unused_result));
