/* The kernel's text about cgroups, and names that come back from directories, with any bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/hosttext.h"
#include "cgroup/parse.h"
#include "cgroup/unitname.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_names(const char *data, size_t size)
{
        CLEANUP(mem_free) char *name = mem_strndup(data, size);
        CLEANUP(text_clear) struct text escaped = {}, back = {}, raw = {};

        unitname_escape(&escaped, name, UNITNAME_LENGTH_MAX);
        if (escaped.length > UNITNAME_LENGTH_MAX ||
                memchr(text_string(&escaped), '/', escaped.length))
                abort();
        if (unitname_unescape(&back, text_string(&escaped), escaped.length) &&
                strcmp(text_string(&back), name) != 0)
                abort();
        (void)unitname_unescape(&raw, data, size); /* either answer is right, a crash is not */
}

static void read_host(const char *data, size_t size)
{
        CLEANUP(mem_free) char *text = mem_strndup(data, size);
        CLEANUP(mem_free) struct hosttext_mount *mount = mem_new(sizeof(*mount));
        CLEANUP(host_sample_clear) struct host_sample sample = {};
        size_t at = 0;

        hosttext_cores(text, 100, &sample);
        (void)hosttext_memory(text, &sample);
        hosttext_disks(text, &sample.disks);
        while (hosttext_next_mount(text, &at, mount))
                (void)hosttext_is_physical(text, mount->type);
        if (bounds_quota(text) < 0)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
        static const char *const controllers[] = { NULL, "memory" };
        const char *data = (const char *)bytes;
        size_t at = 0;
        uint64_t n;
        pid_t pid;

        for (size_t i = 0; i < ELEMENTS(controllers); i++) {
                CLEANUP(text_clear) struct text path = {}, point = {}, below = {};

                if (parse_own_path(data, size, controllers[i], &path) == 1 &&
                        text_string(&path)[0] != '/')
                        abort();
                (void)parse_mount(data, size, controllers[i], "/system.slice/x", &point, &below);
        }
        while (parse_next_pid(data, size, &at, &pid))
                if (pid < 0)
                        abort();
        (void)parse_number(data, size, &n);
        (void)parse_keyed(data, size, "usage_usec", &n);
        (void)parse_io(data, size, "rbytes", &n);
        (void)parse_blkio(data, size, "Read", &n);
        (void)parse_pressure(data, size, &n);
        (void)parse_has_word(data, size, "memory");
        read_host(data, size);
        read_names(data, size);
        return 0;
}
