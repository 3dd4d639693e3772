/* Key files of any content: what is accepted has a key to send with. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "config/keyfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct keyfile file;
        struct err err = {};

        if (keyfile_parse((const char *)data, size, &file, &err) < 0) {
                if (err.code == 0 || !err.text[0])
                        abort();
                return 0;
        }
        if (file.count == 0 || file.count > KEYFILE_KEYS_MAX || !keyfile_newest(&file))
                abort();
        return 0;
}
