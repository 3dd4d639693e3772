/* Commands about the configuration: see groups.h. */
#include "client/groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/names.h"
#include "engine/fault.h"

static int fail(struct session *s)
{
        s->exit_status = EXIT_GENERIC;
        return 0;
}

static int add_one(struct session *s, const char *group)
{
        int r = session_order(s, "supervisor.addProcessGroup", session_strings(group, NULL));

        if (r == 0) {
                session_say(s, "%s: added process group", group);
                return 0;
        }
        if (r == FAULT_SHUTDOWN_STATE) {
                session_say(s, "ERROR: shutting down");
                return fail(s);
        }
        if (r == FAULT_ALREADY_ADDED) {
                session_say(s, "ERROR: process group already active");
                return 0;
        }
        if (r == FAULT_BAD_NAME) {
                session_say(s, "ERROR: no such process/group: %s", group);
                return fail(s);
        }
        return r;
}

static int remove_one(struct session *s, const char *group)
{
        int r = session_order(s, "supervisor.removeProcessGroup", session_strings(group, NULL));

        if (r == 0) {
                session_say(s, "%s: removed process group", group);
                return 0;
        }
        if (r == FAULT_STILL_RUNNING) {
                session_say(s, "ERROR: process/group still running: %s", group);
                return fail(s);
        }
        if (r == FAULT_BAD_NAME) {
                session_say(s, "ERROR: no such process/group: %s", group);
                return fail(s);
        }
        return r;
}

static int for_each(struct session *s, const char *args, int (*act)(struct session *, const char *))
{
        CLEANUP(names_clear) struct names names = names_split(args);
        int r = 0;

        for (size_t i = 0; r == 0 && i < names.count; i++)
                r = act(s, names.at[i]);
        return r;
}

int groups_add(struct session *s, const char *args)
{
        return for_each(s, args, add_one);
}

int groups_remove(struct session *s, const char *args)
{
        return for_each(s, args, remove_one);
}

/* What a new reading of the configuration brought. */
struct changes {
        struct names added;
        struct names changed;
        struct names removed;
};

static void changes_clear_at(struct changes *changes)
{
        names_clear(&changes->added);
        names_clear(&changes->changed);
        names_clear(&changes->removed);
}

static void take_names(struct names *names, const struct value *array)
{
        for (size_t i = 0; i < array->array.count; i++)
                names_append(names, value_string(array->array.items[i], ""));
}

static int reload_config(struct session *s, struct changes *ret)
{
        CLEANUP(value_free) struct value *result = NULL;
        struct names *lists[] = { &ret->added, &ret->changed, &ret->removed };
        const struct value *inner;
        int r = session_call(s, "supervisor.reloadConfig", NULL, &result);

        if (r != 0)
                return r;
        inner = result->type == VALUE_ARRAY && result->array.count ? result->array.items[0] : NULL;
        if (!inner || inner->type != VALUE_ARRAY || inner->array.count < ELEMENTS(lists))
                return failure_set_value(&s->failure, "ValueError",
                        "not enough values to unpack (expected %zu)", ELEMENTS(lists));
        for (size_t i = 0; i < ELEMENTS(lists); i++)
                if (inner->array.items[i]->type == VALUE_ARRAY)
                        take_names(lists[i], inner->array.items[i]);
        return 0;
}

struct notice {
        const char *group;
        const char *words;
};

static int compare_notices(const void *a, const void *b)
{
        return strcmp(((const struct notice *)a)->group, ((const struct notice *)b)->group);
}

static size_t add_notices(struct notice *at, const struct names *names, const char *words)
{
        for (size_t i = 0; i < names->count; i++)
                at[i] = (struct notice){ names->at[i], words };
        return names->count;
}

static void print_changes(struct session *s, const struct changes *changes)
{
        size_t count = changes->added.count + changes->changed.count + changes->removed.count;
        CLEANUP(mem_free) struct notice *notices = mem_new_array(count, sizeof(*notices));
        size_t n = 0;

        n += add_notices(notices + n, &changes->added, "available");
        n += add_notices(notices + n, &changes->changed, "changed");
        n += add_notices(notices + n, &changes->removed, "disappeared");
        qsort(notices, n, sizeof(*notices), compare_notices);
        for (size_t i = 0; i < n; i++)
                session_say(s, "%s: %s", notices[i].group, notices[i].words);
        if (n == 0)
                session_say(s, "No config updates to processes");
}

