/* Memory and ownership: allocation that cannot fail, and owners released at the end of their scope.
 *
 * Allocation ends the process on exhaustion (the service manager starts it again and it adopts its
 * programs), so nobody checks for NULL; whoever lets a user, a file or a peer grow something states
 * a limit of his own. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#define CLEANUP(fn) __attribute__((cleanup(fn##_at)))
#define DEFINE_CLEANUP(type, fn)            \
        static inline void fn##_at(type *p) \
        {                                   \
                *p = fn(*p);                \
        }
#define TAKE(p)                           \
        ({                                \
                __auto_type taken_ = (p); \
                (p) = NULL;               \
                taken_;                   \
        })
#define ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

void *mem_new(size_t size) __attribute__((malloc, returns_nonnull)); /* zeroed */
void *mem_new_array(size_t count, size_t size)
        __attribute__((malloc, returns_nonnull)); /* zeroed */
void *mem_resize(void *p, size_t count, size_t size) __attribute__((returns_nonnull));
/* Room for at least 'need' elements of 'size' bytes: returns p or its new place and updates
 * *capacity; grows by half, so that appending stays linear.  New elements are not zeroed. */
void *mem_grow(void *p, size_t *capacity, size_t need, size_t size)
        __attribute__((returns_nonnull));
void *mem_copy(const void *p, size_t size) __attribute__((malloc, returns_nonnull));
void *mem_free(void *p); /* returns NULL */

char *mem_strdup(const char *s) __attribute__((malloc, returns_nonnull));
char *mem_strndup(const char *s, size_t length) __attribute__((malloc, returns_nonnull));
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));
char *mem_vformat(const char *format, va_list)
        __attribute__((format(printf, 1, 0), returns_nonnull));

static inline void mem_free_at(void *p)
{
        void **owner = p;

        *owner = mem_free(*owner);
}
