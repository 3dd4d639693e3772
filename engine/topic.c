/* Topics: see topic.h. */
#include "engine/topic.h"

#include <string.h>

static const struct {
        const char *name;
        enum topic parent; /* the root is its own */
} topics[TOPICS] = {
#define TOPIC(name, parent) [TOPIC_##name] = { #name, TOPIC_##parent }
        TOPIC(EVENT, EVENT),
        TOPIC(PROCESS_STATE, EVENT),
        TOPIC(PROCESS_STATE_STARTING, PROCESS_STATE),
        TOPIC(PROCESS_STATE_BACKOFF, PROCESS_STATE),
        TOPIC(PROCESS_STATE_RUNNING, PROCESS_STATE),
        TOPIC(PROCESS_STATE_STOPPING, PROCESS_STATE),
        TOPIC(PROCESS_STATE_STOPPED, PROCESS_STATE),
        TOPIC(PROCESS_STATE_EXITED, PROCESS_STATE),
        TOPIC(PROCESS_STATE_FATAL, PROCESS_STATE),
        TOPIC(PROCESS_STATE_UNKNOWN, PROCESS_STATE),
        TOPIC(PROCESS_COMMUNICATION, EVENT),
        TOPIC(PROCESS_COMMUNICATION_STDOUT, PROCESS_COMMUNICATION),
        TOPIC(PROCESS_COMMUNICATION_STDERR, PROCESS_COMMUNICATION),
        TOPIC(PROCESS_LOG, EVENT),
        TOPIC(PROCESS_LOG_STDOUT, PROCESS_LOG),
        TOPIC(PROCESS_LOG_STDERR, PROCESS_LOG),
        TOPIC(REMOTE_COMMUNICATION, EVENT),
        TOPIC(SUPERVISOR_STATE_CHANGE, EVENT),
        TOPIC(SUPERVISOR_STATE_CHANGE_RUNNING, SUPERVISOR_STATE_CHANGE),
        TOPIC(SUPERVISOR_STATE_CHANGE_STOPPING, SUPERVISOR_STATE_CHANGE),
        TOPIC(TICK, EVENT),
        TOPIC(TICK_5, TICK),
        TOPIC(TICK_60, TICK),
        TOPIC(TICK_3600, TICK),
        TOPIC(PROCESS_GROUP, EVENT),
        TOPIC(PROCESS_GROUP_ADDED, PROCESS_GROUP),
        TOPIC(PROCESS_GROUP_REMOVED, PROCESS_GROUP),
        TOPIC(PROCESS, EVENT),
        TOPIC(PROCESS_ADDED, PROCESS),
        TOPIC(PROCESS_REMOVED, PROCESS),
        TOPIC(PROCESS_ENABLED, PROCESS),
        TOPIC(PROCESS_DISABLED, PROCESS),
#undef TOPIC
};

const char *topic_name(enum topic topic)
{
        return topics[topic].name;
}

enum topic topic_find(const char *name)
{
        enum topic topic = 0;

        while (topic < TOPICS && strcmp(topics[topic].name, name) != 0)
                topic++;
        return topic;
}

bool topic_includes(enum topic topic, enum topic below)
{
        while (below != topic && below != TOPIC_EVENT)
                below = topics[below].parent;
        return below == topic;
}
