/* The daemon: see daemon.h.  Owns the order in which its parts come and go. */
#include "daemon/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "config/clusterconfig.h"
#include "config/source.h"
#include "daemon/answers.h"
#include "daemon/chronicle.h"
#include "daemon/cluster_host.h"
#include "daemon/detach.h"
#include "daemon/disabilities.h"
#include "daemon/effects.h"
#include "daemon/environment.h"
#include "daemon/events_out.h"
#include "daemon/fcgi.h"
#include "daemon/fdstore.h"
#include "daemon/httpd.h"
#include "daemon/image.h"
#include "daemon/journal_output.h"
#include "daemon/kept.h"
#include "daemon/limits.h"
#include "daemon/listeners.h"
#include "daemon/machine.h"
#include "daemon/notify.h"
#include "daemon/old_relays.h"
#include "daemon/privileges.h"
#include "daemon/recovery.h"
#include "daemon/scope.h"
#include "daemon/servers.h"
#include "daemon/signals.h"
#include "daemon/survival.h"
#include "daemon/turns.h"
#include "daemon/upgrade.h"
#include "logs/autolog.h"
#include "loop/errand.h"

enum { STATUS_USAGE = 2, STATUS_FAILED = 1 };

/*
 * The start.
 */

/* What the cgroup side has to say, also before there is a log. */
static void tell_of_cgroups(void *context, enum log_level level, const char *text)
{
        struct daemon *d = context;

        if (d->activity)
                daemon_log(d, level, NULL, "%s", text);
        else
                config_note(d->config, level, "%s", text);
}

static int make_tree(struct daemon *d, struct err *err)
{
        CLEANUP(mem_free) const char **limits = limits_files(&d->config->programs);
        struct cgroup_options options = { .instance = d->config->identifier,
                .limits = limits,
                .sink = { .write = tell_of_cgroups, .context = d },
                .adopt = d->recovery != NULL,
                .claim = chronicle_path(d->chronicle),
                .name = d->recovery ? recovery_cgroup(d->recovery) : NULL };
        struct err no_scope = {};
        int r = scope_obtain(d->config->identifier, &d->scope, &no_scope);

        if (r >= 0)
                options.root = d->scope;
        else if (environment_get(
                         d->environ, "INVOCATION_ID")) /* a unit of systemd should have got one */
                config_note(d->config, LOG_LEVEL_WARN, "no delegated scope for the programs: %s",
                        no_scope.text);
        r = cgroup_tree_open(&options, &d->tree, err);
        if (r >= 0 && d->config->has_user && d->config->user != getuid()) {
                CLEANUP(privileges_user_free)
                struct spawn_user *user = privileges_user(d->config->user);

                r = cgroup_tree_give(d->tree, user->uid, user->gid, err);
                if (r < 0)
                        d->tree = cgroup_tree_close(d->tree);
        }
        return r;
}

/* Before privileges are dropped: what a plain user could not make. */
static void open_tree(struct daemon *d)
{
        struct err err = {};

        if (d->tree || d->is_started)
                return;
        if (make_tree(d, &err) < 0)
                config_note(d->config, LOG_LEVEL_WARN,
                        "no cgroups here, so what a program leaves behind is not ended: %s",
                        err.text);
        else
                config_note(d->config, LOG_LEVEL_DEBUG, "cgroups: %s; processes start by %s",
                        cgroup_tree_describe(d->tree), spawner_describe(d->spawner));
}

static int take_identity(struct daemon *d, struct err *err)
{
        struct config *c = d->config;
        int r;

        if (!c->has_user) {
                if (getuid() == 0)
                        config_note(c, LOG_LEVEL_CRITICAL,
                                "Supervisor is running as root.  Privileges were not dropped because no user is "
                                "specified in the config file.  If you intend to run as root, you can set user=root "
                                "in the config file to avoid this message.");
                return 0;
        }
        r = privileges_switch(c->user, err);
        if (r > 0)
                config_note(c, LOG_LEVEL_INFO, "Set uid to user %u succeeded", c->user);
        return r;
}

/* A unit that gives us more open files than programs are used to says how many they are to have;
 * whoever configures minfds means them, too. */
static rlim_t program_files(const struct daemon *d)
{
        const char *told = environment_get(d->environ, "REEVE_PROGRAM_FILES");
        rlim_t soft = told ? strtoul(told, NULL, 10) : 0;

        return soft > 0 && (rlim_t)d->config->minfds > soft ? (rlim_t)d->config->minfds : soft;
}

