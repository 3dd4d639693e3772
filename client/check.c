/* The command "check": see check.h.
 *
 * What is found is put together as one value, which is printed as JSON or shown as tables. */
#include "client/check.h"

#include <unistd.h>

#include "base/text.h"
#include "client/checkshow.h"
#include "client/commands.h"
#include "client/json.h"
#include "client/names.h"
#include "config/clusterconfig.h"
#include "config/config.h"
#include "config/keyfile.h"
#include "config/survey.h"
#include "engine/program.h"
#include "netlink/netif.h"
#include "netlink/selfnames.h"
#include "rules/formula.h"
#include "rules/rules.h"

struct request {
        bool json, is_strict;
        const char *path; /* NULL: the file that reeved would find */
};

struct check {
        struct value *report;   /* all that is found */
        struct value *messages; /* of it */
        unsigned warnings, errors;
        struct names strangers; /* identifiers that were spoken of */
};

static void say(struct check *check, enum log_level level, const char *text)
{
        struct value *message = value_new(VALUE_STRUCT);

        value_set(message, "level", value_new_string(log_level_name(level)));
        value_set(message, "text", value_new_string(text));
        value_append(check->messages, message);
        check->warnings += level == LOG_LEVEL_WARN;
        check->errors += level > LOG_LEVEL_WARN;
}

static void say_notes(struct check *check, struct rules_notes *notes)
{
        for (size_t i = 0; i < notes->count; i++)
                say(check, notes->at[i].level, notes->at[i].text);
        rules_notes_clear(notes);
}

/*
 * The rules.
 */

static bool is_known(const struct clusterconfig *cluster, const char *name)
{
        for (char **stereotype = cluster->stereotypes; stereotype && *stereotype; stereotype++)
                if (text_equal(*stereotype, name))
                        return true;
        for (size_t i = 0; i < cluster->list_count; i++) {
                const struct clusterconfig_item *item = &cluster->list[i];

                if (text_equal(item->identifier, name) || text_equal(item->nick, name))
                        return true;
                for (char **nick = item->old_nicks; nick && *nick; nick++)
                        if (text_equal(*nick, name))
                                return true;
        }
        return false;
}

/* Names need not be in the list, where discovery finds instances or others have stereotypes: that
 * is no mistake, but worth a look. */
static void look_for_strangers(struct check *check, const struct clusterconfig *cluster,
        const struct rules_places *places, const char *whose)
{
        for (size_t i = 0; cluster->list_count && !places->all && i < places->count; i++) {
                CLEANUP(mem_free) char *text = NULL;

                if (is_known(cluster, places->names[i]) ||
                        names_contain(&check->strangers, places->names[i]))
                        continue;
                names_append(&check->strangers, places->names[i]);
                text = mem_format("'%s', an identifier of %s, is not in supvisors_list, and no "
                                  "stereotype of this instance",
                        places->names[i], whose);
                say(check, LOG_LEVEL_INFO, text);
        }
}

/* As it would be written in a rules file, without aliases. */
static struct value *places_value(const struct rules_places *places)
{
        struct value *names = value_new(VALUE_ARRAY);

        if (places->spread)
                value_append(names, value_new_string("#"));
        if (places->one_each)
                value_append(names, value_new_string("@"));
        if (places->all && !places->spread && !places->one_each)
                value_append(names, value_new_string("*"));
        for (size_t i = 0; !places->all && i < places->count; i++)
                value_append(names, value_new_string(places->names[i]));
        return names;
}

