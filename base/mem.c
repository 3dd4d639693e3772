/* Memory: see mem.h.  Owns the one place where exhaustion ends the process. */
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void out_of_memory(void) __attribute__((noreturn));
static void out_of_memory(void)
{
        static const char text[] = "reeve: out of memory\n";

        /* Nothing is left to be done about a failure here. */
        (void)!write(STDERR_FILENO, text, sizeof(text) - 1);
        abort();
}

void *mem_new(size_t size)
{
        return mem_new_array(1, size);
}

void *mem_new_array(size_t count, size_t size)
{
        void *p = calloc(count ? count : 1, size ? size : 1);

        if (!p)
                out_of_memory();
        return p;
}

void *mem_resize(void *p, size_t count, size_t size)
{
        p = reallocarray(p, count ? count : 1, size ? size : 1);
        if (!p)
                out_of_memory();
        return p;
}

void *mem_grow(void *p, size_t *capacity, size_t need, size_t size)
{
        size_t room = *capacity;

        if (p && need <= room)
                return p;
        room += room / 2;
        if (room < need)
                room = need;
        if (room < 8)
                room = 8;
        p = mem_resize(p, room, size);
        *capacity = room;
        return p;
}

void *mem_copy(const void *p, size_t size)
{
        void *copy = mem_new(size);

        if (size)
                memcpy(copy, p, size);
        return copy;
}

void *mem_free(void *p)
{
        free(p);
        return NULL;
}

char *mem_strdup(const char *s)
{
        return mem_strndup(s, strlen(s));
}

char *mem_strndup(const char *s, size_t length)
{
        char *copy = mem_new(length + 1);

        memcpy(copy, s, length);
        return copy;
}

char *mem_format(const char *format, ...)
{
        va_list ap;
        char *s;

        va_start(ap, format);
        s = mem_vformat(format, ap);
        va_end(ap);
        return s;
}

char *mem_vformat(const char *format, va_list ap)
{
        char *s = NULL;

        if (vasprintf(&s, format, ap) < 0 || !s)
                out_of_memory();
        return s;
}
