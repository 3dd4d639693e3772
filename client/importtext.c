/* What "import-supervisor" makes of a file: see importtext.h. */
#include "client/importtext.h"

#include <string.h>

#include "base/text.h"
#include "config/words.h"

enum verdict {
        TAKEN,
        TAKEN_IN_PART, /* of [supervisord]: what is not the service's own */
        LEFT_OUT,
};

struct kind {
        const char *name; /* with a colon at its end: what begins so */
        enum verdict verdict;
        const char *why; /* of LEFT_OUT */
};

static const struct kind kinds[] = {
        { "program:", TAKEN, NULL },
        { "group:", TAKEN, NULL },
        { "eventlistener:", TAKEN, NULL },
        { "fcgi-program:", TAKEN, NULL },
        { "rpcinterface:supvisors", TAKEN, NULL },
        { "supervisord", TAKEN_IN_PART, NULL },
        { "unix_http_server", LEFT_OUT,
                "the service has a socket of its own, /run/reeve/reeve.sock: clients take it from "
                "/etc/reeve/reeve.conf, or by -s unix:///run/reeve/reeve.sock" },
        { "supervisorctl", LEFT_OUT, "/etc/reeve/reeve.conf has one for the service's socket" },
        { "rpcinterface:supervisor", LEFT_OUT, "/etc/reeve/reeve.conf has it already" },
        { "rpcinterface:", LEFT_OUT, "it is a plugin in Python" },
        { "ctlplugin:", LEFT_OUT,
                "it is a plugin in Python; reevectl has the commands of Supvisors' one" },
        { "include", LEFT_OUT, "what it includes is in this file" },
};

/* Of [supervisord]: what is not about where the service keeps its things. */
static const char *const taken_options[] = { "environment", "identifier", "loglevel", "minfds",
        "minprocs", "nocleanup", "strip_ansi", "umask" };