static struct value *process_value(
        const char *application, const char *process, const struct rules_program *rules)
{
        struct value *value = value_new(VALUE_STRUCT);

        value_set(value, "application_name", value_new_string(application));
        value_set(value, "process_name", value_new_string(process));
        value_set(value, "identifiers", places_value(&rules->places));
        value_set(value, "start_sequence", value_new_integer(rules->start_sequence));
        value_set(value, "stop_sequence", value_new_integer(rules->stop_sequence));
        value_set(value, "required", value_new_boolean(rules->required));
        value_set(value, "wait_exit", value_new_boolean(rules->wait_exit));
        value_set(value, "wait_exit_timeout",
                value_new_integer((int64_t)(rules->wait_exit_max / USEC_SEC)));
        value_set(value, "expected_loading", value_new_integer(rules->expected_loading));
        value_set(value, "starting_failure_strategy",
                value_new_string(starting_failure_name(rules->starting_failure)));
        value_set(value, "running_failure_strategy",
                value_new_string(running_failure_name(rules->running_failure)));
        return value;
}

/* As the RPC tells the rules of an application: one that is not managed has none. */
static struct value *application_value(const char *name, const struct rules_application *rules)
{
        struct value *value = value_new(VALUE_STRUCT);

        value_set(value, "application_name", value_new_string(name));
        value_set(value, "managed", value_new_boolean(rules->managed));
        if (!rules->managed)
                return value;
        value_set(value, "distribution", value_new_string(distribution_name(rules->distribution)));
        value_set(value, "identifiers", places_value(&rules->places));
        value_set(value, "start_sequence", value_new_integer(rules->start_sequence));
        value_set(value, "stop_sequence", value_new_integer(rules->stop_sequence));
        value_set(value, "starting_strategy",
                value_new_string(starting_strategy_name(rules->starting_strategy)));
        value_set(value, "starting_failure_strategy",
                value_new_string(starting_failure_name(rules->starting_failure)));
        value_set(value, "running_failure_strategy",
                value_new_string(running_failure_name(rules->running_failure)));
        value_set(value, "status_formula",
                value_new_string(rules->formula ? formula_text(rules->formula) : ""));
        return value;
}

static void check_group(struct check *check, const struct clusterconfig *cluster,
        const struct rules *rules, const struct program_group *group, struct value *applications)
{
        struct rules_notes notes = {};
        CLEANUP(rules_application_free)
        struct rules_application *application =
                rules_for_application(rules, group->name, cluster->starting_strategy, &notes);
        struct value *value = application_value(group->name, application);
        struct value *processes = value_new(VALUE_ARRAY);

        look_for_strangers(check, cluster, &application->places, group->name);
        for (size_t i = 0; i < group->programs_count; i++) {
                const char *name = group->programs[i]->name;
                CLEANUP(rules_program_free)
                struct rules_program *program =
                        rules_for_process(rules, group->name, application, name, &notes);
                CLEANUP(mem_free) char *whose = mem_format("%s:%s", group->name, name);

                look_for_strangers(check, cluster, &program->places, whose);
                value_append(processes, process_value(group->name, name, program));
        }
        value_set(value, "processes", processes);
        value_append(applications, value);
        say_notes(check, &notes);
}

static void check_rules(struct check *check, const struct config *config)
{
        const struct clusterconfig *cluster = config->cluster;
        CLEANUP(rules_unref) struct rules *rules = NULL;
        struct value *applications;
        const struct rules_note *notes;
        struct err err = {};
        size_t count = 0;

        while (cluster->rules_files && cluster->rules_files[count])
                count++;
        if (rules_read((const char *const *)cluster->rules_files, count, &rules, &err) < 0) {
                say(check, LOG_LEVEL_ERROR, err.text);
                return;
        }
        notes = rules_notes(rules, &count);
        for (size_t i = 0; i < count; i++)
                say(check, notes[i].level, notes[i].text);
        applications = value_new(VALUE_ARRAY);
        for (size_t i = 0; i < config->programs.count; i++)
                check_group(check, cluster, rules, config->programs.groups[i], applications);
        value_set(check->report, "applications", applications);
}

/*
 * The options.
 */

static struct value *words_value(char *const *words)
{
        struct value *value = value_new(VALUE_ARRAY);

        for (; words && *words; words++)
                value_append(value, value_new_string(*words));
        return value;
}

static const char *event_link_name(enum clusterconfig_event_link link)
{
        switch (link) {
        case EVENT_LINK_NONE:
                return "NONE";
        case EVENT_LINK_ZMQ:
                return "ZMQ";
        case EVENT_LINK_WS:
                return "WS";
        }
        return "";
}

