/* Tables: see table.h. */
#include "client/table.h"

#include <stdarg.h>

#include "client/layout.h"

struct table table_new(const struct table_column *columns, size_t count)
{
        struct table table = { .columns = columns, .columns_count = count };

        for (size_t i = 0; i < count; i++)
                table_cell(&table, "%s", columns[i].title);
        return table;
}

void table_cell(struct table *table, const char *format, ...)
{
        va_list ap;

        table->cells =
                mem_grow(table->cells, &table->capacity, table->count + 1, sizeof(table->cells[0]));
        va_start(ap, format);
        table->cells[table->count++] = mem_vformat(format, ap);
        va_end(ap);
}

size_t table_rows(const struct table *table)
{
        return table->count / table->columns_count - 1;
}

static size_t width_of(const struct table *table, size_t column)
{
        size_t widest = 0;

        if (table->columns[column].width == TABLE_END)
                return 0;
        if (table->columns[column].width != TABLE_FLEXIBLE)
                return table->columns[column].width;
        for (size_t i = column; i < table->count; i += table->columns_count) {
                size_t width = layout_width(table->cells[i]);

                widest = width > widest ? width : widest;
        }
        return widest + 2;
}

void table_render(const struct table *table, struct text *text)
{
        CLEANUP(mem_free)
        size_t *widths = mem_new_array(table->columns_count, sizeof(*widths));

        for (size_t i = 0; i < table->columns_count; i++)
                widths[i] = width_of(table, i);
        for (size_t i = 0; i < table->count; i++) {
                if (i && i % table->columns_count == 0)
                        text_append_char(text, '\n');
                layout_pad(text, table->cells[i], widths[i % table->columns_count]);
        }
}

void table_clear(struct table *table)
{
        for (size_t i = 0; i < table->count; i++)
                mem_free(table->cells[i]);
        mem_free(table->cells);
        *table = (struct table){};
}
