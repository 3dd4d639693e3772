/* Calls: the XML-RPC calls that are under way, from the decoded call to the encoded response.
 *
 * A call that has to wait for the engine is put aside until calls_answer(); the calls within a
 * system.multicall run one after another. */
#pragma once

#include <stdint.h>

#include "base/mem.h"
#include "base/text.h"
#include "engine/answer.h"
#include "engine/event.h"
#include "rpc/asking.h"
#include "rpc/http.h"
#include "rpc/method.h"
#include "rpc/xml.h"

/* What the response to one multicall may grow to before its remaining calls are refused. */
#define CALL_MULTI_BYTES_MAX ((size_t)128 << 20)

struct calls;

struct calls *calls_new(const struct rpc_host *, void *context); /* both borrowed */
struct calls *calls_free(struct calls *);                        /* no call is left */
DEFINE_CLEANUP(struct calls *, calls_free)
void calls_answer(struct calls *, uint64_t request, struct answer *taken);
struct asking *calls_asking(struct calls *); /* through which they ask the engine */

/* Work in pieces: what would hold the loop for too long, or waits for the host.  While it wants to,
 * calls_run() is to be called again after the others have had their turn. */
bool calls_wants_run(const struct calls *);
void calls_run(struct calls *);
void calls_wake(struct calls *); /* what pieces wait for may be there */

struct call *call_new(struct calls *, struct xml_call *taken);
/* How it is found out that it came from root, or from the user that we are: only where it matters,
 * since it takes to ask the kernel.  Without it nobody is. */
void call_set_owner(struct call *, bool (*is_owner)(void *context), void *context);
/* The engine is told when nobody waits for its answer any more. */
struct call *call_free(struct call *);
DEFINE_CLEANUP(struct call *, call_free)
/* True when it is finished; else done() is called when it is, with the context. */
bool call_run(struct call *, void (*done)(void *context), void *context);
struct text *call_response(struct call *); /* of a finished call: the whole document, to take */

/* For handlers.  The extra words are those of fault_text(). */
enum outcome call_fault(struct call *, enum fault, const char *extra);
bool call_is_owner(const struct call *); /* the caller is */
enum outcome call_submit(struct call *, struct request *);
enum outcome call_submit_fleet(struct call *, struct fleet_request *);
enum outcome call_end_sync(struct call *, unsigned master); /* as of struct rpc_host */
enum outcome call_end_cluster(struct call *, bool restart);
enum outcome call_read_log(struct call *, const struct rpc_log_request *);
enum outcome call_upgrade(struct call *, const char *binary);
enum call_piece { PIECE_MORE, PIECE_WAITS, PIECE_DONE, PIECE_FAULT /* call_fault() was told */ };
struct call_work {
        enum call_piece (*piece)(
                const struct invocation *, void *state); /* appends to the output */
        void (*release)(void *state);
};
/* The answer is what the pieces append, exactly one value; the state is taken. */
enum outcome call_in_pieces(const struct invocation *, const struct call_work *, void *state);
enum outcome call_multi(const struct invocation *); /* system.multicall */
