/* Answers as payloads: see payload_answer.h. */
#include "wire/payload_answer.h"

#include <errno.h>
#include <string.h>

#include "wire/payload.h"
#include "wire/payload_fields.h"

static const char *const answer_names[] = {
        [ANSWER_TRUE] = "true",
        [ANSWER_FAULT] = "fault",
        [ANSWER_ENTRIES] = "entries",
        [ANSWER_DIFF] = "diff",
        [ANSWER_FALSE] = "false",
        [ANSWER_TEXT] = "text",
        [ANSWER_FORECAST] = "forecast",
        [ANSWER_LOG] = "log",
};

struct fault_words {
        unsigned fault;
        const char *text;
};

static const struct payload_field fault_fields[] = {
        { "fault", PAYLOAD_UNSIGNED, offsetof(struct fault_words, fault), true },
        { "text", PAYLOAD_STRING, offsetof(struct fault_words, text), true },
};

static const struct payload_field text_field[] = {
        { "text", PAYLOAD_STRING, offsetof(struct fault_words, text), true },
};

struct entry_words {
        const char *name, *group, *description;
        unsigned status;
};

static const struct payload_field entry_fields[] = {
        { "name", PAYLOAD_NAME, offsetof(struct entry_words, name), true },
        { "group", PAYLOAD_NAME, offsetof(struct entry_words, group), true },
        { "status", PAYLOAD_UNSIGNED, offsetof(struct entry_words, status), true },
        { "description", PAYLOAD_STRING, offsetof(struct entry_words, description), false },
};

struct forecast_words {
        const char *application, *process, *reason;
        enum process_state state;
};

static const struct payload_field forecast_fields[] = {
        { "application", PAYLOAD_NAME, offsetof(struct forecast_words, application), true },
        { "process", PAYLOAD_NAME, offsetof(struct forecast_words, process), true },
        { "state", PAYLOAD_STATE, offsetof(struct forecast_words, state), true },
        { "reason", PAYLOAD_STRING, offsetof(struct forecast_words, reason), false },
};

/*
 * Writing.
 */

static void put_strings(struct text *t, const char *key, char *const *at, size_t count)
{
        payload_put_key(t, key);
        text_append_char(t, '[');
        for (size_t i = 0; i < count; i++) {
                payload_put_comma(t);
                payload_put_string(t, at[i]);
        }
        text_append_char(t, ']');
}

static void put_entries(struct text *t, const struct answer *answer)
{
        payload_put_key(t, "entries");
        text_append_char(t, '[');
        for (size_t i = 0; i < answer->entries_count; i++) {
                const struct answer_entry *entry = &answer->entries[i];
                const struct entry_words words = { entry->name, entry->group, entry->description,
                        entry->status };

                payload_put_comma(t);
                text_append_char(t, '{');
                payload_put_fields(t, entry_fields, ELEMENTS(entry_fields), &words);
                text_append_char(t, '}');
        }
        text_append_char(t, ']');
}

static void put_forecasts(struct text *t, const struct answer *answer)
{
        payload_put_key(t, "forecasts");
        text_append_char(t, '[');
        for (size_t i = 0; i < answer->forecasts_count; i++) {
                const struct answer_forecast *forecast = &answer->forecasts[i];
                const struct forecast_words words = { forecast->application, forecast->process,
                        forecast->reason, forecast->state };
                size_t count = 0;

                while (forecast->identifiers && forecast->identifiers[count])
                        count++;
                payload_put_comma(t);
                text_append_char(t, '{');
                payload_put_fields(t, forecast_fields, ELEMENTS(forecast_fields), &words);
                put_strings(t, "identifiers", forecast->identifiers, count);
                text_append_char(t, '}');
        }
        text_append_char(t, ']');
}

void payload_put_answer(struct text *t, const struct answer *answer)
{
        const struct fault_words words = { answer->fault, answer->text };

        text_append_char(t, '{');
        payload_put_key(t, "answer");
        payload_put_string(t, answer_names[answer->type]);
        switch (answer->type) {
        case ANSWER_TRUE:
        case ANSWER_FALSE:
                break;
        case ANSWER_FAULT:
                payload_put_fields(t, fault_fields, ELEMENTS(fault_fields), &words);
                break;
        case ANSWER_LOG: /* nobody asks for one over a link */
        case ANSWER_TEXT:
                payload_put_fields(t, text_field, ELEMENTS(text_field), &words);
                break;
        case ANSWER_ENTRIES:
                put_entries(t, answer);
                break;
        case ANSWER_FORECAST:
                put_forecasts(t, answer);
                break;
        case ANSWER_DIFF:
                put_strings(t, "added", answer->added.names, answer->added.count);
                put_strings(t, "changed", answer->changed.names, answer->changed.count);
                put_strings(t, "removed", answer->removed.names, answer->removed.count);
                break;
        }
        text_append_char(t, '}');
}

/*
 * Reading.
 */

static int get_fault(const json_t *json, struct answer *answer, struct err *err)
{
        struct fault_words words = {};
        int r = payload_get_fields(json, fault_fields, ELEMENTS(fault_fields), &words, err);

        if (r < 0)
                return r;
        if (strcmp(fault_name((enum fault)words.fault), "UNKNOWN") == 0)
                return err_set(err, -EBADMSG, "'fault' is none that is known");
        answer->fault = (enum fault)words.fault;
        answer->text = mem_strdup(words.text);
        return 0;
}

