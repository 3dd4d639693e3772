/* The scope that holds our programs: see scope.h. */
#include "daemon/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-login.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/monotonic.h"
#include "base/title.h"
#include "cgroup/attribute.h"
#include "cgroup/members.h"
#include "cgroup/parse.h"
#include "cgroup/unitname.h"

static const char manager_name[] = "org.freedesktop.systemd1";
static const char manager_path[] = "/org/freedesktop/systemd1";
static const char manager_interface[] = "org.freedesktop.systemd1.Manager";
static const char slice_name[] = "reeve.slice", keeper_name[] = "keeper",
                  shelter_name[] = "journal";

enum { JOB_WAIT_SEC = 10, VANISH_WAIT_MSEC = 3000, VANISH_POLL_MSEC = 50, KEEPER_WAIT_MSEC = 1000 };

void scope_append_name(struct text *name, const char *instance)
{
        static const char suffix[] = ".scope";

        text_append(name, "reeve-programs");
        if (strcmp(instance, "supervisor") != 0) {
                text_append_char(name, '-');
                unitname_escape(
                        name, instance, UNITNAME_LENGTH_MAX - name->length - strlen(suffix));
        }
        text_append(name, suffix);
}

static int check_service(struct err *err)
{
        CLEANUP(mem_free) char *unit = NULL;

        if (sd_booted() <= 0)
                return err_set(err, -ENOENT, "systemd does not run here");
        if (geteuid() != 0)
                return err_set(err, -EPERM, "only root is given a scope");
        if (getenv("NOTIFY_SOCKET") || getenv("INVOCATION_ID"))
                return 0;
        if (sd_pid_get_unit(0, &unit) >= 0 && strlen(unit) > 8 &&
                strcmp(unit + strlen(unit) - 8, ".service") == 0)
                return 0;
        return err_set(err, -ENOENT, "this was not started as a service");
}

/*
 * Directories.
 */

/* Where a cgroup path of v2 is to be seen. */
static int find_directory(const char *path, struct text *directory, struct err *err)
{
        CLEANUP(text_clear) struct text mounts = {}, below = {};
        int r = attribute_read_text(AT_FDCWD, "/proc/self/mountinfo", &mounts);

        if (r < 0)
                return err_errno(err, r, "cannot read /proc/self/mountinfo");
        if (!parse_mount(text_string(&mounts), mounts.length, NULL, path, directory, &below))
                return err_set(err, -ENOENT, "no mount of cgroup version 2 shows '%s'", path);
        text_append(directory, text_string(&below));
        return 0;
}

static int find_of_process(pid_t pid, struct text *directory, struct err *err)
{
        CLEANUP(mem_free) char *file = mem_format("/proc/%d/cgroup", (int)pid);
        CLEANUP(text_clear) struct text own = {}, path = {};
        int r = attribute_read_text(AT_FDCWD, file, &own);

        if (r < 0)
                return err_errno(err, r, "cannot read '%s'", file);
        if (parse_own_path(text_string(&own), own.length, NULL, &path) <= 0)
                return err_set(err, -ENOENT, "this kernel has no cgroups of version 2");
        return find_directory(text_string(&path), directory, err);
}

/* Whether somebody lives in it: an empty scope is one that systemd is about to remove. */
static bool is_populated(const char *directory)
{
        CLEANUP(fd_close) int dir = attribute_open_dir(AT_FDCWD, directory);

        return dir >= 0 && members_populated(dir) == 1;
}

/*
 * The keeper.
 */

static void keep(void) __attribute__((noreturn));
static void keep(void)
{
        sigset_t none;

        (void)setsid();
        title_set("reeve-keeper", "reeved: keeper of the programs' scope");
        (void)chdir("/");
        for (int i = 1; i <= SIGRTMAX; i++)
                (void)signal(i, SIG_DFL); /* KILL and STOP refuse, rightly */
        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
        if (syscall(SYS_close_range, 0, ~0U, 0) < 0)
                for (int fd = (int)sysconf(_SC_OPEN_MAX); fd >= 0; fd--)
                        (void)close(fd);
        for (;;)
                (void)pause();
}

/* Of a parent that ends at once, so that whoever outlives us need not reap it. */
static int start_keeper(pid_t *ret, struct err *err)
{
        CLEANUP(fd_close) int reading = -1, writing = -1;
        int ends[2];
        pid_t child, keeper;
        ssize_t n;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return err_errno(err, -errno, "cannot make a pipe");
        reading = ends[0];
        writing = ends[1];
        child = fork();
        if (child < 0)
                return err_errno(err, -errno, "cannot fork");
        if (child == 0) {
                keeper = fork();
                if (keeper == 0)
                        keep();
                /* The pipe's end tells of a failure too. */
                _exit(keeper > 0 && write(writing, &keeper, sizeof(keeper)) > 0 ? 0 : 1);
        }
        writing = fd_close(writing);
        do
                n = read(reading, &keeper, sizeof(keeper));
        while (n < 0 && errno == EINTR);
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
                ;
        if (n != (ssize_t)sizeof(keeper))
                return err_set(err, -ECHILD, "cannot fork the keeper of the scope");
        *ret = keeper;
        return 0;
}

