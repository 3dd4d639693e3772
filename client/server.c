/* Commands about the daemon itself: see server.h. */
#include "client/server.h"

#include <errno.h>

#include "client/status.h"
#include "client/url.h"
#include "engine/fault.h"

/* 1: go on; 0: no; -EIO. */
static int confirm(struct session *s, const char *question)
{
        CLEANUP(mem_free) char *answer = NULL;
        int r;

        if (!s->interactive)
                return 1;
        r = session_ask(s, question, true, &answer);
        if (r < 0)
                return r;
        return answer[0] == 'y' || answer[0] == 'Y';
}

int server_shutdown(struct session *s, const char *args)
{
        const struct failure *failure = &s->failure;
        int r = confirm(s, "Really shut the remote supervisord process down y/N? ");

        if (r <= 0)
                return r;
        r = session_order(s, "supervisor.shutdown", NULL);
        if (r == 0) {
                session_say(s, "Shut down");
                return 0;
        }
        if (r == FAULT_SHUTDOWN_STATE) {
                session_say(s, "ERROR: already shutting down");
                return 0;
        }
        if (failure->kind != FAILURE_SYSTEM)
                return r;
        if (failure->code == ECONNREFUSED)
                session_say(s, "ERROR: %s refused connection (already shut down?)", s->serverurl);
        else if (failure->code == ENOENT)
                session_say(s, "ERROR: %s no such file (already shut down?)", s->serverurl);
        else
                return r;
        s->exit_status = EXIT_GENERIC;
        return 0;
}

int server_reload(struct session *s, const char *args)
{
        int r = confirm(s, "Really restart the remote supervisord process y/N? ");

        if (r <= 0)
                return r;
        r = session_order(s, "supervisor.restart", NULL);
        if (r == 0) {
                session_say(s, "Restarted supervisord");
                return 0;
        }
        if (r != FAULT_SHUTDOWN_STATE)
                return r;
        session_say(s, "ERROR: already shutting down");
        s->exit_status = EXIT_GENERIC;
        return 0;
}

int server_version(struct session *s, const char *args)
{
        CLEANUP(value_free) struct value *version = NULL;
        int r = session_call(s, "supervisor.getSupervisorVersion", NULL, &version);

        if (r == 0)
                session_say(s, "%s", value_string(version, ""));
        return r;
}

int server_open(struct session *s, const char *args)
{
        int exit_status = s->exit_status, r;

        if (!url_is_openable(args)) {
                session_say(s, "ERROR: url must be http:// or unix://");
                s->exit_status = EXIT_GENERIC;
                return 0;
        }
        session_reconnect(s, args);
        r = status_run(s, "");
        s->exit_status = exit_status;
        return r;
}
