/* The state file of the cluster: see cluster_state.h.
 *
 * What the thread shares with the loop belongs to both: the last one to leave releases it, so that
 * the loop never waits for a thread that waits for a disk.  A thread that was left puts nothing in
 * the file's place any more. */
#include "daemon/cluster_state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "daemon/thread.h"

enum { SIZE_MAX_BYTES = 8192 };
#define RETRY_USEC USEC_SEC

struct job {
        uint64_t ticket; /* 0: none */
        struct election_record record;
};

struct shared {
        pthread_mutex_t lock;
        char *path, *directory; /* path NULL: memory only */
        char *identifier;
        struct identity_id id;
        struct job wanted;
        uint64_t written; /* ticket */
        int error;        /* of the last try */
        bool running, is_over;
        unsigned users;
        int fd, lock_fd;
};

struct cluster_state {
        struct shared *shared;
        struct election_record read;
        sd_event_source *source, *retry;
        bool failing;
        const struct cluster_state_handler *handler;
        void *context;
};

static void clear(struct shared *s)
{
        (void)pthread_mutex_destroy(&s->lock);
        (void)fd_close(s->fd);
        (void)fd_close(s->lock_fd);
        mem_free(s->path);
        mem_free(s->directory);
        mem_free(s->identifier);
        mem_free(s);
}

/* With the lock held, which is given up. */
static void leave(struct shared *s)
{
        bool is_last = --s->users == 0;

        (void)pthread_mutex_unlock(&s->lock); /* fails for none of ours */
        if (is_last)
                clear(s);
}

/*
 * The file.
 */

static char *temporary_name(const struct shared *s, uint64_t incarnation)
{
        return mem_format("%s.%" PRIu64, s->path, incarnation);
}

static char *encode(const struct shared *s, const struct election_record *r)
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

static int write_all(int fd, const char *text)
{
        size_t length = strlen(text);
        ssize_t n = write(fd, text, length);

        if (n < 0)
                return -errno;
        return (size_t)n == length ? 0 : -ENOSPC; /* a few hundred bytes go whole or not at all */
}

static int write_temporary(const struct shared *s, const char *path, const char *text)
{
        CLEANUP(fd_close) int fd = -1;
        int r;

        (void)unlink(path); /* of a try that failed */
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        r = write_all(fd, text);
        return r < 0 ? r : fsync(fd) < 0 ? -errno : 0;
}

