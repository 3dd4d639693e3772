/* Faults: what a request may be refused with.  The numbers and names are those of Supervisor's
 * XML-RPC interface, and are what its clients test. */
#pragma once

enum fault {
        FAULT_NONE = 0,
        FAULT_UNKNOWN_METHOD = 1,
        FAULT_INCORRECT_PARAMETERS = 2,
        FAULT_BAD_ARGUMENTS = 3,
        FAULT_SIGNATURE_UNSUPPORTED = 4,
        FAULT_SHUTDOWN_STATE = 6,
        FAULT_BAD_NAME = 10,
        FAULT_BAD_SIGNAL = 11,
        FAULT_NO_FILE = 20,
        FAULT_NOT_EXECUTABLE = 21,
        FAULT_FAILED = 30,
        FAULT_ABNORMAL_TERMINATION = 40,
        FAULT_SPAWN_ERROR = 50,
        FAULT_ALREADY_STARTED = 60,
        FAULT_NOT_RUNNING = 70,
        FAULT_SUCCESS = 80, /* only as the status of a result entry */
        FAULT_ALREADY_ADDED = 90,
        FAULT_STILL_RUNNING = 91,
        FAULT_CANT_REREAD = 92,
        /* Supvisors' */
        FAULT_SUPVISORS_CONF_ERROR = 100,
        FAULT_BAD_SUPVISORS_STATE = 101,
        FAULT_NOT_MANAGED = 102,
        FAULT_DISABLED = 103,
        FAULT_NOT_APPLICABLE = 104,
        FAULT_NOT_INSTALLED = 105,
};

/* "BAD_NAME"; "UNKNOWN" for a number that is none of these. */
const char *fault_name(enum fault);
/* The faultString, "BAD_NAME: cat" or, when extra is NULL, "BAD_NAME"; the caller owns it. */
char *fault_text(enum fault, const char *extra);