static const char *failure_name(enum clusterconfig_failure failure)
{
        switch (failure) {
        case ON_FAILURE_CONTINUE:
                return "CONTINUE";
        case ON_FAILURE_RESYNC:
                return "RESYNC";
        case ON_FAILURE_SHUTDOWN:
                return "SHUTDOWN";
        }
        return "";
}

static struct value *synchro_value(unsigned synchro)
{
        static const char *const names[] = { "STRICT", "LIST", "TIMEOUT", "CORE", "USER" };
        struct value *value = value_new(VALUE_ARRAY);

        for (size_t i = 0; i < ELEMENTS(names); i++)
                if (synchro & 1u << i)
                        value_append(value, value_new_string(names[i]));
        return value;
}

static struct value *instances_value(const struct clusterconfig *cluster)
{
        struct value *value = value_new(VALUE_ARRAY);

        for (size_t i = 0; i < cluster->list_count; i++) {
                const struct clusterconfig_item *item = &cluster->list[i];
                CLEANUP(mem_free)
                char *text = text_equal(item->nick, item->identifier)
                                     ? mem_strdup(item->identifier)
                                     : mem_format("<%s>%s", item->nick, item->identifier);

                value_append(value, value_new_string(text));
        }
        return value;
}

static struct value *cluster_value(const struct clusterconfig *cluster)
{
        struct value *value = value_new(VALUE_STRUCT);
        CLEANUP(mem_free)
        char *group = cluster->multicast_group ? mem_format("%s:%u", cluster->multicast_group,
                                                         cluster->multicast_port)
                                               : mem_strdup("");

        value_set(value, "section", value_new_string(cluster->section));
        value_set(value, "cluster_name", value_new_string(cluster->cluster_name));
        value_set(value, "supvisors_list", instances_value(cluster));
        value_set(value, "multicast_group", value_new_string(group));
        value_set(value, "stereotypes", words_value(cluster->stereotypes));
        value_set(value, "core_identifiers", words_value(cluster->core_identifiers));
        value_set(value, "rules_files", words_value(cluster->rules_files));
        value_set(value, "synchro_options", synchro_value(cluster->synchro));
        value_set(value, "starting_strategy",
                value_new_string(starting_strategy_name(cluster->starting_strategy)));
        value_set(value, "conciliation_strategy",
                value_new_string(conciliation_strategy_name(cluster->conciliation_strategy)));
        value_set(value, "supvisors_failure_strategy",
                value_new_string(failure_name(cluster->failure_strategy)));
        value_set(value, "auto_fence", value_new_boolean(cluster->auto_fence));
        value_set(value, "event_link", value_new_string(event_link_name(cluster->event_link)));
        value_set(value, "event_port", value_new_integer(cluster->event_port));
        value_set(value, "cluster_key_file",
                value_new_string(cluster->cluster_key_file ? cluster->cluster_key_file : ""));
        return value;
}

/*
 * The file.
 */

/* What is left of it when all that is wrong is taken away; NULL: nothing. */
static struct config *read_configuration(struct check *check, const char *path)
{
        char program[] = "reeved", option[] = "-c";
        char *argv[] = { program, option, (char *)path, NULL };
        CLEANUP(command_line_free) struct command_line *line = NULL;
        CLEANUP(config_problems_clear) struct config_problems problems = {};
        struct config *config;
        enum command command;
        struct err err = {};

        if (command_line_parse(path ? 3 : 1, argv, &line, &command, &err) < 0) {
                say(check, LOG_LEVEL_ERROR, err.text);
                return NULL;
        }
        config = config_survey(line, environ, &problems);
        for (size_t i = 0; i < problems.count; i++) {
                CLEANUP(mem_free) char *text = config_problem_text(&problems.at[i]);

                if (!problems.at[i].is_follow_up)
                        say(check, LOG_LEVEL_ERROR, text);
        }
        return config;
}

