/* The hello as JSON: see cluster_hello.h.
 *
 * Hashes are hexadecimal texts, for JSON's numbers end where signed ones do. */
#include "wire/cluster_hello.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEREOTYPE_MAX = 1024, VERSION_MAX = 64, SIZE_MAX_BYTES = 256 << 10 };

/*
 * Out.
 */

/* Memory does not run out, and the keys are ours: so setting does not fail, but for a text that is
 * not UTF-8. */
static void put_text(json_t *object, const char *key, const char *value)
{
        (void)json_object_set_new(object, key, json_string(value) ?: json_string("?"));
}

static void put_number(json_t *object, const char *key, int64_t value)
{
        (void)json_object_set_new(object, key, json_integer(value));
}

static void put_bool(json_t *object, const char *key, bool value)
{
        (void)json_object_set_new(object, key, json_boolean(value));
}

static void put_hash(json_t *object, const char *key, uint64_t value)
{
        char text[17];

        (void)snprintf(text, sizeof(text), "%016" PRIx64, value); /* fits */
        put_text(object, key, text);
}

static json_t *write_enforced(const struct cluster_enforced *e)
{
        json_t *object = json_object();

        put_bool(object, "auto_fence", e->auto_fence);
        put_number(object, "starting_strategy", e->starting_strategy);
        put_number(object, "conciliation_strategy", e->conciliation_strategy);
        put_number(object, "failure_strategy", e->failure_strategy);
        put_number(object, "quorum", e->quorum);
        put_number(object, "expected", e->expected);
        put_hash(object, "list", e->list);
        return object;
}

static json_t *write_advised(const struct cluster_advised *a)
{
        json_t *object = json_object();

        put_hash(object, "list", a->list);
        put_hash(object, "core", a->core);
        put_hash(object, "rules", a->rules);
        return object;
}

static json_t *write_clocks(const struct cluster_hello_clocks *c)
{
        json_t *object = json_object();

        put_number(object, "wall", c->wall);
        put_number(object, "monotonic", c->monotonic);
        put_number(object, "boottime", c->boottime);
        return object;
}

static json_t *write_stereotypes(const struct peers_hello *h)
{
        json_t *array = json_array();

        for (size_t i = 0; i < h->stereotypes_count; i++)
                (void)json_array_append_new(
                        array, json_string(h->stereotypes[i]) ?: json_string("?"));
        return array;
}

char *cluster_hello_write(const struct peers_hello *h, const struct identity *self,
        const struct cluster_hello_clocks *clocks, const struct cluster_node *node)
{
        char id[IDENTITY_TEXT_SIZE];
        json_t *object = json_object();
        char *printed, *ours;

        identity_text(&h->id, id);
        put_text(object, "id", id);
        put_text(object, "identifier", self->identifier);
        put_text(object, "nick", self->nick);
        put_text(object, "version", PACKAGE_VERSION);
        put_number(object, "incarnation", (int64_t)h->incarnation);
        put_bool(object, "reply", h->reply);
        put_bool(object, "known", h->known);
        put_number(object, "sees", h->sees);
        if (h->keeps && h->event <= INT64_MAX)
                put_number(object, "keeps", (int64_t)h->event);
        (void)json_object_set_new(object, "enforced", write_enforced(&h->enforced));
        (void)json_object_set_new(object, "advised", write_advised(&h->advised));
        (void)json_object_set_new(object, "clocks", write_clocks(clocks));
        (void)json_object_set_new(object, "stereotypes", write_stereotypes(h));
        (void)json_object_set(object, "network", cluster_node_json(node));
        printed = json_dumps(object, JSON_COMPACT);
        json_decref(object);
        ours = mem_strdup(printed ?: "{}");
        free(printed); /* jansson's own */
        return ours;
}

/*
 * In.
 */

struct reader {
        const json_t *object;
        const char *missing; /* the first key that is not as it should be; NULL: all are good */
};

static const json_t *get(struct reader *r, const char *key, bool good)
{
        if (!good && !r->missing)
                r->missing = key;
        return json_object_get(r->object, key);
}

static const char *get_text(struct reader *r, const char *key, size_t length_max)
{
        const json_t *value = json_object_get(r->object, key);
        bool good = json_is_string(value) && json_string_length(value) <= length_max;

        (void)get(r, key, good);
        return good ? json_string_value(value) : "";
}

static int64_t get_number(struct reader *r, const char *key, int64_t min, int64_t max)
{
        const json_t *value = json_object_get(r->object, key);
        int64_t number = json_integer_value(value);
        bool good = json_is_integer(value) && number >= min && number <= max;

        (void)get(r, key, good);
        return good ? number : min;
}

static bool get_bool(struct reader *r, const char *key)
{
        const json_t *value = json_object_get(r->object, key);

        (void)get(r, key, json_is_boolean(value));
        return json_is_true(value);
}

static uint64_t get_hash(struct reader *r, const char *key)
{
        const char *text = get_text(r, key, 16);
        char *end;
        uint64_t value = strtoull(text, &end, 16);

        (void)get(r, key, strlen(text) == 16 && *end == '\0' && *text != '-' && *text != '+');
        return value;
}

static struct identity_id get_id(struct reader *r, const char *key)
{
        struct identity_id id = {};

        (void)get(r, key, identity_parse(get_text(r, key, IDENTITY_TEXT_SIZE), &id));
        return id;
}

