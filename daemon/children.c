/* Children: see children.h. */
#include "daemon/children.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroup/limit.h"
#include "cgroup/proctree.h"
#include "cgroup/sample.h"
#include "cgroup/tree.h"
#include "cgroup/usage.h"
#include "daemon/adoption.h"
#include "daemon/children_table.h"
#include "daemon/chronicle.h"
#include "daemon/command.h"
#include "daemon/daemon.h"
#include "daemon/environment.h"
#include "daemon/fcgi.h"
#include "daemon/kept.h"
#include "daemon/privileges.h"
#include "daemon/spawn.h"

/* Exits first: whatever else waits, a program that is to run again is not delayed by it. */
enum { PRIORITY_EXIT = SD_EVENT_PRIORITY_NORMAL - 10 };

struct children *children_new(void)
{
        return mem_new(sizeof(struct children));
}

struct child *children_find(const struct daemon *d, uint32_t id)
{
        struct child *child;

        HASH_FIND(by_id, d->children->by_id, &id, sizeof(id), child);
        return child;
}

/* Ends what belongs to the present run; the pid is no concern of ours any more. */
static void close_run(struct child *child)
{
        if (child->pid)
                HASH_DELETE(by_pid, child->daemon->children->by_pid, child);
        child->pid = 0;
        if (child->is_stranger)
                descendants_attend(child->daemon->descendants, false);
        child->is_stranger = child->has_heard = false;
        child->watch = adoption_forget(child->watch);
        child->exit_source = sd_event_source_disable_unref(child->exit_source);
        child->pidfd = fd_close(child->pidfd);
}

static void close_watch(struct child *child)
{
        child->empty_source = sd_event_source_disable_unref(child->empty_source);
        if (child->slot)
                cgroup_slot_events_done(child->slot);
}

static void child_free(struct child *child)
{
        HASH_DELETE(by_id, child->daemon->children->by_id, child);
        close_run(child);
        close_watch(child);
        fcgi_release(child->daemon, TAKE(child->socket));
        channels_clear(&child->channels);
        child->user = privileges_user_free(child->user);
        child->slot = cgroup_slot_close(child->slot);
        mem_free(child->kept_as);
        mem_free(child->rest);
        mem_free(child);
}

struct children *children_free(struct children *children)
{
        struct child *child, *next;

        if (!children)
                return NULL;
        HASH_ITER (by_id, children->by_id, child, next)
                child_free(child);
        return mem_free(children);
}

struct child *children_new_child(struct daemon *d, uint32_t id)
{
        struct child *child = mem_new(sizeof(*child));

        child->id = id;
        child->daemon = d;
        child->pidfd = -1;
        HASH_ADD(by_id, d->children->by_id, id, sizeof(child->id), child);
        return child;
}

void children_add(struct daemon *d, uint32_t id)
{
        const struct process *process = engine_process(d->engine, id);
        struct child *child;

        if (!process || children_find(d, id))
                return;
        child = children_new_child(d, id);
        channels_init(&child->channels, child, process);
}

void children_revive(struct daemon *d, uint32_t id, struct saved_item *channels)
{
        const struct process *process = engine_process(d->engine, id);
        struct channel_ends none = { -1, -1, -1 };
        struct child *child;
        struct err err = {};

        if (!process || children_find(d, id))
                return;
        child = children_new_child(d, id);
        if (channels_restore(&child->channels, child, process, channels, &none, &err) < 0)
                daemon_log(d, LOG_LEVEL_WARN, process, "the log files of '%s': %s",
                        process->program->name, err.text);
}

void children_remove(struct daemon *d, uint32_t id)
{
        struct child *child = children_find(d, id);

        if (!child)
                return;
        descendants_forget(d->descendants, id);
        kept_over(child);
        child_free(child);
}

/*
 * The end of a run.
 */

/* What the run has used; of a process without a cgroup what the kernel tells who reaps it, which is
 * of all descendants that were waited for.  NULL: nothing. */
static const struct figures *end_usage(
        struct child *child, bool is_empty, const struct rusage *reaped, struct figures *ret)
{
        uint64_t user, system;

        *ret = (struct figures){};
        if (child->slot)
                return cgroup_slot_end(child->slot, is_empty, ret) < 0 ? NULL : ret;
        if (!reaped)
                return NULL;
        user = (uint64_t)reaped->ru_utime.tv_sec * USEC_SEC + (uint64_t)reaped->ru_utime.tv_usec;
        system = (uint64_t)reaped->ru_stime.tv_sec * USEC_SEC + (uint64_t)reaped->ru_stime.tv_usec;
        figures_set(ret, FIGURE_CPU, user + system, FIGURE_FROM_WAIT);
        figures_set(ret, FIGURE_CPU_USER, user, FIGURE_FROM_WAIT);
        figures_set(ret, FIGURE_CPU_SYSTEM, system, FIGURE_FROM_WAIT);
        return ret;
}

