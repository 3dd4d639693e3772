/* Messages: see messages.h.
 *
 * An id is made once, by systemd-id128 new, and never used for anything else.  The explanations
 * that "journalctl -x" shows are in packaging/systemd/reeve.catalog; a test holds both together. */
#include "logs/messages.h"

#include <stddef.h>

static const struct message_row rows[MESSAGES] = {
        [MESSAGE_SPAWNED] = { "5ca7a0769b7b4402bd2839318e3e0697", "spawned" },
        [MESSAGE_RUNNING] = { "43942639a429432c88988a0a5decf97f", "running" },
        [MESSAGE_EXITED] = { "08c1f84d71b34adca79b3628b2afb721", "exited" },
        [MESSAGE_STOPPED] = { "cc0775b9ce6643709f9f0790be6b5b09", "stopped" },
        [MESSAGE_OUT_OF_MEMORY] = { "9e7918d6d9a34469a803b6dc225641ac", "out-of-memory" },
        [MESSAGE_SPAWN_FAILED] = { "589adc9246054d8aba2408d6f3e98e1d", "spawn-failed" },
        [MESSAGE_GAVE_UP] = { "c630f0b2f4c644eeb9c7d08bef1eebe8", "gave-up" },
        [MESSAGE_KILLING] = { "348345413150452e9a545749fb012971", "killing" },
        [MESSAGE_LISTENER_LOST] = { "f2249704ec8a4a0390ab5c65470c1816", "listener-lost" },
        [MESSAGE_DAEMON_STARTED] = { "9f5199f7b7b943899336de2382bc37dc", "daemon-started" },
        [MESSAGE_DAEMON_STOPPING] = { "3fc8b3a155894e939cc8353b6c21f6ea", "daemon-stopping" },
        [MESSAGE_DAEMON_RESTARTING] = { "49634301a1cd43c088c85e940e3096d1", "daemon-restarting" },
        [MESSAGE_CONFIGURATION_REFUSED] = { "fb47f2804c08437fae7a6b31fbf893d0",
                "configuration-refused" },
        [MESSAGE_INSTANCE_STATE] = { "b16a0c2318ff4658b7690d1de4179458", "instance-state" },
        [MESSAGE_CLUSTER_STATE] = { "0fe744b44f1d48d28b5ad4440cdf5686", "cluster-state" },
        [MESSAGE_MASTER] = { "6797ba126ad04c0286c7953f4a3bbea4", "master" },
        [MESSAGE_NO_MASTER] = { "09c572f3894e400480c50cd8cbbfeee5", "no-master" },
        [MESSAGE_OUTPUT] = { NULL, "output" },
};

const struct message_row *messages_row(enum message message)
{
        return message > MESSAGE_NONE && message < MESSAGES ? &rows[message] : NULL;
}
