/* Failures: why a command could not do its work, and the one line that says so.
 *
 * Supervisor's client shows what it did not expect as a Python exception: class, text, file, line.
 * Scripts match class and text, so those are kept; file and line are where in reevectl it was. */
#pragma once

#include "base/mem.h"

enum failure_kind {
        FAILURE_NONE,
        FAILURE_FAULT,       /* the server refused; the code is the fault */
        FAILURE_HTTP,        /* an HTTP status other than 200; the code is the status */
        FAILURE_SYSTEM,      /* the connection; the code is the errno */
        FAILURE_INTERRUPTED, /* Ctrl-C: nothing is said about it */
        FAILURE_OTHER,
};

struct failure {
        enum failure_kind kind;
        int code;
        const char *class; /* static */
        char *text;        /* of a fault: the faultString as it came */
        const char *file;
        int line;
};

void failure_clear(struct failure *);

/* All of them return -EIO, the code for "the failure says why". */
int failure_set_at(struct failure *, const char *file, int line, enum failure_kind, int code,
        const char *class, const char *format, ...) __attribute__((format(printf, 7, 8)));
int failure_set_errno_at(struct failure *, const char *file, int line, int error);
int failure_set_fault_at(struct failure *, const char *file, int line, int code, const char *text);

#define failure_set(failure, kind, code, class, ...) \
        failure_set_at(failure, __FILE__, __LINE__, kind, code, class, __VA_ARGS__)
#define failure_set_value(failure, class, ...) \
        failure_set_at(failure, __FILE__, __LINE__, FAILURE_OTHER, 0, class, __VA_ARGS__)
#define failure_set_errno(failure, error) failure_set_errno_at(failure, __FILE__, __LINE__, error)
#define failure_set_fault(failure, code, text) \
        failure_set_fault_at(failure, __FILE__, __LINE__, code, text)

/* "error: <class 'xmlrpc.client.Fault'>, <Fault 6: 'SHUTDOWN_STATE'>: file: ... line: ..." */
char *failure_line(const struct failure *);
/* The text alone, as Python's str() of the exception. */
char *failure_text(const struct failure *);
