/* Actions: see page_action.h. */
#include "rpc/page_action.h"

#include <string.h>

#include "rpc/listing.h"
#include "rpc/page_html.h"

#define REQUESTS_MAX 2

struct kind {
        const char *name;
        bool is_of_process;
        enum request_type requests[REQUESTS_MAX]; /* one after the other */
        size_t requests_count;
        const char *done; /* "Process x {done}", or the whole up to the time */
        const char
                *error; /* what precedes why it failed; NULL: it does not matter whether it did */
};

static const struct kind kinds[] = {
        { "refresh", false, {}, 0, "Page refreshed at ", "" },
        { "stopall", false, { REQUEST_STOP_ALL }, 1, "All stopped at ", "" },
        { "restartall", false, { REQUEST_STOP_ALL, REQUEST_START_ALL }, 2, "All restarted at ",
                "" },
        { "start", true, { REQUEST_START }, 1, "started", "ERROR: Process " },
        { "stop", true, { REQUEST_STOP }, 1, "stopped", "" },
        { "restart", true, { REQUEST_STOP, REQUEST_START }, 2, "restarted", NULL },
        { "clearlog", true, {}, 0, NULL, "" },
};

struct page_action {
        const struct kind *kind;
        char *process; /* NULL: all */
        struct asking *asking;
        const struct rpc_host *host;
        void *context;
        struct asker asker;
        size_t next; /* of the requests */
        enum fault fault;
        char *fault_words;
        struct text message;
        void (*done)(void *context);
        void *done_context;
};

static void on_answer(void *context, struct answer *taken);

struct page_action *page_action_new(struct asking *asking, const struct rpc_host *host,
        void *context, const char *name, const char *processname)
{
        for (size_t i = 0; i < ELEMENTS(kinds); i++) {
                struct page_action *action;

                if (strcmp(kinds[i].name, name) != 0)
                        continue;
                if (kinds[i].is_of_process && !processname)
                        return NULL;
                action = mem_new(sizeof(*action));
                action->kind = &kinds[i];
                action->process = kinds[i].is_of_process ? mem_strdup(processname) : NULL;
                action->asking = asking;
                action->host = host;
                action->context = context;
                action->asker = (struct asker){ .answered = on_answer, .context = action };
                return action;
        }
        return NULL;
}

struct page_action *page_action_free(struct page_action *action)
{
        if (!action)
                return NULL;
        asker_leave(&action->asker);
        mem_free(action->process);
        mem_free(action->fault_words);
        text_clear(&action->message);
        return mem_free(action);
}

const char *page_action_message(const struct page_action *action)
{
        return text_string(&action->message);
}

static void fail(struct page_action *action, enum fault fault, const char *extra)
{
        mem_free(action->fault_words);
        action->fault = fault;
        action->fault_words = fault_text(fault, extra);
}

/*
 * The sentence.
 */

static const char *why_not_started(enum fault fault)
{
        static const struct {
                enum fault fault;
                const char *words;
        } reasons[] = {
                { FAULT_NO_FILE, "no such file" },
                { FAULT_NOT_EXECUTABLE, "file not executable" },
                { FAULT_ALREADY_STARTED, "already started" },
                { FAULT_SPAWN_ERROR, "spawn error" },
                { FAULT_ABNORMAL_TERMINATION, "abnormal termination" },
        };

        for (size_t i = 0; i < ELEMENTS(reasons); i++)
                if (reasons[i].fault == fault)
                        return reasons[i].words;
        return NULL;
}

static void say_failed(struct page_action *action)
{
        struct text *t = &action->message;
        const char *error = action->kind->error, *why = NULL;

        if (error && *error) {
                text_format(t, "%s%s: ", error, action->process);
                why = why_not_started(action->fault);
        }
        if (why)
                text_append(t, why);
        else
                text_format(
                        t, "unexpected rpc fault [%d] %s", (int)action->fault, action->fault_words);
}

static void say_done(struct page_action *action)
{
        struct text *t = &action->message;

        if (!action->process) {
                text_append(t, action->kind->done);
                page_html_time(t, listing_now_secs());
        } else if (action->kind->done) {
                text_format(t, "Process %s %s", action->process, action->kind->done);
        } else {
                text_format(t, "Log for %s cleared", action->process);
        }
}

/* A restart is one however the stop and the start went, which the page then shows, unless nothing
 * was begun. */
static void finish(struct page_action *action)
{
        if (action->fault != FAULT_NONE &&
                (action->kind->error || action->fault == FAULT_SHUTDOWN_STATE))
                say_failed(action);
        else
                say_done(action);
}

/*
 * The deed.
 */

static void clear_log(struct page_action *action, const struct process *process)
{
        if (engine_mood(action->host->engine(action->context)) != MOOD_RUNNING)
                fail(action, FAULT_SHUTDOWN_STATE, NULL);
        else if (process->pid && action->host->clear_logs(action->context, process->id) < 0)
                fail(action, FAULT_FAILED, action->process);
}

static void take(struct page_action *action, struct answer *taken)
{
        CLEANUP(answer_free) struct answer *answer = taken;

        action->fault = FAULT_NONE;
        if (answer->type != ANSWER_FAULT)
                return;
        mem_free(action->fault_words);
        action->fault = answer->fault;
        action->fault_words = TAKE(answer->text);
}

/* Goes on with the requests until one has to wait; true at the end. */
static bool proceed(struct page_action *action)
{
        while (action->next < action->kind->requests_count) {
                struct request request = { .type = action->kind->requests[action->next++],
                        .name = action->process,
                        .wait = true };
                struct answer *early = asker_ask(action->asking, &action->asker, &request);

                if (!early)
                        return false;
                take(action, early);
        }
        finish(action);
        return true;
}

static void on_answer(void *context, struct answer *taken)
{
        struct page_action *action = context;

        take(action, taken);
        if (proceed(action))
                action->done(action->done_context);
}

bool page_action_run(struct page_action *action, void (*done)(void *context), void *context)
{
        const struct engine *engine = action->host->engine(action->context);
        const struct process *process = NULL;

        action->done = done;
        action->done_context = context;
        if (action->process &&
                engine_find_process(engine, action->process, &process) != FAULT_NONE) {
                text_format(&action->message, "No such process named %s", action->process);
                return true;
        }
        if (process && action->kind->requests_count == 0)
                clear_log(action, process);
        return proceed(action);
}