void children_close_channels(struct child *child)
{
        channels_finish(&child->channels);
        kept_over(child);
}

static int on_empty(sd_event_source *source, int fd, uint32_t revents, void *context)
{
        struct child *child = context;
        struct event ev = { .type = EV_EMPTIED, .emptied = { .process = child->id } };
        struct figures usage;

        if (cgroup_slot_populated(child->slot) == 1)
                return 0; /* something else about the group has changed */
        close_watch(child);
        children_close_channels(child);
        ev.emptied.usage = end_usage(child, true, NULL, &usage);
        daemon_feed(child->daemon, &ev);
        return 0;
}

int children_watch_empty(struct child *child)
{
        return sd_event_add_io(child->daemon->loop, &child->empty_source,
                cgroup_slot_events_fd(child->slot), EPOLLPRI, on_empty, child);
}

bool children_watch_leftovers(struct child *child)
{
        const struct process *process = engine_process(child->daemon->engine, child->id);

        if (!child->slot || !process || cgroup_slot_populated(child->slot) != 1)
                return false;
        if (process->program->kill_narrow) {
                cgroup_slot_spare(child->slot, true);
                return false;
        }
        if (children_watch_empty(child) < 0)
                return false; /* then they are not waited for */
        if (cgroup_slot_populated(child->slot) == 1)
                return true;
        close_watch(child); /* gone in between */
        return false;
}

/* Whether nobody of the run is left that could add to its figures. */
static bool is_deserted(const struct child *child)
{
        return child->slot && cgroup_slot_populated(child->slot) == 0;
}

void children_ended(struct child *child, const int *status, const struct rusage *reaped)
{
        struct event ev = { .type = status ? EV_EXITED : EV_LOST };
        struct daemon *d = child->daemon;
        const struct figures *used = NULL;
        struct fcgi_socket *socket;
        struct figures usage;
        pid_t pid = child->pid;
        bool populated;

        /* It may have been by cgroup.kill. */
        if (child->slot && (!status || (WIFSIGNALED(*status) && WTERMSIG(*status) == SIGKILL)))
                cgroup_slot_distrust(child->slot);
        close_run(child);
        descendants_drain(d->descendants);
        populated = children_watch_leftovers(child);
        /* As long as somebody of it lives, its last words are heard. */
        if (!populated) {
                used = end_usage(child, is_deserted(child), reaped, &usage);
                children_close_channels(child);
        }
        if (status) {
                ev.exited.process = child->id;
                ev.exited.pid = pid;
                ev.exited.status = *status;
                ev.exited.populated = populated;
                ev.exited.own_cpu = child->own_cpu;
                ev.exited.usage = used;
        } else {
                ev.lost.process = child->id;
                ev.lost.populated = populated;
                ev.lost.usage = used;
        }
        /* After the event, so that a program which runs again at once leaves no gap in which
         * clients are refused. */
        socket = TAKE(child->socket);
        daemon_feed(d, &ev);
        fcgi_release(d, socket);
}

/* As long as it can be asked: whether it is behind its limit. */
static void read_own_cpu(struct child *child)
{
        const struct process *process = engine_process(child->daemon->engine, child->id);

        child->own_cpu = 0;
        if (process && limits_get(process->program->limits, LIMIT_RLIMIT_CPU) &&
                proctree_own_cpu(child->pid, &child->own_cpu) < 0)
                child->own_cpu = 0;
}

static bool reap(struct child *child)
{
        struct rusage reaped = {};
        int status = 0;
        pid_t pid;

        read_own_cpu(child);
        do
                pid = wait4(child->pid, &status, WNOHANG, &reaped);
        while (pid < 0 && errno == EINTR);
        if (pid == 0)
                return false;
        if (pid < 0)
                daemon_log(child->daemon, LOG_LEVEL_CRITICAL, NULL,
                        "waitpid error %d; a process may not be cleaned up properly", errno);
        children_ended(child, &status, &reaped);
        return true;
}

static int on_exit_of(sd_event_source *source, int fd, uint32_t revents, void *context)
{
        (void)reap(context); /* a spurious wake-up is none of an error */
        return 0;
}

bool children_reap(struct daemon *d, pid_t pid)
{
        struct child *child;

        HASH_FIND(by_pid, d->children->by_pid, &pid, sizeof(pid), child);
        return child && !child->is_stranger && reap(child);
}

