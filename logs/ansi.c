/* Terminal escapes: see ansi.h. */
#include "logs/ansi.h"

#include <stdbool.h>
#include <string.h>

static const char escape_begin[] = "\033[";

/* The final bytes that Supervisor knows; others do not end a sequence. */
static bool is_end(char c)
{
        return c != '\0' && strchr("HfABCDRsuJKhlpm", c);
}

size_t ansi_strip(char *data, size_t length)
{
        const size_t begin_length = sizeof(escape_begin) - 1;
        size_t in = 0, out = 0;

        while (in < length) {
                char *escape = memmem(data + in, length - in, escape_begin, begin_length);
                size_t shown = escape ? (size_t)(escape - (data + in)) : length - in;

                if (out != in)
                        memmove(data + out, data + in, shown);
                out += shown;
                in += shown;
                if (!escape)
                        break;
                in += begin_length;
                while (in < length && !is_end(data[in]))
                        in++;
                in++; /* past the end of the sequence, or of the data */
        }
        return out;
}