static int raise_limits(struct daemon *d, struct err *err)
{
        const int64_t least[] = {
                [LIMIT_FILES] = d->config->minfds, [LIMIT_PROCESSES] = d->config->minprocs
        };

        if (d->is_started)
                return 0;
        for (size_t i = 0; i < ELEMENTS(least); i++) {
                int r = privileges_raise_limit((enum limit)i, least[i], err);

                if (r < 0)
                        return r;
                if (r > 0)
                        config_note(d->config, LOG_LEVEL_INFO, "Increased %s limit to %lld",
                                privileges_limit_name((enum limit)i), (long long)least[i]);
        }
        privileges_take_files(program_files(d), &d->children_files);
        d->is_oom_protected = privileges_is_oom_protected();
        return 0;
}

static int leave_terminal(struct daemon *d, struct err *err)
{
        int directory_error;
        int r;

        if (d->config->nodaemon || d->is_started)
                return 0;
        daemon_log(d, LOG_LEVEL_INFO, NULL, "daemonizing the supervisord process");
        chronicle_take_along(d->chronicle, true);
        r = detach(d->config->directory, d->config->umask, &d->parent, &directory_error, err);
        chronicle_take_along(d->chronicle, false);
        if (r < 0 || !d->config->directory)
                return r;
        if (directory_error < 0)
                daemon_log(d, LOG_LEVEL_CRITICAL, NULL, "can't chdir into '%s': %s",
                        d->config->directory, strerrordesc_np(-directory_error));
        else
                daemon_log(d, LOG_LEVEL_INFO, NULL, "set current directory: '%s'",
                        d->config->directory);
        return 0;
}

static int make_loop(struct daemon *d, struct err *err)
{
        int r = sd_event_new(&d->loop);

        if (r >= 0)
                r = sd_event_set_watchdog(d->loop, !survival_is_check(d->survival));
        if (r >= 0)
                r = signals_add(d);
        if (r >= 0)
                r = daemon_add_timer(d);
        if (r < 0)
                return err_errno(err, r, "cannot make the event loop");
        d->turns = turns_new();
        fdstore_join(d->fdstore, d->loop);
        daemon_log_watch(d);
        return 0;
}

static void tell_started(struct daemon *d)
{
        CLEANUP(mem_free) char *text = mem_format("supervisord started with pid %d", getpid());

        daemon_log_message(d, MESSAGE_DAEMON_STARTED, LOG_LEVEL_INFO, NULL, text, false);
}

static void write_pidfile(struct daemon *d)
{
        struct err err = {};

        if (pidfile_write(d->config->pidfile, &err) < 0)
                daemon_log(d, LOG_LEVEL_CRITICAL, NULL, "could not write pidfile %s",
                        d->config->pidfile);
        else
                tell_started(d);
        d->has_pidfile = err.code == 0;
}

static void tell_disabled(void *context, const char *program)
{
        daemon_feed(context,
                &(struct event){ .type = EV_PROGRAM_DISABLED, .disabled_program = program });
}

static void on_abilities_kept(void *context)
{
        answers_release(context);
}

/* What the programs have beside the engine: where they are made of, and a file of abilities. */
static void open_abilities(struct daemon *d, const struct program_set *programs)
{
        const struct clusterconfig *cluster = d->config->cluster;
        const struct disabilities_host host = {
                .sink = activity_sink(d->activity), .settled = on_abilities_kept, .context = d
        };

        if (cluster && cluster->disabilities_file)
                d->disabilities = disabilities_open(d->loop, cluster->disabilities_file, &host);
        disabilities_add_set(d->disabilities, programs);
}

/* Nobody will ask for other numprocs where there is no cluster. */
static void drop_source(struct daemon *d)
{
        if (!d->config->cluster)
                d->config->source = config_source_free(d->config->source);
}

static void boot(struct daemon *d)
{
        drop_source(d);
        open_abilities(d, &d->config->programs);
        if (d->recovery) {
                recovery_run(d->recovery);
                d->recovery = recovery_close(d->recovery);
                /* Who is told of the mood heard of it in an earlier life, if it came before the
                 * snapshot: the cluster, and those who publish. */
                effects_run(d, &(struct effect){ .type = FX_MOOD, .mood = engine_mood(d->engine) });
                return;
        }
        d->kept = kept_close(d->kept, d);
        disabilities_each(d->disabilities, tell_disabled, d);
        daemon_feed(d, &(struct event){ .type = EV_BOOT, .boot = d->config->programs });
}

