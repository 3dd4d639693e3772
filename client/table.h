/* Tables: rows of cells under titles, in the columns of Supvisors' client.  Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define TABLE_FLEXIBLE 0        /* as wide as the longest cell or the title, and 2 more */
#define TABLE_END      SIZE_MAX /* the last one, not padded */

struct table_column {
        const char *title;
        size_t width; /* TABLE_FLEXIBLE, TABLE_END, or in characters */
};

struct table {
        const struct table_column *columns;
        size_t columns_count;
        char **cells; /* row by row, the titles first */
        size_t count, capacity;
        /* What a line may take, as far as that is to be had; 0: any.  Flexible columns give room,
         * the widest first: a cell that is too long for its column then moves the rest of its row,
         * or is cut when 'cuts'. */
        size_t width_max;
        bool cuts;
};

/* With the row of titles; the columns are borrowed. */
struct table table_new(const struct table_column *, size_t count);
/* The next cell, from left to right, row by row. */
void table_cell(struct table *, const char *format, ...) __attribute__((format(printf, 2, 3)));
size_t table_rows(const struct table *); /* without the titles */
/* All lines, each with its newline but the last. */
void table_render(const struct table *, struct text *);
void table_clear(struct table *);

static inline void table_clear_at(struct table *table)
{
        table_clear(table);
}
