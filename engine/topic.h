/* Topics: the types of event that a listener can subscribe to, as a tree.  Data only.
 *
 * The names are Supervisor's and are what a configuration and an envelope say. */
#pragma once

#include <stdbool.h>

enum topic {
        TOPIC_EVENT,
        TOPIC_PROCESS_STATE,
        TOPIC_PROCESS_STATE_STARTING,
        TOPIC_PROCESS_STATE_BACKOFF,
        TOPIC_PROCESS_STATE_RUNNING,
        TOPIC_PROCESS_STATE_STOPPING,
        TOPIC_PROCESS_STATE_STOPPED,
        TOPIC_PROCESS_STATE_EXITED,
        TOPIC_PROCESS_STATE_FATAL,
        TOPIC_PROCESS_STATE_UNKNOWN,
        TOPIC_PROCESS_COMMUNICATION,
        TOPIC_PROCESS_COMMUNICATION_STDOUT,
        TOPIC_PROCESS_COMMUNICATION_STDERR,
        TOPIC_PROCESS_LOG,
        TOPIC_PROCESS_LOG_STDOUT,
        TOPIC_PROCESS_LOG_STDERR,
        TOPIC_REMOTE_COMMUNICATION,
        TOPIC_SUPERVISOR_STATE_CHANGE,
        TOPIC_SUPERVISOR_STATE_CHANGE_RUNNING,
        TOPIC_SUPERVISOR_STATE_CHANGE_STOPPING,
        TOPIC_TICK,
        TOPIC_TICK_5,
        TOPIC_TICK_60,
        TOPIC_TICK_3600,
        TOPIC_PROCESS_GROUP,
        TOPIC_PROCESS_GROUP_ADDED,
        TOPIC_PROCESS_GROUP_REMOVED,
        TOPIC_PROCESS, /* this and what is below it are Supvisors' */
        TOPIC_PROCESS_ADDED,
        TOPIC_PROCESS_REMOVED,
        TOPIC_PROCESS_ENABLED,
        TOPIC_PROCESS_DISABLED,
        TOPICS, /* their number; of topic_find(): none */
};

const char *topic_name(enum topic);
enum topic topic_find(const char *name); /* TOPICS when there is none of that name */
/* Whether who subscribes to the first gets the second: they are the same, or it is an ancestor. */
bool topic_includes(enum topic, enum topic below);
