/* Instances of the list: see instances.h. */
#include "config/instances.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/words.h"

#define DIGITS       "0123456789"
#define LETTERS      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "_-"
#define HOST_LETTERS LETTERS "."
#define NICK_LETTERS LETTERS ".:"
#define HOST_MAX     253

/* Of [supervisord] identifier: nobody chose it, so it names nobody. */
static const char default_nick[] = "supervisor";

static bool is_default_nick(const char *text, size_t length)
{
        return length == strlen(default_nick) && memcmp(text, default_nick, length) == 0;
}

static bool is_nick(const char *text, size_t length)
{
        return length && length <= CLUSTERCONFIG_NAME_MAX && strspn(text, NICK_LETTERS) >= length;
}

void instances_clear(struct clusterconfig_item *item)
{
        mem_free(item->identifier);
        mem_free(item->nick);
        mem_free(item->host);
        words_free(item->old_nicks);
        *item = (struct clusterconfig_item){};
}

/* Four or five digits; none where they may be missing, which is 0. */
static int parse_port(const char *text, size_t length, bool is_needed, unsigned *ret)
{
        char digits[6] = {};

        *ret = 0;
        if (length == 0)
                return is_needed ? -EINVAL : 0;
        if (length < 4 || length > 5 || strspn(text, DIGITS) < length)
                return -EINVAL;
        memcpy(digits, text, length);
        *ret = (unsigned)strtoul(digits, NULL, 10);
        return *ret >= 1 && *ret <= 65535 ? 0 : -EINVAL;
}

/* What is behind the host; 0: no port is written. */
static int parse_ports(const char *text, unsigned *ret)
{
        const char *second;
        unsigned ignored;

        *ret = 0;
        if (!*text)
                return 0;
        if (*text++ != ':')
                return -EINVAL;
        second = strchr(text, ':');
        if (!second)
                return parse_port(text, strlen(text), true, ret);
        if (parse_port(second + 1, strlen(second + 1), false, &ignored) < 0)
                return -EINVAL;
        return parse_port(text, (size_t)(second - text), false, ret);
}

static int fail(struct err *err, const char *text, const char *words)
{
        CLEANUP(mem_free) char *quoted = text_repr(text);

        return err_set(err, -EINVAL, "the item %s of supvisors_list %s", quoted, words);
}

int instances_parse(
        const char *text, uint16_t http_port, struct clusterconfig_item *ret, struct err *err)
{
        const char *s = text, *nick = NULL;
        size_t nick_length = 0, host_length;
        unsigned port;

        if (*s == '<') {
                nick = ++s;
                nick_length = strcspn(s, ">");
                if (!s[nick_length] || !is_nick(s, nick_length))
                        return fail(err, text,
                                "has a nick that does not consist of letters, digits and - _ : . "
                                "between < and >");
                s += nick_length + 1;
        }
        host_length = strspn(s, HOST_LETTERS);
        if (host_length == 0 || host_length > HOST_MAX)
                return fail(err, text,
                        "has no host name or IPv4 address; it must be of the form "
                        "[<nick>]host[:port]");
        if (parse_ports(s + host_length, &port) < 0)
                return fail(err, text,
                        "has something behind the host that is not a colon and a port of four or "
                        "five digits; it must be of the form [<nick>]host[:port]");
        ret->host = mem_strndup(s, host_length);
        ret->port = port ? (uint16_t)port : http_port;
        ret->identifier = mem_format("%s:%u", ret->host, ret->port);
        ret->old_nicks = NULL;
        if (nick && !is_default_nick(nick, nick_length))
                ret->nick = mem_strndup(nick, nick_length);
        else
                ret->nick = mem_strdup(port ? ret->identifier : ret->host);
        return 0;
}