int groups_reread(struct session *s, const char *args)
{
        CLEANUP(changes_clear) struct changes changes = {};
        int r = reload_config(s, &changes);

        if (r == FAULT_SHUTDOWN_STATE) {
                session_say(s, "ERROR: supervisor shutting down");
                return fail(s);
        }
        if (r == FAULT_CANT_REREAD) {
                session_say(s, "ERROR: %s", s->failure.text);
                return fail(s);
        }
        if (r != 0)
                return r;
        print_changes(s, &changes);
        return 0;
}

/* Says which of the wanted groups there are neither processes nor plans of. */
static int report_unknown(
        struct session *s, const struct names *wanted, const struct changes *changes)
{
        CLEANUP(names_clear) struct names known = {};
        CLEANUP(value_free) struct value *all = NULL;
        int r = session_call(s, "supervisor.getAllProcessInfo", NULL, &all);

        if (r != 0)
                return r;
        for (size_t i = 0; all->type == VALUE_ARRAY && i < all->array.count; i++)
                names_append(&known, value_string(value_member(all->array.items[i], "group"), ""));
        for (size_t i = 0; i < wanted->count; i++) {
                const char *group = wanted->at[i];

                if (names_contain(&known, group) || names_contain(&changes->added, group))
                        continue;
                session_say(s, "ERROR: no such group: %s", group);
                s->exit_status = EXIT_GENERIC;
        }
        return 0;
}

/* Stops all of the group; *ret_stuck tells that some of it could not be. */
static int stop_group(struct session *s, const char *group, bool *ret_stuck)
{
        CLEANUP(value_free) struct value *entries = NULL;
        int r = session_call(
                s, "supervisor.stopProcessGroup", session_strings(group, NULL), &entries);

        if (r != 0)
                return r;
        session_say(s, "%s: stopped", group);
        for (size_t i = 0; entries->type == VALUE_ARRAY && i < entries->array.count; i++)
                if (value_integer(value_member(entries->array.items[i], "status"), 0) ==
                        FAULT_FAILED)
                        *ret_stuck = true;
        return 0;
}

static int update_removed(struct session *s, const char *group)
{
        bool stuck = false;
        int r = stop_group(s, group, &stuck);

        if (r != 0)
                return r;
        if (stuck) {
                session_say(s, "%s: has problems; not removing", group);
                return fail(s);
        }
        r = session_order(s, "supervisor.removeProcessGroup", session_strings(group, NULL));
        if (r == 0)
                session_say(s, "%s: removed process group", group);
        return r;
}

/* 1: nothing but its limits has changed, and these are what they should be. */
static int update_limits(struct session *s, const char *group)
{
        CLEANUP(value_free) struct value *done = NULL;
        int r = session_call(s, "reeve.update_limits", session_strings(group, NULL), &done);

        if (r == FAULT_UNKNOWN_METHOD || r == FAULT_BAD_NAME)
                return 0;
        return r == 0 ? value_is_true(done) : r;
}

static int update_changed(struct session *s, const char *group)
{
        bool stuck = false; /* the removal below then fails, and says why */
        int r = update_limits(s, group);

        if (r == 1) {
                session_say(s, "%s: updated limits", group);
                return 0;
        }
        if (r == 0)
                r = stop_group(s, group, &stuck);
        if (r == 0)
                r = session_order(s, "supervisor.removeProcessGroup", session_strings(group, NULL));
        if (r == 0)
                r = session_order(s, "supervisor.addProcessGroup", session_strings(group, NULL));
        if (r == 0)
                session_say(s, "%s: updated process group", group);
        return r;
}

static int update_added(struct session *s, const char *group)
{
        int r = session_order(s, "supervisor.addProcessGroup", session_strings(group, NULL));

        if (r == 0)
                session_say(s, "%s: added process group", group);
        return r;
}

static int update_each(struct session *s, const struct names *groups, const struct names *wanted,
        int (*update)(struct session *, const char *))
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < groups->count; i++)
                if (wanted->count == 0 || names_contain(wanted, groups->at[i]))
                        r = update(s, groups->at[i]);
        return r;
}

int groups_update(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names wanted = names_split(args);
        CLEANUP(changes_clear) struct changes changes = {};
        int r = reload_config(s, &changes);

        if (r == FAULT_SHUTDOWN_STATE) {
                session_say(s, "ERROR: already shutting down");
                return fail(s);
        }
        if (names_contain(&wanted, "all"))
                names_clear(&wanted);
        if (r == 0 && wanted.count)
                r = report_unknown(s, &wanted, &changes);
        if (r == 0)
                r = update_each(s, &changes.removed, &wanted, update_removed);
        if (r == 0)
                r = update_each(s, &changes.changed, &wanted, update_changed);
        if (r == 0)
                r = update_each(s, &changes.added, &wanted, update_added);
        return r;
}
