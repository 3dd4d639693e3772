/* Stream: see stream.h. */
#include "client/stream.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"

struct stream {
        struct connection *connection;
        struct transfer transfer;
        char *path; /* as shown */
        FILE *out;
        FILE *errors;
        bool said;
};

static size_t on_data(char *data, size_t size, size_t count, void *context)
{
        struct stream *stream = context;

        if (transfer_status(&stream->transfer) != 200)
                return size * count; /* the page of an error */
        /* A reader who is gone ends us by SIGPIPE; a full disk shows when main() closes it. */
        (void)fwrite(data, 1, size * count, stream->out);
        (void)fflush(stream->out);
        return size * count;
}

static void say(struct stream *stream, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
static void say(struct stream *stream, const char *format, ...)
{
        CLEANUP(mem_free) char *words = NULL;
        va_list ap;

        va_start(ap, format);
        words = mem_vformat(format, ap);
        va_end(ap);
        (void)fflush(stream->out);
        (void)fprintf(stream->errors, "%s%s %s\n", connection_serverurl(stream->connection),
                stream->path, words);
        (void)fflush(stream->errors);
        stream->said = true;
}

static void say_failure(struct stream *stream, struct failure *failure)
{
        CLEANUP(mem_free) char *text = failure_text(failure);

        say(stream, "Cannot connect, error: <class '%s'> (%s)", failure->class, text);
        failure_clear(failure);
}

/* The path as HTTP wants it: each part escaped, the slashes kept. */
static char *escaped_path(const char *path)
{
        static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "0123456789-._~/:";
        struct text t = {};

        for (; *path; path++) {
                if (strchr(plain, *path))
                        text_append_char(&t, *path);
                else
                        text_format(&t, "%%%02X", (unsigned char)*path);
        }
        return text_take(&t);
}

struct stream *stream_new(struct connection *connection, const char *path, FILE *out, FILE *errors)
{
        CLEANUP(mem_free) char *escaped = escaped_path(path);
        struct stream *stream = mem_new(sizeof(*stream));
        struct failure failure = {};

        *stream = (struct stream){
                .connection = connection, .path = mem_strdup(path), .out = out, .errors = errors
        };
        if (connection_open(connection, escaped, &stream->transfer, &failure) < 0) {
                say_failure(stream, &failure);
                stream->transfer.done = true;
                return stream;
        }
        (void)curl_easy_setopt(stream->transfer.easy, CURLOPT_WRITEFUNCTION, on_data);
        (void)curl_easy_setopt(stream->transfer.easy, CURLOPT_WRITEDATA, stream);
        connection_add(connection, &stream->transfer);
        return stream;
}

struct stream *stream_free(struct stream *stream)
{
        if (!stream)
                return NULL;
        if (stream->transfer.easy)
                connection_remove(stream->connection, &stream->transfer);
        transfer_close(&stream->transfer);
        mem_free(stream->path);
        return mem_free(stream);
}

bool stream_is_over(struct stream *stream)
{
        struct failure failure = {};
        long status;

        if (!stream->transfer.done)
                return false;
        if (stream->said)
                return true;
        status = transfer_status(&stream->transfer);
        if (status != 0 && status != 200) {
                say(stream, "Cannot read, status code %ld", status);
        } else if (status == 0 && stream->transfer.result != CURLE_OK) {
                (void)transfer_failure(&stream->transfer, &failure); /* always -EIO */
                say_failure(stream, &failure);
        }
        stream->said = true;
        return true;
}

char *stream_path(const char *process, const char *channel)
{
        return mem_format("/logtail/%s/%s", process, channel);
}
