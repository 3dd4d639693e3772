/* Trees: see formula_tree.h.  By recursive descent over the grammar of Python's expressions, of
 * which only a small part means something here.  The rest is known so that what Supvisors refuses
 * at once and what it refuses at each evaluation are told apart; how tightly its operators bind
 * does not matter, since it comes to an error in any case. */
#include "rules/formula_tree.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "rules/formula_token.h"

struct parser {
        const struct formula_token *at;
        unsigned depth;
        struct err *err;
};

/* Each of these puts its node into *ret, which owns it also on failure. */
static int parse_expression(struct parser *, struct formula_node **ret);
static int parse_comparison(struct parser *, struct formula_node **ret);

static struct formula_node *new_node(enum formula_node_type type)
{
        struct formula_node *node = mem_new(sizeof(*node));

        node->type = type;
        return node;
}

struct formula_node *formula_tree_free(struct formula_node *node)
{
        while (node) {
                struct formula_node *next = node->next;

                mem_free(node->text);
                mem_free(node->why);
                pattern_free(node->pattern);
                formula_tree_free(node->first);
                mem_free(node);
                node = next;
        }
        return NULL;
}

static void make_foreign(struct formula_node **node, const char *what)
{
        formula_tree_free(*node);
        *node = new_node(NODE_FOREIGN);
        (*node)->text = mem_format("%.100s", what);
}

static bool is_sign(const struct parser *p, const char *sign)
{
        return p->at->type == TOKEN_SIGN && strcmp(p->at->text, sign) == 0;
}

static bool is_name(const struct parser *p, const char *name)
{
        return p->at->type == TOKEN_NAME && strcmp(p->at->text, name) == 0;
}

static bool is_among(const char *text, const char *const *words, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (strcmp(text, words[i]) == 0)
                        return true;
        return false;
}

static int unexpected(struct parser *p)
{
        if (p->at->type == TOKEN_END)
                return err_set(p->err, -EINVAL, "it ends too early");
        if (p->at->type == TOKEN_STRING)
                return err_set(
                        p->err, -EINVAL, "a string is not expected where '%.100s' is", p->at->text);
        return err_set(p->err, -EINVAL, "'%.100s' is not expected where it is", p->at->text);
}

static int descend(struct parser *p)
{
        if (p->depth == FORMULA_DEPTH_MAX)
                return err_set(
                        p->err, -EINVAL, "it is nested more than %d deep", FORMULA_DEPTH_MAX);
        p->depth++;
        return 0;
}

/* Strings one behind the other are one. */
static int parse_strings(struct parser *p, struct formula_node **ret)
{
        CLEANUP(text_clear) struct text t = {};
        CLEANUP(mem_free) char *anchored = NULL;
        bool is_plain = true, is_bytes = p->at->is_bytes;
        struct err err = {};

        for (; p->at->type == TOKEN_STRING; p->at++) {
                if (p->at->is_bytes != is_bytes)
                        return err_set(p->err, -EINVAL, "bytes and text do not go together");
                is_plain = is_plain && p->at->is_plain;
                text_append(&t, p->at->text);
        }
        if (!is_plain) {
                make_foreign(ret, is_bytes ? "bytes" : "a formatted string");
                return 0;
        }
        *ret = new_node(NODE_LEAF);
        (*ret)->text = text_take(&t);
        /* As text: an alternative in it is anchored at one of its ends only. */
        anchored = mem_format("^%s$", (*ret)->text);
        if (pattern_compile(anchored, &(*ret)->pattern, &err) < 0)
                (*ret)->why = mem_strdup(err.text);
        return 0;
}

enum list_type { LIST_CALL, LIST_INDEX, LIST_GROUP, LIST_ARRAY, LIST_SET };

static const struct {
        const char *closing;
        const char *pair; /* what may stand between two expressions that are one item */
        const char *star; /* what may stand in front of one */
} lists[] = {
        [LIST_CALL] = { ")", "=", "**" },
        [LIST_GROUP] = { ")", NULL, NULL },
        [LIST_INDEX] = { "]", ":", NULL },
        [LIST_ARRAY] = { "]", NULL, NULL },
        [LIST_SET] = { "}", ":", "**" },
};

struct list {
        enum list_type type;
        struct formula_node *first; /* the rest is not kept: it means nothing */
        size_t count;
        bool has_names; /* of arguments: none may be without one behind these */
        bool has_comma; /* behind the last */
};

static struct list *list_clear(struct list *list)
{
        formula_tree_free(list->first);
        return NULL;
}

