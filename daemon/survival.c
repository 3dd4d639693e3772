/* Survival: see survival.h. */
#include "daemon/survival.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/monotonic.h"
#include "base/text.h"
#include "cgroup/handover.h"
#include "daemon/chronicle.h"
#include "daemon/cluster_host.h"
#include "daemon/daemon.h"
#include "daemon/fdstore.h"
#include "daemon/image.h"
#include "daemon/journal_output.h"
#include "daemon/sockets.h"
#include "daemon/upgrade.h"

/* Of the boot that the monotonic times are of; "": not known. */
static void read_boot(char boot[static 40])
{
        CLEANUP(fd_close) int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? 0 : read(fd, boot, 39);

        boot[n > 0 ? n : 0] = '\0';
        boot[strcspn(boot, "\n")] = '\0';
}

/*
 * Writing.
 */

static void save_reeve(const struct daemon *d, struct saver *saver)
{
        size_t waiting_length;
        const char *waiting = activity_waiting(d->activity, &waiting_length);
        char boot[40];

        read_boot(boot);
        saver_item(saver, "reeve");
        saver_text(saver, "version", PACKAGE_VERSION);
        saver_number(saver, "pid", getpid());
        saver_text(saver, "boot", boot);
        saver_count(saver, "saved_at", monotonic_now());
        saver_text(saver, "directory", d->directory);
        saver_text(saver, "binary", d->image->path);
        saver_count(saver, "uid", geteuid());
        saver_flag(saver, "has_pidfile", d->has_pidfile);
        saver_flag(saver, "hears_descendants", !d->is_deaf);
        saver_count(saver, "files_limit", d->children_files.rlim_cur);
        saver_count(saver, "files_limit_max", d->children_files.rlim_max);
        saver_text(saver, "scope", d->scope);
        saver_count(saver, "fdstore_max", fdstore_room(d->fdstore));
        if (d->events_awaited)
                saver_count(saver, "events_awaited", d->events_awaited);
        if (activity_level(d->activity) != d->config->loglevel) /* somebody has set it */
                saver_number(saver, "log_level", activity_level(d->activity));
        if (waiting_length)
                saver_bytes(saver, "stdout_waiting", waiting, waiting_length);
        chronicle_save(d->chronicle, saver);
        upgrade_save(d->upgrade, saver);
        if (d->survival)
                saver_rest(saver, d->survival->reeve_rest);
}

static void save_servers(
        const struct daemon *d, struct saver *saver, struct descriptors *descriptors)
{
        for (size_t i = 0; i < d->config->servers_count; i++) {
                const struct server_config *server = &d->config->servers[i];
                CLEANUP(mem_free) char *name = descriptors ? fdstore_name(server) : NULL;

                saver_item(saver, "server");
                saver_text(saver, "section", server->section);
                if (server->kind == SERVER_UNIX) {
                        saver_text(saver, "file", server->file);
                } else {
                        saver_text(saver, "host", server->host);
                        saver_number(saver, "port", server->port);
                }
                if (descriptors && !sockets_is_lent(server))
                        saver_text(saver, "kept_as", name);
                descriptors_save(descriptors, saver, "fd", d->server_fds ? d->server_fds[i] : -1);
        }
}

char *survival_save(struct daemon *d, struct descriptors *descriptors, size_t *ret_length)
{
        CLEANUP(saver_free) struct saver *saver = saver_new(descriptors ? 0 : monotonic_now());

        save_reeve(d, saver);
        save_servers(d, saver, descriptors);
        if (d->tree)
                cgroup_tree_save(d->tree, saver, descriptors);
        engine_save(d->engine, saver);
        children_save(d, saver, descriptors);
        journal_output_save(d, saver, descriptors);
        if (descriptors) /* after a crash an instance of the cluster is a new one */
                cluster_host_save(d->cluster, descriptors, saver);
        if (d->survival) {
                saver_rest(saver, d->survival->rest);
                descriptors_pass_on(d->survival->descriptors, descriptors);
        }
        for (size_t i = 0; descriptors && i < sockets_handed_count(); i++)
                descriptors_add(descriptors, SOCKETS_HANDED_FIRST + (int)i);
        if (descriptors)
                descriptors_write(descriptors, saver);
        return saver_take(saver, ret_length);
}

