/* Bytes shown as text: see decoded.h. */
#include "base/decoded.h"

#include <string.h>

void decoded_append(struct text *t, const char *data, size_t length)
{
        if (text_is_utf8(data, length)) {
                text_append_bytes(t, data, length);
                return;
        }
        text_append(t, "Undecodable: ");
        decoded_append_repr(t, data, length);
}

void decoded_append_repr(struct text *t, const char *data, size_t length)
{
        static const char hex[] = "0123456789abcdef";
        char quote =
                length && memchr(data, '\'', length) && !memchr(data, '"', length) ? '"' : '\'';

        text_append_char(t, 'b');
        text_append_char(t, quote);
        for (size_t i = 0; i < length; i++) {
                unsigned char c = (unsigned char)data[i];

                if (c == '\n')
                        text_append_bytes(t, "\\n", 2);
                else if (c == '\r')
                        text_append_bytes(t, "\\r", 2);
                else if (c == '\t')
                        text_append_bytes(t, "\\t", 2);
                else if (c == '\\' || c == (unsigned char)quote)
                        text_append_bytes(t, (char[]){ '\\', (char)c }, 2);
                else if (c < 0x20 || c >= 0x7f)
                        text_append_bytes(t, (char[]){ '\\', 'x', hex[c >> 4], hex[c & 15] }, 4);
                else
                        text_append_char(t, (char)c);
        }
        text_append_char(t, quote);
}