static int parse_item(struct parser *p, struct list *list, struct formula_node **ret)
{
        CLEANUP(formula_tree_free) struct formula_node *value = NULL;
        const char *pair = lists[list->type].pair, *star = lists[list->type].star;
        bool is_star = is_sign(p, "*"), is_pair = star && is_sign(p, star);
        const struct formula_token *start = p->at;
        int r;

        p->at += is_star || is_pair;
        r = parse_expression(p, ret);
        if (r == 0 && !is_star && !is_pair && pair && is_sign(p, pair)) {
                is_pair = true;
                if (list->type == LIST_CALL && (start->type != TOKEN_NAME || p->at != start + 1))
                        return unexpected(p);
                p->at++;
                r = parse_expression(p, &value);
        }
        if (r == 0 && list->type == LIST_CALL && list->has_names && !is_star && !is_pair)
                return err_set(p->err, -EINVAL, "an argument without a name is behind one with it");
        list->has_names = list->has_names || is_pair;
        if (r == 0 && (is_star || is_pair))
                make_foreign(ret, "a pair or a star");
        return r;
}

/* Up to the closing sign, which is taken. */
static int parse_list(struct parser *p, struct list *ret)
{
        while (!is_sign(p, lists[ret->type].closing)) {
                CLEANUP(formula_tree_free) struct formula_node *node = NULL;
                int r;

                if (ret->count && !ret->has_comma)
                        return unexpected(p);
                r = parse_item(p, ret, &node);
                if (r < 0)
                        return r;
                if (++ret->count == 1)
                        ret->first = TAKE(node);
                ret->has_comma = is_sign(p, ",");
                p->at += ret->has_comma;
        }
        p->at++;
        return 0;
}

static int parse_atom(struct parser *p, struct formula_node **ret)
{
        static const char *const reserved[] = { "and", "as", "assert", "async", "await", "break",
                "class", "continue", "def", "del", "elif", "else", "except", "finally", "for",
                "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or",
                "pass", "raise", "return", "try", "while", "with", "yield" };
        static const char *const displays[] = {
                [LIST_GROUP] = "a tuple",
                [LIST_ARRAY] = "a list",
                [LIST_SET] = "a set",
        };
        struct list list = { .type = is_sign(p, "(")   ? LIST_GROUP
                                     : is_sign(p, "[") ? LIST_ARRAY
                                                       : LIST_SET };
        int r;

        if (p->at->type == TOKEN_STRING)
                return parse_strings(p, ret);
        if (p->at->type == TOKEN_NUMBER || is_sign(p, "...") ||
                (p->at->type == TOKEN_NAME &&
                        !is_among(p->at->text, reserved, ELEMENTS(reserved)))) {
                make_foreign(ret, p->at->text);
                p->at++;
                return 0;
        }
        if (list.type == LIST_SET && !is_sign(p, "{"))
                return unexpected(p);
        p->at++;
        r = parse_list(p, &list);
        if (r == 0 && list.type == LIST_GROUP && list.count == 1 && !list.has_comma)
                *ret = TAKE(list.first);
        else if (r == 0)
                make_foreign(ret, displays[list.type]);
        list_clear(&list);
        return r;
}

/* any(...) or all(...): of its arguments the first one counts. */
static int parse_function(struct parser *p, struct formula_node **ret)
{
        struct formula_node *node = new_node(is_name(p, "any") ? NODE_ANY : NODE_ALL);
        struct list list = {};
        int r;

        p->at += 2;
        r = parse_list(p, &list);
        node->first = TAKE(list.first);
        *ret = node;
        return r;
}

static int parse_primary(struct parser *p, struct formula_node **ret)
{
        bool is_function = (is_name(p, "any") || is_name(p, "all")) &&
                           p->at[1].type == TOKEN_SIGN && strcmp(p->at[1].text, "(") == 0;
        int r = is_function ? parse_function(p, ret) : parse_atom(p, ret);

        while (r == 0 && (is_sign(p, "(") || is_sign(p, "[") || is_sign(p, "."))) {
                struct list list = { .type = is_sign(p, "(") ? LIST_CALL : LIST_INDEX };

                if (is_sign(p, ".")) {
                        p->at++;
                        if (p->at->type != TOKEN_NAME)
                                return unexpected(p);
                        p->at++;
                        make_foreign(ret, "an attribute");
                        continue;
                }
                p->at++;
                r = list.type == LIST_INDEX && is_sign(p, "]") ? unexpected(p)
                                                               : parse_list(p, &list);
                list_clear(&list);
                make_foreign(ret,
                        list.type == LIST_INDEX ? "an index" : "a function other than any and all");
        }
        return r;
}

