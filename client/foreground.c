/* The command "fg": see foreground.h. */
#include "client/foreground.h"

#include <errno.h>
#include <stdint.h>

#include "base/monotonic.h"
#include "base/text.h"
#include "client/commands.h"
#include "client/logs.h"
#include "client/names.h"
#include "client/stream.h"
#include "engine/fault.h"

/* What was written before the end is on its way for as long: Supervisor, when idle, looks into its
 * logs once a second. */
#define LAST_OUTPUT_MSEC 1100

enum { STDOUT_LOG, STDERR_LOG, LOGS };

static int complain(struct session *s, const char *words, int exit_status)
{
        session_say(s, "ERROR: %s", words);
        s->exit_status = exit_status;
        return 0;
}

/* 1: it runs; 0: it does not; a failure. */
static int is_running(struct session *s, const char *name, int *ret_fault)
{
        CLEANUP(value_free) struct value *info = NULL;
        int r = session_call(s, "supervisor.getProcessInfo", session_strings(name, NULL), &info);

        *ret_fault = r > 0 ? r : 0;
        if (r != 0)
                return -EIO;
        return text_equal(value_string(value_member(info, "statename"), ""), "RUNNING");
}

static void await_last_output(struct session *s)
{
        const usec_t end = monotonic_now() + LAST_OUTPUT_MSEC * USEC_MSEC;
        usec_t left;
        int r = 0;

        while (r == 0 && (left = usec_sub(end, monotonic_now())) >= USEC_MSEC)
                r = connection_turn(s->connection, NULL, (int)(left / USEC_MSEC));
}

/* Sends the line.  1: it runs on; 0: it does not, which is said. */
static int send_line(struct session *s, const char *name, const char *line)
{
        CLEANUP(mem_free) char *data = mem_format("%s\n", line);
        CLEANUP(mem_free) char *words = NULL;
        int r = session_order(s, "supervisor.sendProcessStdin", session_strings(name, data));
        int fault = r > 0 ? r : 0;

        if (r == 0)
                r = is_running(s, name, &fault);
        if (r == 1)
                return 1;
        if (r == 0 || fault == FAULT_NOT_RUNNING) {
                await_last_output(s);
                session_say(s, "Process got killed");
                return 0;
        }
        if (!fault)
                return -EIO;
        words = failure_text(&s->failure);
        session_say(s, "ERROR: %s", words);
        return 0;
}

/* One turn: output goes on by itself, lines are sent.  1: go on; 0: it is over. */
static int turn(struct session *s, const char *name, struct stream *const streams[LOGS])
{
        struct pollfd input = { .fd = s->input.fd };
        int r = 0, turn_msec = CONNECTION_TURN_MSEC;
        char *taken = NULL;

        for (int i = 0; i < LOGS; i++) {
                (void)stream_is_over(streams[i]); /* the other one, and our input, go on */
                if (stream_turn_msec(streams[i]) < turn_msec)
                        turn_msec = stream_turn_msec(streams[i]);
        }
        while (input_take_line(&s->input, &taken)) {
                CLEANUP(mem_free) char *line = taken;

                r = send_line(s, name, line);
                if (r <= 0)
                        return r;
        }
        if (s->input.ended) {
                await_last_output(s);
                return 0;
        }
        if (s->input.pending.length > INPUT_LINE_MAX)
                return failure_set_errno(&s->failure, E2BIG);
        r = connection_turn(s->connection, &input, turn_msec);
        if (r == -EINTR)
                return 0;
        if (r == 0 && input.revents)
                r = input_fill(&s->input);
        return r < 0 ? failure_set_errno(&s->failure, -r) : 1;
}

static int converse(struct session *s, const char *name)
{
        CLEANUP(mem_free) char *out_path = stream_path(name, "stdout");
        CLEANUP(mem_free) char *error_path = stream_path(name, "stderr");
        CLEANUP(stream_free) struct stream *out = NULL;
        CLEANUP(stream_free) struct stream *error = NULL;
        int r = 1;

        session_hold_interrupts(s);
        logs_announce(s);
        out = stream_new(s->connection, out_path, stdout, stderr);
        error = stream_new(s->connection, error_path, stdout, stderr);
        while (r > 0)
                r = turn(s, name, (struct stream *const[LOGS]){ out, error });
        if (s->failure.kind == FAILURE_INTERRUPTED)
                r = 0; /* Ctrl-C while a line was being sent */
        if (r == 0)
                session_say(s, "Exiting foreground");
        return r;
}

int foreground_run(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names names = names_split(args);
        CLEANUP(mem_free) char *words = NULL;
        int fault, r;

        if (names.count == 0) {
                commands_refuse(s, "fg", EXIT_GENERIC, "ERROR: no process name supplied");
                return 0;
        }
        if (names.count > 1)
                return complain(s, "too many process names supplied", EXIT_GENERIC);
        r = is_running(s, names.at[0], &fault);
        if (fault == FAULT_BAD_NAME)
                return complain(s, "bad process name supplied", EXIT_GENERIC);
        if (fault) {
                words = failure_text(&s->failure);
                return complain(s, words, s->exit_status);
        }
        if (r < 0)
                return r;
        if (r == 0)
                return complain(s, "process not running", EXIT_GENERIC);
        return converse(s, names.at[0]);
}
