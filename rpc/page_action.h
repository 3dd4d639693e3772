/* Actions: what the buttons of the status page ask for, from the question to the sentence that says
 * what became of it. */
#pragma once

#include <stdbool.h>

#include "rpc/asking.h"

struct page_action;

/* NULL when there is no such action, or it needs a process and none is named. */
struct page_action *page_action_new(struct asking *, const struct rpc_host *, void *context,
        const char *action, const char *processname);
/* The engine is told when nobody waits for its answer any more. */
struct page_action *page_action_free(struct page_action *);
DEFINE_CLEANUP(struct page_action *, page_action_free)
/* True when it is finished; else done() is called when it is. */
bool page_action_run(struct page_action *, void (*done)(void *context), void *context);
const char *page_action_message(const struct page_action *); /* of a finished one */
