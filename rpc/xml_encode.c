/* The encoding half of the XML-RPC codec: appends, never fails, and what it appends is always
 * well-formed XML 1.0, whatever bytes it is given. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "rpc/xml.h"

#define LITERAL(t, s) text_append_bytes((t), (s), sizeof(s) - 1)

/* Most answers find room in it at once. */
#define RESPONSE_ROOM 512

/* U+FFFD, which stands for what XML 1.0 cannot hold. */
#define REPLACEMENT "\xef\xbf\xbd"

/* Whether the valid sequence of n bytes is a character of XML 1.0: all of Unicode but most controls
 * below U+0020, and U+FFFE and U+FFFF (surrogates are no valid UTF-8 to begin with). */
static bool is_xml_char(const char *s, size_t n)
{
        const unsigned char *u = (const unsigned char *)s;

        if (n == 1)
                return u[0] >= 0x20 || u[0] == '\t' || u[0] == '\n' || u[0] == '\r';
        return n != 3 || u[0] != 0xef || u[1] != 0xbf || u[2] < 0xbe;
}

static bool is_plain(char c)
{
        unsigned char u = (unsigned char)c;

        if (u < 0x20)
                return u == '\t' || u == '\n' || u == '\r';
        return u < 0x80 && u != '&' && u != '<' && u != '>';
}

void xml_string_piece(struct text *t, const char *s, size_t length)
{
        size_t i = 0;

        while (i < length) {
                size_t run = i, n;

                while (run < length && is_plain(s[run]))
                        run++;
                text_append_bytes(t, s + i, run - i);
                i = run;
                if (i == length)
                        break;
                n = text_utf8_length(s + i, length - i);
                if (s[i] == '&')
                        LITERAL(t, "&amp;");
                else if (s[i] == '<')
                        LITERAL(t, "&lt;");
                else if (s[i] == '>')
                        LITERAL(t, "&gt;");
                else if (n == 0 || !is_xml_char(s + i, n))
                        LITERAL(t, REPLACEMENT);
                else
                        text_append_bytes(t, s + i, n);
                i += n ? n : 1;
        }
}

void xml_string_begin(struct text *t)
{
        LITERAL(t, "<value><string>");
}

void xml_string_end(struct text *t)
{
        LITERAL(t, "</string></value>\n");
}

void xml_string_bytes(struct text *t, const char *s, size_t length)
{
        xml_string_begin(t);
        xml_string_piece(t, s, length);
        xml_string_end(t);
}

void xml_string(struct text *t, const char *s)
{
        xml_string_bytes(t, s, strlen(s));
}

void xml_integer(struct text *t, int64_t integer)
{
        char s[64], *p = s + sizeof(s);
        uint64_t rest = integer < 0 ? -(uint64_t)integer : (uint64_t)integer;
        static const char end[] = "</int></value>\n";
        static const char begin[] = "<value><int>";

        /* By hand: an answer about a thousand processes has five thousand of them. */
        p -= sizeof(end) - 1;
        memcpy(p, end, sizeof(end) - 1);
        do {
                *--p = (char)('0' + rest % 10);
                rest /= 10;
        } while (rest);
        if (integer < 0)
                *--p = '-';
        p -= sizeof(begin) - 1;
        memcpy(p, begin, sizeof(begin) - 1);
        text_append_bytes(t, p, (size_t)(s + sizeof(s) - p));
}

void xml_boolean(struct text *t, bool boolean)
{
        if (boolean)
                LITERAL(t, "<value><boolean>1</boolean></value>\n");
        else
                LITERAL(t, "<value><boolean>0</boolean></value>\n");
}

void xml_array_begin(struct text *t)
{
        LITERAL(t, "<value><array><data>\n");
}

void xml_array_end(struct text *t)
{
        LITERAL(t, "</data></array></value>\n");
}

void xml_struct_begin(struct text *t)
{
        LITERAL(t, "<value><struct>\n");
}

