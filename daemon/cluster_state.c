/* The state file of the cluster: see cluster_state.h. */
#include "daemon/cluster_state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "loop/filewriter.h"

enum { SIZE_MAX_BYTES = 8192 };

struct cluster_state {
        char *path, *directory; /* NULL: memory only */
        char *identifier;
        struct identity_id id;
        struct election_record read;
        int lock_fd;
        struct filewriter *writer; /* NULL: memory only */
        sd_event_source *kept;     /* memory only: to say that it is written */
        uint64_t kept_ticket;
        bool failing;
        const struct cluster_state_handler *handler;
        void *context;
};

/*
 * The file.
 */

static char *encode(const struct cluster_state *s, const struct election_record *r)
{
        char id[IDENTITY_TEXT_SIZE], vote[IDENTITY_TEXT_SIZE];

        identity_text(&s->id, id);
        identity_text(&r->vote, vote);
        return mem_format("{\n  \"version\": 1,\n  \"identifier\": \"%s\",\n  \"id\": \"%s\",\n"
                          "  \"incarnation\": %" PRIu64 ",\n  \"term\": %" PRIu64
                          ",\n  \"vote\": \"%s\",\n  \"promise\": %" PRIu64 "\n}\n",
                s->identifier, id, r->incarnation, r->term, vote, r->promise);
}

static bool get_number(const json_t *object, const char *key, uint64_t *ret)
{
        const json_t *value = json_object_get(object, key);

        if (!json_is_integer(value) || json_integer_value(value) < 0)
                return false;
        *ret = (uint64_t)json_integer_value(value);
        return true;
}

static bool get_id(const json_t *object, const char *key, struct identity_id *ret)
{
        const char *text = json_string_value(json_object_get(object, key));

        return text && identity_parse(text, ret);
}

static bool decode(const json_t *object, struct identity_id *id, struct election_record *r)
{
        uint64_t version;

        return get_number(object, "version", &version) && version == 1 &&
               get_id(object, "id", id) && !identity_is_none(id) &&
               get_number(object, "incarnation", &r->incarnation) && r->incarnation > 0 &&
               get_number(object, "term", &r->term) && get_id(object, "vote", &r->vote) &&
               get_number(object, "promise", &r->promise);
}

static int draw(struct identity_id *id, struct err *err)
{
        if (getrandom(id->bytes, sizeof(id->bytes), 0) != sizeof(id->bytes))
                return err_errno(err, -errno, "cannot draw an identity");
        id->bytes[0] |= 1; /* not all zero */
        return 0;
}

static int read_text(const char *path, char out[SIZE_MAX_BYTES], size_t *ret)
{
        CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        ssize_t n;

        if (fd < 0)
                return -errno;
        n = read(fd, out, SIZE_MAX_BYTES);
        if (n < 0)
                return -errno;
        *ret = (size_t)n;
        return 0;
}

/* 1: it is taken over.  0: we begin anew, and *ret_why says why unless this is the first time. */
static int load(struct cluster_state *s, char **ret_why, struct err *err)
{
        char text[SIZE_MAX_BYTES];
        struct identity_id id;
        struct election_record record = {};
        const char *identifier;
        json_t *json;
        size_t length = 0;
        int r = read_text(s->path, text, &length);

        if (r == -ENOENT)
                return 0;
        if (r < 0)
                return err_errno(err, r, "cannot read %s", s->path);
        json = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
        identifier = json_string_value(json_object_get(json, "identifier"));
        r = 0;
        if (!decode(json, &id, &record) || !identifier) {
                *ret_why = mem_format(
                        "%s is damaged, so this instance begins anew, as somebody new", s->path);
        } else if (strcmp(identifier, s->identifier) != 0) {
                *ret_why = mem_format("%s is that of '%s', so this instance begins anew, as '%s'",
                        s->path, identifier, s->identifier);
        } else {
                s->id = id;
                s->read = record;
                r = 1;
        }
        json_decref(json);
        return r;
}

