/* Event listeners: see listeners.h. */
#include "daemon/listeners.h"

#include "daemon/children.h"
#include "daemon/daemon.h"
#include "engine/notice.h"

int listeners_send(struct daemon *d, const struct effect *fx)
{
        const struct envelope envelope = {
                .server = d->config->identifier,
                .pool = fx->send.pool,
                .poolserial = fx->send.poolserial,
        };
        CLEANUP(text_clear) struct text message = {};

        notice_append_message(&message, fx->send.notice, &envelope);
        return children_write_stdin(d, fx->process, message.data, message.length);
}

void listeners_changed(struct daemon *d)
{
        const enum topic topics[] = { TOPIC_PROCESS_LOG_STDOUT, TOPIC_PROCESS_LOG_STDERR };
        bool has_changed = false;

        for (size_t i = 0; i < ELEMENTS(topics); i++) {
                bool is_heard = engine_is_heard(d->engine, topics[i]);

                has_changed |= is_heard != d->hears_log[i];
                d->hears_log[i] = is_heard;
        }
        if (has_changed)
                children_hear_logs(d);
}
