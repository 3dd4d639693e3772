/* The command "import-supervisor": see import.h. */
#include "client/import.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/newfile.h"
#include "base/text.h"
#include "client/commands.h"
#include "client/importtext.h"
#include "config/config.h"
#include "config/ini.h"
#include "config/survey.h"

static const char default_output[] = "/etc/reeve/conf.d/supervisor.conf";
static const char default_name[] = "supervisord.conf";

struct request {
        const char *source; /* as given; NULL: where Supervisor has it */
        const char *output;
        bool is_dry, force;
};

static bool understand(const struct names *words, struct request *ret, struct err *err)
{
        *ret = (struct request){ .output = default_output };
        for (size_t i = 0; i < words->count; i++) {
                const char *word = words->at[i];
                bool takes_file = text_equal(word, "-o") || text_equal(word, "--output");

                if (text_equal(word, "--dry-run"))
                        ret->is_dry = true;
                else if (text_equal(word, "--force"))
                        ret->force = true;
                else if (takes_file && i + 1 < words->count)
                        ret->output = words->at[++i];
                else if (takes_file)
                        return err_set(err, -EINVAL, "%s requires a file name", word) == 0;
                else if (word[0] == '-' || ret->source)
                        return err_set(err, -EINVAL, "'%s' is one too many", word) == 0;
                else
                        ret->source = word;
        }
        return true;
}

/* The file that is meant; a directory is one like /etc/supervisor. */
static char *find_source(const char *given, struct err *err)
{
        static const char *const usual[] = { "/etc/supervisor/supervisord.conf",
                "/etc/supervisord.conf" };
        struct stat st;

        for (size_t i = 0; !given && i < ELEMENTS(usual); i++)
                if (access(usual[i], F_OK) == 0)
                        return mem_strdup(usual[i]);
        if (!given) {
                err_set(err, -ENOENT, "there is no %s and no %s: name the file", usual[0],
                        usual[1]);
                return NULL;
        }
        if (stat(given, &st) < 0) {
                err_errno(err, -errno, "'%s'", given);
                return NULL;
        }
        return S_ISDIR(st.st_mode) ? mem_format("%s/%s", given, default_name) : mem_strdup(given);
}

static int make_line(const char *path, struct command_line **ret, struct err *err)
{
        char program[] = "reeved", option[] = "-c";
        char *argv[] = { program, option, (char *)path, NULL };
        enum command command;

        return command_line_parse(3, argv, ret, &command, err);
}

/* The first thing that its reader finds wrong with the file that was made. */
static int judge(const char *path, struct err *err)
{
        CLEANUP(command_line_free) struct command_line *line = NULL;
        CLEANUP(config_free) struct config *config = NULL;
        struct config_location location = {};
        int r = make_line(path, &line, err);

        if (r >= 0)
                r = config_read_located(line, environ, &config, &location, err);
        if (r < 0) {
                CLEANUP(mem_free) char *where = config_location_text(&location);

                if (*where)
                        r = err_wrap(err, r, "%s", where);
        }
        config_location_clear(&location);
        return r;
}

static void take_doubts(struct import *import, const struct config *config)
{
        for (size_t i = 0; i < config->notes_count; i++)
                if (config->notes[i].level >= LOG_LEVEL_WARN)
                        names_append(&import->differs, config->notes[i].text);
}

static int read_source(const char *path, struct import *ret, struct err *err)
{
        CLEANUP(command_line_free) struct command_line *line = NULL;
        CLEANUP(config_problems_clear) struct config_problems problems = {};
        CLEANUP(config_free) struct config *config = NULL;
        CLEANUP(ini_free) struct ini *ini = NULL;
        int r = make_line(path, &line, err);

        if (r < 0)
                return r;
        config = config_survey(line, environ, &problems);
        if (!config && problems.is_cut)
                return err_set(
                        err, -E2BIG, "'%s' has more than %d problems", path, CONFIG_PROBLEMS_MAX);
        if (!config) {
                CLEANUP(mem_free)
                char *text = config_problem_text(&problems.at[problems.count - 1]);

                return err_set(err, -EINVAL, "%s", text);
        }
        r = config_read_sections(line, environ, &ini, err);
        if (r < 0)
                return r;
        import_make(ini, path, &problems, ret);
        take_doubts(ret, config);
        return 0;
}

/* Nobody may read more of it than of what it was made of. */
static int write_output(
        const struct request *request, const struct import *import, mode_t mode, struct err *err)
{
        int r = newfile_put(request->output, import->has_password ? 0600 : mode, import->text.data,
                import->text.length, request->force);

        if (r == -EEXIST)
                return err_set(
                        err, r, "'%s' is there already (--force replaces it)", request->output);
        if (r < 0)
                return err_errno(err, r, "cannot write '%s'", request->output);
        return judge(request->output, err);
}

static void print_list(struct session *s, const char *title, const struct names *list)
{
        if (list->count == 0)
                return;
        session_say(s, "%s", title);
        for (size_t i = 0; i < list->count; i++)
                session_say(s, "  * %s", list->at[i]);
}

static void print_next_steps(struct session *s)
{
        session_say(s, "Then: systemctl disable --now supervisor; systemctl reload-or-restart "
                       "reeve; reevectl status");
}

static void print_report(
        struct session *s, const struct request *request, const struct import *import)
{
        print_list(s, "What works as it did:", &import->same);
        print_list(s, "What is different:", &import->differs);
        print_list(s, "What was not taken over:", &import->left_out);
        print_list(s, "What is wrong, and was not taken over:", &import->wrong);
        if (!request->is_dry)
                session_say(s, "Written: %s", request->output);
        if (import->wrong.count) {
                session_say(s,
                        "Put right what is wrong (a directory that is missing: mkdir -p), then the "
                        "same again%s.",
                        request->is_dry ? "" : " with --force");
                s->exit_status = EXIT_UNIMPLEMENTED;
        } else if (!request->is_dry) {
                print_next_steps(s);
        }
}

int import_run(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names words = names_split(args);
        CLEANUP(import_clear) struct import import = {};
        CLEANUP(mem_free) char *path = NULL;
        struct request request;
        struct stat st = {};
        struct err err = {};
        int r;

        if (!understand(&words, &request, &err)) {
                commands_refuse(
                        s, "import-supervisor", EXIT_INVALID_ARGUMENTS, "Error: %s", err.text);
                return 0;
        }
        path = find_source(request.source, &err);
        r = path ? read_source(path, &import, &err) : -ENOENT;
        if (r >= 0 && request.is_dry) {
                s->messages = stderr; /* the file itself is what comes out */
                (void)fputs(text_string(&import.text), stdout);
        } else if (r >= 0) {
                (void)stat(path, &st); /* it was there; otherwise its mode is the strictest */
                r = write_output(&request, &import, 0600 | (st.st_mode & 044), &err);
        }
        if (r >= 0) {
                print_report(s, &request, &import);
                return 0;
        }
        session_say(s, "Error: %s", err.text);
        s->exit_status = EXIT_GENERIC;
        return 0;
}
