/* Upgrade: see upgrade.h. */
#include "client/upgrade.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/monotonic.h"
#include "base/text.h"
#include "client/commands.h"
#include "client/names.h"
#include "engine/fault.h"

enum { WAIT_SECS_MAX = 60, ASK_SECS_MAX = 5, POLL_MSEC = 20 };

/* What the daemon says of its upgrades. */
struct standing {
        char *version, *from, *failure;
        int64_t done, failed;
        double pause; /* seconds */
};

static void standing_clear_at(struct standing *standing)
{
        mem_free(standing->version);
        mem_free(standing->from);
        mem_free(standing->failure);
}

static char *text_of(const struct value *structure, const char *name)
{
        return mem_strdup(value_string(value_member(structure, name), ""));
}

static int64_t count_of(const struct value *structure, const char *name)
{
        const struct value *count = value_member(structure, name);

        return count && count->type == VALUE_INTEGER ? count->integer : 0;
}

static int ask(struct session *s, unsigned secs, struct standing *ret)
{
        CLEANUP(value_free) struct value *value = NULL;
        const struct value *pause;
        int r;

        failure_clear(&s->failure);
        r = connection_call(s->connection, "reeve.get_upgrade", NULL, secs, &value, &s->failure);
        if (r != 0)
                return r;
        pause = value_member(value, "pause");
        *ret = (struct standing){
                .version = text_of(value, "version"),
                .from = text_of(value, "from"),
                .failure = text_of(value, "failure"),
                .done = count_of(value, "done"),
                .failed = count_of(value, "failed"),
                .pause = pause && pause->type == VALUE_DOUBLE ? pause->real : 0,
        };
        return 0;
}

static int fail(struct session *s, const char *why)
{
        session_say(s, "ERROR: no upgrade: %s", why);
        s->exit_status = EXIT_GENERIC;
        return 0;
}

/* The words of a fault without its name. */
static int refused(struct session *s)
{
        const char *text = s->failure.text ? s->failure.text : "";

        return fail(s, text_starts(text, "FAILED: ") ? text + strlen("FAILED: ") : text);
}

/* Until the new one answers: meanwhile connections may end without an answer. */
static int wait_for_new(struct session *s, const struct standing *before)
{
        usec_t end = usec_add(monotonic_now(), WAIT_SECS_MAX * USEC_SEC);

        while (monotonic_now() < end) {
                CLEANUP(standing_clear) struct standing present = {};

                if (ask(s, ASK_SECS_MAX, &present) == 0) {
                        if (present.failed > before->failed)
                                return fail(s, present.failure);
                        if (present.done > before->done) {
                                session_say(s, "upgraded from %s to %s: it stood still for %.1f ms",
                                        present.from, present.version, present.pause * 1000);
                                return 0;
                        }
                }
                if (s->failure.kind == FAILURE_INTERRUPTED)
                        return -EIO;
                (void)nanosleep(&(struct timespec){ .tv_nsec = POLL_MSEC * 1000000 }, NULL);
        }
        failure_clear(&s->failure);
        return fail(s, "the new daemon does not answer");
}

/* NULL in *ret: the one that is installed.  False: it was said what is wrong. */
static bool parse(struct session *s, const char *args, char **ret)
{
        CLEANUP(names_clear) struct names words = names_split(args);

        *ret = NULL;
        if (words.count == 0)
                return true;
        if (words.count == 2 && strcmp(words.at[0], "--binary") == 0 && words.at[1][0] == '/') {
                *ret = mem_strdup(words.at[1]);
                return true;
        }
        commands_refuse(s, "upgrade", EXIT_INVALID_ARGUMENTS,
                "ERROR: upgrade takes --binary and an absolute path, or nothing");
        return false;
}

int upgrade_run(struct session *s, const char *args)
{
        CLEANUP(standing_clear) struct standing before = {};
        CLEANUP(mem_free) char *binary = NULL;
        int r;

        if (!parse(s, args, &binary))
                return 0;
        r = ask(s, 0, &before);
        if (r == FAULT_UNKNOWN_METHOD)
                return fail(s, "this daemon knows of none");
        if (r != 0)
                return r;
        r = session_order(s, "reeve.upgrade", binary ? session_strings(binary, NULL) : NULL);
        if (r > 0)
                return refused(s);
        return r < 0 ? r : wait_for_new(s, &before);
}
