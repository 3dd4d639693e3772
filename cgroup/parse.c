/* The kernel's text: see parse.h. */
#include "cgroup/parse.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

struct span { /* a piece of the text, not terminated */
        const char *data;
        size_t length;
};

static bool span_is(struct span s, const char *word)
{
        return s.length == strlen(word) && memcmp(s.data, word, s.length) == 0;
}

/* The piece up to the next 'end' or the end of all; false when nothing is left. */
static bool cut(struct span *rest, char end, struct span *piece)
{
        const char *stop;

        if (rest->length == 0)
                return false;
        stop = memchr(rest->data, end, rest->length);
        piece->data = rest->data;
        piece->length = stop ? (size_t)(stop - rest->data) : rest->length;
        rest->data += piece->length + (stop ? 1 : 0);
        rest->length -= piece->length + (stop ? 1 : 0);
        return true;
}

static bool list_has(struct span list, const char *word)
{
        struct span item;

        while (cut(&list, ',', &item))
                if (span_is(item, word))
                        return true;
        return false;
}

int parse_own_path(const char *data, size_t length, const char *controller, struct text *path)
{
        static const char deleted[] = " (deleted)";
        const size_t deleted_length = sizeof(deleted) - 1;
        struct span rest = { data, length }, line, id, controllers;

        while (cut(&rest, '\n', &line)) {
                if (!cut(&line, ':', &id) || !cut(&line, ':', &controllers))
                        continue;
                if (controller ? !list_has(controllers, controller)
                               : !span_is(id, "0") || controllers.length)
                        continue;
                if (line.length == 0 || line.data[0] != '/' || memchr(line.data, 0, line.length))
                        continue;
                if (line.length >= deleted_length &&
                        memcmp(line.data + line.length - deleted_length, deleted, deleted_length) ==
                                0)
                        return -ENOENT;
                text_append_bytes(path, line.data, line.length);
                return 1;
        }
        return 0;
}

static bool is_octal(char c, char max)
{
        return c >= '0' && c <= max;
}

/* mountinfo writes space, tab, newline and backslash as \ooo. */
static void append_unescaped(struct text *out, struct span s)
{
        for (size_t i = 0; i < s.length; i++) {
                const char *p = s.data + i;

                if (*p == '\\' && s.length - i > 3 && is_octal(p[1], '3') && is_octal(p[2], '7') &&
                        is_octal(p[3], '7')) {
                        text_append_char(
                                out, (char)((p[1] - '0') * 64 + (p[2] - '0') * 8 + p[3] - '0'));
                        i += 3;
                } else
                        text_append_char(out, *p);
        }
}

/* A path that climbs is how a cgroup namespace names what it cannot see. */
static bool climbs(const char *path)
{
        for (const char *p = path; (p = strstr(p, "/..")); p += 3)
                if (p[3] == '\0' || p[3] == '/')
                        return true;
        return false;
}

/* What of 'path' is below 'root'; NULL when it is not inside. */
static const char *path_below(const char *root, const char *path)
{
        size_t length = strlen(root);

        while (length && root[length - 1] == '/')
                length--;
        if (strncmp(root, path, length) != 0)
                return NULL;
        path += length;
        if (path[0] == '/' && path[1] == '\0')
                path++;
        return (*path == '\0' || *path == '/') && !climbs(path) ? path : NULL;
}

static bool is_wanted(struct span type, struct span options, const char *controller)
{
        if (!controller)
                return span_is(type, "cgroup2");
        return span_is(type, "cgroup") && list_has(options, controller);
}

/* 36 35 98:0 /root /point rw,noatime master:1 - type source options */
static bool read_mount(
        struct span line, const char *controller, struct span *root, struct span *point)
{
        struct span word, type, source, options = {};

        for (int i = 0; i < 3; i++)
                if (!cut(&line, ' ', &word))
                        return false;
        if (!cut(&line, ' ', root) || !cut(&line, ' ', point) || !cut(&line, ' ', &word))
                return false;
        do {
                if (!cut(&line, ' ', &word))
                        return false;
        } while (!span_is(word, "-"));
        if (!cut(&line, ' ', &type) || !cut(&line, ' ', &source))
                return false;
        (void)cut(&line, ' ', &options); /* none is as good as empty */
        return is_wanted(type, options, controller);
}

