/* Forms: see page_form.h. */
#include "rpc/page_form.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/* What is no escape stays as it is. */
static void decode(struct text *t, const char *s, size_t length)
{
        for (size_t i = 0; i < length; i++) {
                int high = -1, low = -1;

                if (s[i] == '%' && i + 2 < length) {
                        high = text_hex_digit(s[i + 1]);
                        low = text_hex_digit(s[i + 2]);
                }
                if (high >= 0 && low >= 0) {
                        text_append_char(t, (char)(high << 4 | low));
                        i += 2;
                } else {
                        text_append_char(t, s[i] == '+' ? ' ' : s[i]);
                }
        }
}

int page_form_value(const char *form, size_t length, const char *name, char **ret)
{
        CLEANUP(text_clear) struct text found = {}, key = {};
        const char *end = form + length;

        for (const char *pair = form; pair < end;) {
                const char *amp = memchr(pair, '&', (size_t)(end - pair));
                const char *next = amp ? amp : end;
                const char *equals = memchr(pair, '=', (size_t)(next - pair));

                text_truncate(&key, 0);
                if (equals)
                        decode(&key, pair, (size_t)(equals - pair));
                if (equals && equals + 1 < next && strcmp(text_string(&key), name) == 0) {
                        text_truncate(&found, 0);
                        decode(&found, equals + 1, (size_t)(next - equals - 1));
                }
                pair = next + 1;
        }
        if (found.length == 0)
                return 0;
        if (memchr(found.data, '\0', found.length))
                return -EBADMSG;
        *ret = text_take(&found);
        return 1;
}
