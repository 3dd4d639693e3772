/* Greetings from anywhere: what is accepted is, written again, what it was. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/greeting.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        uint8_t in[GREETING_SIZE] = {}, out[GREETING_SIZE];
        struct greeting g;

        memcpy(in, data, size < sizeof(in) ? size : sizeof(in));
        if (greeting_decode(in, &g) < 0)
                return 0;
        greeting_encode(&g, out);
        if (memcmp(in, out, sizeof(in)) != 0)
                abort();
        return 0;
}
