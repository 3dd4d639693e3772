/* The cluster's log: a file of its own where one is configured, else the activity log. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/log.h"
#include "base/message.h"

struct cluster_log;
struct daemon;

/* *ret is NULL where the activity log is shared. */
int cluster_log_open(struct daemon *, struct cluster_log **ret, struct err *)
        __attribute__((warn_unused_result));
struct cluster_log *cluster_log_free(struct cluster_log *); /* takes NULL, returns NULL */
/* In all of these NULL means the activity log. */
bool cluster_log_enabled(const struct cluster_log *, const struct daemon *, enum log_level);
void cluster_log_write(
        struct cluster_log *, struct daemon *, enum message, enum log_level, const char *text);
enum log_level cluster_log_level(const struct cluster_log *); /* of a file of its own */
void cluster_log_set_level(struct cluster_log *, struct daemon *, enum log_level);