/* From the log being open to everything being in place; the caller stops what was started. */
static int start(struct daemon *d, struct err *err)
{
        struct log_sink sink = activity_sink(d->activity);
        int r;

        if (!d->config->nocleanup && !d->recovery) /* some of them are in use */
                autolog_clean(d->config->childlogdir, d->config->identifier, &sink);
        r = leave_terminal(d, err);
        if (r >= 0)
                r = make_loop(d, err);
        if (r < 0)
                return r;
        d->queue = event_queue_new();
        if (d->recovery) {
                recovery_engine(d->recovery);
        } else {
                d->engine = engine_new();
                engine_set_next_serial(d->engine, d->next_serial);
        }
        d->children = children_new();
        d->machine = machine_new(d->loop);
        r = httpd_start(d, err);
        if (r < 0)
                return r;
        r = cluster_host_start(d, err);
        if (r < 0)
                return r;
        write_pidfile(d);
        d->descendants = descendants_new(d);
        d->is_started = true;
        chronicle_begin(d, d->recovery != NULL);
        boot(d);
        notify_ready(d);
        detach_tell_parent(d->parent, 0, "");
        d->parent = fd_close(d->parent);
        return 0;
}

/*
 * Going on from a state.
 */

static int restore_parts(struct daemon *d, struct err *err)
{
        struct survival *s = d->survival;
        int r = make_loop(d, err);

        if (r < 0)
                return r;
        d->queue = event_queue_new();
        d->children = children_new();
        d->machine = machine_new(d->loop);
        r = survival_restore_programs(d, err);
        if (r >= 0 && !survival_is_check(d->survival))
                r = httpd_start(d, err);
        if (r >= 0)
                r = cluster_host_restore(
                        d, s->document, s->descriptors, survival_is_check(d->survival), err);
        return r < 0 ? r : survival_restore_end(d, err);
}

/* In place of prepare(): nothing that it does can be seen from outside. */
static int restore(struct daemon *d, struct err *err)
{
        int r;

        signals_block();
        r = survival_restore_begin(d, err);
        if (r >= 0)
                r = cluster_host_prepare(d, err);
        if (r < 0)
                return r;
        d->is_oom_protected = privileges_is_oom_protected();
        d->logfiles = logfiles_new();
        r = daemon_log_open(d, err);
        if (r < 0)
                return r;
        d->server_fds = mem_new_array(d->config->servers_count, sizeof(int));
        r = survival_restore_sockets(d, d->server_fds, err);
        return r < 0 ? r : restore_parts(d, err);
}

/* From here on it is us. */
static void go_on(struct daemon *d)
{
        descriptors_settle(d->survival->descriptors);
        d->has_sockets = true;
        servers_keep(d);
        servers_renew(d);
        drop_source(d);
        open_abilities(d, engine_pending(d->engine));
        if (!d->is_deaf)
                d->descendants = descendants_new(d);
        if (d->descendants)
                children_introduce(d, d->descendants);
        old_relays_rejoin(d);
        kept_all(d);
        fcgi_keep_all(d);
        listeners_changed(d);
        events_out_mood(d, engine_mood(d->engine));
        chronicle_begin(d, false);
        notify_ready(d);
        upgrade_done(d->upgrade);
        daemon_feed(d, &(struct event){ .type = EV_TIMER }); /* which arms the timer */
}

int daemon_check(struct daemon *d, struct err *err)
{
        return restore(d, err);
}

/*
 * The end.
 */

static void stop(struct daemon *d)
{
        answers_release(d);
        cluster_host_stop(d);
        upgrade_abandon(d->upgrade);
        httpd_stop(d);
        httpd_close(d);
        servers_unlink(d);
        d->recovery = recovery_close(d->recovery);
        if (d->has_pidfile)
                pidfile_remove(d->config->pidfile);
        d->has_pidfile = false;
        d->descendants = descendants_free(d->descendants);
        d->children = children_free(d->children);
        d->machine = machine_free(d->machine);
        fcgi_free_all(d);
        d->kept = kept_close(d->kept, d);
        fdstore_join(d->fdstore, NULL);
        d->queue = event_queue_free(d->queue);
        if (d->engine)
                d->next_serial = engine_next_serial(d->engine);
        d->engine = engine_free(d->engine);
        effects_clear(&d->effects);
        d->effects_done = 0;
        d->feeding = false;
        d->rest_of_feed = sd_event_source_disable_unref(d->rest_of_feed);
        d->rest_timer = sd_event_source_disable_unref(d->rest_timer);
        journal_output_leave_loop(d);
        old_relays_leave_loop(d);
        chronicle_leave_loop(d->chronicle);
        d->leaving = errand_free(d->leaving);
        d->status_source = sd_event_source_disable_unref(d->status_source);
        d->timer = sd_event_source_disable_unref(d->timer);
        d->signals = sd_event_source_disable_unref(d->signals);
        d->turns = turns_free(d->turns);
        daemon_log_leave_loop(d);
        d->loop = sd_event_unref(d->loop);
        d->disabilities = disabilities_free(d->disabilities);
        d->activity = activity_free(d->activity);
        d->logfiles = logfiles_free(d->logfiles);
}

