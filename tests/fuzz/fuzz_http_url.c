/* Fuzzes what strangers send before they are known: the target, and the Authorization header. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/auth.h"
#include "rpc/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(mem_free) char *s = mem_strndup((const char *)data, size);
        CLEANUP(mem_free) char *name = NULL, *channel = NULL;
        CLEANUP(target_clear) struct target target = {};

        /* Nobody finds this password. */
        if (auth_check("user", "{SHA}no digest", s) == AUTH_GOOD)
                abort();
        if (target_parse(s, &target) < 0)
                return 0;
        if (strlen(target.path) > strlen(s))
                abort();
        if (target_log(target.path, &name, &channel) && (!*name || strchr(name, '/')))
                abort();
        return 0;
}
