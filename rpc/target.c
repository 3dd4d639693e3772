/* Request targets: see target.h. */
#include "rpc/target.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

int target_parse(const char *raw, struct target *ret)
{
        size_t length = strcspn(raw, "?#");
        CLEANUP(mem_free) char *path = mem_new(length + 1);
        size_t n = 0;

        for (size_t i = 0; i < length; i++) {
                int high = -1, low = -1;

                if (raw[i] == '%' && i + 2 < length) {
                        high = text_hex_digit(raw[i + 1]);
                        low = text_hex_digit(raw[i + 2]);
                }
                if (high < 0 || low < 0) {
                        path[n++] = raw[i];
                        continue;
                }
                if (high == 0 && low == 0)
                        return -EBADMSG;
                path[n++] = (char)(high << 4 | low);
                i += 2;
        }
        *ret = (struct target){ .path = TAKE(path) };
        if (raw[length] == '?') {
                const char *query = raw + length + 1;

                ret->query = mem_strndup(query, strcspn(query, "#"));
        }
        return 0;
}

void target_clear(struct target *target)
{
        mem_free(target->path);
        mem_free(target->query);
        *target = (struct target){};
}

bool target_log(const char *path, char **ret_name, char **ret_channel)
{
        const char *name, *slash;

        path += strspn(path, "/");
        name = strchr(path, '/');
        if (!name || !*++name || *name == '/')
                return false;
        slash = strchr(name, '/');
        *ret_name = slash ? mem_strndup(name, (size_t)(slash - name)) : mem_strdup(name);
        *ret_channel = mem_strdup(slash ? slash + 1 : "stdout");
        return true;
}