static void open_store(struct daemon *d)
{
        struct rlimit files = { .rlim_cur = RLIM_INFINITY };

        (void)getrlimit(RLIMIT_NOFILE, &files); /* right arguments do not fail */
        d->kept = kept_open();
        d->fdstore = fdstore_new(fdstore_max(files.rlim_cur));
}

/* Everything up to the loop; *status is what the process ends with when that fails. */
static int prepare(struct daemon *d, int *status, struct err *err)
{
        int r;

        *status = STATUS_USAGE;
        signals_block();
        if (!d->is_started) {
                open_store(d);
                chronicle_open(d->chronicle, d->config);
                d->recovery = recovery_open(d);
        }
        open_tree(d);
        r = cluster_host_prepare(d, err);
        if (r >= 0)
                r = take_identity(d, err);
        if (r >= 0)
                r = raise_limits(d, err);
        if (r < 0)
                return r;
        *status = STATUS_FAILED;
        d->logfiles = logfiles_new();
        r = daemon_log_open(d, err);
        if (r < 0)
                return r;
        daemon_log_notes(d);
        *status = STATUS_USAGE;
        r = limits_check(d, &d->config->programs, err);
        if (r < 0)
                return r;
        r = servers_open(d, err);
        if (r < 0)
                return r;
        d->has_sockets = true;
        *status = STATUS_FAILED;
        /* Those of programs that run already are theirs.  Not before the servers are open: a daemon
         * that finds another one in its place must not take that one's sockets away. */
        r = d->recovery ? 0 : fcgi_check_all(d, &d->config->programs, err);
        return r < 0 ? r : start(d, err);
}

static void tell_failure(struct daemon *d, const char *program, int status, const char *text)
{
        CLEANUP(mem_free)
        char *lines = mem_format("Error: %s\nFor help, use %s -h\n", text, program);

        (void)fputs(lines, stderr);
        if (d->activity && (d->is_started || d->parent >= 0)) /* nobody may read our stderr */
                daemon_log(d, LOG_LEVEL_CRITICAL, NULL, "%s", text);
        detach_tell_parent(d->parent, status, lines); /* it stays until we are gone */
}

/* Nothing has been acted upon, so the one before us can go on where it stood still. */
void daemon_go_back(struct daemon *d, const struct err *why)
{
        int r = d->survival ? descriptors_put_back(d->survival->descriptors)
                            : image_let_all_through(); /* which they are is not known */

        if (r >= 0)
                r = image_go_back(d->image, why->text);
        (void)fprintf(stderr, "Error: %s; and there is no way back: %s\n", why->text,
                strerrordesc_np(-r));
        if (d->activity && d->survival)
                daemon_log(d, LOG_LEVEL_CRITICAL, NULL,
                        "cannot go on from the state of %s: %s; and there is no way back: %s",
                        d->survival->version, why->text, strerrordesc_np(-r));
        (void)fflush(NULL);
        _exit(STATUS_FAILED); /* nothing is cleaned up that programs live with */
}

int daemon_run(struct daemon *d, const char *program)
{
        bool is_resumed = d->survival && d->survival->document;
        struct err err = {};
        int status = STATUS_FAILED;
        int r = is_resumed ? restore(d, &err) : prepare(d, &status, &err);

        d->restart = false;
        if (r < 0 && is_resumed)
                daemon_go_back(d, &err);
        if (is_resumed)
                go_on(d);
        if (r >= 0) {
                r = turns_run(d->turns, d->loop);
                if (r < 0)
                        r = err_errno(&err, r, "the event loop failed");
        }
        if (r < 0)
                tell_failure(d, program, status, err.text);
        stop(d);
        return r < 0 ? status : 0;
}
