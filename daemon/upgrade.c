/* Upgrade: see upgrade.h. */
#include "daemon/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/fd.h"
#include "base/monotonic.h"
#include "daemon/chronicle.h"
#include "daemon/cluster_host.h"
#include "daemon/daemon.h"
#include "daemon/disabilities.h"
#include "daemon/events_out.h"
#include "daemon/fdstore.h"
#include "daemon/httpd.h"
#include "daemon/image.h"
#include "daemon/notify.h"
#include "daemon/privileges.h"
#include "daemon/survival.h"

enum {
        CHECK_USEC_MAX = 30 * 1000 * 1000, /* the new binary's look at the state */
        CALM_USEC_MAX = 1000 * 1000,       /* until callers are gone */
        POLL_USEC = 2 * 1000,
        FILE_USEC = 1000 * 1000,
        WORDS_MAX = 4096,
};

enum phase {
        AT_REST,
        BEGUN,    /* the state is not written yet for the check */
        CHECKING, /* the new binary looks at it */
        CALMING,  /* callers are sent away, the cluster is told */
};

struct upgrade {
        struct daemon *daemon;
        enum phase phase;
        uint64_t request; /* who asked for it; 0: answered */
        char *binary;
        sd_event_source *timer;
        usec_t deadline;
        bool is_cluster_calm;

        pid_t pid; /* of the binary that checks; 0: none */
        sd_event_source *ended, *said;
        struct text words;

        unsigned done, failed;
        char *from, *failure;
        usec_t pause;

        sd_event_source *file_timer; /* while the state file is not to be had */
        bool is_told_of_file;
};

struct upgrade *upgrade_new(struct daemon *d)
{
        struct upgrade *u = mem_new(sizeof(*u));

        u->daemon = d;
        return u;
}

struct upgrade *upgrade_free(struct upgrade *u)
{
        if (!u)
                return NULL;
        upgrade_abandon(u);
        text_clear(&u->words);
        mem_free(u->binary);
        mem_free(u->from);
        mem_free(u->failure);
        return mem_free(u);
}

struct rpc_upgrade upgrade_state(const struct upgrade *u)
{
        return (struct rpc_upgrade){
                .version = PACKAGE_VERSION,
                .done = u->done,
                .from = u->from,
                .pause = u->pause,
                .failed = u->failed,
                .failure = u->failure,
                .is_under_way = u->phase != AT_REST,
        };
}

static void answer(struct upgrade *u, struct answer *taken)
{
        if (u->daemon->http && u->request)
                http_answer(u->daemon->http, u->request, taken);
        else
                answer_free(taken);
        u->request = 0;
}

/*
 * The check.
 */

/* As a wait reaps it or we are told to forget it. */
static void forget_check(struct upgrade *u)
{
        u->pid = 0;
        u->ended = sd_event_source_disable_unref(u->ended);
        u->said = sd_event_source_disable_unref(u->said);
}

/* With whomever it has started: it was made the leader of a group before it was anything else.
 * Whoever reaps strangers reaps it. */
static void end_check(const struct upgrade *u)
{
        if (u->pid && kill(-u->pid, SIGKILL) < 0)
                (void)kill(u->pid, SIGKILL);
}

void upgrade_abandon(struct upgrade *u)
{
        end_check(u);
        forget_check(u);
        cluster_host_resume(u->daemon);
        u->timer = sd_event_source_disable_unref(u->timer);
        u->file_timer = sd_event_source_disable_unref(u->file_timer);
        u->phase = AT_REST;
        answer(u, answer_new_fault(FAULT_FAILED, "the daemon ends"));
}

static void refuse(struct upgrade *u, const char *why)
{
        end_check(u);
        forget_check(u);
        u->timer = sd_event_source_disable_unref(u->timer);
        u->phase = AT_REST;
        daemon_log(u->daemon, LOG_LEVEL_ERROR, NULL, "no upgrade in place: %s", why);
        answer(u, answer_new_fault(FAULT_FAILED, why));
}

static int on_said(sd_event_source *source, int fd, uint32_t revents, void *context)
{
        struct upgrade *u = context;
        char buffer[WORDS_MAX];
        ssize_t n = read(fd, buffer, sizeof(buffer));
        size_t room = WORDS_MAX - u->words.length;

        if (n > 0)
                text_append_bytes(&u->words, buffer, (size_t)n < room ? (size_t)n : room);
        else if (n == 0 || errno != EAGAIN)
                (void)sd_event_source_set_enabled(source, SD_EVENT_OFF); /* it has said all */
        return 0;
}

