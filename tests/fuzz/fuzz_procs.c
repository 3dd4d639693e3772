/* Messages of the proc connector with any bytes, and what they do to the bookkeeping. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "netlink/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(lineage_free) struct lineage *lineage = lineage_new(8);
        enum { MESSAGE = 76 };

        for (pid_t pid = 1; pid < 5; pid++)
                lineage_add(lineage, pid, (uint32_t)pid % 2);
        do {
                size_t length = size < MESSAGE ? size : MESSAGE;
                struct lineage_exit gone;
                struct decoded decoded;

                decode_message(data, length, &decoded);
                if (decoded.type == DECODED_EVENT) {
                        if (decoded.event.pid <= 0 ||
                                strnlen(decoded.event.comm, sizeof(decoded.event.comm)) ==
                                        sizeof(decoded.event.comm))
                                abort();
                        (void)lineage_feed(lineage, &decoded.event, &gone);
                }
                data += length;
                size -= length;
        } while (size);
        if (lineage_count(lineage, 0) + lineage_count(lineage, 1) > 8)
                abort();
        lineage_forget(lineage, 0);
        return 0;
}
