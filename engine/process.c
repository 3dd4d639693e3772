/* Processes: see process.h. */
#include "engine/process.h"

#include <sys/wait.h>

#include "base/mem.h"
#include "base/signals.h"

/* What is absent is ignored.  The values are one more than the state, so that absent is not
 * STOPPED. */
#define TO(state) ((state) + 1)

static const unsigned char next_state[PROCESS_STATES][PROCESS_INPUTS] = {
        [STOPPED] = { [IN_START] = TO(STARTING), [IN_UNSTARTABLE] = TO(BACKOFF) },
        [STARTING] = {
                [IN_SPAWN_FAILED] = TO(BACKOFF),
                [IN_STAYED_UP] = TO(RUNNING),
                [IN_EXITED_EARLY] = TO(BACKOFF),
                [IN_STOP] = TO(STOPPING),
                [IN_KILL_FAILED] = TO(UNKNOWN),
        },
        [RUNNING] = {
                [IN_EXITED] = TO(EXITED),
                [IN_STOP] = TO(STOPPING),
                [IN_KILL_FAILED] = TO(UNKNOWN),
        },
        [BACKOFF] = {
                [IN_RETRY] = TO(STARTING),
                [IN_GIVE_UP] = TO(FATAL),
                [IN_STOP] = TO(STOPPED),
        },
        [STOPPING] = {
                [IN_STOPPED] = TO(STOPPED),
                [IN_KILL_FAILED] = TO(UNKNOWN),
        },
        [EXITED] = { [IN_START] = TO(STARTING), [IN_UNSTARTABLE] = TO(BACKOFF) },
        [FATAL] = { [IN_START] = TO(STARTING), [IN_UNSTARTABLE] = TO(BACKOFF) },
        /* It could not be signalled, but it may still end. */
        [UNKNOWN] = { [IN_EXITED] = TO(EXITED), [IN_STOPPED] = TO(STOPPED) },
};

static const struct {
        const char *name;
        int code;
        bool stopped, running, signallable;
} states[PROCESS_STATES] = {
        [STOPPED] = { "STOPPED", 0, .stopped = true },
        [STARTING] = { "STARTING", 10, .running = true, .signallable = true },
        [RUNNING] = { "RUNNING", 20, .running = true, .signallable = true },
        [BACKOFF] = { "BACKOFF", 30, .running = true },
        [STOPPING] = { "STOPPING", 40, .signallable = true },
        [EXITED] = { "EXITED", 100, .stopped = true },
        [FATAL] = { "FATAL", 200, .stopped = true },
        [UNKNOWN] = { "UNKNOWN", 1000, .stopped = true },
};

enum process_state process_next(enum process_state state, enum process_input input)
{
        unsigned char next = next_state[state][input];

        return next ? (enum process_state)(next - 1) : state;
}

const char *process_state_name(enum process_state state)
{
        return states[state].name;
}

int process_state_code(enum process_state state)
{
        return states[state].code;
}

bool process_state_is_stopped(enum process_state state)
{
        return states[state].stopped;
}

bool process_state_is_running(enum process_state state)
{
        return states[state].running;
}

bool process_state_is_signallable(enum process_state state)
{
        return states[state].signallable;
}

char *process_wait_text(int wait_status)
{
        const char *core, *name;

        if (wait_status == PROCESS_STATUS_UNKNOWN)
                return mem_strdup("exit status unknown");
        if (WIFEXITED(wait_status))
                return mem_format("exit status %d", WEXITSTATUS(wait_status));
        if (!WIFSIGNALED(wait_status))
                return mem_format("unknown termination cause 0x%04x", (unsigned)wait_status);
        core = WCOREDUMP(wait_status) ? " (core dumped)" : "";
        name = signals_name(WTERMSIG(wait_status));
        if (name)
                return mem_format("terminated by %s%s", name, core);
        return mem_format("terminated by signal %d%s", WTERMSIG(wait_status), core);
}

int process_exit_code(int wait_status)
{
        return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
}
