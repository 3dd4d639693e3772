/* Errors with a sentence: see err.h. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, int code, const char *format, ...)
{
        va_list ap;

        if (!err)
                return code;
        err->code = code;
        va_start(ap, format);
        /* A sentence that is longer than the buffer is cut, which is what a fixed buffer is for. */
        (void)vsnprintf(err->text, sizeof(err->text), format, ap);
        va_end(ap);
        return code;
}

int err_errno(struct err *err, int code, const char *format, ...)
{
        va_list ap;
        size_t length;

        if (!err)
                return code;
        err->code = code;
        va_start(ap, format);
        (void)vsnprintf(err->text, sizeof(err->text), format, ap);
        va_end(ap);
        length = strlen(err->text);
        (void)snprintf(err->text + length, sizeof(err->text) - length, ": %s",
                strerrordesc_np(-code) ? strerrordesc_np(-code) : "unknown error");
        return code;
}

int err_wrap(struct err *err, int code, const char *format, ...)
{
        char inner[ERR_TEXT_MAX];
        size_t length;
        va_list ap;

        if (!err)
                return code;
        memcpy(inner, err->text, sizeof(inner));
        err->code = code;
        va_start(ap, format);
        (void)vsnprintf(err->text, sizeof(err->text), format, ap);
        va_end(ap);
        length = strlen(err->text);
        (void)snprintf(err->text + length, sizeof(err->text) - length, ": %s", inner);
        return code;
}
