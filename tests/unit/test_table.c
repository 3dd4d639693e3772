/* Tables: what the columns of Supvisors' client look like. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/table.h"

static void check_render(const struct table *table, const char *wanted)
{
        CLEANUP(text_clear) struct text text = {};

        table_render(table, &text);
        assert_string_equal(text_string(&text), wanted);
}

static void a_flexible_column_is_two_wider_than_its_longest_cell(void **state)
{
        static const struct table_column columns[] = { { "A", TABLE_FLEXIBLE },
                { "B", TABLE_FLEXIBLE } };
        CLEANUP(table_clear) struct table table = table_new(columns, ELEMENTS(columns));

        table_cell(&table, "%s", "long");
        table_cell(&table, "%d", 1);
        check_render(&table, "A     B  \nlong  1  ");
}

static void a_flexible_column_is_two_wider_than_a_title_that_is_longer(void **state)
{
        static const struct table_column columns[] = { { "Title", TABLE_FLEXIBLE },
                { "B", TABLE_END } };
        CLEANUP(table_clear) struct table table = table_new(columns, ELEMENTS(columns));

        table_cell(&table, "x");
        table_cell(&table, "y");
        check_render(&table, "Title  B\nx      y");
}

static const struct table_column wide_columns[] = { { "Name", TABLE_FLEXIBLE },
        { "B", TABLE_FLEXIBLE }, { "C", TABLE_END } };

static void fill_wide(struct table *table)
{
        static const char *const cells[] = { "a_name_that_is_too_long_for_it", "b", "c", "short",
                "b", "c" };

        for (size_t i = 0; i < ELEMENTS(cells); i++)
                table_cell(table, "%s", cells[i]);
}

static void where_room_is_scarce_a_long_cell_moves_only_its_own_row(void **state)
{
        CLEANUP(table_clear)
        struct table table = table_new(wide_columns, ELEMENTS(wide_columns));

        fill_wide(&table);
        table.width_max = 20;
        check_render(&table, "Name            B  C\n"
                             "a_name_that_is_too_long_for_it  b  c\n"
                             "short           b  c");
        table.width_max = 100;
        check_render(&table, "Name                            B  C\n"
                             "a_name_that_is_too_long_for_it  b  c\n"
                             "short                           b  c");
        table.width_max = 3; /* a column keeps something */
        check_render(&table, "Name         B  C\n"
                             "a_name_that_is_too_long_for_it  b  c\n"
                             "short        b  c");
}

static void or_it_is_cut(void **state)
{
        CLEANUP(table_clear)
        struct table table = table_new(wide_columns, ELEMENTS(wide_columns));

        fill_wide(&table);
        table.width_max = 20;
        table.cuts = true;
        check_render(&table, "Name            B  C\n"
                             "a_name~_for_it  b  c\n"
                             "short           b  c");
}

static void a_fixed_column_has_its_width_and_cuts_nothing(void **state)
{
        static const struct table_column columns[] = { { "A", 3 }, { "B", 3 } };
        CLEANUP(table_clear) struct table table = table_new(columns, ELEMENTS(columns));

        table_cell(&table, "1234");
        table_cell(&table, "5");
        check_render(&table, "A  B  \n12345  ");
}

static void the_end_column_is_not_padded(void **state)
{
        static const struct table_column columns[] = { { "A", 3 }, { "Extra", TABLE_END } };
        CLEANUP(table_clear) struct table table = table_new(columns, ELEMENTS(columns));

        table_cell(&table, "a");
        table_cell(&table, "%s", "");
        check_render(&table, "A  Extra\na  ");
}

static void characters_count_and_not_bytes(void **state)
{
        static const struct table_column columns[] = { { "A", TABLE_FLEXIBLE },
                { "B", TABLE_END } };
        CLEANUP(table_clear) struct table table = table_new(columns, ELEMENTS(columns));

        table_cell(&table, "é");
        table_cell(&table, "b");
        check_render(&table, "A  B\né  b");
}

static void without_rows_there_are_titles_only(void **state)
{
        static const struct table_column columns[] = { { "A", TABLE_FLEXIBLE }, { "B", 4 } };
        CLEANUP(table_clear) struct table table = table_new(columns, ELEMENTS(columns));

        assert_int_equal(table_rows(&table), 0);
        check_render(&table, "A  B   ");
        table_cell(&table, "1");
        table_cell(&table, "2");
        assert_int_equal(table_rows(&table), 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_flexible_column_is_two_wider_than_its_longest_cell),
                cmocka_unit_test(a_flexible_column_is_two_wider_than_a_title_that_is_longer),
                cmocka_unit_test(where_room_is_scarce_a_long_cell_moves_only_its_own_row),
                cmocka_unit_test(or_it_is_cut),
                cmocka_unit_test(a_fixed_column_has_its_width_and_cuts_nothing),
                cmocka_unit_test(the_end_column_is_not_padded),
                cmocka_unit_test(characters_count_and_not_bytes),
                cmocka_unit_test(without_rows_there_are_titles_only),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
