/* Key files: see keyfile.h. */
#include "config/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/newfile.h"
#include "base/text.h"
#include "config/words.h"

#define TIME_FORMAT "%Y-%m-%dT%H:%M:%SZ"

static const char preface[] =
        "# The keys of a Reeve cluster.  Whoever can read this file can join the cluster and give\n"
        "# it orders: copy it to every instance over a safe way, keep it readable by its owner "
        "only.\n"
        "# key <id> <secret> <made> [receive: accepted, but not sent with]\n";

static int digit_value(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -1;
}

static bool parse_secret(const char *word, uint8_t out[KEYFILE_SECRET_SIZE])
{
        if (strlen(word) != 2 * (size_t)KEYFILE_SECRET_SIZE)
                return false;
        for (size_t i = 0; i < KEYFILE_SECRET_SIZE; i++) {
                int high = digit_value(word[2 * i]), low = digit_value(word[2 * i + 1]);

                if (high < 0 || low < 0)
                        return false;
                out[i] = (uint8_t)(high << 4 | low);
        }
        return true;
}

static bool parse_id(const char *word, uint16_t *ret)
{
        unsigned long id = 0;

        if (!*word || strlen(word) > 5 || strspn(word, "0123456789") != strlen(word))
                return false;
        id = strtoul(word, NULL, 10);
        if (id < 1 || id > KEYFILE_ID_MAX)
                return false;
        *ret = (uint16_t)id;
        return true;
}

static bool parse_time(const char *word, time_t *ret)
{
        struct tm tm = {};
        const char *end = strptime(word, TIME_FORMAT, &tm);

        if (!end || *end)
                return false;
        *ret = timegm(&tm);
        return *ret != (time_t)-1;
}

static const struct keyfile_key *find(const struct keyfile *file, uint16_t id)
{
        for (unsigned i = 0; i < file->count; i++)
                if (file->keys[i].id == id)
                        return &file->keys[i];
        return NULL;
}

/* The secret is in none of the messages: they end up in logs. */
static int parse_line(char *const *words, unsigned number, struct keyfile *file, struct err *err)
{
        struct keyfile_key key = {};
        size_t count = words_count(words);

        if (strcmp(words[0], "key") != 0)
                return err_set(err, -EINVAL, "line %u begins with '%.20s' and not with 'key'",
                        number, words[0]);
        if (count != 4 && count != 5)
                return err_set(err, -EINVAL,
                        "line %u has not the form 'key <id> <secret> <made> [receive]'", number);
        if (!parse_id(words[1], &key.id))
                return err_set(err, -EINVAL, "line %u: the id '%.20s' is not a number from 1 to %u",
                        number, words[1], (unsigned)KEYFILE_ID_MAX);
        if (!parse_secret(words[2], key.secret))
                return err_set(err, -EINVAL,
                        "line %u: the secret of key %u has not %u hexadecimal "
                        "digits",
                        number, key.id, 2 * (unsigned)KEYFILE_SECRET_SIZE);
        if (!parse_time(words[3], &key.created))
                return err_set(err, -EINVAL,
                        "line %u: the time '%.40s' of key %u is none such as "
                        "2026-11-22T10:00:00Z",
                        number, words[3], key.id);
        if (words[4] && strcmp(words[4], "receive") != 0)
                return err_set(
                        err, -EINVAL, "line %u: '%.20s' may only be 'receive'", number, words[4]);
        if (find(file, key.id))
                return err_set(err, -EINVAL, "line %u: there are two keys %u", number, key.id);
        if (file->count == KEYFILE_KEYS_MAX)
                return err_set(err, -EINVAL, "line %u: there are more than %u keys", number,
                        (unsigned)KEYFILE_KEYS_MAX);
        key.receive = words[4] != NULL;
        file->keys[file->count++] = key;
        explicit_bzero(&key, sizeof(key));
        return 0;
}

static char **burn(char **words)
{
        for (char **word = words; word && *word; word++)
                explicit_bzero(*word, strlen(*word));
        return words_free(words);
}
DEFINE_CLEANUP(char **, burn)

int keyfile_parse(const char *text, size_t length, struct keyfile *ret, struct err *err)
{
        CLEANUP(keyfile_clear) struct keyfile file = {};
        const char *end = text + length;
        unsigned number = 0;
        int r = 0;

        if (memchr(text, '\0', length))
                return err_set(err, -EINVAL, "there is a NUL byte in it");
        for (const char *line = text; line < end;) {
                const char *stop = memchr(line, '\n', (size_t)(end - line));
                size_t size = (size_t)((stop ? stop : end) - line);
                CLEANUP(burn) char **words = NULL;
                char *copy = mem_strndup(line, size);

                number++;
                line += size + 1;
                words = words_split(copy);
                explicit_bzero(copy, size);
                mem_free(copy);
                if (words[0] && words[0][0] != '#')
                        r = parse_line(words, number, &file, err);
                if (r < 0)
                        return r;
                if (!stop)
                        break;
        }
        if (!keyfile_newest(&file))
                return err_set(err, -EINVAL, "there is no key in it to send with");
        *ret = file;
        return 0;
}

