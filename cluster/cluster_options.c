/* Options of the cluster: see cluster_options.h. */
#include "cluster/cluster_options.h"

#include <errno.h>
#include <string.h>

static int check_names(const struct cluster_options *o, struct err *err)
{
        bool found = o->list_count == 0;

        if (!o->name || !*o->name)
                return err_set(err, -EINVAL, "the cluster has no name");
        if (identity_is_none(&o->self.id))
                return err_set(err, -EINVAL, "this instance has no id");
        if (!o->self.identifier ||
                !identity_name_is_valid(o->self.identifier, strlen(o->self.identifier)))
                return err_set(err, -EINVAL, "the identifier of this instance is not valid");
        if (!o->self.nick || !identity_name_is_valid(o->self.nick, strlen(o->self.nick)))
                return err_set(err, -EINVAL, "the nick of this instance is not valid");
        for (size_t i = 0; i < o->list_count; i++) {
                const struct identity *item = &o->list[i];

                if (!identity_name_is_valid(item->identifier, strlen(item->identifier)) ||
                        !identity_name_is_valid(item->nick, strlen(item->nick)))
                        return err_set(err, -EINVAL,
                                "item %zu of the list of instances is not valid", i + 1);
                found = found || strcmp(item->identifier, o->self.identifier) == 0;
        }
        if (!found)
                return err_set(err, -EINVAL, "this instance, %s, is not in the list of instances",
                        o->self.identifier);
        return 0;
}

static int check_synchro(struct cluster_options *o, struct err *err)
{
        if (o->core_count == 0)
                o->synchro &= ~(unsigned)CLUSTER_CORE;
        if (o->list_count == 0)
                o->synchro &= ~(unsigned)CLUSTER_STRICT;
        if (o->synchro == 0)
                return err_set(err, -EINVAL, "synchro_options shall not be empty");
        if (o->synchro & CLUSTER_TIMEOUT)
                o->failure_strategy = CLUSTER_CONTINUE;
        return 0;
}

static int check_quorum(struct cluster_options *o, struct err *err)
{
        if (o->quorum == CLUSTER_QUORUM_NONE) {
                o->expected = 0;
                return 0;
        }
        if (o->expected == 0)
                o->expected = (unsigned)o->list_count;
        if (o->expected == 0)
                return err_set(err, -EINVAL,
                        "quorum = majority needs a list of instances or their expected number");
        /* Fewer than are listed would let two halves have a majority each. */
        if (o->expected < o->list_count)
                return err_set(err, -EINVAL, "the quorum expects %u instances but %zu are listed",
                        o->expected, o->list_count);
        return 0;
}

int cluster_options_complete(struct cluster_options *o, struct err *err)
{
        int r;

        if (o->heartbeat_interval == 0)
                o->heartbeat_interval = 200 * USEC_MSEC;
        if (o->failure_timeout == 0)
                o->failure_timeout = 5 * o->heartbeat_interval;
        if (o->stretch_from == 0)
                o->stretch_from = 64;
        if (o->synchro_timeout == 0)
                o->synchro_timeout = 15 * USEC_SEC;
        if (o->core_wait == 0)
                o->core_wait = 15 * USEC_SEC;
        if (o->instances_max == 0)
                o->instances_max = 1024;
        r = check_names(o, err);
        if (r < 0)
                return r;
        if (o->heartbeat_interval < 10 * USEC_MSEC || o->heartbeat_interval > 60 * USEC_SEC)
                return err_set(err, -EINVAL, "heartbeat_interval must be 10 ms to 60 s");
        if (o->failure_timeout < 3 * o->heartbeat_interval ||
                o->failure_timeout > 100 * o->heartbeat_interval)
                return err_set(
                        err, -EINVAL, "failure_timeout must be 3 to 100 times heartbeat_interval");
        if (o->instances_max > CLUSTER_INSTANCES_MAX || o->list_count > o->instances_max)
                return err_set(err, -EINVAL, "%zu instances are listed, %u are possible",
                        o->list_count,
                        o->instances_max > CLUSTER_INSTANCES_MAX ? CLUSTER_INSTANCES_MAX
                                                                 : o->instances_max);
        r = check_synchro(o, err);
        return r < 0 ? r : check_quorum(o, err);
}

static uint64_t list_hash(const struct cluster_options *o)
{
        uint64_t hash = o->list_count;

        for (size_t i = 0; i < o->list_count; i++)
                hash = identity_hash_bytes(
                        o->list[i].identifier, strlen(o->list[i].identifier), hash);
        return hash;
}

static uint64_t core_hash(const struct cluster_options *o)
{
        uint64_t hash = 0;

        /* A set: its order says nothing. */
        for (size_t i = 0; i < o->core_count; i++)
                hash ^= identity_hash_bytes(o->core[i], strlen(o->core[i]), 1);
        return hash;
}

struct cluster_enforced cluster_options_enforced(const struct cluster_options *o)
{
        bool majority = o->quorum == CLUSTER_QUORUM_MAJORITY;

        return (struct cluster_enforced){
                .auto_fence = o->auto_fence,
                .starting_strategy = o->starting_strategy,
                .conciliation_strategy = o->conciliation_strategy,
                .failure_strategy = o->failure_strategy,
                .quorum = o->quorum,
                .expected = majority ? o->expected : 0,
                .list = majority ? list_hash(o) : 0,
        };
}

struct cluster_advised cluster_options_advised(const struct cluster_options *o)
{
        return (struct cluster_advised){
                .list = list_hash(o),
                .core = core_hash(o),
                .rules = o->rules_hash,
        };
}

bool cluster_options_equal(const struct cluster_enforced *a, const struct cluster_enforced *b)
{
        return a->auto_fence == b->auto_fence && a->starting_strategy == b->starting_strategy &&
               a->conciliation_strategy == b->conciliation_strategy &&
               a->failure_strategy == b->failure_strategy && a->quorum == b->quorum &&
               a->expected == b->expected && a->list == b->list;
}
