/* What the activity log says of the cluster: see cluster_words.h. */
#include "daemon/cluster_words.h"

#include <stdarg.h>
#include <string.h>

#include "daemon/cluster_parts.h"

#define PACE_USEC (60 * USEC_SEC)

static void __attribute__((format(printf, 4, 0))) say(struct cluster_host *h, enum message message,
        enum log_level level, const char *format, va_list ap)
{
        CLEANUP(mem_free) char *text = NULL;

        if (!cluster_log_enabled(h->log, h->daemon, level))
                return;
        text = mem_vformat(format, ap);
        cluster_log_write(h->log, h->daemon, message, level, text);
}

void cluster_words_say(struct cluster_host *h, enum log_level level, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        say(h, MESSAGE_NONE, level, format, ap);
        va_end(ap);
}

/* A line of a kind that the journal knows. */
static void __attribute__((format(printf, 4, 5)))
say_of(struct cluster_host *h, enum message message, enum log_level level, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        say(h, message, level, format, ap);
        va_end(ap);
}

void cluster_words_pace(struct cluster_host *h, enum cluster_pace_kind kind, enum log_level level,
        const char *format, ...)
{
        struct cluster_pace *pace = &h->paces[kind];
        usec_t now = cluster_host_now();
        CLEANUP(mem_free) char *text = NULL;
        va_list ap;

        if (now < pace->next) {
                pace->withheld++;
                return;
        }
        va_start(ap, format);
        text = mem_vformat(format, ap);
        va_end(ap);
        if (pace->withheld > 0)
                cluster_words_say(h, level, "%s (and %llu like it since the last such line)", text,
                        (unsigned long long)pace->withheld);
        else
                cluster_words_say(h, level, "%s", text);
        *pace = (struct cluster_pace){ .next = now + PACE_USEC };
}

char *cluster_words_name(const struct cluster_host *h, unsigned peer)
{
        const struct peers_peer *p = peers_at(cluster_peers(h->cluster), peer);

        if (!p)
                return mem_strdup("nobody");
        if (strcmp(p->nick, p->identifier) == 0)
                return mem_strdup(p->identifier);
        return mem_format("<%s>%s", p->nick, p->identifier);
}

/*
 * Of effects.
 */

/* In words; what it became says the rest. */
static const char *reason(enum peers_why why)
{
        static const char *const texts[PEERS_WHYS] = {
                [PEERS_HEARD] = "it is heard",
                [PEERS_AUTHORIZED] = "it is acceptable",
                [PEERS_ACTIVATED] = "it is one of us",
                [PEERS_SILENT] = "it is silent",
                [PEERS_LINK_LOST] = "it cannot be talked to",
                [PEERS_REFUSED] = "nothing listens there any more",
                [PEERS_RESTARTED] = "it has been restarted",
                [PEERS_LEFT] = "it has said good-bye",
                [PEERS_UNKNOWN_TO_IT] = "it does not know this instance",
                [PEERS_UNANSWERED] = "it does not answer",
                [PEERS_NOT_AUTHORIZED] = "it has isolated this instance",
                [PEERS_INCONSISTENT] = "its options that must be the same everywhere are not",
                [PEERS_FENCED] = "auto_fence",
                [PEERS_FORGIVEN] = "it is let in again",
                [PEERS_ABSENT] = "this instance was away",
        };

        return texts[why];
}

static void tell_peer(struct cluster_host *h, const struct cluster_effect *e)
{
        static const enum log_level levels[PEERS_STATES] = {
                [PEERS_STOPPED] = LOG_LEVEL_INFO,
                [PEERS_CHECKING] = LOG_LEVEL_INFO,
                [PEERS_CHECKED] = LOG_LEVEL_INFO,
                [PEERS_RUNNING] = LOG_LEVEL_INFO,
                [PEERS_FAILED] = LOG_LEVEL_WARN,
                [PEERS_ISOLATED] = LOG_LEVEL_ERROR,
        };
        enum log_level level = levels[e->change.to];
        CLEANUP(mem_free) char *name = cluster_words_name(h, e->peer);

        if (e->peer == 0)
                level = LOG_LEVEL_DEBUG;
        else if (e->change.to == PEERS_FAILED && e->change.why == PEERS_LEFT)
                level = LOG_LEVEL_INFO;
        else if (e->change.to == PEERS_CHECKED)
                level = LOG_LEVEL_DEBUG;
        else if (e->change.from == PEERS_CHECKING && e->change.to == PEERS_STOPPED)
                level = LOG_LEVEL_WARN;
        say_of(h, MESSAGE_INSTANCE_STATE, level, "cluster: %s is %s: %s", name,
                peers_state_name(e->change.to), reason(e->change.why));
}

static void tell_master(struct cluster_host *h, const struct cluster_effect *e)
{
        CLEANUP(mem_free) char *name = cluster_words_name(h, e->peer);

        if (e->peer == PEERS_NONE && h->resigns)
                say_of(h, MESSAGE_NO_MASTER, LOG_LEVEL_INFO,
                        "cluster: there is no master any more for this instance, which stops");
        else if (e->peer == PEERS_NONE)
                say_of(h, MESSAGE_NO_MASTER, LOG_LEVEL_WARN, "cluster: there is no master");
        else if (e->peer == 0)
                say_of(h, MESSAGE_MASTER, LOG_LEVEL_INFO,
                        "cluster: this instance is the master, term %llu",
                        (unsigned long long)e->master.term);
        else
                say_of(h, MESSAGE_MASTER, LOG_LEVEL_INFO, "cluster: %s is the master, term %llu",
                        name, (unsigned long long)e->master.term);
}