/*
 * Reading.
 */

int survival_read(const char *text, size_t length, enum survival_way way, usec_t now,
        struct survival **ret, struct err *err)
{
        CLEANUP(survival_free) struct survival *s = mem_new(sizeof(*s));
        const char *version, *directory;
        int r = saved_parse(text, length, now, &s->document, err);

        if (r < 0)
                return r;
        s->way = way;
        s->reeve = saved_first(s->document, "reeve");
        if (!s->reeve)
                return err_set(err, -EBADMSG, "it is the state of no reeved");
        version = saved_text(s->reeve, "version");
        directory = saved_text(s->reeve, "directory");
        s->version = mem_strdup(version ? version : "?");
        s->directory = mem_strdup(directory ? directory : "/");
        if (way != SURVIVAL_CRASH) {
                r = descriptors_read(s->document, way == SURVIVAL_CHECK, &s->descriptors, err);
                if (r < 0)
                        return r;
        }
        *ret = TAKE(s);
        return 0;
}

struct survival *survival_free(struct survival *s)
{
        if (!s)
                return NULL;
        saved_free(s->document);
        descriptors_free(s->descriptors);
        mem_free(s->version);
        mem_free(s->directory);
        mem_free(s->rest);
        mem_free(s->reeve_rest);
        return mem_free(s);
}

static void tell_of_cgroups(void *context, enum log_level level, const char *text)
{
        daemon_log(context, level, NULL, "%s", text);
}

static int restore_tree(struct daemon *d, struct err *err)
{
        struct survival *s = d->survival;
        struct saved_item *item = saved_first(s->document, "cgroup_tree");
        struct log_sink sink = { .write = tell_of_cgroups, .context = d };
        int r;

        if (!item)
                return 0;
        r = cgroup_tree_restore(item, s->descriptors, sink, &d->tree, err);
        if (survival_is_check(s))
                d->tree = NULL; /* its directories are none, and nothing may be made in them */
        return r;
}

static void open_store(struct daemon *d)
{
        struct saved_item *item = d->survival->reeve;
        bool is_known = saved_has(item, "fdstore_max");
        size_t max = (size_t)saved_count(item, "fdstore_max", UINT32_MAX, 0);

        if (d->survival->way != SURVIVAL_CHECK)
                d->fdstore = fdstore_new(is_known ? max : fdstore_max(d->children_files.rlim_cur));
}

int survival_restore_begin(struct daemon *d, struct err *err)
{
        struct survival *s = d->survival;
        const char *scope = saved_text(s->reeve, "scope");
        const char *binary = saved_text(s->reeve, "binary");

        d->is_started = true;
        (void)saved_has(s->reeve, "pid"); /* for who reads it after a crash */
        (void)saved_has(s->reeve, "boot");
        (void)saved_has(s->reeve, "saved_at");
        if (d->config->has_user && d->config->user != geteuid())
                return err_set(err, -EPERM,
                        "the configuration says user=%u, and this process is user %u: that takes a "
                        "restart",
                        d->config->user, geteuid());
        (void)saved_has(s->reeve, "uid");
        d->has_pidfile = saved_flag(s->reeve, "has_pidfile");
        d->is_deaf = !saved_flag(s->reeve, "hears_descendants");
        d->children_files.rlim_cur = saved_count(s->reeve, "files_limit", RLIM_INFINITY, 1024);
        d->children_files.rlim_max = saved_count(s->reeve, "files_limit_max", RLIM_INFINITY, 4096);
        d->scope = scope ? mem_strdup(scope) : NULL;
        open_store(d);
        d->events_awaited = (unsigned)saved_count(s->reeve, "events_awaited", UINT32_MAX, 0);
        if (d->image->refusal && binary) { /* we were executed by a descriptor */
                mem_free(d->image->path);
                d->image->path = mem_strdup(binary);
        }
        upgrade_restore(d->upgrade, s->reeve);
        return restore_tree(d, err);
}

