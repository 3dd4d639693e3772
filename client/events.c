/* The command "events": see events.h. */
#include "client/events.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "base/monotonic.h"
#include "base/text.h"
#include "client/clusterask.h"
#include "client/commands.h"
#include "client/eventline.h"
#include "client/subscription.h"
#include "client/url.h"

#define PATIENCE_USEC (5 * USEC_SEC) /* with a server that has gone away */
#define RETRY_MSEC    50
/* A server that was replaced in place waits that long for its subscribers before it goes on telling
 * what happens; a little less, for what one does not see of it. */
#define HELD_USEC (1900 * USEC_MSEC)

struct watch {
        struct session *session;
        bool json;
};

static void on_message(void *context, const char *text, size_t length)
{
        const struct watch *watch = context;
        CLEANUP(mem_free) char *line = NULL;
        time_t now = time(NULL);
        char clock[16] = "";
        struct tm tm;

        if (watch->json) {
                session_say(watch->session, "%.*s", (int)length, text);
                return;
        }
        line = eventline_text(text, length);
        if (localtime_r(&now, &tm))
                (void)strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
        session_say(watch->session, "%s %s", clock, line);
}

/* The path that asks for the headers; NULL: one of them does not exist, which is said. */
static char *path_of(struct session *s, const struct names *headers)
{
        CLEANUP(text_clear) struct text path = {};

        for (size_t i = 0; i < headers->count; i++) {
                const char *header = headers->at[i];

                if (!text_equal(header, "all") && !eventline_is_header(header)) {
                        CLEANUP(mem_free) char *known = eventline_headers();

                        commands_refuse(s, "events", EXIT_INVALID_ARGUMENTS,
                                "ERROR: unknown header %s. use some of %s", header, known);
                        return NULL;
                }
                text_format(&path, "/%s", header);
        }
        if (headers->count == 0)
                text_append(&path, "/all");
        return text_take(&path);
}

/* 1: there is one to follow; 0: no, and what to do about it is said. */
static int ask_port(struct session *s, int *ret)
{
        CLEANUP(value_free) struct value *answer = NULL;
        int r = clusterask_get(s, "reeve.getEventLink", &answer);
        const char *link;

        if (r <= 0)
                return r;
        link = clusterask_text(answer, "link");
        *ret = (int)clusterask_integer(answer, "port");
        if (text_equal(link, "WS"))
                return 1;
        if (text_equal(link, "ZMQ"))
                session_say(s,
                        "ERROR: this instance publishes its events by ZeroMQ (port %d), which this "
                        "command does not speak: set event_link = WS in its section [reeve] or "
                        "[rpcinterface:supvisors], and restart it",
                        *ret);
        else
                session_say(s, "ERROR: this instance publishes no events: set event_link = WS in "
                               "its section [reeve] or [rpcinterface:supvisors], and restart it");
        s->exit_status = EXIT_UNIMPLEMENTED;
        return 0;
}

/* Where the events come from: the host of the server, which is this one behind a UNIX socket. */
static int find_host(struct session *s, char **ret)
{
        CLEANUP(url_clear) struct url url = {};
        int r = url_parse(s->serverurl, &url, &s->failure);
        size_t length;

        if (r < 0)
                return r;
        if (url.scheme == URL_UNIX) {
                *ret = mem_strdup("127.0.0.1");
                return 0;
        }
        length = strlen(url.host);
        *ret = url.host[0] == '[' && length > 2 ? mem_strndup(url.host + 1, length - 2)
                                                : mem_strdup(url.host);
        return 0;
}

/* The events over all connections: where they are broken. */
struct breaks {
        bool has_begun;
        bool is_harmless; /* the server holds back what happens */
        usec_t since;     /* the last one */
};

/* As long as the server is there.  0: it has gone away; a failure. */
static int follow_once(
        struct session *s, const struct subscription_target *target, struct breaks *b)
{
        CLEANUP(subscription_free) struct subscription *subscription = NULL;
        int r = subscription_open(target, &subscription, &s->failure);

        if (r < 0)
                return b->has_begun && s->failure.kind != FAILURE_INTERRUPTED ? 0 : r;
        if (b->has_begun && (!b->is_harmless || monotonic_now() - b->since >= HELD_USEC)) {
                (void)fflush(stdout);
                (void)fprintf(stderr,
                        "the event stream of %s:%d was broken: what happened "
                        "meanwhile is missing\n",
                        target->host, target->port);
        }
        b->has_begun = true;
        r = subscription_follow(subscription, &s->failure);
        b->is_harmless = subscription_will_be_back(subscription);
        b->since = monotonic_now();
        return r < 0 ? r : 0;
}

/* Until the server has been away for too long. */
static int follow_on(struct session *s, const struct subscription_target *target)
{
        struct breaks breaks = {};
        int r;

        while ((r = follow_once(s, target, &breaks)) == 0 &&
                monotonic_now() - breaks.since < PATIENCE_USEC) {
                struct pollfd interrupt = { .fd = s->interrupt_fd, .events = POLLIN };

                failure_clear(&s->failure);
                if (poll(&interrupt, 1, RETRY_MSEC) > 0)
                        return failure_set(&s->failure, FAILURE_INTERRUPTED, 0, "KeyboardInterrupt",
                                "interrupted");
        }
        return r;
}

static int follow(struct session *s, const struct subscription_target *target)
{
        CLEANUP(mem_free) char *why = NULL;
        int r = follow_on(s, target);

        if (r < 0 && s->failure.kind == FAILURE_INTERRUPTED)
                return 0; /* that is how it is meant to end */
        s->messages = stderr;
        if (r >= 0) {
                session_say(s, "ERROR: the event stream of %s:%d has ended", target->host,
                        target->port);
                s->exit_status = EXIT_GENERIC;
                return 0;
        }
        why = failure_text(&s->failure);
        session_say(s, "ERROR: the events of %s:%d cannot be followed: %s", target->host,
                target->port, why);
        s->exit_status = s->failure.kind == FAILURE_SYSTEM && s->failure.code == ECONNREFUSED
                                 ? EXIT_REFUSED
                                 : EXIT_GENERIC;
        return 0;
}

int events_run(struct session *s, const char *args)
{
        struct watch watch = { .session = s };
        CLEANUP(names_clear) struct names headers = clusterask_names(s, args, &watch.json);
        CLEANUP(mem_free) char *path = NULL;
        CLEANUP(mem_free) char *host = NULL;
        int port = 0, r;

        path = path_of(s, &headers);
        if (!path)
                return 0;
        r = ask_port(s, &port);
        if (r > 0)
                r = find_host(s, &host);
        if (!host)
                return r;
        s->messages = stdout; /* the events are the output, in any form */
        session_hold_interrupts(s);
        return follow(s, &(struct subscription_target){
                                 .host = host,
                                 .port = port,
                                 .path = path,
                                 .interrupt_fd = s->interrupt_fd,
                                 .on_message = on_message,
                                 .context = &watch,
                         });
}
