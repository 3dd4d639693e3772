/* Diagnosis: see diagnosis.h. */
#include "client/diagnosis.h"

#include <stdarg.h>

#include "base/text.h"
#include "client/clusterask.h"

/* A peer that has not been heard for so many of our intervals is silent. */
#define SILENT_INTERVALS 5

struct looks {
        const struct value *before, *after;
        const struct value *counters_before, *counters_after;
        struct names *said;
};

static void say(const struct looks *looks, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
static void say(const struct looks *looks, const char *format, ...)
{
        CLEANUP(mem_free) char *text = NULL;
        va_list ap;

        va_start(ap, format);
        text = mem_vformat(format, ap);
        va_end(ap);
        names_append(looks->said, text);
}

static double real(const struct value *value)
{
        if (value && value->type == VALUE_DOUBLE)
                return value->real;
        return (double)value_integer(value, 0);
}

double diagnosis_count(const struct value *structure, const char *counter)
{
        return real(structure ? value_member(structure, counter) : NULL);
}

double diagnosis_growth(const struct value *before, const struct value *after, const char *counter)
{
        return diagnosis_count(after, counter) - diagnosis_count(before, counter);
}

const struct value *diagnosis_find(const struct value *array, const char *member, const char *text)
{
        for (size_t i = 0; i < clusterask_count(array); i++)
                if (text_equal(clusterask_text(array->array.items[i], member), text))
                        return array->array.items[i];
        return NULL;
}

static double grown(const struct looks *looks, const char *counter)
{
        return diagnosis_growth(looks->counters_before, looks->counters_after, counter);
}

/* What has arrived and was not taken, while we looked.  "replayed" is not among it: who is heard in
 * two ways doubles. */
static void judge_counters(const struct looks *looks)
{
        static const struct {
                const char *counter, *words;
        } kinds[] = {
                { "forged", "with a tag that does not fit its key: the keys, or the passwords, of "
                            "the instances differ" },
                { "unknown_key", "with a key id that is not in this instance's key file: all "
                                 "instances need the same file" },
                { "untagged", "without a key: an instance of this cluster_name runs without one" },
                { "foreign", "of another cluster_name: two clusters share the group or the port" },
                { "malformed",
                        "that are no heartbeats: something else uses the group or the port" },
                { "strangers", "of instances that are not in supvisors_list" },
                { "conflicting", "of an instance that claims the identifier, or the id, of another "
                                 "one: two of them run, or a state_dir was copied" },
                { "overflow", "of more instances than there may be" },
                { "too_large", "that are too large" },
                { "overflowed",
                        "that found the receive buffer full: the machine, or the daemon, is "
                        "too busy" },
                { "unlisted_interface", "by an interface that multicast_interface does "
                                        "not name" },
        };

        for (size_t i = 0; i < ELEMENTS(kinds); i++) {
                double growth = grown(looks, kinds[i].counter);

                if (growth > 0)
                        say(looks, "%.0f datagrams came %s", growth, kinds[i].words);
        }
}

static void judge_interfaces(const struct looks *looks)
{
        const struct value *all = value_member(looks->after, "interfaces");
        const char *group = clusterask_text(looks->after, "group");
        size_t joined = 0;

        for (size_t i = 0; i < clusterask_count(all); i++) {
                const struct value *interface = all->array.items[i];
                const char *name = clusterask_text(interface, "name");
                const struct value *earlier =
                        diagnosis_find(value_member(looks->before, "interfaces"), "name", name);

                joined += value_is_true(value_member(interface, "joined"));
                if (!value_is_true(value_member(interface, "joined")))
                        say(looks, "interface %s has not joined %s: %s", name, group,
                                clusterask_text(interface, "error"));
                else if (diagnosis_growth(earlier, interface, "send_errors") > 0)
                        say(looks, "sending by interface %s fails: %s", name,
                                clusterask_text(interface, "error"));
        }
        if (*group && joined == 0)
                say(looks, "no interface has joined the group %s: nobody is heard by multicast",
                        group);
        else if (*group && grown(looks, "own") <= 0 &&
                 diagnosis_growth(looks->before, looks->after, "sent") > 0)
                say(looks,
                        "not even this instance's own heartbeats come back from the group %s: a "
                        "packet filter drops them, or the interface does not do multicast",
                        group);
}

static bool was_heard(const struct value *peer, const char *way, double patience)
{
        double age = diagnosis_count(value_member(peer, way), "age");

        return age >= 0 && age <= patience;
}

bool diagnosis_has_other_rules(const struct value *network, const struct value *peer)
{
        const char *ours = clusterask_text(network, "rules");
        const char *theirs = clusterask_text(peer, "rules");

        return *ours && *theirs && !text_equal(ours, theirs);
}

static void judge_peer(const struct looks *looks, const struct value *peer, double patience)
{
        const struct value *link = value_member(peer, "link");
        const char *nick = clusterask_text(peer, "nick_identifier");
        const char *state = clusterask_text(peer, "state");
        double multicast = diagnosis_count(value_member(peer, "multicast"), "age");
        double unicast = diagnosis_count(value_member(peer, "unicast"), "age");
        double age = multicast < 0 || (unicast >= 0 && unicast < multicast) ? unicast : multicast;

        if (text_equal(state, "ISOLATED") &&
                text_equal(clusterask_text(peer, "reason"), "inconsistent options")) {
                say(looks,
                        "%s is ISOLATED, as one or more of its options auto_fence, "
                        "starting_strategy, conciliation_strategy, supvisors_failure_strategy and "
                        "quorum are not those of this instance: make them the same, and restart it",
                        nick);
                return;
        }
        if (text_equal(state, "ISOLATED")) {
                say(looks, "%s is ISOLATED (%s): reevectl readmit %s lets it in again", nick,
                        clusterask_text(peer, "reason"), nick);
                return;
        }
        if (diagnosis_has_other_rules(looks->after, peer))
                say(looks,
                        "%s has DIFFERENT RULES (%s, here %s): which hold depends on who is "
                        "master; make its rules_files the same, then reevectl reload_rules there",
                        nick, clusterask_text(peer, "rules"),
                        clusterask_text(looks->after, "rules"));
        if (age < 0)
                say(looks, "%s has never been heard", nick);
        else if (!was_heard(peer, "multicast", patience) && !was_heard(peer, "unicast", patience))
                say(looks, "%s has been silent for %.1f s", nick, age);
        else if (!value_is_true(value_member(link, "up")))
                say(looks,
                        "%s is heard, but there is no link: its TCP port %lld cannot be reached "
                        "from here, nor ours (%lld) from there",
                        nick, (long long)clusterask_integer(link, "port"),
                        (long long)clusterask_integer(looks->after, "link_port"));
}

static void judge_silence(const struct looks *looks)
{
        const char *address = clusterask_text(looks->after, "address");

        if (!*clusterask_text(looks->after, "group"))
                say(looks,
                        "nothing of this cluster has arrived: look whether the others run, and "
                        "whether a packet filter drops UDP to %s",
                        address);
        else
                say(looks,
                        "nothing of this cluster has arrived: look whether the others run, whether "
                        "a packet filter drops UDP to %s, and, for multicast, whether the switches "
                        "pass it on (IGMP snooping needs a querier) and multicast_ttl (%lld) "
                        "reaches far enough; peers in supvisors_list are reached by unicast",
                        address, (long long)clusterask_integer(looks->after, "ttl"));
}

static void judge_peers(const struct looks *looks)
{
        const struct value *all = value_member(looks->after, "peers");
        const char *own = clusterask_text(looks->after, "identifier");
        double interval = diagnosis_count(looks->after, "interval");
        size_t others = 0;

        for (size_t i = 0; i < clusterask_count(all); i++) {
                if (text_equal(clusterask_text(all->array.items[i], "identifier"), own))
                        continue;
                others++;
                judge_peer(looks, all->array.items[i], SILENT_INTERVALS * interval);
        }
        if (others == 0)
                say(looks, "no other instance is known: none is listed, and none was heard");
        if (grown(looks, "accepted") <= 0)
                judge_silence(looks);
}

static void judge_sending(const struct looks *looks)
{
        double unresolved = diagnosis_count(looks->after, "unresolved");

        if (text_equal(clusterask_text(looks->after, "security"), "confined"))
                say(looks, "there is no key, so the cluster keeps to the loopback interface: make "
                           "one (reevectl keygen), set cluster_key_file, or set cluster_auth = "
                           "none");
        if (diagnosis_growth(looks->before, looks->after, "sent") <= 0)
                say(looks, "this instance has sent no heartbeat");
        if (diagnosis_growth(looks->before, looks->after, "unicast_errors") > 0)
                say(looks, "sending to listed peers fails (%.0f times): see the log of the daemon",
                        diagnosis_growth(looks->before, looks->after, "unicast_errors"));
        if (unresolved > 0)
                say(looks, "%.0f of the listed peers have names that lead to no address",
                        unresolved);
        if (grown(looks, "failed") > 0 || grown(looks, "rejected") > 0)
                say(looks, "%.0f links of this instance failed, %.0f of others were rejected",
                        grown(looks, "failed"), grown(looks, "rejected"));
}

struct names diagnosis_make(const struct value *before, const struct value *after)
{
        struct names said = {};
        struct looks looks = { .before = before,
                .after = after,
                .counters_before = value_member(before, "counters"),
                .counters_after = value_member(after, "counters"),
                .said = &said };

        if (!value_is_true(value_member(after, "enabled"))) {
                say(&looks, "this instance is alone: neither supvisors_list nor multicast_group "
                            "tells it of others, so it neither sends nor listens");
                return said;
        }
        judge_sending(&looks);
        judge_interfaces(&looks);
        judge_peers(&looks);
        judge_counters(&looks);
        return said;
}
