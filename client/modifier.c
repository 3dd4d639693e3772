/* Modifier: see modifier.h. */
#include "client/modifier.h"

#include <ctype.h>
#include <stddef.h>

#include "base/text.h"

#define BYTES_DEFAULT 1600

bool modifier_is_one(const char *word)
{
        return word[0] == '-';
}

/* Python's int(): a sign, digits, single underscores between them.  False when it is none; what is
 * beyond any use stays just beyond 32 bit. */
static bool parse_integer(const char *text, int64_t *ret)
{
        bool negative = *text == '-';
        int64_t number = 0;

        if (*text == '-' || *text == '+')
                text++;
        if (!isdigit((unsigned char)*text))
                return false;
        for (; *text; text++) {
                if (*text == '_' && isdigit((unsigned char)text[1]))
                        text++;
                if (!isdigit((unsigned char)*text))
                        return false;
                if (number <= UINT32_MAX)
                        number = number * 10 + (*text - '0');
        }
        *ret = negative ? -number : number;
        return true;
}

struct modifier modifier_parse(const char *word)
{
        struct modifier modifier = { .kind = MODIFIER_BYTES, .offset = -BYTES_DEFAULT };
        int64_t bytes;

        if (!word)
                return modifier;
        if (text_equal(word, "-f")) {
                modifier.kind = MODIFIER_FOLLOW;
                return modifier;
        }
        if (!modifier_is_one(word) || !parse_integer(word + 1, &bytes)) {
                modifier.kind = MODIFIER_BAD;
                return modifier;
        }
        modifier.offset = -bytes;
        if (modifier.offset < INT32_MIN || modifier.offset > INT32_MAX)
                modifier.kind = MODIFIER_TOO_LARGE;
        return modifier;
}
