/* reeve.*: what Supvisors has no method for; the rows and their handlers. */
#include "rpc/call.h"
#include "rpc/lookup.h"
#include "rpc/xml.h"

static enum outcome reload_rules(const struct invocation *in)
{
        const char *error = in->host->reload_rules(in->context);

        if (error)
                return call_fault(in->call, FAULT_CANT_REREAD, error);
        xml_boolean(in->out, true);
        return OUTCOME_VALUE;
}

static bool has_reload_rules(const struct rpc_host *host)
{
        return host->reload_rules;
}

static enum outcome readmit(const struct invocation *in)
{
        size_t count = 0;
        CLEANUP(mem_free) const struct fleet_instance **found = lookup_instances(in, 0, &count);

        if (!found)
                return OUTCOME_FAULT;
        for (size_t i = 0; i < count; i++)
                if (found[i]->state != PEERS_ISOLATED) {
                        CLEANUP(mem_free)
                        char *words = mem_format("instance=%s is not ISOLATED (%s)",
                                found[i]->identifier, peers_state_name(found[i]->state));

                        return call_fault(in->call, FAULT_NOT_APPLICABLE, words);
                }
        for (size_t i = 0; i < count; i++)
                in->host->readmit(in->context, found[i]->index);
        xml_boolean(in->out, true);
        return OUTCOME_VALUE;
}

static bool has_readmit(const struct rpc_host *host)
{
        return host->readmit;
}

static const struct method rows[] = {
        {
                .name = "reeve.readmit",
                .help = "Lifts the isolation of an instance: it is let in again when it is heard.",
                .params = { { "identifier", "string", PARAM_STRING, false,
                        "identifier, nick or stereotype" } },
                .result = "boolean",
                .result_text = "true, before it has an effect",
                .offered = has_readmit,
                .handler = readmit,
        },
        {
                .name = "reeve.reloadRules",
                .help = "Reads the rules files again; when they are not good those that hold stay.",
                .result = "boolean",
                .result_text = "true",
                .offered = has_reload_rules,
                .handler = reload_rules,
        },
};

const struct method_table methods_reeve = { rows, ELEMENTS(rows) };