static bool is_server(struct saved_item *item, const struct server_config *server)
{
        const char *file = saved_text(item, "file"), *host = saved_text(item, "host");
        int64_t port = saved_number(item, "port", 0, UINT16_MAX, -1);

        (void)saved_has(item, "section");
        if (server->kind == SERVER_UNIX)
                return file && strcmp(file, server->file) == 0;
        return host && strcmp(host, server->host) == 0 && port == server->port;
}

/* One that is new opens, or there is no going on. */
static int open_new(struct daemon *d, const struct server_config *server, int *ret, struct err *err)
{
        int r = sockets_open(server, ret, err);

        if (r >= 0 && survival_is_check(d->survival)) {
                *ret = fd_close(*ret);
                sockets_unlink(server);
        }
        return r;
}

int survival_restore_sockets(struct daemon *d, int *fds, struct err *err)
{
        struct survival *s = d->survival;
        int r = 0;

        for (size_t i = 0; i < d->config->servers_count; i++)
                fds[i] = -1;
        for (struct saved_item *item = saved_first(s->document, "server"); item;
                item = saved_next(item)) {
                int fd = descriptors_take(s->descriptors, item, "fd");

                for (size_t i = 0; i < d->config->servers_count && fd >= 0; i++)
                        if (fds[i] < 0 && is_server(item, &d->config->servers[i]))
                                fds[i] = TAKE_FD(fd);
                fd = fd_close(fd); /* of one that is not configured any more */
        }
        for (size_t i = 0; i < d->config->servers_count && r >= 0; i++)
                if (fds[i] < 0)
                        r = open_new(d, &d->config->servers[i], &fds[i], err);
        return r;
}

int survival_restore_programs(struct daemon *d, struct err *err)
{
        struct survival *s = d->survival;
        int r = engine_restore(s->document, &d->engine, err);

        if (r >= 0)
                r = children_restore(d, s->document, s->descriptors, err);
        if (r < 0)
                return r;
        r = journal_output_restore(d, s->document, s->descriptors);
        return r < 0 ? err_errno(err, r, "cannot go on with the relay to the journal") : 0;
}

/* The files of servers that are not configured any more. */
static void unlink_old(const struct daemon *d)
{
        struct saved_item *item = saved_first(d->survival->document, "server");

        for (; item; item = saved_next(item)) {
                const char *file = saved_text(item, "file"), *name = saved_text(item, "kept_as");
                bool is_there = false;

                for (size_t i = 0; i < d->config->servers_count; i++)
                        is_there |= is_server(item, &d->config->servers[i]);
                if (!is_there)
                        fdstore_forget(name);
                if (file && !is_there)
                        (void)unlink(file); /* somebody may have removed it already */
        }
}

int survival_restore_end(struct daemon *d, struct err *err)
{
        struct survival *s = d->survival;
        int64_t level = saved_number(s->reeve, "log_level", 0, 100, -1);
        size_t waiting_length;
        const char *waiting = saved_bytes(s->reeve, "stdout_waiting", &waiting_length);
        struct err no_file = {};
        int r = saved_status(s->document, err);

        if (r < 0)
                return r;
        if (survival_is_check(s))
                return 0;
        unlink_old(d);
        if (chronicle_restore(d->chronicle, s->reeve, &no_file) < 0)
                daemon_log(d, LOG_LEVEL_WARN, NULL,
                        "after a crash no program could be gone on with: %s; this is tried again",
                        no_file.text);
        if (level >= 0)
                activity_set_level(d->activity, (enum log_level)level);
        if (waiting)
                activity_restore_waiting(d->activity, waiting, waiting_length);
        s->reeve_rest = saved_rest(s->reeve);
        s->rest = saved_unread(s->document);
        s->reeve = NULL;
        s->document = saved_free(s->document);
        return 0;
}
