/* Calls: see call.h. */
#include "rpc/call.h"

#include <string.h>

#include "cluster/cluster.h"
#include "rpc/listing.h"

/* One wrong call must not fill the log. */
#define LOGGED_BYTES_MAX 200

/* Of a call that works in pieces, in a turn of the loop. */
#define SLICE_SECS 0.00025

struct calls {
        const struct rpc_host *host;
        void *context;
        struct asking *asking;
        struct call *working; /* those that work in pieces */
};

struct call {
        struct calls *calls;
        struct xml_call decoded;
        struct text out;
        enum fault fault; /* of the handler that just returned */
        char *fault_text;
        struct asker asker;
        const struct value *multi; /* the list of system.multicall; NULL: it is none */
        size_t multi_next;
        bool (*is_owner)(void *context); /* NULL: nobody is */
        void *owner_context;
        size_t multi_mark; /* where the output of the present one begins */
        void (*done)(void *context);
        void *done_context;
        const struct call_work *work; /* in pieces; NULL: it does not */
        void *work_state;
        bool work_waits;
        struct call *next, *previous; /* of those that work */
};

struct calls *calls_new(const struct rpc_host *host, void *context)
{
        struct calls *calls = mem_new(sizeof(*calls));

        calls->host = host;
        calls->context = context;
        calls->asking = asking_new(host, context);
        return calls;
}

struct calls *calls_free(struct calls *calls)
{
        if (!calls)
                return NULL;
        asking_free(calls->asking);
        return mem_free(calls);
}

void calls_answer(struct calls *calls, uint64_t request, struct answer *taken)
{
        asking_answer(calls->asking, request, taken);
}

struct asking *calls_asking(struct calls *calls)
{
        return calls->asking;
}

static void on_answer(void *context, struct answer *taken);
static void stop_working(struct call *call);

struct call *call_new(struct calls *calls, struct xml_call *decoded)
{
        struct call *call = mem_new(sizeof(*call));

        call->calls = calls;
        call->asker = (struct asker){ .answered = on_answer, .context = call };
        call->decoded = *decoded;
        *decoded = (struct xml_call){};
        return call;
}

struct call *call_free(struct call *call)
{
        if (!call)
                return NULL;
        asker_leave(&call->asker);
        stop_working(call);
        xml_call_clear(&call->decoded);
        text_clear(&call->out);
        mem_free(call->fault_text);
        return mem_free(call);
}

struct text *call_response(struct call *call)
{
        return &call->out;
}

enum outcome call_fault(struct call *call, enum fault fault, const char *extra)
{
        mem_free(call->fault_text);
        call->fault = fault;
        call->fault_text = fault_text(fault, extra);
        return OUTCOME_FAULT;
}

static void append_names(struct text *out, const struct answer_names *names)
{
        xml_array_begin(out);
        for (size_t i = 0; i < names->count; i++)
                xml_string(out, names->names[i]);
        xml_array_end(out);
}

static void append_entry(struct text *out, const struct answer_entry *entry)
{
        xml_struct_begin(out);
        xml_member_string(out, "name", entry->name);
        xml_member_string(out, "group", entry->group);
        xml_member_integer(out, "status", (int)entry->status);
        xml_member_string(out, "description", entry->description);
        xml_struct_end(out);
}

static void append_forecast(struct text *out, const struct answer_forecast *forecast)
{
        xml_struct_begin(out);
        xml_member_string(out, "application_name", forecast->application);
        xml_member_string(out, "process_name", forecast->process);
        xml_member_string(out, "state", process_state_name(forecast->state));
        xml_member_string(out, "forced_reason", forecast->reason);
        xml_member_begin(out, "running_identifiers");
        xml_array_begin(out);
        for (char **i = forecast->identifiers; i && *i; i++)
                xml_string(out, *i);
        xml_array_end(out);
        xml_member_end(out);
        xml_struct_end(out);
}

static enum outcome reply(struct call *call, struct answer *taken)
{
        CLEANUP(answer_free) struct answer *answer = taken;
        struct text *out = &call->out;

        switch (answer->type) {
        case ANSWER_TRUE:
                xml_boolean(out, true);
                return OUTCOME_VALUE;
        case ANSWER_FALSE:
                xml_boolean(out, false);
                return OUTCOME_VALUE;
        case ANSWER_TEXT:
                xml_string(out, answer->text);
                return OUTCOME_VALUE;
        case ANSWER_LOG:
                xml_array_begin(out);
                xml_string(out, answer->text);
                xml_integer(out, answer->size);
                xml_boolean(out, answer->overflow);
                xml_array_end(out);
                return OUTCOME_VALUE;
        case ANSWER_FORECAST:
                xml_array_begin(out);
                for (size_t i = 0; i < answer->forecasts_count; i++)
                        append_forecast(out, &answer->forecasts[i]);
                xml_array_end(out);
                return OUTCOME_VALUE;
        case ANSWER_FAULT:
                mem_free(call->fault_text);
                call->fault = answer->fault;
                call->fault_text = TAKE(answer->text);
                return OUTCOME_FAULT;
        case ANSWER_ENTRIES:
                xml_array_begin(out);
                for (size_t i = 0; i < answer->entries_count; i++)
                        append_entry(out, &answer->entries[i]);
                xml_array_end(out);
                return OUTCOME_VALUE;
        case ANSWER_DIFF:
                xml_array_begin(out);
                xml_array_begin(out);
                append_names(out, &answer->added);
                append_names(out, &answer->changed);
                append_names(out, &answer->removed);
                xml_array_end(out);
                xml_array_end(out);
                return OUTCOME_VALUE;
        }
        return call_fault(call, FAULT_FAILED, NULL);
}

