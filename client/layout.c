/* Layout: see layout.h. */
#include "client/layout.h"

#include <string.h>

size_t layout_width(const char *s)
{
        size_t width = 0;

        for (; *s; s++)
                if (((unsigned char)*s & 0xc0) != 0x80)
                        width++;
        return width;
}

void layout_pad(struct text *t, const char *s, size_t width)
{
        text_append(t, s);
        for (size_t w = layout_width(s); w < width; w++)
                text_append_char(t, ' ');
}

static size_t column_width(const struct names *names, size_t rows, size_t column)
{
        size_t widest = 0;

        for (size_t i = column * rows; i < names->count && i < (column + 1) * rows; i++) {
                size_t width = layout_width(names->at[i]);

                widest = width > widest ? width : widest;
        }
        return widest;
}

/* The width of all columns when there are so many rows, with two blanks between columns. */
static size_t total_width(const struct names *names, size_t rows, size_t columns)
{
        size_t total = 2 * (columns - 1);

        for (size_t column = 0; column < columns; column++)
                total += column_width(names, rows, column);
        return total;
}

static void append_row(
        struct text *t, const struct names *names, size_t row, size_t rows, size_t columns)
{
        for (size_t column = 0; column < columns; column++) {
                size_t i = column * rows + row;

                if (column)
                        text_append(t, "  ");
                layout_pad(
                        t, i < names->count ? names->at[i] : "", column_width(names, rows, column));
        }
        text_append_char(t, '\n');
}

void layout_columns(struct text *t, const struct names *names, size_t width)
{
        size_t rows = 1, columns;

        if (names->count == 0)
                return;
        for (;; rows++) {
                columns = (names->count + rows - 1) / rows;
                if (columns == 1 || total_width(names, rows, columns) <= width)
                        break;
        }
        for (size_t row = 0; row < rows; row++)
                append_row(t, names, row, rows, columns);
}