/* Its words are a sentence or, where it died, what it had to say before. */
static void tidy_words(struct text *words)
{
        while (words->length && strchr(" \r\n", words->data[words->length - 1]))
                text_truncate(words, words->length - 1);
        for (size_t i = 0; i < words->length; i++)
                if (words->data[i] == '\n')
                        words->data[i] = ' ';
}

static void accept(struct upgrade *u);

static void on_check_over(struct upgrade *u, int status)
{
        CLEANUP(mem_free) char *how = NULL, *why = NULL;

        while (u->said && sd_event_source_get_io_fd(u->said) >= 0) {
                size_t before = u->words.length;

                (void)on_said(u->said, sd_event_source_get_io_fd(u->said), 0, u);
                if (u->words.length == before)
                        break;
        }
        forget_check(u);
        tidy_words(&u->words);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
                text_starts(text_string(&u->words), IMAGE_READY)) {
                accept(u);
                return;
        }
        how = WIFEXITED(status) && WEXITSTATUS(status) == 0
                      ? mem_strdup("it is no reeved that knows how to")
                      : process_wait_text(status);
        why = u->words.length ? mem_format("'%s' cannot go on from here: %s", u->binary,
                                        text_string(&u->words))
                              : mem_format("'%s' cannot go on from here: %s", u->binary, how);
        refuse(u, why);
}

bool upgrade_reap(struct upgrade *u, pid_t pid)
{
        siginfo_t info = {};
        int status;

        if (!pid || pid != u->pid ||
                waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
                info.si_pid != pid)
                return false;
        end_check(u); /* what it may leave behind; as long as it is not reaped the pid is its own */
        if (waitpid(pid, &status, 0) != pid)
                return false;
        on_check_over(u, status);
        return true;
}

static int on_ended(sd_event_source *source, int fd, uint32_t revents, void *context)
{
        struct upgrade *u = context;

        (void)upgrade_reap(u, u->pid); /* or SIGCHLD did */
        return 0;
}

/* "reeved --check-state=0" and what we were started with. */
static char **check_arguments(const struct image *image)
{
        size_t count = 0;
        char **argv;

        while (image->argv[count])
                count++;
        argv = mem_new_array(count + 3, sizeof(char *));
        argv[0] = count ? image->argv[0] : image->path;
        argv[1] = (char *)"--check-state=0";
        for (size_t i = 1; i < count; i++)
                argv[i + 1] = image->argv[i];
        return argv;
}

static int watch_check(struct upgrade *u, int *pidfd, int *words)
{
        sd_event *loop = u->daemon->loop;
        int r = sd_event_add_io(loop, &u->ended, *pidfd, EPOLLIN, on_ended, u);

        if (r >= 0)
                r = sd_event_source_set_io_fd_own(u->ended, true);
        if (r >= 0) {
                TAKE_FD(*pidfd);
                r = sd_event_add_io(loop, &u->said, *words, EPOLLIN, on_said, u);
        }
        if (r >= 0)
                r = sd_event_source_set_io_fd_own(u->said, true);
        if (r >= 0)
                TAKE_FD(*words);
        return r;
}

