/* What the activity log says of the cluster, in words that its user knows. */
#pragma once

#include <stdint.h>

#include "base/clock.h"
#include "base/log.h"
#include "cluster/cluster.h"
#include "net/link_why.h"

struct cluster_host;

/* What others can cause as often as they like is told at most once a minute. */
enum cluster_pace_kind {
        CLUSTER_PACE_MALFORMED,
        CLUSTER_PACE_FOREIGN,
        CLUSTER_PACE_UNTAGGED,
        CLUSTER_PACE_UNKNOWN_KEY,
        CLUSTER_PACE_FORGED,
        CLUSTER_PACE_TWIN,
        CLUSTER_PACE_STRANGER,
        CLUSTER_PACE_CONFLICT,
        CLUSTER_PACE_REJECTED,
        CLUSTER_PACE_FRAME,
        CLUSTER_PACES,
};

struct cluster_pace {
        usec_t next;
        uint64_t withheld;
};

void cluster_words_say(struct cluster_host *, enum log_level, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
void cluster_words_pace(struct cluster_host *, enum cluster_pace_kind, enum log_level,
        const char *format, ...) __attribute__((format(printf, 4, 5)));
/* "<nick>identifier", or the identifier alone: the caller owns it. */
char *cluster_words_name(const struct cluster_host *, unsigned peer)
        __attribute__((returns_nonnull));
/* Of an effect that is worth a line. */
void cluster_words_tell(struct cluster_host *, const struct cluster_effect *);
void cluster_words_link_down(struct cluster_host *, unsigned peer, enum link_why, const char *text);
void cluster_words_link_failed(
        struct cluster_host *, unsigned peer, enum link_why, const char *text);
/* And counts it. */
void cluster_words_rejected(
        struct cluster_host *, const char *address, enum link_why, const char *text);
void cluster_words_start(struct cluster_host *); /* who we are, and where */