static int get_text(const json_t *json, struct answer *answer, struct err *err)
{
        struct fault_words words = {};
        int r = payload_get_fields(json, text_field, ELEMENTS(text_field), &words, err);

        if (r >= 0)
                answer->text = mem_strdup(words.text);
        return r;
}

static int get_entries(const json_t *json, struct answer *answer, struct err *err)
{
        json_t *list = payload_get_array(json, "entries", PAYLOAD_ENTRIES_MAX, err);

        if (!list)
                return -EBADMSG;
        answer->entries = mem_new_array(json_array_size(list), sizeof(*answer->entries));
        answer->entries_capacity = json_array_size(list);
        for (size_t i = 0; i < json_array_size(list); i++) {
                struct entry_words words = {};
                int r = payload_get_fields(
                        json_array_get(list, i), entry_fields, ELEMENTS(entry_fields), &words, err);

                if (r < 0)
                        return err_wrap(err, r, "entry %zu", i);
                if (strcmp(fault_name((enum fault)words.status), "UNKNOWN") == 0)
                        return err_set(err, -EBADMSG, "entry %zu: 'status' is not known", i);
                answer->entries[answer->entries_count++] = (struct answer_entry){
                        .name = mem_strdup(words.name),
                        .group = mem_strdup(words.group),
                        .status = (enum fault)words.status,
                        .description = mem_strdup(words.description),
                };
        }
        return 0;
}

static int get_forecast(const json_t *json, struct answer_forecast *forecast, struct err *err)
{
        struct forecast_words words = {};
        json_t *list = payload_get_array(json, "identifiers", PAYLOAD_INSTANCES_MAX, err);
        int r;

        if (!list)
                return -EBADMSG;
        r = payload_get_fields(json, forecast_fields, ELEMENTS(forecast_fields), &words, err);
        if (r < 0)
                return r;
        forecast->application = mem_strdup(words.application);
        forecast->process = mem_strdup(words.process);
        forecast->reason = mem_strdup(words.reason);
        forecast->state = words.state;
        forecast->identifiers =
                mem_new_array(json_array_size(list) + 1, sizeof(*forecast->identifiers));
        for (size_t i = 0; i < json_array_size(list); i++) {
                const char *s = json_string_value(json_array_get(list, i));

                if (!s || !payload_is_name(s))
                        return err_set(err, -EBADMSG, "'identifiers' holds what is no name");
                forecast->identifiers[i] = mem_strdup(s);
        }
        return 0;
}

static int get_forecasts(const json_t *json, struct answer *answer, struct err *err)
{
        json_t *list = payload_get_array(json, "forecasts", PAYLOAD_ENTRIES_MAX, err);

        if (!list)
                return -EBADMSG;
        answer->forecasts = mem_new_array(json_array_size(list), sizeof(*answer->forecasts));
        for (size_t i = 0; i < json_array_size(list); i++) {
                int r = get_forecast(json_array_get(list, i),
                        &answer->forecasts[answer->forecasts_count++], err);

                if (r < 0)
                        return err_wrap(err, r, "forecast %zu", i);
        }
        return 0;
}

static int get_names(
        const json_t *json, const char *key, struct answer_names *names, struct err *err)
{
        json_t *list = payload_get_array(json, key, PAYLOAD_ENTRIES_MAX, err);

        if (!list)
                return -EBADMSG;
        for (size_t i = 0; i < json_array_size(list); i++) {
                const char *s = json_string_value(json_array_get(list, i));

                if (!s || !payload_is_name(s))
                        return err_set(err, -EBADMSG, "'%s' holds what is no name", key);
                answer_names_add(names, s);
        }
        return 0;
}

static int get_diff(const json_t *json, struct answer *answer, struct err *err)
{
        int r = get_names(json, "added", &answer->added, err);

        if (r >= 0)
                r = get_names(json, "changed", &answer->changed, err);
        return r < 0 ? r : get_names(json, "removed", &answer->removed, err);
}

static int get_content(const json_t *json, struct answer *answer, struct err *err)
{
        switch (answer->type) {
        case ANSWER_TRUE:
        case ANSWER_FALSE:
                return 0;
        case ANSWER_FAULT:
                return get_fault(json, answer, err);
        case ANSWER_LOG:
        case ANSWER_TEXT:
                return get_text(json, answer, err);
        case ANSWER_ENTRIES:
                return get_entries(json, answer, err);
        case ANSWER_FORECAST:
                return get_forecasts(json, answer, err);
        case ANSWER_DIFF:
                return get_diff(json, answer, err);
        }
        return 0;
}

int payload_get_answer(const json_t *json, struct answer **ret, struct err *err)
{
        const char *name = json_string_value(json_object_get(json, "answer"));
        CLEANUP(answer_free) struct answer *answer = NULL;
        size_t type = 0;
        int r;

        while (type < ELEMENTS(answer_names) && (!name || strcmp(name, answer_names[type]) != 0))
                type++;
        if (type == ELEMENTS(answer_names))
                return err_set(err, -EBADMSG, "'answer' is none that is known");
        answer = answer_new((enum answer_type)type);
        r = get_content(json, answer, err);
        if (r < 0)
                return r;
        *ret = TAKE(answer);
        return 0;
}
