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

/* A column that gives room keeps so much. */
enum { WIDTH_KEPT = 13 };

static size_t sum(const size_t *widths, size_t count)
{
        size_t total = 0;

        for (size_t i = 0; i < count; i++)
                total += widths[i];
        return total;
}

/* The widest of the flexible columns; 'except' is none of them. */
static size_t widest(const struct table *table, const size_t *widths, size_t except)
{
        size_t found = table->columns_count;

        for (size_t i = 0; i < table->columns_count; i++)
                if (i != except && table->columns[i].width == TABLE_FLEXIBLE &&
                        (found == table->columns_count || widths[i] > widths[found]))
                        found = i;
        return found;
}

/* What the last column takes that is not padded. */
static size_t end_width(const struct table *table)
{
        size_t last = table->columns_count - 1, width = 0;

        if (table->columns[last].width != TABLE_END)
                return 0;
        for (size_t i = last; i < table->count; i += table->columns_count) {
                size_t w = layout_width(table->cells[i]);

                width = w > width ? w : width;
        }
        return width;
}

static void give_room(const struct table *table, size_t *widths)
{
        size_t count = table->columns_count, end = end_width(table);

        for (;;) {
                size_t total = sum(widths, count) + end, first = widest(table, widths, count);
                size_t second, wanted;

                if (total <= table->width_max || first == count || widths[first] <= WIDTH_KEPT)
                        return;
                second = widest(table, widths, first);
                wanted = second < count && widths[second] > WIDTH_KEPT ? widths[second] - 1
                                                                       : WIDTH_KEPT;
                if (total - table->width_max < widths[first] - wanted)
                        wanted = widths[first] - (total - table->width_max);
                widths[first] = wanted;
        }
}

static void append_cell(const struct table *table, struct text *text, const char *cell,
        size_t width, bool is_flexible)
{
        if (!is_flexible || layout_width(cell) + 2 <= width) {
                layout_pad(text, cell, width);
        } else if (table->cuts) {
                layout_cut(text, cell, width - 2);
                text_append(text, "  ");
        } else {
                text_append(text, cell);
                text_append(text, "  ");
        }
}

void table_render(const struct table *table, struct text *text)
{
        CLEANUP(mem_free)
        size_t *widths = mem_new_array(table->columns_count, sizeof(*widths));

        for (size_t i = 0; i < table->columns_count; i++)
                widths[i] = width_of(table, i);
        if (table->width_max)
                give_room(table, widths);
        for (size_t i = 0; i < table->count; i++) {
                size_t column = i % table->columns_count;

                if (i && column == 0)
                        text_append_char(text, '\n');
                append_cell(table, text, table->cells[i], widths[column],
                        table->columns[column].width == TABLE_FLEXIBLE);
        }
}

void table_clear(struct table *table)
{
        for (size_t i = 0; i < table->count; i++)
                mem_free(table->cells[i]);
        mem_free(table->cells);
        *table = (struct table){};
}
