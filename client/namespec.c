/* Name specifications: see namespec.h. */
#include "client/namespec.h"

#include <string.h>

#include "base/text.h"

struct namespec namespec_split(const char *text)
{
        const char *colon = strchr(text, ':');
        struct namespec name = {};

        name.group = colon ? mem_strndup(text, (size_t)(colon - text)) : mem_strdup(text);
        if (!colon)
                name.process = mem_strdup(text);
        else if (colon[1] && !text_equal(colon + 1, "*"))
                name.process = mem_strdup(colon + 1);
        return name;
}

void namespec_clear(struct namespec *name)
{
        mem_free(name->group);
        mem_free(name->process);
        *name = (struct namespec){};
}

char *namespec_join(const char *group, const char *process)
{
        if (text_equal(group, process))
                return mem_strdup(process);
        return mem_format("%s:%s", group, process);
}
