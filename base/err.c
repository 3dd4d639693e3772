/* Errors with a sentence: see err.h. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void set_words(struct err *err, int code, const char *format, va_list ap)
        __attribute__((format(printf, 3, 0)));
static void set_words(struct err *err, int code, const char *format, va_list ap)
{
        err->code = code;
        /* A sentence that is longer than the buffer is cut, which is what a fixed buffer is for. */
        (void)vsnprintf(err->text, sizeof(err->text), format, ap);
}

static void append(struct err *err, const char *words)
{
        size_t length = strlen(err->text);

        (void)snprintf(err->text + length, sizeof(err->text) - length, ": %s", words);
}

int err_set(struct err *err, int code, const char *format, ...)
{
        va_list ap;

        if (!err)
                return code;
        va_start(ap, format);
        set_words(err, code, format, ap);
        va_end(ap);
        return code;
}

int err_errno(struct err *err, int code, const char *format, ...)
{
        const char *words = strerrordesc_np(-code);
        va_list ap;

        if (!err)
                return code;
        va_start(ap, format);
        set_words(err, code, format, ap);
        va_end(ap);
        append(err, words ? words : "unknown error");
        return code;
}

int err_wrap(struct err *err, int code, const char *format, ...)
{
        char inner[ERR_TEXT_MAX];
        va_list ap;

        if (!err)
                return code;
        memcpy(inner, err->text, sizeof(inner));
        va_start(ap, format);
        set_words(err, code, format, ap);
        va_end(ap);
        append(err, inner);
        return code;
}