/* An instance that is there already keeps its place and takes the new nick. */
static bool merge(struct clusterreading *reading, struct clusterconfig_item *item)
{
        struct clusterconfig *config = reading->config;

        for (size_t i = 0; i < config->list_count; i++) {
                struct clusterconfig_item *found = &config->list[i];
                char *nick = found->nick;

                if (strcmp(found->identifier, item->identifier) != 0)
                        continue;
                clusterreading_note(reading, LOG_LEVEL_WARN, "supvisors_list",
                        "has the instance %s twice; its nick is %s", item->identifier, item->nick);
                found->nick = TAKE(item->nick);
                if (strcmp(nick, found->nick) == 0)
                        mem_free(nick);
                else
                        found->old_nicks = words_append(found->old_nicks, nick);
                instances_clear(item);
                return true;
        }
        return false;
}

static bool share_a_name(const struct clusterconfig_item *a, const struct clusterconfig_item *b)
{
        return strcmp(a->nick, b->nick) == 0 || strcmp(a->nick, b->identifier) == 0 ||
               strcmp(a->identifier, b->nick) == 0;
}

/* Of each instance once, however many there are. */
static void note_shared_names(const struct clusterreading *reading)
{
        const struct clusterconfig *config = reading->config;

        for (size_t i = 1; i < config->list_count; i++) {
                size_t j = 0;

                while (j < i && !share_a_name(&config->list[j], &config->list[i]))
                        j++;
                if (j < i)
                        clusterreading_note(reading, LOG_LEVEL_WARN, "supvisors_list",
                                "has one name for two instances: <%s>%s and <%s>%s",
                                config->list[j].nick, config->list[j].identifier,
                                config->list[i].nick, config->list[i].identifier);
        }
}

static int add(struct clusterreading *reading, const char *text, struct err *err)
{
        struct clusterconfig *config = reading->config;
        struct clusterconfig_item item;
        const char *nick_end = strrchr(text, '>');
        const char *host = nick_end ? nick_end + 1 : text;
        int r = instances_parse(text, reading->http_port, &item, err);

        if (r < 0)
                return r;
        if (strchr(host, ':') != strrchr(host, ':'))
                clusterreading_note(reading, LOG_LEVEL_INFO, "supvisors_list",
                        "has the item %s, whose last field has no meaning any more", text);
        if (!merge(reading, &item))
                config->list[config->list_count++] = item;
        return 0;
}

int instances_read(struct clusterreading *reading, const char *text, struct err *err)
{
        CLEANUP(words_free) char **items = words_list(text);
        size_t count = words_count(items);

        if (count > CLUSTERCONFIG_INSTANCES_MAX)
                return err_set(err, -EINVAL, "supvisors_list has more than %d instances",
                        CLUSTERCONFIG_INSTANCES_MAX);
        reading->config->list = mem_new_array(count, sizeof(*reading->config->list));
        for (size_t i = 0; i < count; i++) {
                bool is_copy = !*items[i];

                for (size_t j = 0; j < i && !is_copy; j++)
                        is_copy = strcmp(items[i], items[j]) == 0;
                if (!is_copy) {
                        int r = add(reading, items[i], err);

                        if (r < 0)
                                return r;
                }
        }
        note_shared_names(reading);
        return 0;
}

void instances_self(struct clusterreading *reading)
{
        const struct reader *reader = reading->reader;
        const char *identifier = reader->config->identifier;
        struct clusterconfig_item *self = &reading->config->self;
        size_t length = strlen(reader->node);
        bool is_host =
                length && length <= HOST_MAX && !reader->node[strspn(reader->node, HOST_LETTERS)];

        self->host = mem_strdup(is_host ? reader->node : "localhost");
        self->port = reading->http_port;
        self->identifier = mem_format("%s:%u", self->host, self->port);
        length = strlen(identifier);
        if (is_default_nick(identifier, length)) {
                self->nick = mem_strdup(self->identifier);
        } else if (is_nick(identifier, length)) {
                self->nick = mem_strdup(identifier);
        } else {
                reader_note(reading->reader, LOG_LEVEL_WARN,
                        "the identifier of this instance cannot be its nick in the cluster, where "
                        "one has letters, digits and - _ : . only; it is %s there",
                        self->identifier);
                self->nick = mem_strdup(self->identifier);
        }
}
