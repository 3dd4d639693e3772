/* Commands that show logs: see logs.h. */
#include "client/logs.h"

#include <errno.h>
#include <langinfo.h>
#include <string.h>

#include "base/text.h"
#include "client/commands.h"
#include "client/modifier.h"
#include "client/names.h"
#include "client/stream.h"
#include "config/words.h"
#include "engine/fault.h"

void logs_announce(struct session *s)
{
        session_say(s, "==> Press Ctrl-C to exit <==");
}

/* The locale "C" says nothing about the terminal. */
static void warn_of_encoding(struct session *s)
{
        const char *codeset = nl_langinfo(CODESET);

        if (text_equal(codeset, "UTF-8") || text_equal(codeset, "ANSI_X3.4-1968"))
                return;
        session_say(s,
                "Warning: the locale's encoding is %s, logs may have other characters. "
                "Check LANG and LC_ALL.",
                codeset);
}

static int follow(struct session *s, const char *path)
{
        CLEANUP(stream_free) struct stream *stream = NULL;
        int r = 0;

        session_hold_interrupts(s);
        warn_of_encoding(s);
        logs_announce(s);
        stream = stream_new(s->connection, path, stdout, stderr);
        while (r == 0 && !stream_is_over(stream))
                r = connection_turn(s->connection, NULL, stream_turn_msec(stream));
        if (stream_is_broken(stream))
                s->exit_status = EXIT_GENERIC;
        if (r == -EINTR)
                session_say(s, "%s", "");
        else if (r < 0)
                return failure_set_errno(&s->failure, -r);
        return 0;
}

/* Prints what the method gives from the offset on.  'shown' is the name for messages. */
static int show(struct session *s, const char *method, const char *process, int64_t offset,
        const char *shown)
{
        struct value *params = value_new(VALUE_ARRAY);
        CLEANUP(value_free) struct value *data = NULL;
        const char *words;
        int r;

        if (process)
                value_append(params, value_new_string(process));
        value_append(params, value_new_integer(offset));
        value_append(params, value_new_integer(0));
        r = session_call(s, method, params, &data);
        if (r == 0) {
                session_say(s, "%s", value_string(data, ""));
                return 0;
        }
        if (r == FAULT_NO_FILE)
                words = "no log file";
        else if (r == FAULT_FAILED)
                words = "unknown error reading log";
        else if (r == FAULT_BAD_NAME && process)
                words = "no such process name";
        else
                return r;
        session_say(s, "%s: ERROR (%s)", shown, words);
        s->exit_status = EXIT_GENERIC;
        return 0;
}

/* What was asked for, once it is clear. */
struct request {
        const char *process; /* NULL: the main log */
        const char *channel;
        const char *modifier; /* NULL: none */
};

static int serve(struct session *s, const struct request *request)
{
        struct modifier modifier = modifier_parse(request->modifier);
        CLEANUP(mem_free) char *path = NULL;

        switch (modifier.kind) {
        case MODIFIER_BAD:
                session_say(s, "Error: bad argument %s", request->modifier);
                s->exit_status = EXIT_GENERIC;
                return 0;
        case MODIFIER_TOO_LARGE:
                return failure_set_value(
                        &s->failure, "OverflowError", "int exceeds XML-RPC limits");
        case MODIFIER_FOLLOW:
                path = request->process ? stream_path(request->process, request->channel)
                                        : mem_strdup("/mainlogtail");
                return follow(s, path);
        case MODIFIER_BYTES:
                break;
        }
        if (!request->process)
                return show(s, "supervisor.readLog", NULL, modifier.offset, "supervisord");
        return show(s,
                text_equal(request->channel, "stderr") ? "supervisor.readProcessStderrLog"
                                                       : "supervisor.readProcessStdoutLog",
                request->process, modifier.offset, request->process);
}

static void refuse(struct session *s, const char *message)
{
        session_say(s, "%s", message);
        s->exit_status = EXIT_GENERIC;
}

int logs_tail(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        CLEANUP(mem_free) char *channel = NULL;
        struct request request = { .channel = "stdout" };
        size_t first = 0;

        if (names.count == 0 || names.count > 3) {
                commands_refuse(s, "tail", EXIT_GENERIC, "Error: too %s arguments",
                        names.count ? "many" : "few");
                return 0;
        }
        if (modifier_is_one(names.at[0]))
                request.modifier = names.at[first++];
        if (first == names.count) {
                refuse(s, "Error: tail requires process name");
                return 0;
        }
        request.process = names.at[first];
        if (first + 1 < names.count) {
                channel = words_lower(names.at[names.count - 1]);
                request.channel = channel;
        }
        if (!text_equal(request.channel, "stdout") && !text_equal(request.channel, "stderr")) {
                CLEANUP(mem_free) char *quoted = text_repr(request.channel);
                CLEANUP(mem_free) char *message = mem_format("Error: bad channel %s", quoted);

                refuse(s, message);
                return 0;
        }
        return serve(s, &request);
}

int logs_maintail(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        struct request request = { .modifier = names.count ? names.at[0] : NULL };

        if (names.count > 1) {
                commands_refuse(s, "maintail", EXIT_GENERIC, "Error: too many arguments");
                return 0;
        }
        return serve(s, &request);
}