static void get_name(struct reader *r, const char *key, char ret[IDENTITY_NAME_MAX + 1])
{
        const char *text = get_text(r, key, IDENTITY_NAME_MAX);
        bool good = identity_name_is_valid(text, strlen(text));

        (void)get(r, key, good);
        memcpy(ret, good ? text : "", good ? strlen(text) + 1 : 1);
}

/* A part of its own; what is missing in it is missing in the whole. */
static struct reader inner(const struct reader *r, const char *key)
{
        const json_t *object = json_object_get(r->object, key);

        return (struct reader){ object, json_is_object(object) ? NULL : key };
}

static void back(struct reader *r, const struct reader *part)
{
        if (!r->missing)
                r->missing = part->missing;
}

static struct cluster_enforced read_enforced(struct reader *r)
{
        struct reader in = inner(r, "enforced");
        struct cluster_enforced e = {
                .auto_fence = get_bool(&in, "auto_fence"),
                .starting_strategy = (uint8_t)get_number(&in, "starting_strategy", 0, UINT8_MAX),
                .conciliation_strategy =
                        (uint8_t)get_number(&in, "conciliation_strategy", 0, UINT8_MAX),
                .failure_strategy = (enum cluster_failure)get_number(
                        &in, "failure_strategy", 0, CLUSTER_SHUTDOWN),
                .quorum =
                        (enum cluster_quorum)get_number(&in, "quorum", 0, CLUSTER_QUORUM_MAJORITY),
                .expected = (unsigned)get_number(&in, "expected", 0, UINT_MAX),
                .list = get_hash(&in, "list"),
        };

        back(r, &in);
        return e;
}

static struct cluster_advised read_advised(struct reader *r)
{
        struct reader in = inner(r, "advised");
        struct cluster_advised a = {
                .list = get_hash(&in, "list"),
                .core = get_hash(&in, "core"),
                .rules = get_hash(&in, "rules"),
        };

        back(r, &in);
        return a;
}

static struct cluster_hello_clocks read_clocks(struct reader *r)
{
        struct reader in = inner(r, "clocks");
        struct cluster_hello_clocks c = {
                .wall = get_number(&in, "wall", 0, INT64_MAX / 4),
                .monotonic = get_number(&in, "monotonic", 0, INT64_MAX / 4),
                .boottime = get_number(&in, "boottime", 0, INT64_MAX / 4),
        };

        back(r, &in);
        return c;
}

static void read_stereotypes(struct reader *r, struct cluster_hello *h)
{
        const json_t *array = json_object_get(r->object, "stereotypes");
        size_t count = json_array_size(array);
        bool good = json_is_array(array) && count <= PEERS_STEREOTYPES_MAX;

        h->stereotypes = mem_new_array(PEERS_STEREOTYPES_MAX, sizeof(char *));
        for (size_t i = 0; good && i < count; i++) {
                const json_t *value = json_array_get(array, i);

                good = json_is_string(value) && json_string_length(value) <= STEREOTYPE_MAX;
                if (good)
                        h->stereotypes[h->said.stereotypes_count++] =
                                mem_strdup(json_string_value(value));
        }
        (void)get(r, "stereotypes", good);
        h->said.stereotypes = (const char *const *)h->stereotypes;
}

static void read_all(struct reader *r, struct cluster_hello *h)
{
        h->said = (struct peers_hello){
                .id = get_id(r, "id"),
                .incarnation = (uint64_t)get_number(r, "incarnation", 1, INT64_MAX),
                .reply = get_bool(r, "reply"),
                .known = get_bool(r, "known"),
                .sees = (enum peers_state)get_number(r, "sees", 0, PEERS_STATES - 1),
                .enforced = read_enforced(r),
                .advised = read_advised(r),
        };
        h->said.keeps = json_object_get(r->object, "keeps");
        if (h->said.keeps)
                h->said.event = (uint64_t)get_number(r, "keeps", 0, INT64_MAX);
        get_name(r, "identifier", h->identifier);
        get_name(r, "nick", h->nick);
        h->version = mem_strdup(get_text(r, "version", VERSION_MAX));
        h->clocks = read_clocks(r);
        read_stereotypes(r, h);
        h->node = cluster_node_read(json_object_get(r->object, "network"));
        (void)get(r, "network", h->node);
}

int cluster_hello_read(const void *bytes, size_t size, struct cluster_hello *ret, struct err *err)
{
        CLEANUP(cluster_hello_clear) struct cluster_hello h = {};
        /* Part of it is kept for as long as the instance is known. */
        json_t *object = size > SIZE_MAX_BYTES
                                 ? NULL
                                 : json_loadb(bytes, size, JSON_REJECT_DUPLICATES, NULL);
        struct reader r = { object, NULL };

        if (size > SIZE_MAX_BYTES)
                return err_set(err, -EMSGSIZE, "it is longer than %d bytes", SIZE_MAX_BYTES);
        if (!json_is_object(object)) {
                json_decref(object);
                return err_set(err, -EBADMSG, "it is no JSON object");
        }
        read_all(&r, &h);
        json_decref(object);
        if (r.missing)
                return err_set(err, -EBADMSG, "'%s' is missing or wrong", r.missing);
        *ret = h;
        h = (struct cluster_hello){};
        return 0;
}

void cluster_hello_clear(struct cluster_hello *h)
{
        for (size_t i = 0; i < h->said.stereotypes_count; i++)
                mem_free(h->stereotypes[i]);
        mem_free(h->stereotypes);
        mem_free(h->version);
        cluster_node_free(h->node);
        *h = (struct cluster_hello){};
}
