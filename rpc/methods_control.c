/* The handlers of supervisor.* that change something: most of them ask the engine, which answers
 * when it is done. */
#include <errno.h>
#include <inttypes.h>

#include "rpc/call.h"
#include "rpc/handlers.h"
#include "rpc/xml.h"

/* The optional last parameter of the start and stop forms. */
static bool wants_to_wait(const struct invocation *in, size_t index)
{
        const struct value *wait = method_param(in, index);

        return !wait || value_is_true(wait);
}

static enum outcome submit_named(const struct invocation *in, enum request_type type)
{
        return call_submit(in->call, &(struct request){
                                             .type = type,
                                             .name = method_string(in, 0),
                                             .wait = wants_to_wait(in, 1),
                                     });
}

static enum outcome submit_all(const struct invocation *in, enum request_type type)
{
        return call_submit(
                in->call, &(struct request){ .type = type, .wait = wants_to_wait(in, 0) });
}

static enum outcome submit_bare(const struct invocation *in, enum request_type type)
{
        return call_submit(in->call, &(struct request){ .type = type });
}

enum outcome control_start(const struct invocation *in)
{
        return submit_named(in, REQUEST_START);
}

enum outcome control_start_group(const struct invocation *in)
{
        return submit_named(in, REQUEST_START_GROUP);
}

enum outcome control_start_all(const struct invocation *in)
{
        return submit_all(in, REQUEST_START_ALL);
}

enum outcome control_stop(const struct invocation *in)
{
        return submit_named(in, REQUEST_STOP);
}

enum outcome control_stop_group(const struct invocation *in)
{
        return submit_named(in, REQUEST_STOP_GROUP);
}

enum outcome control_stop_all(const struct invocation *in)
{
        return submit_all(in, REQUEST_STOP_ALL);
}

/* A signal may be given as a number: the engine parses the text of either. */
static enum outcome submit_signal(
        const struct invocation *in, enum request_type type, const char *name, size_t index)
{
        CLEANUP(text_clear) struct text signal = {};

        value_append_words(&signal, method_param(in, index));
        return call_submit(in->call,
                &(struct request){ .type = type, .name = name, .signal = text_string(&signal) });
}

enum outcome control_signal(const struct invocation *in)
{
        return submit_signal(in, REQUEST_SIGNAL, method_string(in, 0), 1);
}

enum outcome control_signal_group(const struct invocation *in)
{
        return submit_signal(in, REQUEST_SIGNAL_GROUP, method_string(in, 0), 1);
}

enum outcome control_signal_all(const struct invocation *in)
{
        return submit_signal(in, REQUEST_SIGNAL_ALL, NULL, 0);
}

enum outcome control_add_group(const struct invocation *in)
{
        return submit_named(in, REQUEST_ADD_GROUP);
}

enum outcome control_remove_group(const struct invocation *in)
{
        return submit_named(in, REQUEST_REMOVE_GROUP);
}

enum outcome control_reload_config(const struct invocation *in)
{
        return submit_bare(in, REQUEST_RELOAD_CONFIG);
}

enum outcome control_shutdown(const struct invocation *in)
{
        return submit_bare(in, REQUEST_SHUTDOWN);
}

enum outcome control_restart(const struct invocation *in)
{
        return submit_bare(in, REQUEST_RESTART);
}

enum outcome control_send_stdin(const struct invocation *in)
{
        const struct value *chars = method_param(in, 1);
        const char *name = method_string(in, 0);
        const struct process *process = NULL;
        enum fault fault;
        bool is_ending;
        int r;

        if (chars->type != VALUE_STRING) {
                CLEANUP(text_clear) struct text words = {};

                value_append_words(&words, chars);
                return call_fault(in->call, FAULT_INCORRECT_PARAMETERS, text_string(&words));
        }
        fault = engine_find_process(in->engine, name, &process);
        if (fault != FAULT_NONE)
                return call_fault(in->call, fault, name);
        /* One that could not be stopped is as alive as ever. */
        is_ending = process->stop_asked && process->state != UNKNOWN;
        if (process->pid == 0 || process->reaped || is_ending)
                return call_fault(in->call, FAULT_NOT_RUNNING, name);
        r = in->host->write_stdin(
                in->context, process->id, chars->string.data, chars->string.length);
        if (r == -EPIPE)
                return call_fault(in->call, FAULT_NO_FILE, name);
        if (r < 0)
                return call_fault(in->call, FAULT_FAILED, name);
        xml_boolean(in->out, true);
        return OUTCOME_VALUE;
}

enum outcome control_send_event(const struct invocation *in)
{
        CLEANUP(text_clear) struct text type = {};
        CLEANUP(text_clear) struct text data = {};

        value_append_words(&type, method_param(in, 0));
        value_append_words(&data, method_param(in, 1));
        in->host->remote_event(in->context, text_string(&type), text_string(&data));
        xml_boolean(in->out, true);
        return OUTCOME_VALUE;
}
