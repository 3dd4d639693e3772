/* The tail page: the end of a process's standard output. */
#include <stdlib.h>
#include <string.h>

#include "rpc/logread.h"
#include "rpc/page.h"
#include "rpc/page_html.h"

static int64_t tail_bytes(const char *limit)
{
        long long bytes;

        if (!limit || limit[strspn(limit, "0123456789")])
                return PAGE_TAIL_BYTES_MIN;
        bytes = strtoll(limit, NULL, 10); /* of too many digits it is the largest */
        if (bytes > PAGE_TAIL_BYTES_MAX)
                return PAGE_TAIL_BYTES_MAX;
        return bytes < PAGE_TAIL_BYTES_MIN ? PAGE_TAIL_BYTES_MIN : bytes;
}

static void append_fault(struct text *t, enum fault fault, const char *extra)
{
        CLEANUP(mem_free) char *words = fault_text(fault, extra);

        text_format(t, "ERROR: unexpected rpc fault [%d] ", (int)fault);
        page_html(t, words);
}

static void append_log(struct text *t, const struct rpc_host *host, void *context,
        const char *processname, int64_t bytes)
{
        const struct engine *engine = host->engine(context);
        const struct process *process = NULL;
        enum fault fault = engine_find_process(engine, processname, &process);
        const char *path;

        if (engine_mood(engine) != MOOD_RUNNING) {
                append_fault(t, FAULT_SHUTDOWN_STATE, NULL);
                return;
        }
        if (fault != FAULT_NONE) {
                append_fault(t, fault, processname);
                return;
        }
        if (logread_is_in_journal(process->program, RPC_STDOUT)) {
                text_append(t, "What it writes is in the journal: journalctl REEVE_GROUP=");
                page_html(t, process->group_name);
                text_append(t, " REEVE_PROCESS=");
                page_html(t, process->program->name);
                return;
        }
        path = host->log_path(context, process->id, RPC_STDOUT);
        fault = path ? logread_append(t, path, -bytes, 0) : FAULT_NO_FILE;
        if (fault == FAULT_NO_FILE) {
                text_append(t, "No file for ");
                page_html(t, processname);
        } else if (fault != FAULT_NONE) {
                append_fault(t, fault, NULL);
        }
}

void page_tail(struct text *t, const struct rpc_host *host, void *context, const char *processname,
        const char *limit, const char *query)
{
        CLEANUP(mem_free)
        char *title = mem_format("Supervisor tail of process %s", processname ? processname : "");

        page_html_begin(t, title, host->identifier(context));
        text_append(t, "<div class=\"toolbar\">\n<h1>");
        page_html(t, processname ? processname : "Tail");
        text_append(t, "</h1>\n<a class=\"button\" href=\"tail.html?");
        page_html(t, query ? query : "");
        /* The newline after the tag is none of the text. */
        text_append(t, "\">Refresh</a>\n</div>\n<pre>\n");
        if (processname)
                append_log(t, host, context, processname, tail_bytes(limit));
        else
                text_append(t, "No process name found");
        text_append(t, "</pre>\n");
        page_html_end(t);
}
