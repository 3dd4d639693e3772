/* Replays a corpus through a fuzz target: the main() of every target when libFuzzer does not bring
 * its own.
 *
 * Arguments are files and directories; without any, the corpus of the target:
 * tests/fuzz/corpus/<target without "fuzz_"> in the source tree. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
        FILE *f = fopen(path, "re");
        char *data = NULL;
        size_t capacity = 0, length = 0, n;

        if (!f) {
                perror(path);
                return -1;
        }
        do {
                data = mem_grow(data, &capacity, length + 65536, 1);
                n = fread(data + length, 1, 65536, f);
                length += n;
        } while (n);
        (void)fclose(f); /* only read from */
        {
                /* An exact copy, so that a read past the end is seen by the sanitizer. */
                uint8_t *exact = mem_copy(data, length);

                (void)LLVMFuzzerTestOneInput(exact, length); /* always 0 */
                mem_free(exact);
        }
        mem_free(data);
        return 0;
}

static int replay(const char *path)
{
        struct stat st;
        struct dirent *entry;
        int count = 0;
        DIR *dir;

        if (stat(path, &st) < 0) {
                perror(path);
                return -1;
        }
        if (!S_ISDIR(st.st_mode))
                return replay_file(path) < 0 ? -1 : 1;
        dir = opendir(path);
        if (!dir) {
                perror(path);
                return -1;
        }
        while ((entry = readdir(dir))) {
                char *file;
                int r;

                if (entry->d_name[0] == '.')
                        continue;
                file = mem_format("%s/%s", path, entry->d_name);
                r = replay_file(file);
                mem_free(file);
                if (r < 0) {
                        (void)closedir(dir);
                        return -1;
                }
                count++;
        }
        (void)closedir(dir);
        return count;
}

/* Weak: libFuzzer, when it is linked, has the say. */
__attribute__((weak)) int main(int argc, char *argv[])
{
        const char *srcdir = getenv("srcdir");
        const char *name = strstr(argv[0], "fuzz_");
        CLEANUP(mem_free) char *corpus = NULL;
        int total = 0, n;

        if (argc < 2) {
                corpus = mem_format(
                        "%s/tests/fuzz/corpus/%s", srcdir ? srcdir : ".", name ? name + 5 : "");
                total = replay(corpus);
        }
        for (int i = 1; i < argc && total >= 0; i++) {
                n = replay(argv[i]);
                total = n < 0 ? n : total + n;
        }
        if (total <= 0) {
                (void)fprintf(stderr, "%s: nothing was replayed\n", argv[0]);
                return 1;
        }
        printf("%d inputs replayed\n", total);
        return 0;
}
