/* The kinds of messages that are worth finding again: by MESSAGE_ID and REEVE_EVENT in the journal,
 * where the catalog explains them.  Their ids, names and explanations: logs/messages.c and
 * packaging/systemd/reeve.catalog. */
#pragma once

enum message {
        MESSAGE_NONE, /* of no such kind */
        MESSAGE_SPAWNED,
        MESSAGE_RUNNING,
        MESSAGE_EXITED,
        MESSAGE_STOPPED,
        MESSAGE_OUT_OF_MEMORY, /* an exit, too */
        MESSAGE_SPAWN_FAILED,
        MESSAGE_GAVE_UP,
        MESSAGE_KILLING,
        MESSAGE_LISTENER_LOST,
        MESSAGE_DAEMON_STARTED,
        MESSAGE_DAEMON_STOPPING,
        MESSAGE_DAEMON_RESTARTING,
        MESSAGE_CONFIGURATION_REFUSED,
        MESSAGE_INSTANCE_STATE,
        MESSAGE_CLUSTER_STATE,
        MESSAGE_MASTER,
        MESSAGE_NO_MASTER,
        MESSAGE_OUTPUT, /* of a program */
        MESSAGES,
};
