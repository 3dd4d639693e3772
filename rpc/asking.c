/* Asking: see asking.h. */
#include "rpc/asking.h"

struct asking {
        const struct rpc_host *host;
        void *context;
        uint64_t last_request;
        bool ended;
        struct asker *waiting; /* by request */
};

struct asking *asking_new(const struct rpc_host *host, void *context)
{
        struct asking *asking = mem_new(sizeof(*asking));

        asking->host = host;
        asking->context = context;
        return asking;
}

struct asking *asking_free(struct asking *asking)
{
        return mem_free(asking);
}

void asking_end(struct asking *asking)
{
        asking->ended = true;
}

struct answer *asker_ask(struct asking *asking, struct asker *asker, struct request *request)
{
        struct event event = { .type = EV_REQUEST };

        request->id = asker->request = ++asking->last_request;
        event.request = *request;
        asker->asking = asking;
        HASH_ADD(hh, asking->waiting, request, sizeof(asker->request), asker);
        asker->submitting = true;
        asking->host->submit(asking->context, &event);
        asker->submitting = false;
        return TAKE(asker->early);
}

void asker_leave(struct asker *asker)
{
        struct event dropped = { .type = EV_REQUEST_DROPPED, .dropped = asker->request };
        struct asking *asking = asker->asking;

        if (!asker->request)
                return;
        HASH_DEL(asking->waiting, asker);
        asker->request = 0;
        if (!asking->ended)
                asking->host->submit(asking->context, &dropped);
}

void asking_answer(struct asking *asking, uint64_t request, struct answer *taken)
{
        struct asker *asker = NULL;

        HASH_FIND(hh, asking->waiting, &request, sizeof(request), asker);
        if (!asker) {
                answer_free(taken); /* its caller went away meanwhile */
                return;
        }
        HASH_DEL(asking->waiting, asker);
        asker->request = 0;
        if (asker->submitting)
                asker->early = taken;
        else
                asker->answered(asker->context, taken);
}
