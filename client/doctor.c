/* The command "doctor": see doctor.h.  What the machine is like is in doctor_host.c. */
#include "client/doctor.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "client/clusterask.h"
#include "client/commands.h"
#include "client/diagnosis.h"
#include "client/doctor_host.h"
#include "config/clusterconfig.h"
#include "config/config.h"
#include "config/keyfile.h"
#include "config/survey.h"
#include "engine/fault.h"

enum { FILES_LEAST = 4096, PATIENCE_SECS = 10 };

/*
 * The configuration.
 */

/* What is left of it when all that is wrong is taken away. */
static struct config *read_configuration(struct findings *f, const char *path)
{
        static const char advice[] = "put it right, then: reeved --check";
        char program[] = "reeved", option[] = "-c";
        char *argv[] = { program, option, (char *)path, NULL };
        CLEANUP(command_line_free) struct command_line *line = NULL;
        CLEANUP(config_problems_clear) struct config_problems problems = {};
        struct config *config;
        enum command command;
        struct err err = {};

        if (command_line_parse(path ? 3 : 1, argv, &line, &command, &err) < 0) {
                findings_add(f, "configuration", FINDING_TROUBLE, advice, "%s", err.text);
                return NULL;
        }
        config = config_survey(line, environ, &problems);
        for (size_t i = 0; i < problems.count; i++) {
                CLEANUP(mem_free) char *text = config_problem_text(&problems.at[i]);

                if (!problems.at[i].is_follow_up)
                        findings_add(f, "configuration", FINDING_TROUBLE, advice, "%s", text);
        }
        return config;
}

static void tell_notes(struct findings *f, const struct config *config)
{
        for (size_t i = 0; i < config->notes_count; i++)
                if (text_starts(config->notes[i].text, "No file matches"))
                        findings_add(f, "configuration", FINDING_NOTE, NULL, "%s",
                                config->notes[i].text);
                else if (text_starts(config->notes[i].text, "started as root without -c"))
                        findings_add(f, "configuration", FINDING_NOTE, NULL,
                                "looked at is %s, found by searching; reevectl -c names another",
                                config->path);
                else if (config->notes[i].level >= LOG_LEVEL_WARN)
                        findings_add(f, "configuration", FINDING_DOUBT,
                                "see reeve.conf(5) about what is named here", "%s",
                                config->notes[i].text);
        if (f->doubts + f->troubles == 0)
                findings_add(f, "configuration", FINDING_GOOD, NULL, "%s is good", config->path);
}

static void check_passwords(struct findings *f, const struct config *config)
{
        bool has_password = false;
        struct stat st;

        for (size_t i = 0; i < config->servers_count; i++) {
                const struct server_config *server = &config->servers[i];

                if (server->password && *server->password &&
                        !text_starts(server->password, "{SHA}"))
                        has_password = true;
                if (server->kind == SERVER_INET && !(server->username && *server->username))
                        findings_add(f, "access", FINDING_DOUBT,
                                "write username and password, or leave the unix socket alone; "
                                "require_auth=true in [supervisord] insists on it",
                                "[%s]: whoever reaches port %d commands this machine",
                                server->section, server->port);
        }
        if (has_password && stat(config->path, &st) == 0 && st.st_mode & S_IROTH) {
                CLEANUP(mem_free) char *advice = mem_format("chmod o-r %s", config->path);

                findings_add(f, "access", FINDING_DOUBT, advice,
                        "%s has a password in it, and everybody may read it", config->path);
        }
}

static void check_key(struct findings *f, const struct clusterconfig *cluster)
{
        CLEANUP(keyfile_clear) struct keyfile file = {};
        struct err err = {};

        if (!cluster->cluster_key_file) {
                findings_add(f, "key",
                        cluster->cluster_auth == CLUSTER_AUTH_NONE ? FINDING_DOUBT : FINDING_NOTE,
                        "reevectl keygen /etc/reeve/cluster.key, copy it to all machines, and "
                        "write cluster_key_file",
                        cluster->native && cluster->cluster_auth == CLUSTER_AUTH_DEFAULT
                                ? "the cluster has no key, so it is of this machine alone"
                                : "the cluster has no key file");
                return;
        }
        if (keyfile_read(cluster->cluster_key_file, &file, &err) < 0) {
                CLEANUP(mem_free)
                char *advice = mem_format("chown root: %s; chmod 600 %s; reevectl keygen makes one",
                        cluster->cluster_key_file, cluster->cluster_key_file);

                findings_add(f, "key", FINDING_TROUBLE, advice, "%s", err.text);
                return;
        }
        findings_add(f, "key", FINDING_GOOD, NULL, "%s: %u key%s, nobody else may read it",
                cluster->cluster_key_file, file.count, file.count == 1 ? "" : "s");
}

static void check_directory(struct findings *f, const char *what, const char *file)
{
        CLEANUP(mem_free) char *directory = mem_strdup(file);
        char *slash = strrchr(directory, '/');

        if (!slash || slash == directory)
                return;
        *slash = '\0';
        if (access(directory, W_OK) < 0)
                findings_add(f, "directories", FINDING_TROUBLE,
                        "make it (systemd-tmpfiles --create), or let the daemon's user write to it",
                        "%s: '%s' is not there, or not to be written to", what, directory);
}

static void check_configuration(struct findings *f, const struct config *config)
{
        const bool is_path =
                strcmp(config->logfile, "syslog") != 0 && strcmp(config->logfile, "journal") != 0;

        tell_notes(f, config);
        check_passwords(f, config);
        if (geteuid() == 0 && is_path)
                check_directory(f, "logfile", config->logfile);
        if (geteuid() == 0)
                check_directory(f, "pidfile", config->pidfile);
        if (config->cluster)
                check_key(f, config->cluster);
}