static int check_file(int fd, struct err *err)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return err_errno(err, -errno, "it cannot be examined");
        if (!S_ISREG(st.st_mode))
                return err_set(err, -EINVAL, "it is not a file");
        if (st.st_mode & 077)
                return err_set(err, -EPERM,
                        "others than its owner may use it: its mode is %04o and "
                        "must be 0600",
                        (unsigned)st.st_mode & 07777);
        if (st.st_uid != 0 && st.st_uid != geteuid())
                return err_set(err, -EPERM, "it belongs to somebody else (uid %u)", st.st_uid);
        if (st.st_size > KEYFILE_SIZE_MAX)
                return err_set(
                        err, -E2BIG, "it is larger than %u bytes", (unsigned)KEYFILE_SIZE_MAX);
        return 0;
}

int keyfile_read(const char *path, struct keyfile *ret, struct err *err)
{
        char text[KEYFILE_SIZE_MAX];
        CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        size_t length = 0;
        ssize_t n = 1;
        int r;

        if (fd < 0)
                return err_errno(err, -errno, "key file '%s' cannot be opened", path);
        r = check_file(fd, err);
        while (r == 0 && n > 0 && length < sizeof(text)) {
                n = read(fd, text + length, sizeof(text) - length);
                length += n > 0 ? (size_t)n : 0;
        }
        if (r == 0 && n < 0)
                r = err_errno(err, -errno, "it cannot be read");
        if (r == 0)
                r = keyfile_parse(text, length, ret, err);
        explicit_bzero(text, sizeof(text));
        return r < 0 ? err_wrap(err, r, "key file '%s'", path) : 0;
}

static void format(const struct keyfile *file, struct text *out)
{
        text_append(out, preface);
        for (unsigned i = 0; i < file->count; i++) {
                const struct keyfile_key *key = &file->keys[i];
                char made[64];
                struct tm tm;

                text_format(out, "key %u ", key->id);
                for (size_t k = 0; k < KEYFILE_SECRET_SIZE; k++)
                        text_format(out, "%02x", key->secret[k]);
                (void)gmtime_r(&key->created, &tm);
                (void)strftime(made, sizeof(made), TIME_FORMAT, &tm);
                text_format(out, " %s%s\n", made, key->receive ? " receive" : "");
        }
}

int keyfile_write(const char *path, const struct keyfile *file, bool replace, struct err *err)
{
        struct text text = {};
        int r;

        format(file, &text);
        r = newfile_put(path, 0600, text.data, text.length, replace);
        explicit_bzero(text.data, text.length);
        text_clear(&text);
        if (r == -EEXIST)
                return err_set(err, r, "there is a key file '%s' already", path);
        return r < 0 ? err_errno(err, r, "key file '%s' cannot be written", path) : 0;
}

static int draw(void *out, size_t size, struct err *err)
{
        if (getrandom(out, size, 0) != (ssize_t)size)
                return err_errno(err, -errno, "the kernel gives no random bytes");
        return 0;
}

int keyfile_generate(
        struct keyfile *file, time_t now, bool receive, uint16_t *ret_id, struct err *err)
{
        struct keyfile_key *key;
        int r;

        if (file->count == KEYFILE_KEYS_MAX)
                return err_set(err, -ENOSPC, "there are %u keys already, which is the most",
                        (unsigned)KEYFILE_KEYS_MAX);
        key = &file->keys[file->count];
        *key = (struct keyfile_key){ .created = now, .receive = receive };
        do
                r = draw(&key->id, sizeof(key->id), err);
        while (r == 0 && (key->id == 0 || key->id > KEYFILE_ID_MAX || find(file, key->id)));
        if (r == 0)
                r = draw(key->secret, sizeof(key->secret), err);
        if (r < 0)
                return r;
        file->count++;
        *ret_id = key->id;
        return 0;
}

const struct keyfile_key *keyfile_newest(const struct keyfile *file)
{
        const struct keyfile_key *newest = NULL;

        for (unsigned i = 0; i < file->count; i++)
                if (!file->keys[i].receive && (!newest || file->keys[i].created >= newest->created))
                        newest = &file->keys[i];
        return newest;
}

void keyfile_clear(struct keyfile *file)
{
        explicit_bzero(file, sizeof(*file));
}
