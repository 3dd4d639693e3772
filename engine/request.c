/* The names of requests: see request.h. */
#include "engine/request.h"

const char *const request_names[REQUEST_TYPES] = {
        [REQUEST_START] = "start",
        [REQUEST_START_GROUP] = "start_group",
        [REQUEST_START_ALL] = "start_all",
        [REQUEST_STOP] = "stop",
        [REQUEST_STOP_GROUP] = "stop_group",
        [REQUEST_STOP_ALL] = "stop_all",
        [REQUEST_SIGNAL] = "signal",
        [REQUEST_SIGNAL_GROUP] = "signal_group",
        [REQUEST_SIGNAL_ALL] = "signal_all",
        [REQUEST_ADD_GROUP] = "add_group",
        [REQUEST_REMOVE_GROUP] = "remove_group",
        [REQUEST_RELOAD_CONFIG] = "reload_config",
        [REQUEST_SHUTDOWN] = "shutdown",
        [REQUEST_RESTART] = "restart",
        [REQUEST_ENABLE] = "enable",
        [REQUEST_DISABLE] = "disable",
        [REQUEST_LIMITS] = "limits",
        [REQUEST_NUMPROCS] = "numprocs",
};