static int open_lock(const char *path)
{
        return open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* Two instances with one identity would each vote for both. */
static int take_file(struct cluster_state *s, struct err *err)
{
        CLEANUP(mem_free) char *path = mem_format("%s.lock", s->path);

        s->lock_fd = open_lock(path);
        if (s->lock_fd < 0 && errno == ENOENT) {
                /* It was to be made before: why that failed is what an operator has to know. */
                if (mkdir(s->directory, 0755) < 0)
                        return err_errno(err, -errno, "cannot make %s", s->directory);
                s->lock_fd = open_lock(path);
        }
        if (s->lock_fd < 0)
                return err_errno(err, -errno, "cannot open %s", path);
        if (flock(s->lock_fd, LOCK_EX | LOCK_NB) == 0)
                return 0;
        if (errno != EWOULDBLOCK)
                return err_errno(err, -errno, "cannot lock %s", path);
        return err_set(err, -EBUSY,
                "%s is in use by another instance: each needs a state_dir or a "
                "port of its own",
                s->path);
}

static int take_identity(struct cluster_state *s, char **ret_why, struct err *err)
{
        int r = 0;

        if (s->path) {
                r = take_file(s, err);
                if (r < 0)
                        return r;
                if (access(s->directory, W_OK | X_OK) < 0)
                        return err_errno(err, -errno, "cannot write into %s", s->directory);
                r = load(s, ret_why, err);
        }
        return r == 0 ? draw(&s->id, err) : r;
}

/*
 * Writing.
 */

static void on_file(void *context, uint64_t ticket)
{
        struct cluster_state *s = context;

        if (s->failing)
                s->handler->told(s->context, true, "its state file can be written again");
        s->failing = false;
        s->handler->written(s->context, ticket);
}

static void on_failure(void *context, int error)
{
        struct cluster_state *s = context;
        CLEANUP(mem_free)
        char *text = mem_format("cannot write %s: %s; without it nobody is told that we are there",
                s->path, strerrordesc_np(-error));

        if (!s->failing)
                s->handler->told(s->context, false, text);
        s->failing = true;
}

static const struct filewriter_handler writing = { .written = on_file, .failed = on_failure };

/* From the loop, as if it had been a file: a step that asks is not answered within itself. */
static int on_kept(sd_event_source *source, void *context)
{
        struct cluster_state *s = context;

        s->handler->written(s->context, s->kept_ticket);
        return 0;
}

void cluster_state_write(
        struct cluster_state *s, uint64_t ticket, const struct election_record *record)
{
        char *text;

        if (!s->writer) {
                s->kept_ticket = ticket;
                (void)sd_event_source_set_enabled(
                        s->kept, SD_EVENT_ONESHOT); /* right arguments do not fail */
                return;
        }
        text = encode(s, record);
        filewriter_put(s->writer, ticket, text, strlen(text));
}

static int make_writer(struct cluster_state *s, sd_event *loop, struct err *err)
{
        int r;

        if (s->path)
                return filewriter_new(loop, s->path, 0600, &writing, s, &s->writer, err);
        r = sd_event_add_defer(loop, &s->kept, on_kept, s);
        if (r >= 0)
                r = sd_event_source_set_enabled(s->kept, SD_EVENT_OFF);
        return r < 0 ? err_errno(err, r, "the loop does not keep the cluster's state") : 0;
}

static struct cluster_state *make(const char *path, const char *identifier,
        const struct cluster_state_handler *handler, void *context)
{
        struct cluster_state *s = mem_new(sizeof(*s));

        s->lock_fd = -1;
        s->identifier = mem_strdup(identifier);
        s->path = path ? mem_strdup(path) : NULL;
        s->directory = path ? mem_strndup(path, (size_t)(strrchr(path, '/') - path)) : NULL;
        s->handler = handler;
        s->context = context;
        return s;
}

int cluster_state_open(sd_event *loop, const char *path, const char *identifier,
        const struct cluster_state_handler *handler, void *context, struct cluster_state **ret,
        char **ret_why, struct err *err)
{
        CLEANUP(cluster_state_free)
        struct cluster_state *s = make(path, identifier, handler, context);
        int r = take_identity(s, ret_why, err);

        if (r >= 0)
                r = make_writer(s, loop, err);
        if (r < 0)
                return r;
        *ret = TAKE(s);
        return 0;
}

void cluster_state_save(
        const struct cluster_state *s, struct descriptors *descriptors, struct saver *saver)
{
        char id[IDENTITY_TEXT_SIZE];

        identity_text(&s->id, id);
        saver_item(saver, "record");
        saver_text(saver, "path", s->path);
        saver_text(saver, "identifier", s->identifier);
        saver_text(saver, "id", id);
        descriptors_save(descriptors, saver, "lock", s->lock_fd);
}

int cluster_state_restore(sd_event *loop, struct saved_item *item, struct descriptors *descriptors,
        const struct cluster_state_handler *handler, void *context, struct cluster_state **ret,
        struct err *err)
{
        const char *path = saved_text(item, "path");
        const char *id = saved_text(item, "id");
        CLEANUP(cluster_state_free)
        struct cluster_state *s = make(path && path[0] == '/' ? path : NULL,
                saved_text(item, "identifier") ?: "", handler, context);
        int r;

        if (path && path[0] != '/')
                saved_fail(item, "path", "it is not absolute");
        if (!identity_name_is_valid(s->identifier, strlen(s->identifier)))
                saved_fail(item, "identifier", "that is no identifier");
        if (!id || !identity_parse(id, &s->id) || identity_is_none(&s->id))
                saved_fail(item, "id", "that is no id");
        s->lock_fd = descriptors_take(descriptors, item, "lock");
        r = make_writer(s, loop, err);
        if (r < 0)
                return r;
        *ret = TAKE(s);
        return 0;
}

struct cluster_state *cluster_state_free(struct cluster_state *s)
{
        if (!s)
                return NULL;
        filewriter_free(s->writer);
        sd_event_source_disable_unref(s->kept);
        (void)fd_close(s->lock_fd); /* others may have it now */
        mem_free(s->path);
        mem_free(s->directory);
        mem_free(s->identifier);
        return mem_free(s);
}

const struct identity_id *cluster_state_id(const struct cluster_state *s)
{
        return &s->id;
}

const struct election_record *cluster_state_record(const struct cluster_state *s)
{
        return &s->read;
}
