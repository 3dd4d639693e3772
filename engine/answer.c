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

static void names_clear(struct answer_names *names)
{
        for (size_t i = 0; i < names->count; i++)
                mem_free(names->names[i]);
        mem_free(names->names);
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
