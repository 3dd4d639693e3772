/* Publications: see publication.h. */
#include "rpc/publication.h"

#include <string.h>

static const char *const headers[] = {
        [PUBLICATION_SUPVISORS] = "supvisors",
        [PUBLICATION_INSTANCE] = "instance",
        [PUBLICATION_APPLICATION] = "application",
        [PUBLICATION_EVENT] = "event",
        [PUBLICATION_PROCESS] = "process",
        [PUBLICATION_HSTATS] = "hstats",
        [PUBLICATION_PSTATS] = "pstats",
};

const char *publication_header(enum publication publication)
{
        return headers[publication];
}

static unsigned bits_of(const char *element, size_t length)
{
        if (length == 3 && memcmp(element, "all", 3) == 0)
                return (1u << PUBLICATIONS) - 1;
        for (unsigned i = 0; i < PUBLICATIONS; i++)
                if (strlen(headers[i]) == length && memcmp(headers[i], element, length) == 0)
                        return 1u << i;
        return 0;
}

unsigned publication_wanted(const char *path)
{
        unsigned wanted = 0;

        while (*path) {
                size_t length = strcspn(path, "/");

                wanted |= bits_of(path, length);
                path += length + (path[length] == '/');
        }
        return wanted;
}