/* "not", and the signs that a number may have. */
static int parse_unary(struct parser *p, struct formula_node **ret)
{
        bool is_not = is_name(p, "not");
        int r;

        if (!is_not && !is_sign(p, "-") && !is_sign(p, "+") && !is_sign(p, "~"))
                return parse_primary(p, ret);
        r = descend(p);
        if (r < 0)
                return r;
        p->at++;
        if (is_not) {
                *ret = new_node(NODE_NOT);
                r = parse_comparison(p, &(*ret)->first);
        } else {
                r = is_name(p, "not") ? unexpected(p) : parse_unary(p, ret);
                make_foreign(ret, "a sign");
        }
        p->depth--;
        return r;
}

/* True when an operator was taken that joins operands and means nothing here. */
static bool take_operator(struct parser *p)
{
        static const char *const operators[] = { "**", "//", "<<", ">>",
                "<=", ">=", "==", "!=", "+", "-", "*", "/", "%", "@", "&", "|", "^", "<", ">" };

        if (p->at->type == TOKEN_SIGN && is_among(p->at->text, operators, ELEMENTS(operators))) {
                p->at++;
                return true;
        }
        if (is_name(p, "is")) {
                p->at++;
                p->at += is_name(p, "not");
                return true;
        }
        if (is_name(p, "in") || (is_name(p, "not") && p->at[1].type == TOKEN_NAME &&
                                        strcmp(p->at[1].text, "in") == 0)) {
                p->at += is_name(p, "not") ? 2 : 1;
                return true;
        }
        return false;
}

static int parse_comparison(struct parser *p, struct formula_node **ret)
{
        int r = parse_unary(p, ret);

        while (r == 0 && take_operator(p)) {
                CLEANUP(formula_tree_free) struct formula_node *right = NULL;

                r = is_name(p, "not") ? unexpected(p) : parse_unary(p, &right);
                make_foreign(ret, "an operator other than and, or, not");
        }
        return r;
}

/* Operands with "and" between them, or with "or" between what has "and". */
static int parse_chain(struct parser *p, enum formula_node_type type, struct formula_node **ret)
{
        struct formula_node *first = NULL, **end = &first;
        int r;

        for (;;) {
                r = type == NODE_OR ? parse_chain(p, NODE_AND, end) : parse_comparison(p, end);
                if (r < 0 || !is_name(p, type == NODE_OR ? "or" : "and"))
                        break;
                p->at++;
                end = &(*end)->next;
        }
        *ret = first;
        if (first && first->next) {
                *ret = new_node(type);
                (*ret)->first = first;
        }
        return r;
}

static int parse_expression(struct parser *p, struct formula_node **ret)
{
        CLEANUP(formula_tree_free) struct formula_node *condition = NULL, *other = NULL;
        int r = descend(p);

        if (r < 0)
                return r;
        r = parse_chain(p, NODE_OR, ret);
        if (r == 0 && is_name(p, "if")) {
                p->at++;
                r = parse_chain(p, NODE_OR, &condition);
                if (r == 0 && !is_name(p, "else"))
                        r = unexpected(p);
                p->at += r == 0;
                if (r == 0)
                        r = parse_expression(p, &other);
                make_foreign(ret, "a choice");
        }
        p->depth--;
        return r;
}

int formula_tree_parse(const char *text, struct formula_node **ret, struct err *err)
{
        __attribute__((cleanup(formula_tokens_clear))) struct formula_tokens tokens = {};
        CLEANUP(formula_tree_free) struct formula_node *tree = NULL;
        struct parser parser = { .err = err };
        int r = formula_tokens_read(text, &tokens, err);

        if (r < 0)
                return r;
        if (tokens.count == 1)
                return err_set(err, -EINVAL, "it is empty");
        parser.at = tokens.at;
        r = parse_expression(&parser, &tree);
        while (r == 0 && is_sign(&parser, ",")) {
                CLEANUP(formula_tree_free) struct formula_node *rest = NULL;

                parser.at++;
                if (parser.at->type != TOKEN_END)
                        r = parse_expression(&parser, &rest);
                make_foreign(&tree, "a tuple");
        }
        if (r == 0 && parser.at->type != TOKEN_END)
                r = unexpected(&parser);
        if (r < 0)
                return r;
        *ret = TAKE(tree);
        return 0;
}
