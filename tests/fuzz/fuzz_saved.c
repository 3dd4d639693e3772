/* States from anywhere: whatever is one is, written again without having been understood, the same;
 * and every kind of question to it has an answer. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/saved.h"
#include "base/saver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(struct saved_item *item)
{
        static const char *const keys[] = { "n", "x", "id" };

        for (size_t i = 0; item && i < ELEMENTS(keys); i++) {
                char **texts = saved_texts(item, keys[i]);

                for (char **at = texts; at && *at; at++)
                        mem_free(*at);
                mem_free(texts);
                (void)saved_number(item, keys[i], -9, 9, 0); /* any answer is right */
                (void)saved_count(item, keys[i], UINT64_MAX, 0);
                (void)saved_time(item, keys[i], 0);
                (void)saved_flag(item, keys[i]);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const types[] = { "a", "b", "process" };
        CLEANUP(saved_free) struct saved *saved = NULL;
        CLEANUP(saver_free) struct saver *saver = saver_new(0);
        CLEANUP(mem_free) char *unread = NULL, *again = NULL;
        size_t length;

        if (saved_parse((const char *)data, size, 1000, &saved, NULL) < 0)
                return 0;
        unread = saved_unread(saved);
        saver_rest(saver, unread);
        again = saver_take(saver, &length);
        if (length != size || memcmp(again + strcspn(again, "\n"), data + strcspn(again, "\n"),
                                      length - strcspn(again, "\n")) != 0)
                abort();
        for (size_t i = 0; i < ELEMENTS(types); i++)
                for (struct saved_item *item = saved_first(saved, types[i]); item;
                        item = saved_next(item)) {
                        ask(item);
                        ask(saved_inner(item, "b"));
                        mem_free(saved_rest(item));
                }
        return saved_status(saved, NULL) > 0;
}
