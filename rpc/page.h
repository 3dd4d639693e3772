/* Pages: the status of all processes, and the end of one's log, as HTML.  They only read. */
#pragma once

#include <stdint.h>

#include "base/text.h"
#include "engine/engine.h"
#include "rpc/http.h"

/* What of a log one page shows at most. */
#define PAGE_TAIL_BYTES_MIN ((int64_t)1024)
#define PAGE_TAIL_BYTES_MAX ((int64_t)4 << 20)

/* The message is what the last action led to; NULL: none. */
void page_status(struct text *, const struct rpc_host *, void *context, const char *message,
        int64_t now_secs);
/* Each but the first three may be NULL; the query is repeated by the link that loads it again. */
void page_tail(struct text *, const struct rpc_host *, void *context, const char *processname,
        const char *limit, const char *query);
