/* Trees: a formula as it is kept between its parser and its evaluation.  For the files of this
 * folder only. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "rules/pattern.h"

#define FORMULA_LENGTH_MAX 16384
#define FORMULA_DEPTH_MAX  100

enum formula_node_type {
        NODE_LEAF,
        NODE_NOT,
        NODE_AND,
        NODE_OR,
        NODE_ANY,
        NODE_ALL,
        NODE_FOREIGN, /* Python, but not a formula: an error whenever it is evaluated */
};

struct formula_node {
        enum formula_node_type type;
        char *text; /* LEAF: a name or regular expression; FOREIGN: what it is */
        struct pattern *pattern;
        char *why;                  /* LEAF: what is wrong with it as a regular expression */
        struct formula_node *first; /* what it is made of */
        struct formula_node *next;  /* its sibling */
};

/* -EINVAL and a sentence when it is no expression. */
int formula_tree_parse(const char *text, struct formula_node **ret, struct err *)
        __attribute__((warn_unused_result));
struct formula_node *formula_tree_free(struct formula_node *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct formula_node *, formula_tree_free)
