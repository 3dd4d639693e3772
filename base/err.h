/* Errors with a sentence: a negative errno travels as the return value, the words in a fixed
 * buffer.
 *
 * Every function takes NULL for the buffer, and returns the code that it was given, so that a
 * failure is one line: return err_set(err, -errno, "cannot open '%s'", path); */
#pragma once

#define ERR_TEXT_MAX 4096

struct err {
        int code; /* negative errno; 0 when nothing was set */
        char text[ERR_TEXT_MAX];
};

/* Replaces the text.  The sentence has no full stop and no strerror(); err_errno() appends that. */
int err_set(struct err *, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* As err_set(), and appends ": " and the system's words for the code. */
int err_errno(struct err *, int code, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* Puts "<words>: " in front of the text that is there. */
int err_wrap(struct err *, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
