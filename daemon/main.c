/* reeved: the command line, the configuration, and the daemon in between restarts. */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "config/clusterconfig.h"
#include "daemon/daemon.h"
#include "daemon/journal_output.h"
#include "daemon/keyring.h"
#include "daemon/scope.h"

enum {
        STATUS_FAULTY = 1, /* of --check: it starts, but not as it is written */
        STATUS_USAGE = 2,
};
/* What is larger is mapped, so that it goes back to the kernel as soon as it is free.  Left alone,
 * the allocator raises this to the size of the largest that it has seen, a request's body maybe,
 * and then keeps as much for ever. */
enum { MAPPED_BYTES_MIN = 128 << 10 };

static int usage_error(const char *program, const struct err *err)
{
        (void)fprintf(stderr, "Error: %s\nFor help, use %s -h\n", err->text, program);
        return STATUS_USAGE;
}

/* Supervisor's two lines, which scripts may know, then what they are about as far as that is known.
 */
static int read_config(const struct command_line *line, const char *program, char *const *environ,
        struct config **ret)
{
        struct config_location location = {};
        CLEANUP(mem_free) char *where = NULL;
        struct err err = {};

        if (config_read_located(line, environ, ret, &location, &err) >= 0)
                return 0;
        where = config_location_text(&location);
        config_location_clear(&location);
        (void)usage_error(program, &err);
        if (*where)
                (void)fprintf(stderr, "It is about %s.\n", where);
        return STATUS_USAGE;
}

/* 0 to 2 must be open, or a log file would become somebody's stdout; what else we were given is
 * nothing that a program of ours should see. */
static void tidy_descriptors(void)
{
        int fd;

        do
                fd = open("/dev/null", O_RDWR);
        while (fd >= 0 && fd <= 2);
        if (fd > 2)
                (void)close(fd);
        (void)syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC); /* since Linux 5.11 */
}

static int help(const char *program)
{
        CLEANUP(mem_free) char *text = command_line_help(program);

        return fputs(text, stdout) < 0;
}

static int check(const struct command_line *line, const char *program, char *const *environ)
{
        CLEANUP(config_free) struct config *config = NULL;
        size_t processes = 0, errors = 0;
        int status = read_config(line, program, environ, &config);

        if (status)
                return status;
        for (size_t i = 0; i < config->notes_count; i++) {
                printf("%s: %s\n", log_level_name(config->notes[i].level), config->notes[i].text);
                errors += config->notes[i].level >= LOG_LEVEL_ERROR;
        }
        for (size_t i = 0; i < config->programs.count; i++)
                processes += config->programs.groups[i]->programs_count;
        if (errors)
                printf("%s: %zu error%s", config->path, errors, errors == 1 ? "" : "s");
        else
                printf("%s: good", config->path);
        printf(", %zu group%s, %zu process%s", config->programs.count,
                config->programs.count == 1 ? "" : "s", processes, processes == 1 ? "" : "es");
        if (config->cluster)
                printf(", cluster %s", config->cluster->cluster_name);
        printf("\n");
        return errors ? STATUS_FAULTY : 0;
}

static int run(const struct command_line *line, const char *program, char *const *environ)
{
        struct daemon d = { .line = line, .environ = environ, .parent = -1 };
        int status = read_config(line, program, environ, &d.config);

        if (status)
                return status;
        d.spawner = spawner_new();
        d.syslog = syslog_new(&(struct syslog_options){ .ident = program_invocation_short_name });
        do {
                if (d.next) {
                        config_free(d.config);
                        d.config = TAKE(d.next);
                }
                status = daemon_run(&d, program);
        } while (status == 0 && d.restart);
        journal_output_free(&d);
        keyring_free(d.cluster_keys);
        d.tree = cgroup_tree_close(d.tree);
        scope_release(d.scope);
        mem_free(d.scope);
        syslog_free(d.syslog);
        spawner_free(d.spawner);
        config_free(d.next);
        config_free(d.config);
        return status;
}

int main(int argc, char *argv[], char *environ[])
{
        CLEANUP(command_line_free) struct command_line *line = NULL;
        enum command command = COMMAND_RUN;
        struct err err = {};

        tidy_descriptors();
        (void)mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES_MIN); /* an allocator without it is good too */
        if (command_line_parse(argc, argv, &line, &command, &err) < 0)
                return usage_error(argv[0], &err);
        switch (command) {
        case COMMAND_RUN:
                return run(line, argv[0], environ);
        case COMMAND_CHECK:
                return check(line, argv[0], environ);
        case COMMAND_HELP:
                return help(argv[0]);
        case COMMAND_VERSION:
                printf("%s\n", PACKAGE_VERSION);
                return 0;
        }
        return STATUS_USAGE;
}
