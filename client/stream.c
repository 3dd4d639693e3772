/* Stream: see stream.h. */
#include "client/stream.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/monotonic.h"
#include "base/text.h"
#include "rpc/logplace.h"

#define RETRY_USEC    (100 * USEC_MSEC)
#define PATIENCE_USEC (5 * USEC_SEC) /* with a server that is not there */

struct stream {
        struct connection *connection;
        struct transfer transfer;
        struct curl_slist *headers;
        char *path; /* as shown */
        FILE *out;
        FILE *errors;
        bool said;
        bool has_begun;        /* some time or other */
        bool is_counted;       /* 'place' is known: where the next byte is from */
        struct logplace place; /* of the server that tells of them */
        bool has_moved;        /* the place has changed since it was asked last */
        usec_t again;          /* when to ask again; 0: it is asked */
        usec_t missed;         /* since when the server is not there; 0: it is */
};

static void say(struct stream *stream, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* What the server has said of where it is. */
static void take_place(struct stream *stream)
{
        char *gap = stream->transfer.gap, *text = stream->transfer.place;
        struct logplace place;

        if (text_equal(gap, "truncated")) /* as a server says that keeps count by itself */
                (void)fputs("==> File truncated <==\n", stream->out);
        else if (gap[0])
                say(stream,
                        "What was written meanwhile is not all there: the log was rotated away");
        if (text[0] && logplace_parse(text, &place) == 0) {
                stream->has_moved |=
                        stream->is_counted && (place.inode != stream->place.inode ||
                                                      place.offset != stream->place.offset);
                stream->place = place;
                stream->is_counted = true;
        }
        gap[0] = text[0] = '\0';
}

static size_t on_data(char *data, size_t size, size_t count, void *context)
{
        struct stream *stream = context;

        if (transfer_status(&stream->transfer) != 200)
                return size * count; /* the page of an error */
        take_place(stream);
        stream->place.offset += (int64_t)(size * count);
        stream->has_moved = true;
        /* A reader who is gone ends us by SIGPIPE; a full disk shows when main() closes it. */
        (void)fwrite(data, 1, size * count, stream->out);
        (void)fflush(stream->out);
        return size * count;
}

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

/* Asks for it, from where it was last. */
static void ask(struct stream *stream)
{
        CLEANUP(mem_free) char *escaped = escaped_path(stream->path), *header = NULL;
        char place[LOGPLACE_TEXT_MAX] = LOGPLACE_TAIL;
        struct failure failure = {};
        CURL *easy;

        stream->again = 0;
        stream->has_moved = false;
        if (stream->is_counted)
                logplace_text(&stream->place, place);
        if (connection_open(stream->connection, escaped, &stream->transfer, &failure) < 0) {
                say_failure(stream, &failure);
                stream->said = stream->transfer.done = true;
                return;
        }
        header = mem_format(LOGPLACE_HEADER ": %s", place);
        stream->headers = curl_slist_append(NULL, header);
        easy = stream->transfer.easy;
        /* None of these can fail but for lack of memory, which the transfer then shows. */
        (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, stream->headers);
        (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
        (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, stream);
        connection_add(stream->connection, &stream->transfer);
}

static void hang_up(struct stream *stream)
{
        if (stream->transfer.easy)
                connection_remove(stream->connection, &stream->transfer);
        transfer_close(&stream->transfer);
        curl_slist_free_all(stream->headers);
        stream->headers = NULL;
}

struct stream *stream_new(struct connection *connection, const char *path, FILE *out, FILE *errors)
{
        struct stream *stream = mem_new(sizeof(*stream));

        *stream = (struct stream){
                .connection = connection, .path = mem_strdup(path), .out = out, .errors = errors
        };
        ask(stream);
        return stream;
}

struct stream *stream_free(struct stream *stream)
{
        if (!stream)
                return NULL;
        hang_up(stream);
        mem_free(stream->path);
        return mem_free(stream);
}

/* Whether somebody may be there in a moment who knows what follows. */
static bool may_go_on(struct stream *stream)
{
        long status = transfer_status(&stream->transfer);
        usec_t now = monotonic_now();

        if (status != 503 && (!stream->is_counted || (status != 0 && status != 200)))
                return false;
        if (status == 200)
                stream->missed = 0;
        else if (!stream->missed)
                stream->missed = now;
        return !stream->missed || usec_sub(now, stream->missed) < PATIENCE_USEC;
}

static void say_end(struct stream *stream)
{
        long status = transfer_status(&stream->transfer);
        struct failure failure = {};

        if (status != 0 && status != 200) {
                say(stream, "Cannot read, status code %ld", status);
        } else if (stream->transfer.result != CURLE_OK && (status == 0 || stream->has_begun)) {
                (void)transfer_failure(&stream->transfer, &failure); /* always -EIO */
                say_failure(stream, &failure);
        } else if (stream->has_begun) {
                say(stream, "Ended by the server");
        }
}

bool stream_is_over(struct stream *stream)
{
        if (stream->said)
                return true;
        if (stream->again && monotonic_now() < stream->again)
                return false;
        if (stream->again)
                ask(stream);
        if (stream->said || !stream->transfer.done) {
                stream->has_begun |= !stream->said && transfer_status(&stream->transfer) == 200;
                return stream->said;
        }
        if (transfer_status(&stream->transfer) == 200) {
                stream->has_begun = true;
                take_place(stream);
        }
        if (may_go_on(stream)) {
                hang_up(stream);
                stream->again = monotonic_now() + (stream->has_moved ? 0 : RETRY_USEC);
                return false;
        }
        say_end(stream);
        stream->said = true;
        return true;
}

int stream_turn_msec(const struct stream *stream)
{
        usec_t left;

        if (!stream->again)
                return CONNECTION_TURN_MSEC;
        left = usec_sub(stream->again, monotonic_now());
        return (int)(left / USEC_MSEC) + 1;
}

bool stream_is_broken(const struct stream *stream)
{
        return stream->said && stream->has_begun;
}

char *stream_path(const char *process, const char *channel)
{
        return mem_format("/logtail/%s/%s", process, channel);
}
