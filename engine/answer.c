/* Answers: see answer.h. */
#include "engine/answer.h"

struct answer *answer_new(enum answer_type type)
{
        struct answer *answer = mem_new(sizeof(*answer));

        answer->type = type;
        return answer;
}

struct answer *answer_new_fault(enum fault fault, const char *extra)
{
        struct answer *answer = answer_new(ANSWER_FAULT);

        answer->fault = fault;
        answer->text = fault_text(fault, extra);
        return answer;
}

struct answer *answer_new_text(const char *text)
{
        struct answer *answer = answer_new(ANSWER_TEXT);

        answer->text = mem_strdup(text);
        return answer;
}

struct answer_forecast *answer_add_forecast(struct answer *answer)
{
        answer->forecasts = mem_resize(
                answer->forecasts, answer->forecasts_count + 1, sizeof(*answer->forecasts));
        answer->forecasts[answer->forecasts_count] = (struct answer_forecast){};
        return &answer->forecasts[answer->forecasts_count++];
}

static void names_clear(struct answer_names *names)
{
        for (size_t i = 0; i < names->count; i++)
                mem_free(names->names[i]);
        mem_free(names->names);
}

static void forecast_clear(struct answer_forecast *forecast)
{
        for (char **i = forecast->identifiers; i && *i; i++)
                mem_free(*i);
        mem_free(forecast->identifiers);
        mem_free(forecast->application);
        mem_free(forecast->process);
        mem_free(forecast->reason);
}

struct answer *answer_free(struct answer *answer)
{
        if (!answer)
                return NULL;
        for (size_t i = 0; i < answer->entries_count; i++) {
                mem_free(answer->entries[i].name);
                mem_free(answer->entries[i].group);
                mem_free(answer->entries[i].description);
        }
        mem_free(answer->entries);
        for (size_t i = 0; i < answer->forecasts_count; i++)
                forecast_clear(&answer->forecasts[i]);
        mem_free(answer->forecasts);
        names_clear(&answer->added);
        names_clear(&answer->changed);
        names_clear(&answer->removed);
        mem_free(answer->text);
        return mem_free(answer);
}

void answer_add_entry(struct answer *answer, const char *name, const char *group, enum fault status,
        const char *extra)
{
        answer->entries = mem_grow(answer->entries, &answer->entries_capacity,
                answer->entries_count + 1, sizeof(*answer->entries));
        answer->entries[answer->entries_count++] = (struct answer_entry){
                .name = mem_strdup(name),
                .group = mem_strdup(group),
                .status = status,
                .description =
                        status == FAULT_SUCCESS ? mem_strdup("OK") : fault_text(status, extra),
        };
}

void answer_names_add(struct answer_names *names, const char *name)
{
        names->names =
                mem_grow(names->names, &names->capacity, names->count + 1, sizeof(*names->names));
        names->names[names->count++] = mem_strdup(name);
}
