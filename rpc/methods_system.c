/* The handlers of system.*: what is generated from the table. */
#include "rpc/handlers.h"

#include "rpc/call.h"
#include "rpc/xml.h"

enum outcome system_list_methods(const struct invocation *in)
{
        const struct method *method;

        xml_array_begin(in->out);
        for (size_t i = 0; (method = method_at(i)); i++)
                if (method_is_offered(in, method))
                        xml_string(in->out, method->name);
        xml_array_end(in->out);
        return OUTCOME_VALUE;
}

enum outcome system_method_help(const struct invocation *in)
{
        const struct method *method = method_find(in, method_string(in, 0));
        CLEANUP(text_clear) struct text t = {};

        if (!method)
                return call_fault(in->call, FAULT_SIGNATURE_UNSUPPORTED, NULL);
        method = method_target(method);
        text_format(&t, "%s\n\n", method->help);
        for (const struct method_param *p = method->params; p->name; p++)
                text_format(&t, "@param %s %s %s\n", p->type, p->name, p->text);
        text_format(&t, "@return %s %s\n", method->result, method->result_text);
        xml_string_bytes(in->out, text_string(&t), t.length);
        return OUTCOME_VALUE;
}

enum outcome system_method_signature(const struct invocation *in)
{
        const struct method *method = method_find(in, method_string(in, 0));

        method = method ? method_target(method) : NULL;
        if (!method || method->signature == SIGNATURE_NONE)
                return call_fault(in->call, FAULT_SIGNATURE_UNSUPPORTED, NULL);
        xml_array_begin(in->out);
        xml_string(in->out, method->result);
        for (const struct method_param *p = method->params;
                p->name && method->signature == SIGNATURE_WHOLE; p++)
                xml_string(in->out, p->type);
        xml_array_end(in->out);
        return OUTCOME_VALUE;
}
