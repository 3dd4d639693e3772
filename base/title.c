/* Titles: see title.h. */
#include "base/title.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fd.h"

enum { STAT_SIZE = 2048 };

/* Where our arguments begin, and where the environment behind them ends: fields 48 and 51.  NULL:
 * not known. */
static char *find_room(size_t *ret_size)
{
        CLEANUP(fd_close) int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
        unsigned long begin, end;
        char buffer[STAT_SIZE];
        const char *at;
        ssize_t n = fd < 0 ? -1 : read(fd, buffer, sizeof(buffer) - 1);

        if (n <= 0)
                return NULL;
        buffer[n] = '\0';
        at = strrchr(buffer, ')');
        for (int field = 2; at && field < 48; field++)
                at = strchr(at + 1, ' ');
        if (!at || sscanf(at, " %lu %*u %*u %lu", &begin, &end) != 2 || begin == 0 || end <= begin)
                return NULL;
        *ret_size = end - begin;
        return (char *)begin;
}

void title_set(const char *name, const char *title)
{
        size_t size, length = strlen(title);
        char *room = find_room(&size);

        (void)prctl(PR_SET_NAME, name);
        if (!room || size <= length)
                return;
        memset(room, 0, size);
        memcpy(room, title, length);
}