/* Nobody may sit in the scope's top once it hands out controllers. */
static int settle(const char *directory, const char *leaf, pid_t pid_of, struct err *err)
{
        CLEANUP(fd_close) int dir = attribute_open_dir(AT_FDCWD, directory);
        CLEANUP(mem_free) char *file = mem_format("%s/cgroup.procs", leaf);
        char pid[16];
        int r;

        if (dir < 0)
                return err_errno(err, dir, "cannot open cgroup '%s'", directory);
        if (mkdirat(dir, leaf, 0755) < 0 && errno != EEXIST)
                return err_errno(err, -errno, "cannot make cgroup '%s/%s'", directory, leaf);
        (void)snprintf(pid, sizeof(pid), "%d", (int)pid_of); /* fits */
        r = attribute_write(dir, file, pid);
        return r < 0 ? err_errno(err, r, "cannot move pid %s to '%s/%s'", pid, directory, leaf) : 0;
}

int scope_shelter(const char *path, pid_t pid, struct err *err)
{
        return settle(path, shelter_name, pid, err);
}

/* A scope that is there, with its keeper or with programs that outlived it. */
static int adopt(const char *directory, struct err *err)
{
        CLEANUP(mem_free) char *leaf = mem_format("%s/%s", directory, keeper_name);
        pid_t keeper;
        int r;

        if (is_populated(leaf))
                return 0;
        r = start_keeper(&keeper, err);
        if (r < 0)
                return r;
        r = settle(directory, keeper_name, keeper, err);
        if (r < 0)
                (void)kill(keeper, SIGKILL); /* it never ends by itself, so it is this one */
        return r;
}

/*
 * The manager.
 */

struct job {
        const char *path;
        bool is_removed, is_done;
};

static int on_job_removed(sd_bus_message *m, void *context, sd_bus_error *error)
{
        struct job *job = context;
        const char *path, *unit, *result;
        uint32_t id;

        if (sd_bus_message_read(m, "uoss", &id, &path, &unit, &result) < 0)
                return 0; /* not of the form that systemd documents: not our job */
        if (job->path && strcmp(path, job->path) == 0) {
                job->is_removed = true;
                job->is_done = strcmp(result, "done") == 0;
        }
        return 0;
}

static int append_properties(sd_bus_message *m, const char *instance, pid_t keeper)
{
        CLEANUP(mem_free) char *description = mem_format("Programs of reeve (%s)", instance);
        CLEANUP(mem_free) char *unit = NULL;
        int r;

        if (!text_is_utf8(description, strlen(description)))
                (void)strcpy(description, "Programs of reeve"); /* shorter, and D-Bus takes it */
        r = sd_bus_message_append(m, "(sv)(sv)(sv)(sv)(sv)(sv)", "Description", "s", description,
                "PIDs", "au", 1, (uint32_t)keeper, "Delegate", "b", 1, "Slice", "s", slice_name,
                "CollectMode", "s", "inactive-or-failed",
                /* The default is a share of the machine meant for one service. */
                "TasksMax", "t", UINT64_MAX);
        if (r < 0)
                return r;
        /* What is started before us is stopped after us: at shutdown it is we who stop programs. */
        if (sd_pid_get_unit(0, &unit) >= 0)
                r = sd_bus_message_append(m, "(sv)", "Before", "as", 1, unit);
        return r;
}

static int call_start(sd_bus *bus, const char *name, const char *instance, pid_t keeper,
        sd_bus_message **reply, sd_bus_error *error)
{
        sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_call(
                bus, &m, manager_name, manager_path, manager_interface, "StartTransientUnit");
        if (r >= 0)
                r = sd_bus_message_append(m, "ss", name, "fail");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "(sv)");
        if (r >= 0)
                r = append_properties(m, instance, keeper);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        if (r >= 0)
                r = sd_bus_message_append(m, "a(sa(sv))", 0);
        if (r >= 0)
                r = sd_bus_call(bus, m, JOB_WAIT_SEC * USEC_SEC, error, reply);
        (void)sd_bus_message_unref(m);
        return r;
}

static int wait_job(sd_bus *bus, struct job *job, const char *name, struct err *err)
{
        usec_t end = usec_add(monotonic_now(), JOB_WAIT_SEC * USEC_SEC);
        int r;

        while (!job->is_removed) {
                r = sd_bus_process(bus, NULL);
                if (r == 0 && monotonic_now() >= end)
                        return err_set(err, -ETIMEDOUT, "systemd did not start '%s' within %d s",
                                name, JOB_WAIT_SEC);
                if (r == 0)
                        r = sd_bus_wait(bus, usec_sub(end, monotonic_now()));
                if (r < 0 && r != -EINTR)
                        return err_errno(err, r, "lost the connection to systemd");
        }
        if (!job->is_done)
                return err_set(err, -EIO, "systemd could not start '%s'", name);
        return 0;
}