static int sync_directory(const struct shared *s)
{
        CLEANUP(fd_close) int fd = open(s->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

/* With the lock held, but not while the disk is waited for. */
static int write_record(struct shared *s, const struct job *job)
{
        CLEANUP(mem_free) char *temporary = temporary_name(s, job->record.incarnation);
        CLEANUP(mem_free) char *text = encode(s, &job->record);
        int r;

        (void)pthread_mutex_unlock(&s->lock);
        r = write_temporary(s, temporary, text);
        (void)pthread_mutex_lock(&s->lock);
        if (r < 0 || s->is_over) {
                (void)unlink(temporary);
                return r < 0 ? r : -ECANCELED;
        }
        if (rename(temporary, s->path) < 0)
                return -errno;
        (void)pthread_mutex_unlock(&s->lock);
        r = sync_directory(s);
        (void)pthread_mutex_lock(&s->lock);
        return r;
}

static void *work(void *context)
{
        struct shared *s = context;

        (void)pthread_mutex_lock(&s->lock); /* fails for none of ours */
        while (!s->is_over && s->wanted.ticket != s->written) {
                const struct job job = s->wanted;
                int r = write_record(s, &job);

                s->error = r;
                if (r >= 0)
                        s->written = job.ticket;
                (void)eventfd_write(s->fd, 1); /* cannot be full: it is read when set */
                if (r < 0)
                        break;
        }
        s->running = false;
        leave(s);
        return NULL;
}

/* With the lock held, which the thread takes first. */
static int start_thread(struct shared *s)
{
        int r = thread_start(work, s);

        if (r < 0)
                return r;
        s->running = true;
        s->users++;
        return 0;
}

/*
 * The loop's side.
 */

static void try_later(struct cluster_state *state)
{
        if (sd_event_source_set_time_relative(state->retry, RETRY_USEC) >= 0)
                (void)sd_event_source_set_enabled(state->retry, SD_EVENT_ONESHOT);
}

static void failed(struct cluster_state *state, int error)
{
        CLEANUP(mem_free)
        char *text = mem_format("cannot write %s: %s; without it nobody is told that we are there",
                state->shared->path, strerrordesc_np(-error));

        if (!state->failing)
                state->handler->told(state->context, false, text);
        state->failing = true;
        try_later(state);
}

/* With the lock held, or for a path that is none. */
static void begin(struct cluster_state *state)
{
        struct shared *s = state->shared;
        int r = 0;

        if (!s->path) {
                s->written = s->wanted.ticket;
                (void)eventfd_write(s->fd, 1);
        } else if (!s->running) {
                r = start_thread(s);
        }
        s->error = r < 0 ? r : s->error;
        if (r < 0)
                (void)eventfd_write(s->fd, 1);
}

static int on_retry(sd_event_source *source, uint64_t usec, void *context)
{
        struct cluster_state *state = context;

        (void)pthread_mutex_lock(&state->shared->lock);
        if (state->shared->wanted.ticket != state->shared->written)
                begin(state);
        (void)pthread_mutex_unlock(&state->shared->lock);
        return 0;
}

static int on_written(sd_event_source *source, int fd, uint32_t events, void *context)
{
        struct cluster_state *state = context;
        struct shared *s = state->shared;
        uint64_t ticket;
        eventfd_t count;
        int error;

        (void)eventfd_read(fd, &count); /* only to make it quiet */
        (void)pthread_mutex_lock(&s->lock);
        ticket = s->written;
        error = s->error;
        s->error = 0;
        (void)pthread_mutex_unlock(&s->lock);
        if (error < 0) {
                failed(state, error);
        } else if (state->failing) {
                state->failing = false;
                state->handler->told(state->context, true, "its state file can be written again");
        }
        if (ticket > 0)
                state->handler->written(state->context, ticket);
        return 0;
}

void cluster_state_write(
        struct cluster_state *state, uint64_t ticket, const struct election_record *record)
{
        struct shared *s = state->shared;

        (void)pthread_mutex_lock(&s->lock);
        s->wanted = (struct job){ ticket, *record };
        begin(state);
        (void)pthread_mutex_unlock(&s->lock);
}

/* What a crash in the middle of a try may have left. */
static void tidy(const struct shared *s, uint64_t incarnation)
{
        for (unsigned i = 0; i < 2; i++) {
                CLEANUP(mem_free) char *path = temporary_name(s, incarnation + i);

                (void)unlink(path); /* mostly there is none */
        }
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
static int load(struct cluster_state *state, char **ret_why, struct err *err)
{
        struct shared *s = state->shared;
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
                state->read = record;
                tidy(s, record.incarnation);
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
static int take_file(struct shared *s, struct err *err)
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

static int take_identity(struct cluster_state *state, char **ret_why, struct err *err)
{
        struct shared *s = state->shared;
        int r = 0;

        if (s->path) {
                r = take_file(s, err);
                if (r < 0)
                        return r;
                if (access(s->directory, W_OK | X_OK) < 0)
                        return err_errno(err, -errno, "cannot write into %s", s->directory);
                r = load(state, ret_why, err);
        }
        return r == 0 ? draw(&s->id, err) : r;
}

static int add_sources(struct cluster_state *state, sd_event *loop)
{
        int r = sd_event_add_io(
                loop, &state->source, state->shared->fd, EPOLLIN, on_written, state);

        if (r >= 0)
                r = sd_event_add_time(
                        loop, &state->retry, CLOCK_MONOTONIC, 0, USEC_MSEC, on_retry, state);
        return r < 0 ? r : sd_event_source_set_enabled(state->retry, SD_EVENT_OFF);
}

static struct cluster_state *make(const char *path, const char *identifier,
        const struct cluster_state_handler *handler, void *context)
{
        struct cluster_state *state = mem_new(sizeof(*state));
        struct shared *s = state->shared = mem_new(sizeof(*s));

        (void)pthread_mutex_init(&s->lock, NULL); /* cannot fail without attributes */
        s->users = 1;
        s->lock_fd = s->fd = -1;
        s->identifier = mem_strdup(identifier);
        s->path = path ? mem_strdup(path) : NULL;
        s->directory = path ? mem_strndup(path, (size_t)(strrchr(path, '/') - path)) : NULL;
        state->handler = handler;
        state->context = context;
        return state;
}

static int open_wake(struct cluster_state *state, sd_event *loop, struct err *err)
{
        int r;

        state->shared->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (state->shared->fd < 0)
                return err_errno(err, -errno, "cannot make an event descriptor");
        r = add_sources(state, loop);
        return r < 0 ? err_errno(err, r, "the loop does not watch for the cluster's state file")
                     : 0;
}

int cluster_state_open(sd_event *loop, const char *path, const char *identifier,
        const struct cluster_state_handler *handler, void *context, struct cluster_state **ret,
        char **ret_why, struct err *err)
{
        CLEANUP(cluster_state_free)
        struct cluster_state *state = make(path, identifier, handler, context);
        int r = take_identity(state, ret_why, err);

        if (r >= 0)
                r = open_wake(state, loop, err);
        if (r < 0)
                return r;
        *ret = TAKE(state);
        return 0;
}

void cluster_state_save(
        const struct cluster_state *state, struct descriptors *descriptors, struct saver *saver)
{
        const struct shared *s = state->shared;
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
        struct cluster_state *state = make(path && path[0] == '/' ? path : NULL,
                saved_text(item, "identifier") ?: "", handler, context);
        int r;

        if (path && path[0] != '/')
                saved_fail(item, "path", "it is not absolute");
        if (!id || !identity_parse(id, &state->shared->id) || identity_is_none(&state->shared->id))
                saved_fail(item, "id", "that is no id");
        state->shared->lock_fd = descriptors_take(descriptors, item, "lock");
        r = open_wake(state, loop, err);
        if (r < 0)
                return r;
        *ret = TAKE(state);
        return 0;
}

struct cluster_state *cluster_state_free(struct cluster_state *state)
{
        if (!state)
                return NULL;
        state->source = sd_event_source_disable_unref(state->source);
        state->retry = sd_event_source_disable_unref(state->retry);
        (void)pthread_mutex_lock(&state->shared->lock);
        state->shared->is_over = true;
        state->shared->lock_fd = fd_close(state->shared->lock_fd); /* others may have it now */
        leave(state->shared);
        return mem_free(state);
}

const struct identity_id *cluster_state_id(const struct cluster_state *state)
{
        return &state->shared->id;
}

const struct election_record *cluster_state_record(const struct cluster_state *state)
{
        return &state->read;
}
