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

/* Between the two the request is handed over: its answer may come before that returns. */
static uint64_t begin(struct asking *asking, struct asker *asker, enum asker_of of)
{
        /* What an earlier image was asked for may be worked on still, though nobody waits. */
        do
                asking->last_request++;
        while (engine_has_request(asking->host->engine(asking->context), asking->last_request));
        asker->request = asking->last_request;
        asker->of = of;
        asker->asking = asking;
        HASH_ADD(hh, asking->waiting, request, sizeof(asker->request), asker);
        asker->submitting = true;
        return asker->request;
}

static struct answer *end(struct asker *asker)
{
        asker->submitting = false;
        return TAKE(asker->early);
}

struct answer *asker_ask(struct asking *asking, struct asker *asker, struct request *request)
{
        struct event event = { .type = EV_REQUEST };

        request->id = begin(asking, asker, ASKER_OF_ENGINE);
        event.request = *request;
        asking->host->submit(asking->context, &event);
        return end(asker);
}

struct answer *asker_ask_fleet(
        struct asking *asking, struct asker *asker, struct fleet_request *request)
{
        request->id = begin(asking, asker, ASKER_OF_FLEET);
        asking->host->submit_fleet(asking->context, request);
        return end(asker);
}

struct answer *asker_end_sync(struct asking *asking, struct asker *asker, unsigned master)
{
        asking->host->end_sync(asking->context, begin(asking, asker, ASKER_OF_FLEET), master);
        return end(asker);
}

struct answer *asker_end_cluster(struct asking *asking, struct asker *asker, bool restart)
{
        asking->host->end_cluster(asking->context, begin(asking, asker, ASKER_OF_FLEET), restart);
        return end(asker);
}

struct answer *asker_read_log(
        struct asking *asking, struct asker *asker, const struct rpc_log_request *request)
{
        uint64_t id = begin(asking, asker, ASKER_OF_JOURNAL);

        asking->host->read_log(asking->context, id, request);
        return end(asker);
}

struct answer *asker_upgrade(struct asking *asking, struct asker *asker, const char *binary)
{
        asking->host->upgrade(asking->context, begin(asking, asker, ASKER_OF_FLEET), binary);
        return end(asker);
}

void asker_leave(struct asker *asker)
{
        struct event dropped = { .type = EV_REQUEST_DROPPED, .dropped = asker->request };
        struct asking *asking = asker->asking;

        if (!asker->request)
                return;
        HASH_DEL(asking->waiting, asker);
        asker->request = 0;
        if (asking->ended)
                return;
        switch (asker->of) {
        case ASKER_OF_ENGINE:
                asking->host->submit(asking->context, &dropped);
                break;
        case ASKER_OF_FLEET:
                if (asking->host->drop_fleet) /* an upgrade goes on without its caller */
                        asking->host->drop_fleet(asking->context, dropped.dropped);
                break;
        case ASKER_OF_JOURNAL:
                asking->host->drop_log(asking->context, dropped.dropped);
                break;
        }
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
