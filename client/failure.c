/* Failures: see failure.h. */
#include "client/failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

void failure_clear(struct failure *failure)
{
        mem_free(failure->text);
        *failure = (struct failure){};
}

/* The compiler's name of a file depends on where the build was made; ours begins at the folder. */
static const char *file_within_tree(const char *file)
{
        while (text_starts(file, "../"))
                file += 3;
        return file;
}

int failure_set_at(struct failure *failure, const char *file, int line, enum failure_kind kind,
        int code, const char *class, const char *format, ...)
{
        char *text;
        va_list ap;

        va_start(ap, format);
        text = mem_vformat(format, ap);
        va_end(ap);
        failure_clear(failure); /* after the text was made: it may quote the old one */
        *failure = (struct failure){
                .kind = kind,
                .code = code,
                .class = class,
                .text = text,
                .file = file_within_tree(file),
                .line = line,
        };
        return -EIO;
}

static const char *class_of_errno(int error)
{
        static const struct {
                int error;
                const char *class;
        } classes[] = {
                { EPERM, "PermissionError" },
                { EACCES, "PermissionError" },
                { ENOENT, "FileNotFoundError" },
                { EINTR, "InterruptedError" },
                { EAGAIN, "BlockingIOError" },
                { EINPROGRESS, "BlockingIOError" },
                { ENOTDIR, "NotADirectoryError" },
                { EISDIR, "IsADirectoryError" },
                { EPIPE, "BrokenPipeError" },
                { ESHUTDOWN, "BrokenPipeError" },
                { ECONNABORTED, "ConnectionAbortedError" },
                { ECONNREFUSED, "ConnectionRefusedError" },
                { ECONNRESET, "ConnectionResetError" },
                { ETIMEDOUT, "TimeoutError" },
        };

        for (size_t i = 0; i < ELEMENTS(classes); i++)
                if (classes[i].error == error)
                        return classes[i].class;
        return "OSError";
}

int failure_set_errno_at(struct failure *failure, const char *file, int line, int error)
{
        const char *words = strerrordesc_np(error);

        return failure_set_at(failure, file, line, FAILURE_SYSTEM, error, class_of_errno(error),
                "[Errno %d] %s", error, words ? words : "Unknown error");
}

int failure_set_fault_at(
        struct failure *failure, const char *file, int line, int code, const char *text)
{
        return failure_set_at(
                failure, file, line, FAILURE_FAULT, code, "xmlrpc.client.Fault", "%s", text);
}

char *failure_text(const struct failure *failure)
{
        CLEANUP(mem_free) char *quoted = NULL;

        if (failure->kind != FAILURE_FAULT)
                return mem_strdup(failure->text ? failure->text : "");
        quoted = text_repr(failure->text);
        return mem_format("<Fault %d: %s>", failure->code, quoted);
}

char *failure_line(const struct failure *failure)
{
        CLEANUP(mem_free) char *text = failure_text(failure);

        return mem_format("error: <class '%s'>, %s: file: %s line: %d",
                failure->class ? failure->class : "Exception", text,
                failure->file ? failure->file : "", failure->line);
}
