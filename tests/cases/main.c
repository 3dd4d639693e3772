/* Plays all cases, or those named, and compares what is seen with what is written in them.
 *
 *      cases [--update] [FILE...]
 *
 * With --update the files are rewritten with what is seen. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cases/script.h"

static bool read_file(const char *path, struct text *ret)
{
        char buffer[4096];
        FILE *f = fopen(path, "r");
        size_t n;

        if (!f) {
                perror(path);
                return false;
        }
        while ((n = fread(buffer, 1, sizeof(buffer), f)) > 0)
                text_append_bytes(ret, buffer, n);
        fclose(f);
        return true;
}

static bool write_file(const char *path, const struct text *text)
{
        FILE *f = fopen(path, "w");
        bool good = f && fwrite(text->data, 1, text->length, f) == text->length;

        if (f && fclose(f) != 0)
                good = false;
        if (!good)
                perror(path);
        return good;
}

static size_t split(char *text, char ***ret)
{
        size_t count = 0, capacity = 0;

        *ret = NULL;
        for (char *line = text, *next; *line; line = next) {
                next = line + strcspn(line, "\n");
                if (*next)
                        *next++ = '\0';
                *ret = mem_grow(*ret, &capacity, count + 1, sizeof(char *));
                (*ret)[count++] = line;
        }
        return count;
}

/* The whole script, with "-" before what is written and is not seen, "+" the other way round. */
static void show_difference(char *written, char *seen)
{
        CLEANUP(mem_free) char **a = NULL;
        CLEANUP(mem_free) char **b = NULL;
        size_t m = split(written, &a), n = split(seen, &b), i = 0, j = 0;
        /* The longest common subsequence of the rests. */
        CLEANUP(mem_free) unsigned *common = mem_new_array((m + 1) * (n + 1), sizeof(*common));

        for (size_t x = m; x-- > 0;)
                for (size_t y = n; y-- > 0;) {
                        unsigned down = common[(x + 1) * (n + 1) + y];
                        unsigned right = common[x * (n + 1) + y + 1];

                        common[x * (n + 1) + y] = strcmp(a[x], b[y]) == 0
                                                          ? common[(x + 1) * (n + 1) + y + 1] + 1
                                                  : down > right ? down
                                                                 : right;
                }
        while (i < m || j < n) {
                if (i < m && j < n && strcmp(a[i], b[j]) == 0) {
                        printf("    %s\n", a[i++]);
                        j++;
                } else if (i < m && (j == n || common[(i + 1) * (n + 1) + j] >=
                                                       common[i * (n + 1) + j + 1])) {
                        printf("  - %s\n", a[i++]);
                } else {
                        printf("  + %s\n", b[j++]);
                }
        }
}

static bool play(const char *path, bool update)
{
        CLEANUP(text_clear) struct text written = {};
        CLEANUP(text_clear) struct text seen = {};
        bool good;

        if (!read_file(path, &written))
                return false;
        good = script_play(text_string(&written), &seen) == 0;
        if (good && update)
                return write_file(path, &seen);
        if (good && strcmp(text_string(&written), text_string(&seen)) == 0)
                return true;
        printf("%s: what is seen (+) is not what is written (-)\n", path);
        show_difference(written.data, seen.data);
        return false;
}

static int is_case(const struct dirent *entry)
{
        size_t length = strlen(entry->d_name);

        return length > 5 && strcmp(entry->d_name + length - 5, ".case") == 0;
}

static int play_all(bool update, size_t *count)
{
        const char *srcdir = getenv("srcdir");
        CLEANUP(mem_free) char *folder = mem_format("%s/tests/cases/fleet", srcdir ? srcdir : ".");
        struct dirent **entries;
        int n = scandir(folder, &entries, is_case, alphasort), failed = 0;

        if (n <= 0) {
                fprintf(stderr, "%s: there are no cases\n", folder);
                return 1;
        }
        for (int i = 0; i < n; i++) {
                CLEANUP(mem_free) char *path = mem_format("%s/%s", folder, entries[i]->d_name);

                failed += !play(path, update);
                free(entries[i]);
        }
        free(entries);
        *count = (size_t)n;
        return failed;
}

int main(int argc, char **argv)
{
        bool update = argc > 1 && strcmp(argv[1], "--update") == 0;
        int first = update ? 2 : 1, failed = 0;
        size_t count = (size_t)(argc - first);

        if (argc == first)
                failed = play_all(update, &count);
        for (int i = first; i < argc; i++)
                failed += !play(argv[i], update);
        printf("%zu cases, %d failed\n", count, failed);
        return failed ? 1 : 0;
}