/* 0, -EEXIST when there is a unit of that name, or another failure. */
static int start_scope(
        sd_bus *bus, const char *name, const char *instance, pid_t keeper, struct err *err)
{
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus_message *reply = NULL;
        sd_bus_slot *slot = NULL;
        struct job job = {};
        int r;

        r = sd_bus_match_signal(bus, &slot, manager_name, manager_path, manager_interface,
                "JobRemoved", on_job_removed, &job);
        if (r >= 0)
                r = call_start(bus, name, instance, keeper, &reply, &error);
        if (r >= 0)
                r = sd_bus_message_read(reply, "o", &job.path);
        if (r >= 0)
                r = wait_job(bus, &job, name, err);
        else if (sd_bus_error_has_name(&error, "org.freedesktop.systemd1.UnitExists"))
                r = err_set(err, -EEXIST, "systemd has '%s' already, and nobody lives in it", name);
        else
                r = err_set(err, r, "systemd does not start '%s': %s", name,
                        error.message ? error.message : strerrordesc_np(-r));
        sd_bus_error_free(&error);
        (void)sd_bus_slot_unref(slot);
        (void)sd_bus_message_unref(reply);
        return r;
}

/* The cgroup of a unit that exists, where it is not where we looked first. */
static int find_existing(sd_bus *bus, const char *name, struct text *directory)
{
        CLEANUP(mem_free) char *object = NULL, *path = NULL;
        int r;

        r = sd_bus_path_encode("/org/freedesktop/systemd1/unit", name, &object);
        if (r >= 0)
                r = sd_bus_get_property_string(bus, manager_name, object,
                        "org.freedesktop.systemd1.Scope", "ControlGroup", NULL, &path);
        if (r >= 0)
                r = *path ? find_directory(path, directory, NULL) : -ENOENT;
        return r;
}

/* Starts the scope with a new keeper in it.  One that is about to go (its last process is gone, and
 * systemd has not looked yet) is waited for. */
static int make(sd_bus *bus, const char *name, const char *instance, struct text *directory,
        struct err *err)
{
        pid_t keeper;
        int r;

        r = start_keeper(&keeper, err);
        if (r < 0)
                return r;
        for (unsigned waited = 0;; waited += VANISH_POLL_MSEC) {
                r = start_scope(bus, name, instance, keeper, err);
                if (r != -EEXIST || waited >= VANISH_WAIT_MSEC)
                        break;
                if (find_existing(bus, name, directory) >= 0 && is_populated(directory->data)) {
                        (void)kill(keeper, SIGKILL); /* it never ends by itself: it is this one */
                        return adopt(directory->data, err);
                }
                text_truncate(directory, 0);
                (void)nanosleep(&(struct timespec){ .tv_nsec = VANISH_POLL_MSEC * 1000000 }, NULL);
        }
        if (r >= 0)
                r = find_of_process(keeper, directory, err);
        if (r >= 0)
                r = settle(text_string(directory), keeper_name, keeper, err);
        if (r < 0)
                (void)kill(keeper, SIGKILL);
        return r;
}

int scope_obtain(const char *instance, char **ret_path, struct err *err)
{
        CLEANUP(text_clear) struct text name = {}, directory = {};
        CLEANUP(mem_free) char *path = NULL;
        sd_bus *bus = NULL;
        int r;

        r = check_service(err);
        if (r < 0)
                return r;
        scope_append_name(&name, instance);
        path = mem_format("/%s/%s", slice_name, text_string(&name));
        r = find_directory(path, &directory, err);
        if (r >= 0 && is_populated(text_string(&directory)))
                r = adopt(text_string(&directory), err);
        else {
                text_truncate(&directory, 0);
                r = sd_bus_open_system(&bus);
                r = r < 0 ? err_errno(err, r, "cannot ask systemd for '%s' over D-Bus",
                                    text_string(&name))
                          : make(bus, text_string(&name), instance, &directory, err);
                (void)sd_bus_flush_close_unref(bus);
        }
        if (r < 0)
                return r;
        *ret_path = text_take(&directory);
        return 0;
}

void scope_release(const char *path)
{
        CLEANUP(fd_close) int top = path ? attribute_open_dir(AT_FDCWD, path) : -1;
        CLEANUP(fd_close) int dir = top >= 0 ? attribute_open_dir(top, keeper_name) : -1;

        if (dir < 0)
                return;
        /* A keeper that cannot be ended keeps an empty scope: nothing worse. */
        (void)members_kill(dir);
        (void)members_wait(dir, KEEPER_WAIT_MSEC);
        (void)unlinkat(top, keeper_name, AT_REMOVEDIR); /* systemd clears it away as well */
}