/*
 * The start of a run.
 */

void children_open_slot(struct child *child, const struct process *process)
{
        struct daemon *d = child->daemon;
        struct err err = {};

        if (!d->tree || child->slot_tried)
                return;
        child->slot_tried = true;
        if (cgroup_slot_open(
                    d->tree, process->group_name, process->program->name, &child->slot, &err) < 0)
                daemon_log(d, LOG_LEVEL_WARN, process, "no cgroup for '%s', it runs without: %s",
                        process->program->name, err.text);
}

/* Becoming who we are already takes nothing. */
static void look_up_user(struct child *child, const struct program *program)
{
        if (!child->user && program->has_user && program->user != getuid())
                child->user = privileges_user(program->user);
}

/* While an earlier daemon's work is gone on with: a start of which it could not write down any more
 * that it was done.  Two at once are worse than a start from the beginning. */
static void end_unknown(struct child *child, const struct process *process)
{
        struct daemon *d = child->daemon;
        int count;

        if (!d->recovery || !child->slot || process->program->kill_narrow ||
                cgroup_slot_populated(child->slot) != 1)
                return;
        count = cgroup_slot_signal(child->slot, 0);
        if (cgroup_slot_clear(child->slot) < 0)
                daemon_log(d, LOG_LEVEL_WARN, process,
                        "cannot end %d process%s of '%s' that the state does not know of", count,
                        count == 1 ? "" : "es", process->program->name);
        else
                daemon_log(d, LOG_LEVEL_WARN, process,
                        "ended %d process%s of '%s' that the state does not know of", count,
                        count == 1 ? "" : "es", process->program->name);
}

/* What the child needs of its group; the descriptors are closed when it has been started. */
static int open_group(struct spawn_request *request, struct child *child,
        const struct process *process, bool attaches, struct err *err)
{
        int count, r;

        /* In a frozen group it would not take its descriptors until somebody thaws it. */
        if (!child->slot || cgroup_slot_frozen(child->slot) == 1)
                return 0;
        if (cgroup_slot_renew(child->slot) < 0 || attaches)
                request->cgroup_procs_fd = cgroup_slot_procs_fd(child->slot);
        else
                request->cgroup_fd = cgroup_slot_fd(child->slot);
        r = limits_apply(child->daemon, child, process, err);
        if (r < 0)
                return r;
        cgroup_slot_begin(child->slot);
        count = cgroup_slot_v1_tasks_fds(child->slot, request->v1_tasks_fds, SPAWN_V1_FDS_MAX);
        request->v1_tasks_fds_count = count < 0 ? 0 : (size_t)count;
        return 0;
}

static void close_group(struct spawn_request *request)
{
        request->cgroup_procs_fd = fd_close(request->cgroup_procs_fd);
        while (request->v1_tasks_fds_count > 0)
                (void)fd_close(request->v1_tasks_fds[--request->v1_tasks_fds_count]);
        request->cgroup_fd = -1; /* borrowed */
}

static int start_in_group(struct child *child, const struct process *process,
        struct spawn_request *request, struct err *err)
{
        struct spawner *spawner = child->daemon->spawner;
        int r;

        request->cgroup_fd = request->cgroup_procs_fd = -1;
        end_unknown(child, process);
        request->pid = chronicle_birth(child->daemon->chronicle, child->id);
        r = open_group(request, child, process, spawner_attaches(spawner), err);
        if (r >= 0)
                r = spawner_start(spawner, request, &child->pid, &child->pidfd);
        if (r < 0 && !err->text[0] && request->cgroup_fd >= 0 && spawner_is_cgroup_error(r)) {
                /* One that cannot be born into may still let itself be attached to. */
                close_group(request);
                r = open_group(request, child, process, true, err);
                if (r >= 0)
                        r = spawner_start(spawner, request, &child->pid, &child->pidfd);
        }
        close_group(request);
        return r;
}

static int start(struct child *child, const struct process *process,
        const struct program_command *command, const struct channel_ends *ends, struct err *err)
{
        const struct program *program = process->program;
        struct limits_of_process limits = limits_of_process(program->limits);
        struct daemon *d = child->daemon;
        CLEANUP(environment_free)
        char **environ = environment_of(process, d->environ, d->config->serverurl);
        struct spawn_request request = {
                .path = command->path,
                .argv = command->argv,
                .argv0 = command->argv[0],
                .environ = environ,
                .directory = program->directory,
                .umask = program->umask,
                .user = child->user,
                .in = child->socket ? fcgi_fd(child->socket) : ends->in,
                .out = ends->out,
                .err = program->redirect_stderr ? ends->out : ends->err,
                .files_limit = &d->children_files,
                .is_oom_exposed = d->is_oom_protected,
                .is_memory_limited = child->slot && limits_end_by_memory(d, process),
                .limits = program->limits ? &limits : NULL,
        };

        child->applied.process = limits_set_of_process(program->limits);
        return start_in_group(child, process, &request, err);
}