int parse_mount(const char *data, size_t length, const char *controller, const char *path,
        struct text *point, struct text *below)
{
        struct span rest = { data, length }, line, root_span, point_span;

        while (cut(&rest, '\n', &line)) {
                struct text root CLEANUP(text_clear) = {};
                const char *tail;

                if (!read_mount(line, controller, &root_span, &point_span) ||
                        memchr(point_span.data, 0, point_span.length))
                        continue;
                append_unescaped(&root, root_span);
                tail = path_below(text_string(&root), path);
                if (!tail)
                        continue;
                append_unescaped(point, point_span);
                text_append(below, tail);
                return 1;
        }
        return 0;
}

static bool read_number(struct span s, uint64_t *ret)
{
        uint64_t n = 0;

        if (s.length == 0)
                return false;
        for (size_t i = 0; i < s.length; i++) {
                unsigned digit = (unsigned char)s.data[i] - (unsigned)'0';

                if (digit > 9 || n > (UINT64_MAX - digit) / 10)
                        return false;
                n = n * 10 + digit;
        }
        *ret = n;
        return true;
}

bool parse_number(const char *data, size_t length, uint64_t *ret)
{
        struct span rest = { data, length }, line;

        return cut(&rest, '\n', &line) && read_number(line, ret);
}

bool parse_keyed(const char *data, size_t length, const char *key, uint64_t *ret)
{
        struct span rest = { data, length }, line, word;

        while (cut(&rest, '\n', &line))
                if (cut(&line, ' ', &word) && span_is(word, key))
                        return read_number(line, ret);
        return false;
}

/* "key=number": the number of that key. */
static bool read_pair(struct span pair, const char *key, uint64_t *ret)
{
        struct span name;

        return cut(&pair, '=', &name) && span_is(name, key) && read_number(pair, ret);
}

bool parse_io(const char *data, size_t length, const char *key, uint64_t *ret)
{
        struct span rest = { data, length }, line, word;
        uint64_t total = 0, n;

        while (cut(&rest, '\n', &line))
                while (cut(&line, ' ', &word))
                        if (read_pair(word, key, &n) && __builtin_add_overflow(total, n, &total))
                                return false;
        *ret = total;
        return true;
}

bool parse_blkio(const char *data, size_t length, const char *key, uint64_t *ret)
{
        struct span rest = { data, length }, line, device, word;
        uint64_t total = 0, n;
        bool found = false;

        while (cut(&rest, '\n', &line)) {
                if (!cut(&line, ' ', &device) || !memchr(device.data, ':', device.length) ||
                        !cut(&line, ' ', &word) || !span_is(word, key))
                        continue;
                if (!read_number(line, &n) || __builtin_add_overflow(total, n, &total))
                        return false;
                found = true;
        }
        *ret = total;
        return found;
}

/* "12.34" with exactly two digits behind the point, as the kernel writes it. */
static bool read_hundredths(struct span s, uint64_t *ret)
{
        uint64_t whole, part;
        struct span front;

        if (!cut(&s, '.', &front) || s.length != 2 || !read_number(front, &whole) ||
                !read_number(s, &part) || whole > UINT64_MAX / 100 - 1)
                return false;
        *ret = whole * 100 + part;
        return true;
}

bool parse_pressure(const char *data, size_t length, uint64_t *ret)
{
        struct span rest = { data, length }, line, word, name;

        while (cut(&rest, '\n', &line)) {
                if (!cut(&line, ' ', &word) || !span_is(word, "some"))
                        continue;
                while (cut(&line, ' ', &word))
                        if (cut(&word, '=', &name) && span_is(name, "avg10"))
                                return read_hundredths(word, ret);
        }
        return false;
}

bool parse_has_word(const char *data, size_t length, const char *word)
{
        struct span rest = { data, length }, line, item;

        while (cut(&rest, '\n', &line))
                while (cut(&line, ' ', &item))
                        if (span_is(item, word))
                                return true;
        return false;
}

bool parse_next_pid(const char *data, size_t length, size_t *at, pid_t *ret)
{
        struct span rest = { data + *at, length - *at }, line;
        uint64_t n;

        while (cut(&rest, '\n', &line)) {
                *at = (size_t)(rest.data - data);
                if (read_number(line, &n) && n <= INT_MAX) {
                        *ret = (pid_t)n;
                        return true;
                }
        }
        *at = length;
        return false;
}