static int spawn_check(struct upgrade *u, int state)
{
        struct daemon *d = u->daemon;
        CLEANUP(mem_free) char **argv = check_arguments(d->image);
        CLEANUP(fd_close) int reading = -1, writing = -1, pidfd = -1;
        struct spawn_request request = {
                .path = u->binary,
                .argv = argv,
                .argv0 = u->binary,
                .environ = d->environ,
                .umask = -1,
                .in = state,
                .cgroup_fd = -1,
                .cgroup_procs_fd = -1,
        };
        int ends[2], r;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        reading = ends[0];
        writing = request.out = request.err = ends[1];
        if (fcntl(reading, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        r = spawner_start(d->spawner, &request, &u->pid, &pidfd);
        if (r >= 0)
                r = watch_check(u, &pidfd, &reading);
        return r;
}

/* Who runs out of descriptors half-way cannot go on, and who is put back cannot either. */
static int make_room(const struct descriptors *descriptors, struct err *err)
{
        uint64_t needed = descriptors_needed(descriptors);
        struct err limit = {};

        if (privileges_raise_limit(LIMIT_FILES, (int64_t)needed, &limit) >= 0)
                return 0;
        return err_set(err, -EMFILE,
                "it takes %" PRIu64 " file descriptors for a moment, which are more than this "
                "process may have",
                needed);
}

static int start_check(struct upgrade *u, struct err *err)
{
        CLEANUP(descriptors_free) struct descriptors *descriptors = descriptors_new();
        CLEANUP(fd_close) int state = -1;
        size_t length;
        CLEANUP(mem_free) char *text = survival_save(u->daemon, descriptors, &length);
        int r = make_room(descriptors, err);

        if (r < 0)
                return r;
        if (access(u->binary, X_OK) < 0) /* in words, which a child that cannot exec has none of */
                return err_set(
                        err, -errno, "cannot execute '%s': %s", u->binary, strerrordesc_np(errno));
        text_truncate(&u->words, 0);
        state = image_state(text, length);
        r = state < 0 ? state : spawn_check(u, state);
        return r < 0 ? err_set(err, r, "%s", strerrordesc_np(-r)) : 0;
}

/*
 * The way there.
 */

static void fail(struct upgrade *u, const char *why)
{
        u->phase = AT_REST;
        u->timer = sd_event_source_disable_unref(u->timer);
        u->failed++;
        mem_free(u->failure);
        u->failure = mem_strdup(why);
        daemon_log(u->daemon, LOG_LEVEL_ERROR, NULL, "the upgrade in place has failed: %s", why);
}

/* On as before, if it was not for those who have been sent away. */
static void undo(struct upgrade *u, const char *why)
{
        struct daemon *d = u->daemon;
        struct err err = {};

        httpd_cut(d); /* it takes nobody any more */
        if (httpd_start(d, &err) < 0)
                daemon_log(d, LOG_LEVEL_CRITICAL, NULL, "%s", err.text);
        events_out_mood(d, engine_mood(d->engine));
        cluster_host_resume(d);
        fail(u, why);
        notify_ready(d);
}

/* The point of no return is in image_replace(). */
static int replace(struct upgrade *u, usec_t stopped_at, struct err *err)
{
        struct daemon *d = u->daemon;
        CLEANUP(descriptors_free) struct descriptors *descriptors = descriptors_new();
        CLEANUP(fd_close) int state = -1;
        size_t length;
        CLEANUP(mem_free) char *text = survival_save(d, descriptors, &length);
        int r = make_room(descriptors, err);

        if (r < 0)
                return r;
        state = image_state(text, length);
        r = state < 0 ? state : descriptors_bequeath(descriptors);
        if (r >= 0) {
                r = image_replace(d->image, u->binary, state, stopped_at);
                descriptors_keep(descriptors);
        }
        return err_set(err, r, "cannot execute '%s': %s", u->binary, strerrordesc_np(-r));
}

static void jump(struct upgrade *u)
{
        struct daemon *d = u->daemon;
        usec_t stopped_at = monotonic_now();
        struct err err = {};

        events_out_pause(d);
        descendants_drain(d->descendants);                 /* the ends of strangers are told once */
        d->descendants = descendants_free(d->descendants); /* the kernel has to be told */
        activity_flush(d->activity);
        (void)replace(u, stopped_at, &err); /* it returns with an error only */
        if (!d->is_deaf)
                d->descendants = descendants_new(d);
        if (d->descendants)
                children_introduce(d, d->descendants);
        undo(u, err.text);
}

static bool is_calm(const struct upgrade *u)
{
        const struct daemon *d = u->daemon;

        return u->is_cluster_calm && !d->fcgi_checks && !disabilities_is_pending(d->disabilities) &&
               (!d->http || http_is_drained(d->http)) && fdstore_settle(d->fdstore);
}

static void calm(struct upgrade *u)
{
        struct daemon *d = u->daemon;
        bool is_late = monotonic_now() >= u->deadline;

        if (engine_mood(d->engine) != MOOD_RUNNING) {
                undo(u, "the daemon is about to end or to begin anew");
                return;
        }
        if (!is_calm(u) && !is_late)
                return;
        if (d->fcgi_checks) {
                undo(u, "a name server that was asked for the address of a FastCGI socket does not "
                        "answer");
                return;
        }
        if (disabilities_is_pending(d->disabilities)) {
                undo(u, "the file of disabled programs is not written yet");
                return;
        }
        httpd_cut(d); /* those that do not read their answer */
        if (!d->feeding && u->is_cluster_calm)
                jump(u);
}

static void on_cluster_calm(void *context)
{
        ((struct upgrade *)context)->is_cluster_calm = true;
}

static void accept(struct upgrade *u)
{
        struct daemon *d = u->daemon;

        if (engine_mood(d->engine) != MOOD_RUNNING) {
                refuse(u, "the daemon is about to end or to begin anew");
                return;
        }
        daemon_log(d, LOG_LEVEL_INFO, NULL, "upgrading in place: '%s' (%s) goes on", u->binary,
                text_string(&u->words) + strlen(IMAGE_READY));
        u->phase = CALMING;
        u->deadline = usec_add(monotonic_now(), CALM_USEC_MAX);
        answer(u, answer_new(ANSWER_TRUE));
        notify_reloading();
        if (d->http)
                http_drain(d->http);
        u->is_cluster_calm = false;
        cluster_host_prepare_upgrade(d, on_cluster_calm, u);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
        struct upgrade *u = context;
        struct daemon *d = u->daemon;
        struct err err = {};

        /* Right arguments do not fail. */
        (void)sd_event_source_set_time_relative(source, POLL_USEC);
        (void)sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        switch (u->phase) {
        case AT_REST:
                break;
        case BEGUN:
                if (d->feeding)
                        break;
                u->phase = CHECKING;
                u->deadline = usec_add(monotonic_now(), CHECK_USEC_MAX);
                if (start_check(u, &err) < 0)
                        refuse(u, err.text);
                break;
        case CHECKING:
                if (monotonic_now() < u->deadline)
                        break;
                refuse(u, "the new binary does not say whether it can go on");
                break;
        case CALMING:
                calm(u);
                break;
        }
        return 0;
}

void upgrade_begin(struct upgrade *u, uint64_t request, const char *binary)
{
        struct daemon *d = u->daemon;

        if (u->phase != AT_REST) {
                http_answer(d->http, request,
                        answer_new_fault(FAULT_FAILED, "an upgrade is under way"));
                return;
        }
        u->request = request;
        mem_free(u->binary);
        u->binary = mem_strdup(binary ? binary : d->image->path);
        u->phase = BEGUN;
        if (sd_event_add_time(d->loop, &u->timer, CLOCK_MONOTONIC, 0, 1, on_timer, u) < 0)
                refuse(u, "the loop has no timer for it");
}

/*
 * The other side.
 */

void upgrade_save(const struct upgrade *u, struct saver *saver)
{
        saver_count(saver, "upgrades", u->done);
        saver_count(saver, "failed_upgrades", u->failed);
        saver_text(saver, "upgraded_from", u->from);
        saver_text(saver, "upgrade_failure", u->failure);
        saver_count(saver, "upgrade_pause", u->pause);
}

static char *text_of(struct saved_item *item, const char *key)
{
        const char *text = saved_text(item, key);

        return text ? mem_strdup(text) : NULL;
}

void upgrade_restore(struct upgrade *u, struct saved_item *item)
{
        u->done = (unsigned)saved_count(item, "upgrades", INT32_MAX, 0);
        u->failed = (unsigned)saved_count(item, "failed_upgrades", INT32_MAX, 0);
        u->from = text_of(item, "upgraded_from");
        u->failure = text_of(item, "upgrade_failure");
        u->pause = saved_count(item, "upgrade_pause", INT64_MAX, 0);
}

/* The state file may have been in other hands for a moment. */
static int on_file_again(sd_event_source *source, uint64_t usec, void *context)
{
        struct upgrade *u = context;
        struct daemon *d = u->daemon;
        struct err err = {};
        int r = d->feeding ? -EBUSY : chronicle_restore_again(d, &err);

        if (r > 0)
                daemon_log(d, LOG_LEVEL_INFO, NULL, "the state is written to '%s' again",
                        chronicle_path(d->chronicle));
        if (r >= 0)
                return 0;
        if (!u->is_told_of_file && err.code < 0)
                daemon_log(d, LOG_LEVEL_WARN, NULL,
                        "still after a crash no program could be gone on with: %s", err.text);
        u->is_told_of_file |= err.code < 0;
        (void)sd_event_source_set_time_relative(
                source, FILE_USEC); /* right arguments do not fail */
        (void)sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        return 0;
}

void upgrade_done(struct upgrade *u)
{
        struct daemon *d = u->daemon;
        usec_t pause = monotonic_now() - d->image->stopped_at;

        image_settle(d->image);
        u->file_timer = sd_event_source_disable_unref(u->file_timer);
        if (!chronicle_path(d->chronicle))
                (void)sd_event_add_time_relative(
                        d->loop, &u->file_timer, CLOCK_MONOTONIC, FILE_USEC, 0, on_file_again, u);
        if (d->image->refusal) {
                fail(u, d->image->refusal);
                return;
        }
        u->done++;
        u->pause = pause;
        mem_free(u->from);
        u->from = mem_strdup(d->survival->version);
        daemon_log(d, LOG_LEVEL_INFO, NULL, "upgraded from %s to %s in %" PRIu64 ".%" PRIu64 " ms",
                u->from, PACKAGE_VERSION, pause / 1000, pause % 1000 / 100);
}
