/* Numbering: see numbering.h. */
#include "engine/numbering.h"

#include "engine/state.h"

struct number {
        const void *of;
        unsigned number;
        UT_hash_handle hh;
};

struct numbering {
        struct number *numbers;
};

struct numbering *numbering_new(void)
{
        return mem_new(sizeof(struct numbering));
}

struct numbering *numbering_free(struct numbering *numbering)
{
        struct number *number, *next;

        if (!numbering)
                return NULL;
        HASH_ITER (hh, numbering->numbers, number, next) {
                HASH_DEL(numbering->numbers, number);
                mem_free(number);
        }
        return mem_free(numbering);
}

static struct number *find(const struct numbering *numbering, const void *what)
{
        struct number *number;

        HASH_FIND_PTR(numbering->numbers, &what, number);
        return number;
}

bool numbering_add(struct numbering *numbering, const void *what)
{
        struct number *number;

        if (find(numbering, what))
                return false;
        number = mem_new(sizeof(*number));
        number->of = what;
        number->number = HASH_COUNT(numbering->numbers) + 1;
        HASH_ADD_PTR(numbering->numbers, of, number);
        return true;
}

unsigned numbering_of(const struct numbering *numbering, const void *what)
{
        const struct number *number = find(numbering, what);

        return number ? number->number : 0;
}
