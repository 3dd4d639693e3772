/* Disabilities: see disabilities.h. */
#include "daemon/disabilities.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>
#include <uthash.h>

#include "base/fd.h"
#include "base/text.h"
#include "loop/filewriter.h"

enum { FILE_BYTES_MAX = 1 << 20 };

struct entry {
        char *program;
        bool disabled;
        UT_hash_handle hh;
};

struct disabilities {
        char *path; /* NULL: it could not be read, and is none of ours */
        struct disabilities_host host;
        struct entry *entries;
        bool is_written;           /* the file says the same, or will */
        struct filewriter *writer; /* NULL: nothing is kept */
        uint64_t ticket, settled;  /* of the last content, and of what was written or was not */
        int told;                  /* why it could not be written, as last said; 0: it could */
};

static void say(const struct disabilities *d, enum log_level level, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
static void say(const struct disabilities *d, enum log_level level, const char *format, ...)
{
        CLEANUP(mem_free) char *text = NULL;
        va_list ap;

        va_start(ap, format);
        text = mem_vformat(format, ap);
        va_end(ap);
        d->host.sink.write(d->host.sink.context, level, text);
}

static void set(struct disabilities *d, const char *program, bool disabled)
{
        struct entry *entry;

        HASH_FIND_STR(d->entries, program, entry);
        if (entry && entry->disabled == disabled)
                return;
        if (!entry) {
                entry = mem_new(sizeof(*entry));
                entry->program = mem_strdup(program);
                HASH_ADD_KEYPTR(hh, d->entries, entry->program, strlen(entry->program), entry);
        }
        entry->disabled = disabled;
        d->is_written = false;
}

/*
 * Reading.
 */

static int read_all(int fd, struct text *bytes)
{
        char buffer[4096];
        struct stat st;
        ssize_t n;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
                text_append_bytes(bytes, buffer, (size_t)n);
                if (bytes->length > FILE_BYTES_MAX)
                        return -EFBIG;
        }
        return n < 0 ? -errno : 0;
}

static void move_aside(struct disabilities *d, const char *why)
{
        CLEANUP(mem_free) char *bad = mem_format("%s.bad", d->path);

        if (rename(d->path, bad) == 0) {
                say(d, LOG_LEVEL_ERROR,
                        "disabilities file '%s' is not valid, all programs are enabled and it is "
                        "now '%s': %s",
                        d->path, bad, why);
                return;
        }
        say(d, LOG_LEVEL_ERROR,
                "disabilities file '%s' is not valid, all programs are enabled; it cannot be moved "
                "aside (%s) and is not written: %s",
                d->path, strerrordesc_np(errno), why);
        d->path = mem_free(d->path);
}

static void take_entry(struct disabilities *d, const char *program, const json_t *value)
{
        if (json_is_boolean(value))
                set(d, program, json_is_true(value));
        else
                say(d, LOG_LEVEL_WARN,
                        "disabilities file '%s': '%s' is neither true nor false, which is ignored",
                        d->path, program);
}

