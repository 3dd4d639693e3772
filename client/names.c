/* Words: see names.h. */
#include "client/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/words.h"

struct names names_split(const char *text)
{
        CLEANUP(words_free) char **words = words_split(text);
        struct names names = {};

        for (char **word = words; *word; word++)
                names_append(&names, *word);
        return names;
}

void names_append(struct names *names, const char *word)
{
        names->at = mem_grow(names->at, &names->capacity, names->count + 1, sizeof(names->at[0]));
        names->at[names->count++] = mem_strdup(word);
}

bool names_contain(const struct names *names, const char *word)
{
        for (size_t i = 0; i < names->count; i++)
                if (text_equal(names->at[i], word))
                        return true;
        return false;
}

static int compare(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

void names_sort(struct names *names)
{
        if (names->count)
                qsort(names->at, names->count, sizeof(names->at[0]), compare);
}

void names_clear(struct names *names)
{
        for (size_t i = 0; i < names->count; i++)
                mem_free(names->at[i]);
        mem_free(names->at);
        *names = (struct names){};
}