static enum outcome await(struct call *call, struct answer *early)
{
        return early ? reply(call, early) : OUTCOME_DEFERRED;
}

enum outcome call_submit(struct call *call, struct request *request)
{
        return await(call, asker_ask(call->calls->asking, &call->asker, request));
}

enum outcome call_submit_fleet(struct call *call, struct fleet_request *request)
{
        return await(call, asker_ask_fleet(call->calls->asking, &call->asker, request));
}

enum outcome call_end_sync(struct call *call, unsigned master)
{
        return await(call, asker_end_sync(call->calls->asking, &call->asker, master));
}

enum outcome call_end_cluster(struct call *call, bool restart)
{
        return await(call, asker_end_cluster(call->calls->asking, &call->asker, restart));
}

enum outcome call_read_log(struct call *call, const struct rpc_log_request *request)
{
        return await(call, asker_read_log(call->calls->asking, &call->asker, request));
}

enum outcome call_upgrade(struct call *call, const char *binary)
{
        return await(call, asker_upgrade(call->calls->asking, &call->asker, binary));
}

void call_set_owner(struct call *call, bool (*is_owner)(void *context), void *context)
{
        call->is_owner = is_owner;
        call->owner_context = context;
}

bool call_is_owner(const struct call *call)
{
        return call->is_owner && call->is_owner(call->owner_context);
}

static struct invocation invocation_of(struct call *call, const struct value *params)
{
        struct calls *calls = call->calls;
        const struct rpc_host *host = calls->host;

        return (struct invocation){
                .host = host,
                .context = calls->context,
                .engine = host->engine(calls->context),
                .fleet = host->fleet ? host->fleet(calls->context) : NULL,
                .cluster = host->cluster ? host->cluster(calls->context) : NULL,
                .config = host->cluster_config ? host->cluster_config(calls->context) : NULL,
                .params = params,
                .out = &call->out,
                .call = call,
        };
}

/* Finds the row, checks, runs the handler. */
static enum outcome invoke(struct call *call, const char *name, const struct value *params)
{
        struct invocation in = invocation_of(call, params);
        const struct method *method = method_find(&in, name);
        CLEANUP(mem_free) char *shut = NULL, *wrong = NULL;

        if (!method)
                return call_fault(call, FAULT_UNKNOWN_METHOD, NULL);
        method = method_target(method);
        if (!method_takes_count(method, params->array.count))
                return call_fault(call, FAULT_INCORRECT_PARAMETERS, NULL);
        if (method->gate != GATE_NONE)
                shut = method_check_gate(method, cluster_status(in.cluster).state);
        if (shut)
                return call_fault(call, FAULT_BAD_SUPVISORS_STATE, shut);
        if (engine_mood(in.engine) != MOOD_RUNNING && !method->during_shutdown)
                return call_fault(call, FAULT_SHUTDOWN_STATE, NULL);
        wrong = method_check_types(method, params);
        if (wrong)
                return call_fault(call, FAULT_INCORRECT_PARAMETERS, wrong);
        return method->handler(&in);
}

static enum outcome invoke_member(struct call *call, const struct value *member)
{
        static const struct value none = { .type = VALUE_ARRAY };
        const struct value *name = value_member(member, "methodName");
        const struct value *params = value_member(member, "params");

        if (call->out.length > CALL_MULTI_BYTES_MAX)
                return call_fault(call, FAULT_FAILED, "the response is too large already");
        if (!name || name->type != VALUE_STRING)
                return call_fault(call, FAULT_INCORRECT_PARAMETERS, "No methodName");
        if (strcmp(name->string.data, "system.multicall") == 0)
                return call_fault(
                        call, FAULT_INCORRECT_PARAMETERS, "Recursive system.multicall forbidden");
        if (params && params->type != VALUE_ARRAY)
                return call_fault(call, FAULT_INCORRECT_PARAMETERS, "params is no array");
        return invoke(call, name->string.data, params ? params : &none);
}

static void end_member(struct call *call, enum outcome outcome)
{
        if (outcome == OUTCOME_FAULT) {
                text_truncate(&call->out, call->multi_mark);
                xml_fault_struct(&call->out, (int)call->fault, call->fault_text);
        }
}

