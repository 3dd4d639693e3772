/* Any bytes as a hello: what is read can be written and read again, to the same facts. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/cluster_hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(cluster_hello_clear) struct cluster_hello h = {};
        CLEANUP(cluster_hello_clear) struct cluster_hello again = {};
        CLEANUP(mem_free) char *text = NULL;
        struct identity self;

        if (cluster_hello_read(data, size, &h, NULL) < 0)
                return 0;
        self = (struct identity){ h.said.id, h.identifier, h.nick };
        text = cluster_hello_write(&h.said, &self, &h.clocks, h.node);
        if (cluster_hello_read(text, strlen(text), &again, NULL) < 0 ||
                !identity_equal(&h.said.id, &again.said.id) ||
                !cluster_options_equal(&h.said.enforced, &again.said.enforced) ||
                strcmp(h.nick, again.nick) != 0 ||
                h.said.stereotypes_count != again.said.stereotypes_count)
                abort();
        return 0;
}