int children_watch(struct child *child)
{
        struct daemon *d = child->daemon;
        int r;

        HASH_ADD(by_pid, d->children->by_pid, pid, sizeof(child->pid), child);
        descendants_add(d->descendants, child->pid, child->id);
        /* By the edge: of a thousand that end at once each poll would tell of all others again. */
        r = sd_event_add_io(d->loop, &child->exit_source, child->pidfd,
                child->is_stranger ? EPOLLIN : EPOLLIN | EPOLLET,
                child->is_stranger ? adoption_on_exit : on_exit_of, child);
        return r < 0 ? r : sd_event_source_set_priority(child->exit_source, PRIORITY_EXIT);
}

static char *channels_sentence(const struct process *process, int error)
{
        const char *name = strerrorname_np(error);

        if (error == EMFILE)
                return mem_format("too many open files to spawn '%s'", process->program->name);
        return mem_format("unknown error making dispatchers for '%s': %s", process->program->name,
                name ? name : "?");
}

static char *spawn_sentence(const struct process *process, int error)
{
        const char *name = strerrorname_np(error);

        if (error == EAGAIN)
                return mem_format("Too many processes in process table to spawn '%s'",
                        process->program->name);
        return mem_format("unknown error during fork for '%s': %s", process->program->name,
                name ? name : "?");
}

/* Everything that the child is given; NULL, or the sentence of the failure, which leaves nothing.
 */
static char *prepare(struct child *child, const struct process *process, struct channel_ends *ends)
{
        struct err err = {};
        int r;

        children_close_channels(child); /* of a run that an earlier daemon did not see the end of */
        children_open_slot(child, process);
        look_up_user(child, process->program);
        r = fcgi_acquire(child->daemon, process->group_name, &child->socket, &err);
        if (r < 0)
                return mem_strdup(err.text);
        r = channels_open(&child->channels, process, !child->socket, ends);
        if (r >= 0)
                return NULL;
        fcgi_release(child->daemon, TAKE(child->socket));
        return channels_sentence(process, -r);
}

static pid_t spawn(struct child *child, const struct process *process, char **ret_text)
{
        struct daemon *d = child->daemon;
        CLEANUP(command_clear) struct program_command command = {};
        struct channel_ends ends = { -1, -1, -1 };
        struct err err = {};
        int r;

        if (command_resolve(process->program, process->extra_args,
                    environment_get(d->environ, "PATH"), &command, ret_text) != FAULT_NONE)
                return -1;
        *ret_text = prepare(child, process, &ends);
        if (*ret_text)
                return -1;
        r = start(child, process, &command, &ends, &err);
        channels_close_ends(&ends);
        if (r < 0) {
                chronicle_stillborn(d->chronicle);
                *ret_text = err.text[0] ? mem_strdup(err.text) : spawn_sentence(process, -r);
                channels_finish(&child->channels);
                fcgi_release(d, TAKE(child->socket));
                return -1;
        }
        chronicle_born(d->chronicle, child);
        kept_run(d, child);
        r = children_watch(child);
        if (r < 0)
                daemon_log(d, LOG_LEVEL_CRITICAL, process,
                        "cannot watch '%s' (pid %d): %s; SIGCHLD will tell", process->program->name,
                        child->pid, strerrordesc_np(-r));
        return child->pid;
}

pid_t children_spawn(struct daemon *d, uint32_t id, char **ret_text)
{
        const struct process *process = engine_process(d->engine, id);
        struct child *child = children_find(d, id);

        if (process && child && !child->pid)
                return spawn(child, process, ret_text);
        *ret_text = mem_strdup("no such slot, or it runs already");
        return -1;
}

int children_adopt(struct child *child, pid_t pid, int pidfd)
{
        child->pid = pid;
        child->pidfd = pidfd;
        child->is_stranger = true;
        descendants_attend(child->daemon->descendants, true);
        return children_watch(child);
}

void children_each(
        struct daemon *d, void (*each)(void *context, const struct child *), void *context)
{
        struct child *child, *next;

        HASH_ITER (by_id, d->children->by_id, child, next)
                each(context, child);
}
