/* Own: see own.h. */
#include "cgroup/own.h"

#include <errno.h>
#include <fcntl.h>

#include "cgroup/attribute.h"
#include "cgroup/parse.h"

int own_find(const char *controller, struct text *mount, struct text *below, struct err *err)
{
        CLEANUP(text_clear) struct text own = {}, mounts = {}, name = {};
        int r;

        r = attribute_read_text(AT_FDCWD, "/proc/self/cgroup", &own);
        if (r < 0)
                return err_errno(err, r, "cannot read /proc/self/cgroup");
        r = attribute_read_text(AT_FDCWD, "/proc/self/mountinfo", &mounts);
        if (r < 0)
                return err_errno(err, r, "cannot read /proc/self/mountinfo");
        r = parse_own_path(text_string(&own), own.length, controller, &name);
        if (r < 0)
                return err_set(err, r, "the cgroup that this process is in was removed");
        if (r == 0)
                return err_set(err, -ENOENT, "this kernel has no cgroups of %s",
                        controller ? controller : "version 2");
        if (!parse_mount(text_string(&mounts), mounts.length, controller, text_string(&name), mount,
                    below))
                return err_set(err, -ENOENT,
                        "no mount of cgroup %s shows this process's cgroup '%s'",
                        controller ? controller : "version 2", text_string(&name));
        return 0;
}