static void tell_difference(struct cluster_host *h, const struct cluster_effect *e)
{
        CLEANUP(mem_free) char *name = cluster_words_name(h, e->peer);

        switch (e->difference) {
        case CLUSTER_DIFFERS_ENFORCED:
                cluster_words_say(h, LOG_LEVEL_ERROR,
                        "cluster: %s has other options where all must have the same: at least "
                        "one of auto_fence, starting_strategy, conciliation_strategy, "
                        "supvisors_failure_strategy and quorum",
                        name);
                break;
        case CLUSTER_DIFFERS_LIST:
                cluster_words_say(
                        h, LOG_LEVEL_WARN, "cluster: %s has another supvisors_list", name);
                break;
        case CLUSTER_DIFFERS_CORE:
                cluster_words_say(
                        h, LOG_LEVEL_WARN, "cluster: %s has other core_identifiers", name);
                break;
        case CLUSTER_DIFFERS_RULES:
                cluster_words_say(h, LOG_LEVEL_WARN,
                        "cluster: %s has other rules: which hold depends on who is master", name);
                break;
        }
}

void cluster_words_tell(struct cluster_host *h, const struct cluster_effect *e)
{
        switch (e->type) {
        case CLUSTER_FX_PEER:
                tell_peer(h, e);
                break;
        case CLUSTER_FX_STATE:
                say_of(h, MESSAGE_CLUSTER_STATE, LOG_LEVEL_INFO, "cluster: %s (it was %s)",
                        fsm_state_name(e->state.to), fsm_state_name(e->state.from));
                break;
        case CLUSTER_FX_MASTER:
                tell_master(h, e);
                break;
        case CLUSTER_FX_EXIT:
                cluster_words_say(h, LOG_LEVEL_WARN,
                        "cluster: the whole has ended: this instance %s",
                        e->exit.restart ? "restarts" : "shuts down");
                break;
        case CLUSTER_FX_ABSENT:
                cluster_words_say(h, LOG_LEVEL_WARN,
                        "cluster: this instance did not run for %.3f s, and joins anew",
                        (double)e->absent.gap / (double)USEC_SEC);
                break;
        case CLUSTER_FX_DIFFERENCE:
                tell_difference(h, e);
                break;
        case CLUSTER_FX_HEARTBEAT:
        case CLUSTER_FX_CONNECT:
        case CLUSTER_FX_DISCONNECT:
        case CLUSTER_FX_PROBE:
        case CLUSTER_FX_HELLO:
        case CLUSTER_FX_PERSIST:
        case CLUSTER_FX_WORK:
        case CLUSTER_FX_ANSWER:
        case CLUSTER_FX_FORWARD:
        case CLUSTER_FX_MODES:
                break;
        }
}

/*
 * Of links.
 */

void cluster_words_link_down(
        struct cluster_host *h, unsigned peer, enum link_why why, const char *text)
{
        CLEANUP(mem_free) char *name = cluster_words_name(h, peer);
        const struct peers_peer *p = peers_at(cluster_peers(h->cluster), peer);
        bool is_worth_it = p && (p->state == PEERS_RUNNING || p->state == PEERS_CHECKED);

        cluster_words_say(h, is_worth_it ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG,
                "cluster: the link with %s is %s: %s", name, link_why_name(why), text);
}

/* Tried again every interval, so one line for all that fail. */
void cluster_words_link_failed(
        struct cluster_host *h, unsigned peer, enum link_why why, const char *text)
{
        CLEANUP(mem_free) char *name = cluster_words_name(h, peer);

        cluster_words_pace(h, CLUSTER_PACE_REJECTED, LOG_LEVEL_WARN,
                "cluster: no link with %s: %s: %s", name, link_why_name(why), text);
}

/* Who only looks whether we listen is no trouble. */
void cluster_words_rejected(
        struct cluster_host *h, const char *address, enum link_why why, const char *text)
{
        h->counters.rejected++;
        if (why == LINK_CLOSED || why == LINK_LOST || why == LINK_DUPLICATE)
                cluster_words_say(h, LOG_LEVEL_DEBUG, "cluster: connection from %s: %s: %s",
                        address, link_why_name(why), text);
        else
                cluster_words_pace(h, CLUSTER_PACE_REJECTED, LOG_LEVEL_WARN,
                        "cluster: no link with %s, who opened it: %s: %s", address,
                        link_why_name(why), text);
}

/*
 * At the start.
 */

void cluster_words_start(struct cluster_host *h)
{
        const struct clusterconfig *c = h->config;
        CLEANUP(mem_free) char *name = cluster_words_name(h, 0);
        CLEANUP(mem_free) char *group = NULL;
        char address[ENDPOINT_NAME_SIZE];

        if (!h->has_wire) {
                cluster_words_say(h, LOG_LEVEL_INFO,
                        "cluster: %s is alone: neither supvisors_list nor multicast_group names "
                        "anybody else",
                        name);
                return;
        }
        group = c->multicast_group
                        ? mem_format(", multicast to %s:%u", c->multicast_group, c->multicast_port)
                        : mem_strdup("");
        cluster_words_say(h, LOG_LEVEL_INFO,
                "cluster: %s is in '%s': heartbeats at %s%s, links at port %u, %zu listed instance%s",
                name, c->cluster_name, endpoint_name(multicast_address(h->multicast), address),
                group, h->link_port, c->list_count, c->list_count == 1 ? "" : "s");
}