/* Goes on with the list until one has to wait, or to its end. */
static enum outcome run_members(struct call *call)
{
        while (call->multi_next < call->multi->array.count) {
                enum outcome outcome;

                call->multi_mark = call->out.length;
                outcome = invoke_member(call, call->multi->array.items[call->multi_next++]);
                if (outcome == OUTCOME_DEFERRED)
                        return outcome;
                end_member(call, outcome);
        }
        xml_array_end(&call->out);
        return OUTCOME_VALUE;
}

enum outcome call_multi(const struct invocation *in)
{
        const struct value *list = method_param(in, 0);

        for (size_t i = 0; i < list->array.count; i++)
                if (list->array.items[i]->type != VALUE_STRUCT)
                        return call_fault(
                                in->call, FAULT_INCORRECT_PARAMETERS, "an element is no struct");
        in->call->multi = list;
        xml_array_begin(in->out);
        return run_members(in->call);
}

static void trace(struct call *call, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void trace(struct call *call, const char *format, ...)
{
        const struct calls *calls = call->calls;
        CLEANUP(mem_free) char *line = NULL;
        va_list ap;

        if (!calls->host->log_enabled(calls->context, LOG_LEVEL_TRACE))
                return;
        va_start(ap, format);
        line = mem_vformat(format, ap);
        va_end(ap);
        calls->host->log(calls->context, LOG_LEVEL_TRACE, line);
}

static void finish(struct call *call, enum outcome outcome)
{
        const char *method = call->decoded.method;

        if (outcome == OUTCOME_VALUE) {
                xml_response_end(&call->out);
                trace(call, "XML-RPC method %.*s() returned successfully", LOGGED_BYTES_MAX,
                        method);
                return;
        }
        trace(call, "XML-RPC method %.*s() returned fault: [%d] %.*s", LOGGED_BYTES_MAX, method,
                (int)call->fault, LOGGED_BYTES_MAX, call->fault_text);
        text_truncate(&call->out, 0);
        xml_fault(&call->out, (int)call->fault, call->fault_text);
}

bool call_run(struct call *call, void (*done)(void *context), void *context)
{
        enum outcome outcome;

        call->done = done;
        call->done_context = context;
        trace(call, "XML-RPC method called: %.*s()", LOGGED_BYTES_MAX, call->decoded.method);
        xml_response_begin(&call->out);
        outcome = invoke(call, call->decoded.method, call->decoded.params);
        if (outcome == OUTCOME_DEFERRED)
                return false;
        finish(call, outcome);
        return true;
}

/* A call that had to wait has got its outcome. */
static void go_on(struct call *call, enum outcome outcome)
{
        if (call->multi) {
                end_member(call, outcome);
                outcome = run_members(call);
                if (outcome == OUTCOME_DEFERRED)
                        return;
        }
        finish(call, outcome);
        call->done(call->done_context);
}

static void on_answer(void *context, struct answer *taken)
{
        struct call *call = context;

        go_on(call, reply(call, taken));
}

/*
 * Work in pieces.
 */

static void stop_working(struct call *call)
{
        if (!call->work)
                return;
        if (call->previous)
                call->previous->next = call->next;
        else
                call->calls->working = call->next;
        if (call->next)
                call->next->previous = call->previous;
        call->work->release(call->work_state);
        call->work = NULL;
}

enum outcome call_in_pieces(const struct invocation *in, const struct call_work *work, void *state)
{
        struct call *call = in->call;

        call->work = work;
        call->work_state = state;
        call->work_waits = false;
        call->previous = NULL;
        call->next = call->calls->working;
        if (call->next)
                call->next->previous = call;
        call->calls->working = call;
        return OUTCOME_DEFERRED;
}

bool calls_wants_run(const struct calls *calls)
{
        for (const struct call *call = calls->working; call; call = call->next)
                if (!call->work_waits)
                        return true;
        return false;
}

void calls_wake(struct calls *calls)
{
        for (struct call *call = calls->working; call; call = call->next)
                call->work_waits = false;
}

/* For as long as a slice may last.  The parameters of a member of a multicall are not needed any
 * more. */
static enum call_piece work(struct call *call, double end)
{
        struct invocation in = invocation_of(call, call->decoded.params);
        enum call_piece piece;

        do
                piece = call->work->piece(&in, call->work_state);
        while (piece == PIECE_MORE && listing_monotonic_secs() < end);
        return piece;
}

void calls_run(struct calls *calls)
{
        struct call *call = NULL;
        enum call_piece piece;

        for (struct call *c = calls->working; c; c = c->next)
                if (!c->work_waits)
                        call = c; /* at the end the one that has worked for the longest time */
        if (!call)
                return;
        piece = work(call, listing_monotonic_secs() + SLICE_SECS);
        if (piece == PIECE_WAITS)
                call->work_waits = true;
        if (piece != PIECE_DONE && piece != PIECE_FAULT)
                return;
        stop_working(call);
        go_on(call, piece == PIECE_DONE ? OUTCOME_VALUE : OUTCOME_FAULT);
}
