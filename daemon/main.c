/* reeved: the command line, the configuration, and the daemon in between restarts. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "config/clusterconfig.h"
#include "daemon/chronicle.h"
#include "daemon/daemon.h"
#include "daemon/environment.h"
#include "daemon/fdstore.h"
#include "daemon/image.h"
#include "daemon/journal_output.h"
#include "daemon/scope.h"
#include "daemon/startcheck.h"
#include "daemon/survival.h"
#include "daemon/upgrade.h"
#include "net/keyring.h"

enum {
        STATUS_FAULTY = 1, /* of --check: it starts, but not as it is written */
        STATUS_USAGE = 2,
};
/* What is larger is mapped, so that it goes back to the kernel as soon as it is free.  Left alone,
 * the allocator raises this to the size of the largest that it has seen, a request's body maybe,
 * and then keeps as much for ever. */
enum { MAPPED_BYTES_MIN = 128 << 10 };
/* So much may be free at the end of what is not mapped.  Each connection takes and gives back some
 * 40 KiB: a few at once must not have the kernel take the pages away and make new ones each time.
 */
enum { KEPT_BYTES_MAX = 384 << 10 };

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

static int help(const char *program)
{
        CLEANUP(mem_free) char *text = command_line_help(program);

        return fputs(text, stdout) < 0;
}

static void print_note(void *context, enum log_level level, const char *text)
{
        size_t *errors = context;

        *errors += level >= LOG_LEVEL_ERROR;
        printf("%s: %s\n", log_level_name(level), text);
}