static void check_key(struct check *check, const char *path)
{
        CLEANUP(keyfile_clear) struct keyfile file = {};
        struct err err = {};

        if (path && keyfile_read(path, &file, &err) < 0)
                say(check, LOG_LEVEL_ERROR, err.text);
}

static bool leads_here(void *context, const char *host)
{
        return selfnames_leads_here(context, host);
}

/* Which instance of the list this machine would be; where it is none the daemon does not start. */
static void check_self(struct check *check, const struct config *config, struct value *cluster)
{
        CLEANUP(selfnames_clear) struct selfnames names = {};
        CLEANUP(netif_close) struct netif *netif = NULL;
        CLEANUP(mem_free) char *why = NULL;
        size_t index;
        int r;

        if (netif_open(&netif, NULL) < 0)
                netif = NULL; /* then by its name alone */
        selfnames_collect(&names, netif);
        r = clusterconfig_seek_self(config->cluster,
                &(struct clusterconfig_place){ .names = (const char *const *)names.at,
                        .count = names.count,
                        .leads_here = leads_here,
                        .context = &names,
                        .http_port = config_http_port(config),
                        .identifier = config->identifier },
                &index, &why);
        if (r >= 0 && index != CLUSTERCONFIG_SELF)
                value_set(
                        cluster, "self", value_new_string(config->cluster->list[index].identifier));
        if (why)
                say(check, r < 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN, why);
}

static void check_file(struct check *check, const char *path)
{
        CLEANUP(config_free) struct config *config = read_configuration(check, path);
        struct value *cluster;

        if (!config)
                return;
        value_set(check->report, "configuration", value_new_string(config->path));
        for (size_t i = 0; i < config->notes_count; i++)
                say(check,
                        text_starts(config->notes[i].text, "started as root without -c")
                                ? LOG_LEVEL_INFO /* of the daemon, which this is not */
                                : config->notes[i].level,
                        config->notes[i].text);
        if (!config->cluster) {
                say(check, LOG_LEVEL_INFO,
                        "no cluster is configured: that takes a section [reeve] or "
                        "[rpcinterface:supvisors]");
                return;
        }
        cluster = cluster_value(config->cluster);
        check_self(check, config, cluster);
        value_set(check->report, "cluster", cluster);
        check_key(check, config->cluster->cluster_key_file);
        check_rules(check, config);
}

static bool understand(
        struct session *s, const struct names *words, struct request *ret, const char **ret_why)
{
        *ret = (struct request){ .json = s->json, .path = s->configuration };
        for (size_t i = 0; i < words->count; i++) {
                const char *word = words->at[i];
                bool takes_file = text_equal(word, "-c") || text_equal(word, "--configuration");

                if (text_equal(word, "--json")) {
                        ret->json = true;
                } else if (text_equal(word, "--strict")) {
                        ret->is_strict = true;
                } else if (takes_file && i + 1 < words->count) {
                        ret->path = words->at[++i];
                } else {
                        *ret_why =
                                takes_file
                                        ? "check -c requires a file name"
                                        : "check takes nothing but -c and a file name, --json and --strict";
                        return false;
                }
        }
        return true;
}

int check_run(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names words = names_split(args);
        struct check check = { .report = value_new(VALUE_STRUCT),
                .messages = value_new(VALUE_ARRAY) };
        CLEANUP(value_free) struct value *report = check.report;
        struct request request;
        const char *why = NULL;
        int r = 0;

        value_set(report, "messages", check.messages);
        if (!understand(s, &words, &request, &why)) {
                commands_refuse(s, "check", EXIT_INVALID_ARGUMENTS, "ERROR: %s", why);
                return 0;
        }
        check_file(&check, request.path);
        names_clear(&check.strangers);
        if (request.json)
                r = json_print_value(stdout, report);
        else
                checkshow_print(s, report);
        if (check.errors || (request.is_strict && check.warnings))
                s->exit_status = EXIT_GENERIC;
        return r < 0 ? failure_set_errno(&s->failure, -r) : 0;
}
