/* Faults: see fault.h. */
#include "engine/fault.h"

#include <stddef.h>

#include "base/mem.h"

static const struct {
        enum fault fault;
        const char *name;
} names[] = {
        { FAULT_UNKNOWN_METHOD, "UNKNOWN_METHOD" },
        { FAULT_INCORRECT_PARAMETERS, "INCORRECT_PARAMETERS" },
        { FAULT_BAD_ARGUMENTS, "BAD_ARGUMENTS" },
        { FAULT_SIGNATURE_UNSUPPORTED, "SIGNATURE_UNSUPPORTED" },
        { FAULT_SHUTDOWN_STATE, "SHUTDOWN_STATE" },
        { FAULT_BAD_NAME, "BAD_NAME" },
        { FAULT_BAD_SIGNAL, "BAD_SIGNAL" },
        { FAULT_NO_FILE, "NO_FILE" },
        { FAULT_NOT_EXECUTABLE, "NOT_EXECUTABLE" },
        { FAULT_FAILED, "FAILED" },
        { FAULT_ABNORMAL_TERMINATION, "ABNORMAL_TERMINATION" },
        { FAULT_SPAWN_ERROR, "SPAWN_ERROR" },
        { FAULT_ALREADY_STARTED, "ALREADY_STARTED" },
        { FAULT_NOT_RUNNING, "NOT_RUNNING" },
        { FAULT_SUCCESS, "SUCCESS" },
        { FAULT_ALREADY_ADDED, "ALREADY_ADDED" },
        { FAULT_STILL_RUNNING, "STILL_RUNNING" },
        { FAULT_CANT_REREAD, "CANT_REREAD" },
        { FAULT_SUPVISORS_CONF_ERROR, "SUPVISORS_CONF_ERROR" },
        { FAULT_BAD_SUPVISORS_STATE, "BAD_SUPVISORS_STATE" },
        { FAULT_NOT_MANAGED, "NOT_MANAGED" },
        { FAULT_DISABLED, "DISABLED" },
        { FAULT_NOT_APPLICABLE, "NOT_APPLICABLE" },
        { FAULT_NOT_INSTALLED, "NOT_INSTALLED" },
};

const char *fault_name(enum fault fault)
{
        for (size_t i = 0; i < ELEMENTS(names); i++)
                if (names[i].fault == fault)
                        return names[i].name;
        return "UNKNOWN";
}

char *fault_text(enum fault fault, const char *extra)
{
        if (!extra)
                return mem_strdup(fault_name(fault));
        return mem_format("%s: %s", fault_name(fault), extra);
}
