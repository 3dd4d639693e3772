/* Deadlines: see deadlines.h.  Places are counted from 1, so that a slot's 0 means "not here". */
#include "engine/deadlines.h"

/* Equal ones in the order of their ids, so that the order does not depend on the past. */
static bool earlier(const struct slot *a, const struct slot *b)
{
        if (a->process.deadline != b->process.deadline)
                return a->process.deadline < b->process.deadline;
        return a->process.id < b->process.id;
}

static void put(struct deadlines *heap, size_t place, struct slot *slot)
{
        heap->at[place - 1] = slot;
        slot->heap_place = place;
}

static void rise(struct deadlines *heap, struct slot *slot)
{
        size_t place = slot->heap_place;

        while (place > 1 && earlier(slot, heap->at[place / 2 - 1])) {
                put(heap, place, heap->at[place / 2 - 1]);
                place /= 2;
        }
        put(heap, place, slot);
}

static void sink(struct deadlines *heap, struct slot *slot)
{
        size_t place = slot->heap_place;

        for (size_t child = 2 * place; child <= heap->count; child = 2 * place) {
                if (child < heap->count && earlier(heap->at[child], heap->at[child - 1]))
                        child++;
                if (!earlier(heap->at[child - 1], slot))
                        break;
                put(heap, place, heap->at[child - 1]);
                place = child;
        }
        put(heap, place, slot);
}

void deadlines_remove(struct deadlines *heap, struct slot *slot)
{
        size_t place = slot->heap_place;
        struct slot *last;

        if (place == 0)
                return;
        slot->heap_place = 0;
        last = heap->at[--heap->count];
        if (last == slot)
                return;
        put(heap, place, last);
        rise(heap, last);
        sink(heap, last);
}

void deadlines_update(struct deadlines *heap, struct slot *slot)
{
        if (slot->process.deadline == USEC_NEVER) {
                deadlines_remove(heap, slot);
                return;
        }
        if (slot->heap_place == 0) {
                heap->at =
                        mem_grow(heap->at, &heap->capacity, heap->count + 1, sizeof(struct slot *));
                put(heap, ++heap->count, slot);
        }
        rise(heap, slot);
        sink(heap, slot);
}

usec_t deadlines_first(const struct deadlines *heap)
{
        return heap->count ? heap->at[0]->process.deadline : USEC_NEVER;
}

struct slot *deadlines_due(const struct deadlines *heap, usec_t now)
{
        return heap->count && heap->at[0]->process.deadline <= now ? heap->at[0] : NULL;
}

void deadlines_clear(struct deadlines *heap)
{
        mem_free(heap->at);
        *heap = (struct deadlines){};
}
