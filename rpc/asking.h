/* Asking: the requests to the engine, the fleet and the cluster that are under way, and who waits
 * for the answer of each. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uthash.h>

#include "base/mem.h"
#include "engine/answer.h"
#include "engine/event.h"
#include "fleet/fleet_event.h"
#include "rpc/http.h"

struct asking;

struct asking *asking_new(const struct rpc_host *, void *context); /* both borrowed */
struct asking *asking_free(struct asking *);                       /* nobody waits any more */
DEFINE_CLEANUP(struct asking *, asking_free)
void asking_end(struct asking *); /* nothing is submitted any more, also for those who leave */
void asking_answer(struct asking *, uint64_t request, struct answer *taken);

struct asker { /* a part of whoever asks; {} is one who does not */
        void (*answered)(void *context, struct answer *taken);
        void *context;

        struct asking *asking;
        uint64_t request; /* that is worked on; 0: none */
        enum asker_of { ASKER_OF_ENGINE, ASKER_OF_FLEET, ASKER_OF_JOURNAL } of; /* whom it asks */
        bool submitting; /* an answer comes before submit() has returned */
        struct answer *early;
        UT_hash_handle hh;
};

/* Gives the request its id.  The answer, to take, when it comes at once; else NULL, and answered()
 * is called when it comes. */
struct answer *asker_ask(struct asking *, struct asker *, struct request *);
struct answer *asker_ask_fleet(struct asking *, struct asker *, struct fleet_request *);
/* As of struct rpc_host. */
struct answer *asker_end_sync(struct asking *, struct asker *, unsigned master);
struct answer *asker_end_cluster(struct asking *, struct asker *, bool restart);
struct answer *asker_read_log(struct asking *, struct asker *, const struct rpc_log_request *);
struct answer *asker_upgrade(struct asking *, struct asker *, const char *binary);
/* Whoever was asked is told when nobody waits for the answer any more. */
void asker_leave(struct asker *);
