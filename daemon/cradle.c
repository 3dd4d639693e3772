/* Cradles: see cradle.h. */
#include "daemon/cradle.h"

#include <string.h>
#include <sys/mman.h>

struct cradle *cradle_new(void)
{
        CLEANUP(cradle_free) struct cradle *cradle = mem_new(sizeof(*cradle));

        cradle->stack = mmap(NULL, CRADLE_STACK_SIZE, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
        if (cradle->stack == MAP_FAILED) {
                cradle->stack = NULL;
                return NULL;
        }
        return TAKE(cradle);
}

struct cradle *cradle_free(struct cradle *cradle)
{
        if (!cradle || !cradle_is_free(cradle))
                return NULL;
        if (cradle->stack)
                (void)munmap(cradle->stack, CRADLE_STACK_SIZE);
        mem_free(cradle->memory);
        return mem_free(cradle);
}

bool cradle_is_free(const struct cradle *cradle)
{
        return __atomic_load_n(&cradle->tid, __ATOMIC_ACQUIRE) == 0;
}

/* Lays out copies one behind the other; without 'at' it only measures them. */
struct layout {
        char *at;
        size_t size;
};

static void *lay(struct layout *layout, const void *data, size_t size)
{
        void *copy = layout->at ? layout->at + layout->size : NULL;

        if (copy && size)
                memcpy(copy, data, size);
        layout->size += size;
        return copy;
}

static char *lay_text(struct layout *layout, const char *s)
{
        return s ? lay(layout, s, strlen(s) + 1) : NULL;
}

static void lay_texts(struct layout *layout, char *const *texts, char **ret)
{
        for (size_t i = 0; texts[i]; i++) {
                char *copy = lay_text(layout, texts[i]);

                if (ret)
                        ret[i] = copy;
        }
}

/* What is made of pointers and numbers comes first, since it has to be aligned. */
static char **lay_array(struct layout *layout, char *const *texts)
{
        size_t count = 0;

        while (texts[count])
                count++;
        return lay(layout, texts, (count + 1) * sizeof(char *));
}

static void lay_all(struct layout *layout, const struct spawn_request *from, struct cradle *cradle)
{
        struct spawn_request *to = &cradle->request;
        char **argv = lay_array(layout, from->argv);
        char **environ = lay_array(layout, from->environ);

        if (from->user)
                cradle->user.groups = lay(layout, from->user->groups,
                        from->user->groups_count * sizeof(*from->user->groups));
        lay_texts(layout, from->argv, argv);
        lay_texts(layout, from->environ, environ);
        to->argv = argv;
        to->environ = environ;
        to->path = lay_text(layout, from->path);
        to->argv0 = lay_text(layout, from->argv0);
        to->directory = lay_text(layout, from->directory);
        if (from->user)
                cradle->user.refusal = lay_text(layout, from->user->refusal);
        if (from->limits)
                cradle->limits.oom_score_adj = lay_text(layout, from->limits->oom_score_adj);
}

void cradle_fill(struct cradle *cradle, const struct spawn_request *request)
{
        struct layout layout = {};

        cradle->request = *request;
        if (request->user) {
                cradle->user = *request->user;
                cradle->request.user = &cradle->user;
        }
        if (request->files_limit) {
                cradle->files_limit = *request->files_limit;
                cradle->request.files_limit = &cradle->files_limit;
        }
        if (request->limits) {
                cradle->limits = *request->limits;
                cradle->request.limits = &cradle->limits;
        }
        lay_all(&layout, request, cradle);
        mem_free(cradle->memory);
        cradle->memory = mem_new(layout.size);
        layout = (struct layout){ .at = cradle->memory };
        lay_all(&layout, request, cradle);
        cradle->has_taken = 0;
}
