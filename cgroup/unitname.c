/* Names of cgroups: see unitname.h. */
#include "cgroup/unitname.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char slice_suffix[] = ".slice", scope_suffix[] = ".scope";

enum { SUFFIX_LENGTH = 6, HASH_LENGTH = 2 + 16 };

static bool is_plain(unsigned char c, bool is_first)
{
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
                return true;
        if (c == '.')
                return !is_first;
        return c == '_' || c == '-';
}

/* FNV-1a: the same in every build and on every machine, so that the group is found again. */
static uint64_t hash(const char *name)
{
        uint64_t h = 0xcbf29ce484222325U;

        for (; *name; name++)
                h = (h ^ (unsigned char)*name) * 0x100000001b3U;
        return h;
}

void unitname_escape(struct text *out, const char *name, size_t length_max)
{
        size_t start = out->length, cut = start, length;

        if (!*name)
                text_append(out, "\\x");
        for (const char *p = name; *p; p++) {
                length = out->length - start;
                if (length + HASH_LENGTH <= length_max)
                        cut = out->length; /* the last boundary that leaves room for a hash */
                if (length > length_max)
                        break;
                if (is_plain((unsigned char)*p, p == name))
                        text_append_char(out, *p);
                else
                        text_format(out, "\\x%02x", (unsigned char)*p);
        }
        if (out->length - start <= length_max)
                return;
        text_truncate(out, cut);
        text_format(out, "\\h%016llx", (unsigned long long)hash(name));
}

static int hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool unitname_unescape(struct text *out, const char *escaped, size_t length)
{
        size_t start = out->length;

        if (length == 2 && memcmp(escaped, "\\x", 2) == 0)
                return true;
        for (size_t i = 0; i < length; i++) {
                int high, low;

                if (escaped[i] != '\\' && is_plain((unsigned char)escaped[i], i == 0)) {
                        text_append_char(out, escaped[i]);
                        continue;
                }
                high = i + 3 < length && escaped[i] == '\\' && escaped[i + 1] == 'x'
                               ? hex_digit(escaped[i + 2])
                               : -1;
                low = high >= 0 ? hex_digit(escaped[i + 3]) : -1;
                if (low < 0 || high * 16 + low == 0) {
                        text_truncate(out, start);
                        return false;
                }
                text_append_char(out, (char)(high * 16 + low));
                i += 3;
        }
        return length > 0;
}

void unitname_slot(struct text *out, const char *group, const char *process)
{
        unitname_escape(out, group, UNITNAME_LENGTH_MAX - SUFFIX_LENGTH);
        text_append(out, slice_suffix);
        text_append_char(out, '/');
        unitname_escape(out, process, UNITNAME_LENGTH_MAX - SUFFIX_LENGTH);
        text_append(out, scope_suffix);
}

static void append_readable(struct text *out, const char *name, const char *suffix)
{
        size_t length = strlen(name);

        if (length > SUFFIX_LENGTH && strcmp(name + length - SUFFIX_LENGTH, suffix) == 0)
                length -= SUFFIX_LENGTH;
        if (!unitname_unescape(out, name, length))
                text_append_bytes(out, name, length); /* cut, or not of ours: as it stands */
}

void unitname_namespec(struct text *out, const char *slice, const char *scope)
{
        append_readable(out, slice, slice_suffix);
        text_append_char(out, ':');
        append_readable(out, scope, scope_suffix);
}