/*
 * The daemon.
 */

static void check_programs_place(struct findings *f, const struct value *health)
{
        const char *cgroups = clusterask_text(health, "cgroups");

        if (!*cgroups)
                findings_add(f, "delegation", FINDING_TROUBLE,
                        "run it as the service reeve, or, as a plain user, under a unit with "
                        "Delegate=yes",
                        "programs have no cgroups of their own: what they leave behind is not "
                        "ended, and nothing is limited");
        else if (!value_is_true(value_member(health, "controllers")))
                findings_add(f, "delegation", FINDING_DOUBT,
                        "Delegate=yes in the unit, and systemd-cgls to see who has taken them",
                        "%s", cgroups);
        else
                findings_add(f, "delegation", FINDING_GOOD, NULL, "%s", cgroups);
        if (value_is_true(value_member(health, "service")) && !*clusterask_text(health, "scope"))
                findings_add(f, "scope", FINDING_DOUBT,
                        "start dbus, and see the log for what systemd answered",
                        "there is no scope for the programs beside the service: while one lives, "
                        "the service may not start again");
}

static void check_watchdog(struct findings *f, const struct value *health)
{
        double watchdog = diagnosis_count(health, "watchdog");

        if (!value_is_true(value_member(health, "service")))
                findings_add(f, "watchdog", FINDING_NOTE,
                        "systemctl enable --now reeve, so that one that ends is started again",
                        "no service manager started this daemon");
        else if (watchdog <= 0)
                findings_add(f, "watchdog", FINDING_DOUBT, "WatchdogSec=1min in the unit",
                        "the service manager does not watch: a daemon that hangs stays so");
        else
                findings_add(f, "watchdog", FINDING_GOOD, NULL,
                        "a daemon that hangs for %.0f s is started again", watchdog);
}

static void check_limits(struct findings *f, const struct value *health)
{
        double soft = diagnosis_count(health, "files_soft");
        double dropped = diagnosis_count(health, "log_dropped");

        if (soft < FILES_LEAST)
                findings_add(f, "files", FINDING_DOUBT,
                        "minfds in [supervisord], and LimitNOFILE= in the unit",
                        "the daemon may open %.0f files, each process needs about eight", soft);
        else
                findings_add(
                        f, "files", FINDING_GOOD, NULL, "the daemon may open %.0f files", soft);
        if (dropped > 0)
                findings_add(f, "log", FINDING_DOUBT,
                        "look for a full disk, or for whoever should read its standard output",
                        "%.0f lines of the activity log were lost", dropped);
}

static void check_version(struct findings *f, const struct value *health)
{
        const char *version = clusterask_text(health, "version");

        if (strcmp(version, PACKAGE_VERSION) != 0)
                findings_add(f, "version", FINDING_NOTE,
                        "reevectl upgrade, or systemctl restart reeve, to run what is installed",
                        "the daemon that runs is %s, this client is %s", version, PACKAGE_VERSION);
}

/* Whether one answered that is ours. */
static bool check_daemon(struct findings *f, struct session *s)
{
        CLEANUP(value_free) struct value *health = NULL;
        int r = connection_call(
                s->connection, "reeve.getHealth", NULL, PATIENCE_SECS, &health, &s->failure);

        if (r == FAULT_UNKNOWN_METHOD) {
                findings_add(f, "daemon", FINDING_NOTE, NULL,
                        "who answers at %s is no reeved, or an older one", s->serverurl);
                return false;
        }
        if (r != 0) {
                CLEANUP(mem_free) char *why = failure_text(&s->failure);

                findings_add(f, "daemon", FINDING_DOUBT,
                        "systemctl status reeve; or give its address: reevectl -s URL doctor",
                        "nobody answers at %s: %s", s->serverurl, why);
                return false;
        }
        findings_add(f, "daemon", FINDING_GOOD, NULL, "it answers at %s, and has read %s",
                s->serverurl, clusterask_text(health, "configuration"));
        check_version(f, health);
        check_programs_place(f, health);
        check_watchdog(f, health);
        check_limits(f, health);
        if (!value_is_true(value_member(health, "hears_exits")))
                findings_add(f, "exits", FINDING_NOTE, NULL,
                        "the daemon is not told how descendants end that are no children of it");
        return true;
}

int doctor_run(struct session *s, const char *args)
{
        bool json = s->json, is_strict = false, is_alive;
        CLEANUP(names_clear) struct names words = clusterask_names(s, args, &json);
        CLEANUP(findings_clear) struct findings f = {};
        CLEANUP(config_free) struct config *config = NULL;
        int r = 0;

        for (size_t i = 0; i < words.count; i++) {
                if (!text_equal(words.at[i], "--strict")) {
                        commands_refuse(s, "doctor", EXIT_INVALID_ARGUMENTS,
                                "ERROR: doctor takes nothing but --json and --strict");
                        return 0;
                }
                is_strict = true;
        }
        findings_init(&f);
        config = read_configuration(&f, s->configuration);
        if (config)
                check_configuration(&f, config);
        doctor_host_cgroups(&f);
        is_alive = check_daemon(&f, s);
        if (!is_alive)
                doctor_host_exits(&f);
        if (!is_alive && config)
                doctor_host_files(&f, config);
        doctor_host_clock(&f, config ? config->cluster : NULL);
        if (config)
                doctor_host_journal(&f, config);
        if (config && config->cluster)
                doctor_host_multicast(&f, config->cluster);
        if (f.troubles || (is_strict && f.doubts))
                s->exit_status = EXIT_GENERIC;
        if (json)
                r = findings_print_json(&f);
        else
                findings_print(&f, s);
        return r < 0 ? failure_set_errno(&s->failure, -r) : 0;
}
