/* Announcements: see announce.h. */
#include "engine/announce.h"

#include <inttypes.h>

#include "base/text.h"
#include "engine/pools.h"

/* What nobody hears need not be put into words. */
static bool is_heard(const struct engine *engine, enum topic topic)
{
        return engine->subscribers[topic] > 0;
}

static enum topic topic_of(enum process_state state)
{
        switch (state) {
        case STARTING:
                return TOPIC_PROCESS_STATE_STARTING;
        case RUNNING:
                return TOPIC_PROCESS_STATE_RUNNING;
        case BACKOFF:
                return TOPIC_PROCESS_STATE_BACKOFF;
        case STOPPING:
                return TOPIC_PROCESS_STATE_STOPPING;
        case STOPPED:
                return TOPIC_PROCESS_STATE_STOPPED;
        case EXITED:
                return TOPIC_PROCESS_STATE_EXITED;
        case FATAL:
                return TOPIC_PROCESS_STATE_FATAL;
        case UNKNOWN:
        case PROCESS_STATES:
                break;
        }
        return TOPIC_PROCESS_STATE_UNKNOWN;
}

static void append_names(struct text *t, const struct process *process)
{
        text_append(t, "processname:");
        text_append(t, process->program->name);
        text_append(t, " groupname:");
        text_append(t, process->group_name);
}

void announce_state(struct engine *engine, const struct slot *slot, const struct effect *change)
{
        enum topic topic = topic_of(change->state.to);
        CLEANUP(text_clear) struct text t = {};

        if (!is_heard(engine, topic))
                return;
        append_names(&t, &slot->process);
        text_format(&t, " from_state:%s", process_state_name(change->state.from));
        switch (change->state.to) {
        case STARTING:
        case BACKOFF:
                text_format(&t, " tries:%u", change->state.tries);
                break;
        case EXITED:
                text_format(&t, " expected:%d pid:%jd", change->state.expected,
                        (intmax_t)change->state.pid);
                break;
        case RUNNING:
        case STOPPING:
        case STOPPED:
                text_format(&t, " pid:%jd", (intmax_t)change->state.pid);
                break;
        case FATAL:
        case UNKNOWN:
        case PROCESS_STATES:
                break;
        }
        pools_publish(engine, topic, t.data, t.length);
}

void announce_process(struct engine *engine, enum topic topic, const struct process *process)
{
        CLEANUP(text_clear) struct text t = {};

        if (!is_heard(engine, topic))
                return;
        append_names(&t, process);
        text_append_char(&t, ' '); /* these only */
        pools_publish(engine, topic, t.data, t.length);
}

void announce_group(struct engine *engine, enum topic topic, const char *name)
{
        CLEANUP(text_clear) struct text t = {};

        if (!is_heard(engine, topic))
                return;
        text_append(&t, "groupname:");
        text_append(&t, name);
        text_append_char(&t, '\n'); /* this one only */
        pools_publish(engine, topic, t.data, t.length);
}

void announce_mood(struct engine *engine, enum topic topic)
{
        pools_publish(engine, topic, "", 0);
}

void announce_tick(struct engine *engine, enum topic topic, uint64_t when_secs)
{
        CLEANUP(text_clear) struct text t = {};

        text_format(&t, "when:%" PRIu64, when_secs);
        pools_publish(engine, topic, t.data, t.length);
}

static const char *channel_of(enum topic topic)
{
        return topic == TOPIC_PROCESS_LOG_STDERR ? "stderr" : "stdout";
}

void announce_output(struct engine *engine, const struct slot *slot, enum topic topic,
        const char *data, size_t length)
{
        CLEANUP(text_clear) struct text t = {};

        if (!is_heard(engine, topic))
                return;
        append_names(&t, &slot->process);
        text_format(&t, " pid:%jd", (intmax_t)slot->process.pid);
        if (topic_includes(TOPIC_PROCESS_LOG, topic))
                text_format(&t, " channel:%s", channel_of(topic));
        text_append_char(&t, '\n');
        text_append_bytes(&t, data, length);
        pools_publish(engine, topic, t.data, t.length);
}

void announce_remote(struct engine *engine, const char *type, const char *data)
{
        CLEANUP(text_clear) struct text t = {};

        if (!is_heard(engine, TOPIC_REMOTE_COMMUNICATION))
                return;
        text_append(&t, "type:");
        text_append(&t, type);
        text_append_char(&t, '\n');
        text_append(&t, data);
        pools_publish(engine, TOPIC_REMOTE_COMMUNICATION, t.data, t.length);
}