static void note(struct names *list, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void note(struct names *list, const char *format, ...)
{
        CLEANUP(mem_free) char *text = NULL;
        va_list ap;

        va_start(ap, format);
        text = mem_vformat(format, ap);
        va_end(ap);
        names_append(list, text);
}

static const struct kind *kind_of(const char *section)
{
        for (size_t i = 0; i < ELEMENTS(kinds); i++) {
                size_t length = strlen(kinds[i].name);

                if (kinds[i].name[length - 1] == ':' ? text_starts(section, kinds[i].name)
                                                     : text_equal(section, kinds[i].name))
                        return &kinds[i];
        }
        return NULL;
}

/* A continued value goes on with an indentation. */
static void append_option(struct text *out, const char *prefix, const char *key, const char *value)
{
        text_format(out, "%s%s = ", prefix, key);
        for (; *value; value++) {
                text_append_char(out, *value);
                if (*value == '\n')
                        text_format(out, "%s        ", prefix);
        }
        text_append_char(out, '\n');
}

static void look_for_environment(
        struct import *import, const struct ini_section *section, const struct ini_option *option)
{
        const char *at = strstr(option->value, "%(ENV_");
        size_t length;

        if (!at)
                return;
        at += strlen("%(ENV_");
        length = strcspn(at, ")");
        note(&import->differs,
                "[%s] %s uses the variable %.*s: unless environment= of [supervisord] has it, the "
                "service needs it (systemctl edit reeve: [Service] Environment=%.*s=...)",
                section->name, option->key, (int)length, at, (int)length, at);
}

static bool is_own(const struct ini_section *section, const char *key)
{
        struct ini_option *option;

        HASH_FIND_STR(section->options, key, option);
        return option;
}

/* Who the daemon was before, if not root: what has no user of its own was run as that one. */
static const char *former_user(const struct ini *ini)
{
        const struct ini_section *section = ini_section(ini, "supervisord");
        const char *user = section ? ini_value(ini, section, "user") : NULL;

        return user && strcmp(user, "root") != 0 && strcmp(user, "0") != 0 ? user : NULL;
}

static bool runs_something(const struct ini_section *section)
{
        return text_starts(section->name, "program:") ||
               text_starts(section->name, "eventlistener:") ||
               text_starts(section->name, "fcgi-program:");
}

/* With what [DEFAULT] lends it: that section is not taken over, since it would lend it to those of
 * the service, too. */
static void append_section(struct import *import, const struct ini *ini,
        const struct ini_section *section, const char *prefix)
{
        text_format(&import->text, "\n%s[%s]\n", prefix, section->name);
        for (const struct ini_option *o = section->options; o; o = o->hh.next) {
                append_option(&import->text, prefix, o->key, o->value);
                if (!*prefix)
                        look_for_environment(import, section, o);
        }
        for (const struct ini_option *o = ini->defaults->options; o; o = o->hh.next)
                if (!is_own(section, o->key))
                        append_option(&import->text, prefix, o->key, o->value);
        if (runs_something(section) && !ini_value(ini, section, "user") && former_user(ini))
                append_option(&import->text, prefix, "user", former_user(ini));
}

static void leave_out(struct import *import, const struct ini *ini,
        const struct ini_section *section, const char *why)
{
        text_format(&import->text, "\n; Not taken over: %s.", why);
        append_section(import, ini, section, "; ");
        note(&import->left_out, "[%s]: %s", section->name, why);
}

static bool is_taken_option(const char *key)
{
        for (size_t i = 0; i < ELEMENTS(taken_options); i++)
                if (text_equal(taken_options[i], key))
                        return true;
        return false;
}

/* The first one that makes the section, or that option of it, what cannot be taken over. */
static const struct config_problem *problem_of(
        const struct config_problems *problems, const char *section, const char *option)
{
        for (size_t i = 0; i < problems->count; i++) {
                const struct config_location *at = &problems->at[i].location;

                if (at->section && text_equal(at->section, section) &&
                        !problems->at[i].is_follow_up &&
                        (!option || (at->option && text_equal(at->option, option))))
                        return &problems->at[i];
        }
        return NULL;
}

static void note_problem(struct import *import, const struct config_problem *problem)
{
        CLEANUP(mem_free) char *text = config_problem_text(problem);

        names_append(&import->wrong, text);
}

static void take_supervisord(struct import *import, const struct ini *ini,
        const struct ini_section *section, const struct config_problems *problems)
{
        const char *user = former_user(ini);

        text_format(&import->text, "\n[%s]\n", section->name);
        for (const struct ini_option *o = section->options; o; o = o->hh.next) {
                const struct config_problem *problem = problem_of(problems, section->name, o->key);
                bool is_taken = is_taken_option(o->key) && !problem;

                if (problem && is_taken_option(o->key))
                        note_problem(import, problem);
                append_option(&import->text, is_taken ? "" : "; ", o->key, o->value);
                if (is_taken)
                        look_for_environment(import, section, o);
        }
        note(&import->left_out,
                "logfile, pidfile, childlogdir and the like of [supervisord]: the service logs to "
                "/var/log/reeve, and log files of programs that are AUTO go there, too");
        if (user)
                note(&import->differs,
                        "the daemon ran as %s and runs as root now: user = %s was written into each "
                        "section that had no user",
                        user, user);
}

/* Whether it has any that would be taken over otherwise; all of them are told. */
static bool is_wrong(struct import *import, const struct ini *ini,
        const struct ini_section *section, const struct config_problems *problems)
{
        if (!problem_of(problems, section->name, NULL))
                return false;
        text_append(&import->text, "\n; Not taken over, for it is wrong:\n");
        for (size_t i = 0; i < problems->count; i++) {
                const char *where = problems->at[i].location.section;

                if (where && text_equal(where, section->name) && !problems->at[i].is_follow_up) {
                        text_format(&import->text, "; - %s\n", problems->at[i].text);
                        note_problem(import, &problems->at[i]);
                }
        }
        append_section(import, ini, section, "; ");
        return true;
}

static void take_server(struct import *import, const struct ini *ini,
        const struct ini_section *section, const struct config_problems *problems)
{
        const char *username = ini_value(ini, section, "username");
        const char *password = ini_value(ini, section, "password");

        if (!username || !*username || !password || !*password) {
                leave_out(import, ini, section,
                        "it has no user name and password, and the service opens no TCP port "
                        "without (require_auth); add them to have it");
                return;
        }
        import->has_password = true;
        if (is_wrong(import, ini, section, problems))
                return;
        append_section(import, ini, section, "");
        note(&import->same, "[%s], with its user name and password", section->name);
}

struct counts {
        size_t programs, groups, listeners, fcgi, narrow, unnamed_logs;
};

static void count(struct counts *counts, const struct ini *ini, const struct ini_section *section)
{
        const char *group = ini_value(ini, section, "killasgroup");

        counts->programs += text_starts(section->name, "program:");
        counts->groups += text_starts(section->name, "group:");
        counts->listeners += text_starts(section->name, "eventlistener:");
        counts->fcgi += text_starts(section->name, "fcgi-program:");
        counts->narrow += text_starts(section->name, "program:") && !group;
        counts->unnamed_logs +=
                runs_something(section) && !ini_value(ini, section, "stdout_logfile");
}

static bool is_left_out(const struct config_problems *problems, const char *program)
{
        CLEANUP(mem_free) char *plain = mem_format("program:%s", program);
        CLEANUP(mem_free) char *fcgi = mem_format("fcgi-program:%s", program);

        return problem_of(problems, plain, NULL) || problem_of(problems, fcgi, NULL);
}

/* Its members but for those that are left out; the whole where none is left. */
static void take_group(struct import *import, const struct ini *ini,
        const struct ini_section *section, const struct config_problems *problems)
{
        const char *value = ini_value(ini, section, "programs");
        CLEANUP(words_free) char **names = words_list(value ? value : "");
        CLEANUP(text_clear) struct text left = {};
        size_t gone = 0;

        for (char **name = names; *name; name++)
                if (is_left_out(problems, *name))
                        gone++;
                else
                        text_format(&left, "%s%s", left.length ? "," : "", *name);
        if (gone && !left.length) {
                leave_out(import, ini, section, "none of its programs is");
                return;
        }
        append_section(import, ini, section, "");
        if (!gone)
                return;
        append_option(&import->text, "", "programs", text_string(&left)); /* the last one counts */
        note(&import->differs, "[%s] is without %zu of its programs, which are wrong",
                section->name, gone);
}

static void take(struct import *import, const struct ini *ini, const struct ini_section *section,
        const struct config_problems *problems, struct counts *counts)
{
        const struct kind *kind = kind_of(section->name);

        if (text_starts(section->name, "inet_http_server")) {
                take_server(import, ini, section, problems);
                return;
        }
        if (!kind) {
                leave_out(import, ini, section, "nobody knows this section");
                return;
        }
        switch (kind->verdict) {
        case TAKEN:
                if (is_wrong(import, ini, section, problems))
                        break;
                if (text_starts(section->name, "group:"))
                        take_group(import, ini, section, problems);
                else
                        append_section(import, ini, section, "");
                count(counts, ini, section);
                if (text_equal(section->name, "rpcinterface:supvisors"))
                        note(&import->same, "the cluster of [rpcinterface:supvisors]; all of its "
                                            "instances must be reeve's");
                break;
        case TAKEN_IN_PART:
                take_supervisord(import, ini, section, problems);
                break;
        case LEFT_OUT:
                leave_out(import, ini, section, kind->why);
                break;
        }
}

static void say_counts(struct import *import, const struct counts *counts)
{
        const struct {
                size_t count;
                const char *what;
        } all[] = {
                { counts->programs, "[program:x]" },
                { counts->groups, "[group:x]" },
                { counts->listeners, "[eventlistener:x]" },
                { counts->fcgi, "[fcgi-program:x]" },
        };

        for (size_t i = 0; i < ELEMENTS(all); i++)
                if (all[i].count)
                        note(&import->same, "%zu section%s %s, with all options", all[i].count,
                                all[i].count == 1 ? "" : "s", all[i].what);
        if (counts->unnamed_logs)
                note(&import->differs,
                        "what %zu section%s write%s goes to the journal (default_logfile of the "
                        "service; reevectl tail shows it), where it went to a file that had no "
                        "name of its own: write stdout_logfile to have one",
                        counts->unnamed_logs, counts->unnamed_logs == 1 ? "" : "s",
                        counts->unnamed_logs == 1 ? "s" : "");
        if (counts->narrow)
                note(&import->differs,
                        "what a program started ends with it; where something is to be left "
                        "behind, or the command goes into the background by itself, write "
                        "killasgroup=false (%zu program%s do%s not say)",
                        counts->narrow, counts->narrow == 1 ? "" : "s",
                        counts->narrow == 1 ? "es" : "");
}

void import_make(const struct ini *ini, const char *path, const struct config_problems *problems,
        struct import *ret)
{
        struct counts counts = {};

        *ret = (struct import){};
        text_format(&ret->text,
                "; Made by reevectl import-supervisor of %s and what it includes.\n", path);
        for (const struct ini_section *s = ini->sections; s; s = s->hh.next)
                take(ret, ini, s, problems, &counts);
        if (ini->defaults->options)
                note(&ret->differs,
                        "[DEFAULT] is no more: what it lent is written in each section");
        say_counts(ret, &counts);
}

void import_clear(struct import *import)
{
        text_clear(&import->text);
        names_clear(&import->same);
        names_clear(&import->differs);
        names_clear(&import->left_out);
        names_clear(&import->wrong);
        *import = (struct import){};
}
