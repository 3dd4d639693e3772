/* Messages: the table of kinds, and the catalog that explains them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "logs/messages.h"

static char *read_catalog(void)
{
        const char *top = getenv("srcdir");
        CLEANUP(mem_free)
        char *path = mem_format("%s/packaging/systemd/reeve.catalog", top ? top : ".");
        struct text text = {};
        char piece[4096];
        FILE *f = fopen(path, "re");
        size_t n;

        assert_non_null(f);
        while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
                text_append_bytes(&text, piece, n);
        (void)fclose(f);
        return text_take(&text);
}

static void every_kind_has_a_name_of_its_own(void **state)
{
        for (int i = MESSAGE_NONE + 1; i < MESSAGES; i++) {
                const struct message_row *row = messages_row((enum message)i);

                assert_non_null(row);
                assert_non_null(row->event);
                for (int j = i + 1; j < MESSAGES; j++) {
                        const struct message_row *other = messages_row((enum message)j);

                        assert_string_not_equal(row->event, other->event);
                        if (row->id && other->id)
                                assert_string_not_equal(row->id, other->id);
                }
        }
        assert_null(messages_row(MESSAGE_NONE));
        assert_null(messages_row(MESSAGES));
}

static void every_id_is_explained_once_in_the_catalog(void **state)
{
        CLEANUP(mem_free) char *catalog = read_catalog();

        for (int i = MESSAGE_NONE + 1; i < MESSAGES; i++) {
                const struct message_row *row = messages_row((enum message)i);
                CLEANUP(mem_free) char *head = NULL;
                const char *at;

                if (!row->id)
                        continue;
                assert_int_equal(strlen(row->id), 32);
                assert_int_equal(strspn(row->id, "0123456789abcdef"), 32);
                head = mem_format("\n-- %s\nSubject: ", row->id);
                at = strstr(catalog, head);
                if (!at)
                        fail_msg("the catalog has nothing about '%s'", row->event);
                assert_null(strstr(at + 1, head));
        }
}

static void the_catalog_explains_nothing_else(void **state)
{
        CLEANUP(mem_free) char *catalog = read_catalog();

        for (const char *at = catalog; (at = strstr(at, "\n-- ")); at++) {
                bool is_known = false;

                for (int i = MESSAGE_NONE + 1; i < MESSAGES; i++) {
                        const struct message_row *row = messages_row((enum message)i);

                        is_known |= row->id && strncmp(at + 4, row->id, 32) == 0;
                }
                if (!is_known)
                        fail_msg("nobody says what '%.32s' is about", at + 4);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_kind_has_a_name_of_its_own),
                cmocka_unit_test(every_id_is_explained_once_in_the_catalog),
                cmocka_unit_test(the_catalog_explains_nothing_else),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