static void parse(struct disabilities *d, const struct text *bytes)
{
        json_error_t error;
        json_t *root = json_loadb(text_string(bytes), bytes->length,
                JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
        const char *program;
        json_t *value;

        if (!root) {
                CLEANUP(mem_free) char *why = mem_format("line %d: %s", error.line, error.text);

                move_aside(d, why);
                return;
        }
        if (json_is_object(root))
                json_object_foreach(root, program, value) take_entry(d, program, value);
        else
                say(d, LOG_LEVEL_WARN, "disabilities file '%s' is ignored: it holds no JSON object",
                        d->path);
        json_decref(root);
}

static void load(struct disabilities *d)
{
        CLEANUP(fd_close) int fd = open(d->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        CLEANUP(text_clear) struct text bytes = {};
        int r = fd < 0 ? -errno : read_all(fd, &bytes);

        if (r == -ENOENT)
                return;
        if (r == -EFBIG) {
                move_aside(d, "it is larger than 1 MiB");
                return;
        }
        if (r < 0) {
                say(d, LOG_LEVEL_ERROR,
                        "disabilities file '%s' cannot be read, so none is kept: %s", d->path,
                        strerrordesc_np(-r));
                d->path = mem_free(d->path);
                return;
        }
        parse(d, &bytes);
}

/*
 * Writing.
 */

static void settle(struct disabilities *d, uint64_t ticket)
{
        if (d->settled == d->ticket)
                return;
        d->settled = ticket;
        if (d->settled == d->ticket)
                d->host.settled(d->host.context);
}

static void on_written(void *context, uint64_t ticket)
{
        struct disabilities *d = context;

        if (ticket == d->ticket)
                d->told = 0;
        settle(d, ticket);
}

static void on_failure(void *context, int error)
{
        struct disabilities *d = context;

        if (error != d->told)
                say(d, LOG_LEVEL_ERROR, "disabilities file '%s' cannot be written: %s", d->path,
                        strerrordesc_np(-error));
        d->told = error;
        settle(d, d->ticket);
}

static const struct filewriter_handler writing = { .written = on_written, .failed = on_failure };

/* The folders above the file, as far as they are missing. */
static int make_folders(const char *path)
{
        CLEANUP(mem_free) char *folder = mem_strdup(path);

        for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                if (mkdir(folder, 0755) < 0 && errno != EEXIST)
                        return -errno;
                *slash = '/';
        }
        return 0;
}

static char *format(const struct disabilities *d)
{
        json_t *root = json_object();
        char *text;

        for (struct entry *entry = d->entries; entry; entry = entry->hh.next)
                if (json_object_set_new(root, entry->program, json_boolean(entry->disabled)) < 0)
                        say(d, LOG_LEVEL_WARN,
                                "the name of a program is not UTF-8, whether it is disabled is not "
                                "kept");
        text = json_dumps(root, JSON_INDENT(1) | JSON_SORT_KEYS);
        json_decref(root);
        return text;
}

static void save(struct disabilities *d)
{
        char *text;

        if (!d->writer || d->is_written)
                return;
        text = format(d);
        if (!text) {
                on_failure(d, -ENOMEM); /* nothing is pending for it */
                return;
        }
        d->is_written = true;
        filewriter_put(d->writer, ++d->ticket, text, strlen(text)); /* malloc()ed by jansson */
}

static void make_writer(struct disabilities *d, sd_event *loop)
{
        struct err err = {};

        if (!d->path)
                return;
        (void)make_folders(d->path); /* a folder that is not there is told of by the writing */
        if (filewriter_new(loop, d->path, 0644, &writing, d, &d->writer, &err) < 0)
                say(d, LOG_LEVEL_ERROR, "disabilities file '%s' is not written: %s", d->path,
                        err.text);
}

struct disabilities *disabilities_open(
        sd_event *loop, const char *path, const struct disabilities_host *host)
{
        struct disabilities *d = mem_new(sizeof(*d));

        d->path = mem_strdup(path);
        d->host = *host;
        load(d);
        make_writer(d, loop);
        return d;
}

struct disabilities *disabilities_free(struct disabilities *d)
{
        struct entry *entry, *next;
        int r;

        if (!d)
                return NULL;
        r = d->writer ? filewriter_finish(d->writer) : 0;
        if (r < 0)
                on_failure(d, r);
        filewriter_free(d->writer);
        HASH_ITER (hh, d->entries, entry, next) {
                HASH_DEL(d->entries, entry);
                mem_free(entry->program);
                mem_free(entry);
        }
        mem_free(d->path);
        return mem_free(d);
}

void disabilities_each(const struct disabilities *d,
        void (*tell)(void *context, const char *program), void *context)
{
        for (struct entry *entry = d ? d->entries : NULL; entry; entry = entry->hh.next)
                if (entry->disabled)
                        tell(context, entry->program);
}

/* A program that is known stays as it is. */
static void add(struct disabilities *d, const char *program)
{
        struct entry *entry;

        HASH_FIND_STR(d->entries, program, entry);
        if (!entry)
                set(d, program, false);
}

static void add_programs(struct disabilities *d, const struct program_group *group)
{
        for (char **label = group->labels; label && *label; label++)
                add(d, *label);
}

void disabilities_add_group(struct disabilities *d, const struct program_group *group)
{
        if (!d)
                return;
        add_programs(d, group);
        save(d);
}

void disabilities_add_set(struct disabilities *d, const struct program_set *set)
{
        if (!d)
                return;
        for (size_t i = 0; i < set->count; i++)
                add_programs(d, set->groups[i]);
        save(d);
}

void disabilities_set(struct disabilities *d, const char *program, bool disabled)
{
        if (!d)
                return;
        set(d, program, disabled);
        d->told = 0; /* each thing that somebody asks for and that is not kept is worth a line */
        save(d);
}

bool disabilities_is_pending(const struct disabilities *d)
{
        return d && d->settled != d->ticket;
}
