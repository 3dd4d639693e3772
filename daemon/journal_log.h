/* The logs of programs whose output goes to the journal, for the RPC layer: read in threads, for
 * the journal is on a disk. */
#pragma once

#include "rpc/http.h"

struct daemon;
struct journal_logs;

struct journal_logs *journal_logs_new(struct daemon *);
struct journal_logs *journal_logs_free(struct journal_logs *); /* takes NULL; answers nobody */

/* The answer goes to http_answer(), later. */
void journal_logs_ask(struct journal_logs *, uint64_t request, const struct rpc_log_request *);
void journal_logs_drop(struct journal_logs *, uint64_t request);
/* A socket from which the end of the log comes, then what is added to it; closing it ends that.
 * Negative errno where it cannot be had. */
int journal_logs_follow(struct journal_logs *, uint32_t process, enum rpc_channel);
void journal_logs_forget(struct journal_logs *, uint32_t process); /* its slot is gone */
