/* Formulas: see formula.h.  This file owns the evaluation. */
#include "rules/formula.h"

#include <errno.h>
#include <string.h>

#include "rules/formula_tree.h"

struct formula {
        unsigned references;
        char *text;
        struct formula_node *tree;
};

struct facts {
        const struct formula_fact *at;
        size_t count;
        struct err *err;
};

/* What an expression has come to: one process' status, or those of several. */
struct outcome {
        bool is_list;
        bool any, all; /* the same when it is no list */
};

static int evaluate(const struct facts *, const struct formula_node *, struct outcome *ret);

int formula_parse(const char *text, struct formula **ret, struct err *err)
{
        CLEANUP(formula_tree_free) struct formula_node *tree = NULL;
        struct formula *f;
        int r;

        if (strlen(text) > FORMULA_LENGTH_MAX)
                return err_set(err, -EINVAL, "the formula '%.60s...' is longer than %d bytes", text,
                        FORMULA_LENGTH_MAX);
        r = formula_tree_parse(text, &tree, err);
        if (r < 0)
                return err_wrap(err, r, "the formula '%.1000s' is not valid", text);
        f = mem_new(sizeof(*f));
        f->references = 1;
        f->text = mem_strdup(text);
        f->tree = TAKE(tree);
        *ret = f;
        return 0;
}

struct formula *formula_ref(struct formula *f)
{
        if (f)
                f->references++;
        return f;
}

struct formula *formula_unref(struct formula *f)
{
        if (f && --f->references == 0) {
                formula_tree_free(f->tree);
                mem_free(f->text);
                mem_free(f);
        }
        return NULL;
}

const char *formula_text(const struct formula *f)
{
        return f->text;
}

static void set_single(struct outcome *outcome, bool value)
{
        *outcome = (struct outcome){ .any = value, .all = value };
}

/* A process of that name, else all processes whose whole name it matches. */
static int evaluate_leaf(
        const struct facts *facts, const struct formula_node *node, struct outcome *ret)
{
        size_t count = 0;

        for (size_t i = 0; i < facts->count; i++) {
                if (strcmp(facts->at[i].name, node->text) == 0) {
                        set_single(ret, facts->at[i].ok);
                        return 0;
                }
        }
        if (node->why)
                return err_set(facts->err, -EINVAL, "no process is named '%s', and %s", node->text,
                        node->why);
        *ret = (struct outcome){ .all = true };
        for (size_t i = 0; i < facts->count; i++) {
                int r = pattern_match(node->pattern, facts->at[i].name, NULL);

                if (r < 0)
                        return err_set(facts->err, r, "'%s' takes too long to be searched in '%s'",
                                node->text, facts->at[i].name);
                if (r == 0)
                        continue;
                count++;
                ret->any = ret->any || facts->at[i].ok;
                ret->all = ret->all && facts->at[i].ok;
        }
        ret->is_list = count > 1;
        if (count == 0)
                return err_set(
                        facts->err, -ENOENT, "no process is named '%s' or matches it", node->text);
        return 0;
}

static int evaluate_single(
        const struct facts *facts, const struct formula_node *node, const char *where, bool *ret)
{
        struct outcome outcome = {};
        int r = evaluate(facts, node, &outcome);

        if (r < 0)
                return r;
        if (outcome.is_list)
                return err_set(facts->err, -EINVAL,
                        "%s there are several processes where one status is needed: any() or all() "
                        "makes one of them",
                        where);
        *ret = outcome.any;
        return 0;
}

/* Every operand is evaluated, whatever the ones before it were. */
static int evaluate_chain(
        const struct facts *facts, const struct formula_node *node, struct outcome *ret)
{
        bool is_and = node->type == NODE_AND, value = is_and;

        for (const struct formula_node *n = node->first; n; n = n->next) {
                bool operand = false;
                int r = evaluate_single(
                        facts, n, is_and ? "beside 'and'" : "beside 'or'", &operand);

                if (r < 0)
                        return r;
                value = is_and ? value && operand : value || operand;
        }
        set_single(ret, value);
        return 0;
}

static int evaluate_function(
        const struct facts *facts, const struct formula_node *node, struct outcome *ret)
{
        bool is_any = node->type == NODE_ANY;
        struct outcome outcome = {};
        int r;

        if (!node->first)
                return err_set(
                        facts->err, -EINVAL, "%s() needs an argument", is_any ? "any" : "all");
        r = evaluate(facts, node->first, &outcome);
        if (r < 0)
                return r;
        set_single(ret, is_any ? outcome.any : outcome.all);
        return 0;
}

static int evaluate(const struct facts *facts, const struct formula_node *node, struct outcome *ret)
{
        bool operand = false;
        int r;

        switch (node->type) {
        case NODE_LEAF:
                return evaluate_leaf(facts, node, ret);
        case NODE_NOT:
                r = evaluate_single(facts, node->first, "behind 'not'", &operand);
                if (r == 0)
                        set_single(ret, !operand);
                return r;
        case NODE_AND:
        case NODE_OR:
                return evaluate_chain(facts, node, ret);
        case NODE_ANY:
        case NODE_ALL:
                return evaluate_function(facts, node, ret);
        case NODE_FOREIGN:
                return err_set(facts->err, -EINVAL, "there is no %s in a formula", node->text);
        }
        return -EINVAL;
}

int formula_evaluate(const struct formula *f, const struct formula_fact *facts, size_t count,
        bool *ret, struct err *err)
{
        struct facts all = { .at = facts, .count = count, .err = err };
        bool value = false;
        int r = evaluate_single(&all, f->tree, "in the end", &value);

        if (r < 0)
                return err_wrap(err, r, "the formula '%.1000s'", f->text);
        *ret = value;
        return 0;
}