void xml_struct_end(struct text *t)
{
        LITERAL(t, "</struct></value>\n");
}

void xml_member_begin(struct text *t, const char *name)
{
        LITERAL(t, "<member>\n<name>");
        xml_string_piece(t, name, strlen(name));
        LITERAL(t, "</name>\n");
}

void xml_member_end(struct text *t)
{
        LITERAL(t, "</member>\n");
}

void xml_double(struct text *t, double real)
{
        LITERAL(t, "<value><double>");
        value_append_double(t, real);
        LITERAL(t, "</double></value>\n");
}

void xml_member_string(struct text *t, const char *name, const char *s)
{
        xml_member_begin(t, name);
        xml_string(t, s ? s : "");
        xml_member_end(t);
}

void xml_member_integer(struct text *t, const char *name, int64_t integer)
{
        xml_member_begin(t, name);
        xml_integer(t, integer);
        xml_member_end(t);
}

void xml_member_boolean(struct text *t, const char *name, bool boolean)
{
        xml_member_begin(t, name);
        xml_boolean(t, boolean);
        xml_member_end(t);
}

void xml_member_double(struct text *t, const char *name, double real)
{
        xml_member_begin(t, name);
        xml_double(t, real);
        xml_member_end(t);
}

void xml_member_strings(struct text *t, const char *name, const char *const *strings)
{
        xml_member_begin(t, name);
        xml_array_begin(t);
        for (; strings && *strings; strings++)
                xml_string(t, *strings);
        xml_array_end(t);
        xml_member_end(t);
}

static void append_value(struct text *t, const struct value *value)
{
        switch (value->type) {
        case VALUE_NIL:
                LITERAL(t, "<value><nil/></value>\n");
                break;
        case VALUE_BOOLEAN:
                xml_boolean(t, value->boolean);
                break;
        case VALUE_INTEGER:
                xml_integer(t, value->integer);
                break;
        case VALUE_DOUBLE:
                xml_double(t, value->real);
                break;
        case VALUE_STRING:
                xml_string_bytes(t, value->string.data, value->string.length);
                break;
        case VALUE_ARRAY:
                xml_array_begin(t);
                for (size_t i = 0; i < value->array.count; i++)
                        append_value(t, value->array.items[i]);
                xml_array_end(t);
                break;
        case VALUE_STRUCT:
                xml_struct_begin(t);
                for (size_t i = 0; i < value->structure.count; i++) {
                        xml_member_begin(t, value->structure.members[i].name);
                        append_value(t, value->structure.members[i].value);
                        xml_member_end(t);
                }
                xml_struct_end(t);
                break;
        }
}

void xml_encode_call(struct text *t, const char *method, const struct value *params)
{
        LITERAL(t, "<?xml version='1.0'?>\n<methodCall>\n<methodName>");
        xml_string_piece(t, method, strlen(method));
        LITERAL(t, "</methodName>\n<params>\n");
        for (size_t i = 0; params && i < params->array.count; i++) {
                LITERAL(t, "<param>\n");
                append_value(t, params->array.items[i]);
                LITERAL(t, "</param>\n");
        }
        LITERAL(t, "</params>\n</methodCall>\n");
}

void xml_response_begin(struct text *t)
{
        text_reserve(t, RESPONSE_ROOM);
        LITERAL(t, "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n");
}

void xml_response_end(struct text *t)
{
        LITERAL(t, "</param>\n</params>\n</methodResponse>\n");
}

void xml_fault_struct(struct text *t, int code, const char *string)
{
        xml_struct_begin(t);
        xml_member_begin(t, "faultCode");
        xml_integer(t, code);
        xml_member_end(t);
        xml_member_begin(t, "faultString");
        xml_string(t, string);
        xml_member_end(t);
        xml_struct_end(t);
}

void xml_fault(struct text *t, int code, const char *string)
{
        LITERAL(t, "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n");
        xml_fault_struct(t, code, string);
        LITERAL(t, "</fault>\n</methodResponse>\n");
}
