/* Output into the journal: see journal_output.h. */
#include "daemon/journal_output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/fd.h"
#include "base/saved.h"
#include "base/saver.h"
#include "daemon/children.h"
#include "daemon/daemon.h"
#include "daemon/scope.h"
#include "logs/messages.h"
#include "logs/relay.h"

enum { PIPE_SIZE = 256 << 10 };

/* Nothing ends it but an administrator, or the kernel when memory runs out. */
static int on_gone(sd_event_source *source, int fd, uint32_t revents, void *context)
{
        struct daemon *d = context;

        daemon_log(d, LOG_LEVEL_WARN, NULL,
                "the relay to the journal (pid %d) is gone, another one goes on",
                relay_pid(d->relay));
        journal_output_free(d);
        children_write_journal_again(d);
        return 0;
}

static int join_loop(struct daemon *d)
{
        if (d->relay_source)
                return 0;
        return sd_event_add_io(d->loop, &d->relay_source, relay_fd(d->relay), 0, on_gone, d);
}

static int start(struct daemon *d, struct err *err)
{
        struct err shelter = {};
        int r = 0;

        if (!d->relay) {
                r = relay_start(NULL, &d->relay, err);
                if (r == -ENOENT || r == -ECONNREFUSED)
                        return err_set(err, r, "no journald runs here");
                if (r < 0)
                        return r;
                if (d->scope && scope_shelter(d->scope, relay_pid(d->relay), &shelter) < 0)
                        daemon_log(d, LOG_LEVEL_WARN, NULL,
                                "the relay to the journal will end with this service: %s",
                                shelter.text);
                daemon_log(d, LOG_LEVEL_DEBUG, NULL, "the relay to the journal is pid %d",
                        relay_pid(d->relay));
        }
        r = join_loop(d);
        return r < 0 ? err_errno(err, r, "cannot watch the relay to the journal") : 0;
}

static int hand(struct daemon *d, const struct process *process, bool is_stderr, int fd)
{
        CLEANUP(mem_free)
        char *identifier = mem_format("%s:%s", process->group_name, process->program->name);
        const char *const values[][2] = {
                { "SYSLOG_IDENTIFIER", identifier },
                { "PRIORITY", is_stderr ? "4" : "6" }, /* warning and info, of syslog(3) */
                { "REEVE_EVENT", messages_row(MESSAGE_OUTPUT)->event },
                { "REEVE_INSTANCE", d->config->identifier },
                { "REEVE_GROUP", process->group_name },
                { "REEVE_PROCESS", process->program->name },
                { "REEVE_PROGRAM", process->program->section },
                { "REEVE_CHANNEL", is_stderr ? "stderr" : "stdout" },
        };
        struct journal_field fields[ELEMENTS(values)];

        for (size_t i = 0; i < ELEMENTS(values); i++)
                fields[i] = (struct journal_field){ values[i][0], values[i][1] ?: "",
                        values[i][1] ? strlen(values[i][1]) : 0 };
        return relay_hand(d->relay, fd, fields, ELEMENTS(fields));
}

int journal_output_open(struct daemon *d, const struct process *process, bool is_stderr,
        int *ret_reading, int *ret_writing, struct err *err)
{
        CLEANUP(fd_close) int reading = -1, writing = -1;
        int pipes[2];
        int r = start(d, err);

        if (r < 0)
                return r;
        if (pipe2(pipes, O_CLOEXEC) < 0)
                return err_errno(err, -errno, "cannot make a pipe");
        reading = pipes[0];
        writing = pipes[1];
        (void)fcntl(writing, F_SETPIPE_SZ, PIPE_SIZE); /* a smaller one only waits more often */
        r = hand(d, process, is_stderr, reading);
        if (r < 0)
                return err_errno(err, r, "cannot hand its output to the relay to the journal");
        *ret_reading = TAKE_FD(reading);
        *ret_writing = TAKE_FD(writing);
        return 0;
}

void journal_output_again(
        struct daemon *d, const struct process *process, bool is_stderr, int reading)
{
        struct err err = {};
        int r = start(d, &err);

        if (r >= 0) {
                r = hand(d, process, is_stderr, reading);
                if (r < 0)
                        err_errno(&err, r, "the relay does not take it");
        }
        if (r < 0)
                daemon_log(d, LOG_LEVEL_ERROR, process,
                        "nobody reads what '%s' writes to the journal any more: %s",
                        process->program->name, err.text);
}

void journal_output_save(
        const struct daemon *d, struct saver *saver, struct descriptors *descriptors)
{
        if (!d->relay || !descriptors)
                return;
        saver_item(saver, "relay");
        saver_number(saver, "pid", relay_pid(d->relay));
        descriptors_save(descriptors, saver, "fd", relay_fd(d->relay));
}

int journal_output_restore(struct daemon *d, struct saved *saved, struct descriptors *descriptors)
{
        struct saved_item *item = saved_first(saved, "relay");
        pid_t pid = item ? (pid_t)saved_number(item, "pid", 1, INT_MAX, 1) : 0;
        int fd = item ? descriptors_take(descriptors, item, "fd") : -1;

        if (fd < 0)
                return 0;
        d->relay = relay_adopt(fd, pid);
        return join_loop(d);
}

void journal_output_leave_loop(struct daemon *d)
{
        d->relay_source = sd_event_source_disable_unref(d->relay_source);
}

void journal_output_free(struct daemon *d)
{
        journal_output_leave_loop(d);
        d->relay = relay_free(d->relay);
}
