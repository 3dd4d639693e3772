/* Whose descendant a process is: see procs.h.  Pure. */
#include <string.h>

#include "base/mem.h"
#include "netlink/procs.h"
/* Exhaustion is met in one way only, base/mem.h's. */
#define uthash_malloc(size)  mem_new(size)
#define uthash_free(p, size) mem_free(p)
#include <uthash.h>

struct owner {
        UT_hash_handle hh;
        uint32_t id;
        unsigned count;
        struct member *members; /* doubly linked */
};

struct member {
        UT_hash_handle hh;
        struct member *previous, *next; /* of the same owner */
        struct owner *owner;
        pid_t pid;
        bool is_root;
        bool is_unheard; /* a root whose FORK did not come yet, since we read events later */
        char comm[16];
};

struct lineage {
        struct member *members; /* by pid */
        struct owner *owners;   /* by id; one without members is not kept */
        unsigned count, count_max;
};

struct lineage *lineage_new(unsigned count_max)
{
        struct lineage *lineage = mem_new(sizeof(*lineage));

        lineage->count_max = count_max;
        return lineage;
}

static struct member *find(const struct lineage *lineage, pid_t pid)
{
        struct member *member;

        HASH_FIND(hh, lineage->members, &pid, sizeof(pid), member);
        return member;
}

static struct owner *find_owner(const struct lineage *lineage, uint32_t id)
{
        struct owner *owner;

        HASH_FIND(hh, lineage->owners, &id, sizeof(id), owner);
        return owner;
}

static void drop(struct lineage *lineage, struct member *member)
{
        struct owner *owner = member->owner;

        if (member->previous)
                member->previous->next = member->next;
        else
                owner->members = member->next;
        if (member->next)
                member->next->previous = member->previous;
        HASH_DEL(lineage->members, member);
        lineage->count--;
        mem_free(member);
        if (--owner->count == 0) {
                HASH_DEL(lineage->owners, owner);
                mem_free(owner);
        }
}

static struct member *add(struct lineage *lineage, pid_t pid, uint32_t owner_id)
{
        struct owner *owner = find_owner(lineage, owner_id);
        struct member *member = mem_new(sizeof(*member));

        if (!owner) {
                owner = mem_new(sizeof(*owner));
                owner->id = owner_id;
                HASH_ADD(hh, lineage->owners, id, sizeof(owner->id), owner);
        }
        member->pid = pid;
        member->owner = owner;
        member->next = owner->members;
        if (member->next)
                member->next->previous = member;
        owner->members = member;
        owner->count++;
        lineage->count++;
        HASH_ADD(hh, lineage->members, pid, sizeof(member->pid), member);
        return member;
}

struct lineage *lineage_free(struct lineage *lineage)
{
        if (!lineage)
                return NULL;
        while (lineage->members)
                drop(lineage, lineage->members);
        return mem_free(lineage);
}

void lineage_add(struct lineage *lineage, pid_t pid, uint32_t owner)
{
        struct member *member = find(lineage, pid);

        if (member) /* its exit was lost, or waits still to be read: the number is new now */
                drop(lineage, member);
        member = add(lineage, pid, owner);
        member->is_root = member->is_unheard = true;
}

void lineage_join(struct lineage *lineage, pid_t pid, uint32_t owner)
{
        struct member *member = find(lineage, pid);

        if (member && member->owner->id == owner)
                return;
        if (member)
                drop(lineage, member);
        if (lineage->count < lineage->count_max)
                (void)add(lineage, pid, owner); /* found again by its number */
}

bool lineage_has(const struct lineage *lineage, pid_t pid)
{
        return find(lineage, pid) != NULL;
}

static void feed_fork(struct lineage *lineage, const struct procs_event *event)
{
        struct member *member = find(lineage, event->pid), *parent;

        if (member && member->is_unheard) {
                member->is_unheard = false;
                return;
        }
        if (member) /* a number that is used anew: the exit of the one before was lost */
                drop(lineage, member);
        parent = find(lineage, event->parent);
        if (!parent || lineage->count >= lineage->count_max)
                return;
        member = add(lineage, event->pid, parent->owner->id);
        memcpy(member->comm, parent->comm, sizeof(member->comm));
}

static bool feed_exit(
        struct lineage *lineage, const struct procs_event *event, struct lineage_exit *ret)
{
        struct member *member = find(lineage, event->pid);

        if (!member)
                return false;
        *ret = (struct lineage_exit){ .owner = member->owner->id,
                .pid = member->pid,
                .status = event->status,
                .is_root = member->is_root };
        memcpy(ret->comm, member->comm, sizeof(ret->comm));
        drop(lineage, member);
        return true;
}

bool lineage_feed(
        struct lineage *lineage, const struct procs_event *event, struct lineage_exit *ret)
{
        struct member *member;

        switch (event->type) {
        case PROCS_FORK:
                feed_fork(lineage, event);
                return false;
        case PROCS_COMM:
                member = find(lineage, event->pid);
                if (member)
                        memcpy(member->comm, event->comm, sizeof(member->comm));
                return false;
        case PROCS_EXEC:
                return false; /* the old name is better than none; see procs_name() */
        case PROCS_EXIT:
                return feed_exit(lineage, event, ret);
        }
        return false;
}

void lineage_forget(struct lineage *lineage, uint32_t owner_id)
{
        struct owner *owner = find_owner(lineage, owner_id);

        for (unsigned count = owner ? owner->count : 0; count; count--)
                drop(lineage, owner->members);
}

void lineage_keep(struct lineage *lineage, bool (*is_there)(pid_t))
{
        struct member *member, *next;

        HASH_ITER (hh, lineage->members, member, next)
                if (!is_there(member->pid))
                        drop(lineage, member);
}

unsigned lineage_count(const struct lineage *lineage, uint32_t owner_id)
{
        const struct owner *owner = find_owner(lineage, owner_id);

        return owner ? owner->count : 0;
}
