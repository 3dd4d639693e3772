/* A twin of an engine under test: see engine_twin.h. */
#include "tests/unit/engine_twin.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/saved.h"
#include "base/saver.h"
#include "base/text.h"

void twin_clear(struct twin *twin)
{
        twin->engine = engine_free(twin->engine);
        effects_clear(&twin->fx);
}

char *twin_text(const struct engine *engine, usec_t now)
{
        CLEANUP(saver_free) struct saver *saver = saver_new(now);
        size_t length;

        engine_save(engine, saver);
        return saver_take(saver, &length);
}

struct engine *twin_of(const struct engine *engine, usec_t now)
{
        CLEANUP(mem_free) char *text = twin_text(engine, now);
        CLEANUP(mem_free) char *again = NULL;
        CLEANUP(saved_free) struct saved *saved = NULL;
        struct engine *twin = NULL;
        struct err err = {};

        if (saved_parse(text, strlen(text), now, &saved, &err) < 0 ||
                engine_restore(saved, &twin, &err) < 0)
                fail_msg("%s\n%s", err.text, text);
        assert_null(saved_unread(saved));
        again = twin_text(twin, now);
        assert_string_equal(again, text);
        return twin;
}

void twin_renew(struct twin *twin, const struct engine *of, usec_t now)
{
        struct engine *new = twin_of(of, now);

        engine_free(twin->engine);
        twin->engine = new;
}

static void write_names(struct text *t, const struct answer_names *names)
{
        for (size_t i = 0; i < names->count; i++)
                text_format(t, " %s", names->names[i]);
        text_append_char(t, ';');
}

static void write_answer(struct text *t, const struct answer *answer)
{
        text_format(t, " %d %d %s", answer->type, answer->fault, answer->text ? answer->text : "-");
        for (size_t i = 0; i < answer->entries_count; i++)
                text_format(t, " [%s %s %d %s]", answer->entries[i].name, answer->entries[i].group,
                        answer->entries[i].status, answer->entries[i].description);
        write_names(t, &answer->added);
        write_names(t, &answer->changed);
        write_names(t, &answer->removed);
}

static void write_state(struct text *t, const struct effect *fx)
{
        text_format(t, " %d %d %jd %u %d %s", fx->state.from, fx->state.to, (intmax_t)fx->state.pid,
                fx->state.tries, fx->state.expected, fx->state.spawnerr ? fx->state.spawnerr : "-");
}

static void write_effect(struct text *t, const struct effect *fx)
{
        text_format(t, "%d %" PRIu32, fx->type, fx->process);
        switch (fx->type) {
        case FX_LOG:
                text_format(t, " %d %s %d", fx->log.level, fx->log.text, fx->log.of_exit);
                break;
        case FX_STATE:
                write_state(t, fx);
                break;
        case FX_GROUP_ADDED:
        case FX_GROUP_REMOVED:
                text_format(t, " %s", fx->group.name);
                break;
        case FX_CHECK_COMMAND:
                text_format(t, " %" PRIu64 " %s", fx->check.ticket,
                        fx->check.args ? fx->check.args : "-");
                break;
        case FX_SIGNAL:
                text_format(t, " %d %d %" PRIu64, fx->signal.signal, fx->signal.scope,
                        fx->signal.ticket);
                break;
        case FX_READ_CONFIG:
                text_format(t, " %" PRIu64 " %d", fx->read_config.request, fx->read_config.restart);
                break;
        case FX_SEND_EVENT:
                text_format(t, " %s %" PRIu64 " %" PRIu64 " %d ", fx->send.pool,
                        fx->send.poolserial, fx->send.notice->serial, fx->send.notice->topic);
                text_append_bytes(t, fx->send.notice->payload, fx->send.notice->length);
                break;
        case FX_CHECK_GROUP:
                text_format(t, " %" PRIu64 " %s", fx->check_group.request, fx->check_group.name);
                break;
        case FX_EXPAND_PROGRAM:
                text_format(t, " %" PRIu64 " %s %u %u", fx->expand.request, fx->expand.program,
                        fx->expand.from, fx->expand.number);
                break;
        case FX_PROGRAM_ABILITY:
                text_format(t, " %s %d", fx->ability.program, fx->ability.disabled);
                break;
        case FX_ANSWER:
                text_format(t, " %" PRIu64, fx->answer.request);
                write_answer(t, fx->answer.answer);
                break;
        case FX_MOOD:
                text_format(t, " %d", fx->mood);
                break;
        case FX_FINISHED:
                text_format(t, " %d", fx->finished.restart);
                break;
        case FX_PROCESS_ADDED:
        case FX_PROCESS_REMOVED:
        case FX_SPAWN:
        case FX_THAW:
        case FX_LIMITS:
        case FX_KILL_ALL:
        case FX_ABILITY:
        case FX_EXTRA_ARGS:
        case FX_OBSOLETE:
                break;
        }
        text_append_char(t, '\n');
}

void twin_step(struct twin *twin, const struct event *event, const struct effects *of_other)
{
        CLEANUP(text_clear) struct text ours = {}, theirs = {};

        if (!twin->engine)
                return;
        engine_step(twin->engine, event, &twin->fx);
        for (size_t i = 0; i < twin->fx.count; i++)
                write_effect(&ours, &twin->fx.at[i]);
        for (size_t i = 0; i < of_other->count; i++)
                write_effect(&theirs, &of_other->at[i]);
        assert_string_equal(text_string(&ours), text_string(&theirs));
        effects_reset(&twin->fx);
}

void twin_compare(const struct twin *twin, const struct engine *other, usec_t now)
{
        CLEANUP(mem_free) char *ours = NULL, *theirs = NULL;

        if (!twin->engine)
                return;
        ours = twin_text(twin->engine, now);
        theirs = twin_text(other, now);
        assert_string_equal(ours, theirs);
        assert_int_equal(engine_deadline(twin->engine), engine_deadline(other));
}