static int check(const struct command_line *line, const char *program, char *const *environ)
{
        CLEANUP(config_free) struct config *config = NULL;
        size_t processes = 0, errors = 0;
        const struct log_sink sink = { .write = print_note, .context = &errors };
        struct err err = {};
        int status = read_config(line, program, environ, &config);

        if (status)
                return status;
        for (size_t i = 0; i < config->notes_count; i++)
                print_note(&errors, config->notes[i].level, config->notes[i].text);
        if (startcheck_run(config, environment_get(environ, "PATH"), &sink, &err) < 0)
                return usage_error(program, &err);
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

static void daemon_init(struct daemon *d, struct image *image, const struct command_line *line)
{
        *d = (struct daemon){
                .line = line,
                .environ = image->environ,
                .image = image,
                .parent = -1,
                .spawner = spawner_new(),
                .chronicle = chronicle_new(),
                .syslog = syslog_new(
                        &(struct syslog_options){ .ident = program_invocation_short_name }),
                .upgrade = upgrade_new(d),
        };
}

static int run(struct daemon *d, const char *program)
{
        int status;

        do {
                if (d->next) {
                        config_free(d->config);
                        d->config = TAKE(d->next);
                }
                status = daemon_run(d, program);
        } while (status == 0 && d->restart);
        return status;
}

/* Of a daemon that has ended, and all that it had with it. */
static void daemon_clear(struct daemon *d)
{
        journal_output_free(d);
        keyring_free(d->cluster_keys);
        d->chronicle = chronicle_free(d->chronicle);
        d->tree = cgroup_tree_close(d->tree);
        scope_release(d->scope);
        mem_free(d->scope);
        mem_free(d->directory);
        d->fdstore = fdstore_free(d->fdstore);
        syslog_free(d->syslog);
        spawner_free(d->spawner);
        upgrade_free(d->upgrade);
        survival_free(d->survival);
        config_free(d->next);
        config_free(d->config);
}

static int begin(const struct command_line *line, struct image *image)
{
        struct daemon d;
        int status;

        daemon_init(&d, image, line);
        d.directory = getcwd(NULL, 0);
        status = read_config(line, image->argv[0], image->environ, &d.config);
        if (!status)
                status = run(&d, image->argv[0]);
        daemon_clear(&d);
        return status;
}

/*
 * Going on from a state.
 */

/* The command line and the configuration mean what they meant where the process was started. */
static int read_again(struct daemon *d, struct command_line **ret_line, struct err *err)
{
        CLEANUP(fd_close) int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CLEANUP(command_line_free) struct command_line *line = NULL;
        struct config_location location = {};
        enum command command;
        int argc = 0, r;

        while (d->image->argv[argc])
                argc++;
        if (chdir(d->survival->directory) < 0)
                return err_errno(err, -errno, "cannot go to '%s', where the process was started",
                        d->survival->directory);
        r = command_line_parse(argc, (char **)d->image->argv, &line, &command, err);
        if (r >= 0)
                r = config_read_located(line, d->environ, &d->config, &location, err);
        if (r < 0) {
                CLEANUP(mem_free) char *where = config_location_text(&location);
                CLEANUP(mem_free) char *text = mem_strdup(err->text);

                config_location_clear(&location);
                if (*where)
                        r = err_set(err, r, "%s; it is about %s", text, where);
        }
        if (here >= 0 && fchdir(here) < 0 && r >= 0)
                r = err_errno(err, -errno, "cannot go back to the present directory");
        d->line = line;
        *ret_line = TAKE(line);
        return r;
}

static int read_state(struct daemon *d, int fd, enum survival_way way, struct err *err)
{
        CLEANUP(mem_free) char *text = NULL;
        size_t length;
        int r = image_read_state(fd, &text, &length, err);

        if (r >= 0)
                r = survival_read(text, length, way, 0, &d->survival, err);
        if (r >= 0)
                d->directory = mem_strdup(d->survival->directory);
        return r;
}

/* Whoever runs this process is still in its memory: what cannot be gone on with goes back to him.
 */
static int resume(struct image *image)
{
        CLEANUP(command_line_free) struct command_line *line = NULL;
        struct err err = {};
        struct daemon d;
        int status, r;

        daemon_init(&d, image, NULL);
        r = read_state(&d, image->state, SURVIVAL_JUMP, &err);
        if (r >= 0)
                r = read_again(&d, &line, &err);
        if (r < 0)
                daemon_go_back(&d, &err);
        status = run(&d, image->argv[0]);
        daemon_clear(&d);
        return status;
}

/* For the process that we are to be put in place of: its state is in the descriptor. */
static int check_state(struct image *image, const char *descriptor)
{
        struct command_line *line = NULL;
        struct err err = {};
        struct daemon d;
        int r;

        image_hide();
        image->argv[1] = image->argv[0];
        image->argv++;
        daemon_init(&d, image, NULL);
        r = read_state(&d, atoi(descriptor), SURVIVAL_CHECK, &err);
        if (r >= 0)
                r = read_again(&d, &line, &err);
        if (r >= 0)
                r = daemon_check(&d, &err);
        (void)printf("%s%s\n", r < 0 ? "" : IMAGE_READY, r < 0 ? err.text : PACKAGE_VERSION);
        (void)fflush(NULL);
        _exit(r < 0 ? STATUS_FAULTY : 0); /* nothing is to be cleaned up, for nothing is ours */
}

int main(int argc, char *argv[], char *environ[])
{
        static const char check_option[] = "--check-state=";
        CLEANUP(command_line_free) struct command_line *line = NULL;
        CLEANUP(image_clear) struct image image;
        enum command command = COMMAND_RUN;
        struct err err = {};

        image_begin(&image, argv, environ);
        /* An allocator without them is good too. */
        (void)mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES_MIN);
        (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES_MAX);
        if (image.is_resumed)
                return resume(&image);
        if (argc > 1 && text_starts(argv[1], check_option))
                return check_state(&image, argv[1] + strlen(check_option));
        if (command_line_parse(argc, argv, &line, &command, &err) < 0)
                return usage_error(argv[0], &err);
        switch (command) {
        case COMMAND_RUN:
                return begin(line, &image);
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
