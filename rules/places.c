/* Places: see places.h. */
#include "rules/places.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

struct names {
        char **at;
        size_t count, capacity;
};

static void append(struct names *names, char *name)
{
        /* One more for the NULL at the end, which stands there at all times. */
        names->at = mem_grow(names->at, &names->capacity, names->count + 2, sizeof(*names->at));
        names->at[names->count++] = name;
        names->at[names->count] = NULL;
}

char **places_split(const char *text, size_t *ret_count)
{
        struct names names = {};

        for (;;) {
                const char *comma = strchrnul(text, ','), *start = text, *end = comma;

                while (start < end && isspace((unsigned char)*start))
                        start++;
                while (end > start && isspace((unsigned char)end[-1]))
                        end--;
                append(&names, mem_strndup(start, (size_t)(end - start)));
                if (!*comma)
                        break;
                text = comma + 1;
        }
        *ret_count = names.count;
        return names.at;
}

char **places_free_names(char **names)
{
        for (char **name = names; name && *name; name++)
                mem_free(*name);
        return mem_free(names);
}

/* The alias' items in place of the item at 'index'. */
static void replace(struct names *names, size_t index, const struct set_alias *alias)
{
        size_t count = names->count - 1 + alias->count;

        mem_free(names->at[index]);
        names->at = mem_grow(names->at, &names->capacity, count + 1, sizeof(*names->at));
        memmove(names->at + index + alias->count, names->at + index + 1,
                (names->count - index - 1) * sizeof(*names->at));
        for (size_t i = 0; i < alias->count; i++)
                names->at[index + i] = mem_strdup(alias->items[i]);
        names->count = count;
        names->at[count] = NULL;
}

/* In the order of the aliases and only once through them, hence one may use those behind it. */
static int replace_aliases(const struct rules *rules, struct names *names, struct err *err)
{
        for (size_t i = 0; i < rules->aliases_count; i++) {
                const struct set_alias *alias = &rules->aliases[i];
                size_t at = 0;

                while (at < names->count && strcmp(names->at[at], alias->name) != 0)
                        at++;
                if (at < names->count)
                        replace(names, at, alias);
                if (names->count > SET_NAMES_MAX)
                        return err_set(err, -E2BIG, "the list has more than %u identifiers",
                                SET_NAMES_MAX);
        }
        return 0;
}

static bool contains(const struct rules_places *places, const char *name)
{
        for (size_t i = 0; i < places->count; i++)
                if (strcmp(places->names[i], name) == 0)
                        return true;
        return false;
}

static void forget_names(struct rules_places *places)
{
        for (size_t i = 0; i < places->count; i++)
                places->names[i] = mem_free(places->names[i]);
        places->count = 0;
}

int places_resolve(
        const struct rules *rules, const char *text, struct rules_places *ret, struct err *err)
{
        CLEANUP(places_free_names) char **names = NULL;
        struct names list = {};
        int r;

        list.at = places_split(text, &list.count);
        list.capacity = list.count + 1;
        r = list.count > SET_NAMES_MAX
                    ? err_set(err, -E2BIG, "the list has more than %u identifiers", SET_NAMES_MAX)
                    : replace_aliases(rules, &list, err);
        names = list.at;
        if (r < 0)
                return r;
        *ret = (struct rules_places){ .names = mem_new_array(list.count + 1, sizeof(*names)) };
        for (char **name = names; *name; name++) {
                if (strcmp(*name, "*") == 0)
                        ret->all = true;
                else if (strcmp(*name, "#") == 0)
                        ret->spread = true;
                else if (strcmp(*name, "@") == 0)
                        ret->one_each = true;
                else if (**name && !contains(ret, *name))
                        ret->names[ret->count++] = mem_strdup(*name);
        }
        if ((ret->spread || ret->one_each) && ret->count == 0)
                ret->all = true; /* a sign alone */
        if (ret->all)
                forget_names(ret);
        return 0;
}

void places_copy(const struct rules_places *from, struct rules_places *ret)
{
        *ret = *from;
        ret->names = mem_new_array(from->count + 1, sizeof(*ret->names));
        for (size_t i = 0; i < from->count; i++)
                ret->names[i] = mem_strdup(from->names[i]);
}

void places_clear(struct rules_places *places)
{
        places_free_names(places->names);
        *places = (struct rules_places){};
}
