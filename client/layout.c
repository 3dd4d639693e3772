/* Layout: see layout.h. */
#include "client/layout.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct range {
        uint32_t first, last;
};

/* Of East Asian writing and pictures: what Unicode calls wide, in blocks. */
static const struct range wide[] = { { 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0xa4cf },
        { 0xa960, 0xa97f }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff }, { 0xfe30, 0xfe6f },
        { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff },
        { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd } };
/* What is put onto the character before it, or not seen. */
static const struct range narrow[] = { { 0x0300, 0x036f }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff },
        { 0x200b, 0x200f }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
        { 0xe0100, 0xe01ef } };

static bool is_in(const struct range *ranges, size_t count, uint32_t character)
{
        for (size_t i = 0; i < count; i++)
                if (character >= ranges[i].first && character <= ranges[i].last)
                        return true;
        return false;
}

/* The next character, which may be a byte of no meaning; returns its bytes. */
static size_t character_at(const char *s, uint32_t *ret)
{
        const unsigned char *c = (const unsigned char *)s;
        size_t length = c[0] < 0xc0 ? 1 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : c[0] < 0xf8 ? 4 : 1;

        *ret = length == 1 ? c[0] : c[0] & (0xffU >> (length + 1));
        for (size_t i = 1; i < length; i++) {
                if ((c[i] & 0xc0) != 0x80)
                        return i;
                *ret = *ret << 6 | (c[i] & 0x3f);
        }
        return length;
}

static size_t columns_of(uint32_t character)
{
        if (character < 0x300)
                return 1;
        if (is_in(narrow, ELEMENTS(narrow), character))
                return 0;
        return is_in(wide, ELEMENTS(wide), character) ? 2 : 1;
}

size_t layout_width(const char *s)
{
        size_t width = 0;
        uint32_t character;

        while (*s) {
                s += character_at(s, &character);
                width += columns_of(character);
        }
        return width;
}

/* As much of the beginning as takes no more than that; returns the bytes, and the columns left. */
static size_t bytes_within(const char *s, size_t width, size_t *ret_left)
{
        size_t bytes = 0;

        while (s[bytes]) {
                uint32_t character;
                size_t length = character_at(s + bytes, &character);
                size_t columns = columns_of(character);

                if (columns > width)
                        break;
                width -= columns;
                bytes += length;
        }
        *ret_left = width;
        return bytes;
}

void layout_cut(struct text *t, const char *s, size_t width)
{
        size_t head, left, tail;

        if (layout_width(s) <= width || width < 3) {
                layout_pad(t, s, width);
                return;
        }
        head = bytes_within(s, (width - 1) / 2, &left);
        text_append_bytes(t, s, head);
        text_append_char(t, '~');
        s += head;
        width -= (width - 1) / 2 - left + 1;
        while (layout_width(s) > width)
                s += character_at(s, &(uint32_t){ 0 });
        tail = layout_width(s);
        text_append(t, s);
        for (; tail < width; tail++)
                text_append_char(t, ' ');
}

void layout_wrap(struct text *t, const char *words, size_t column, size_t indent, size_t width)
{
        bool is_first = true;

        if (width <= indent + 20) /* no room for columns: as the terminal does it */
                width = SIZE_MAX;
        while (*words) {
                size_t length = strcspn(words, " ");
                CLEANUP(mem_free) char *word = mem_strndup(words, length);
                size_t w = layout_width(word);

                if (!is_first && column + 1 + w > width) {
                        text_append_char(t, '\n');
                        for (column = 0; column < indent; column++)
                                text_append_char(t, ' ');
                } else if (!is_first) {
                        text_append_char(t, ' ');
                        column++;
                }
                text_append(t, word);
                column += w;
                is_first = false;
                words += length + (words[length] == ' ');
        }
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
