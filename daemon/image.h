/* Image: the binary that this process runs, how another one is put in its place, and what an image
 * learns of the one before it.
 *
 * The process stays: pid, children, descriptors that are not close-on-exec, signal mask, limits,
 * directory.  What the next image needs to know comes with one variable of the environment, which
 * is taken out of it at once, and which means something to this very process only. */
#pragma once

#include <stdbool.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

#define IMAGE_READY "ready: reeved " /* and the version: what a binary says that can go on */

struct image {
        char *path;  /* of our binary, as this process was started by it; absolute */
        char **argv; /* and what it was started with */
        char *const *environ;

        /* Of an image that another one was put in place of. */
        bool is_resumed;
        int state;         /* the text of the state, a file in memory; -1 */
        int previous;      /* the binary of the image before this one; -1: there is no way back */
        usec_t stopped_at; /* monotonic, when its loop stood still */
        char *refusal;     /* not NULL: we are that image again, and this is why */
};

/* Before anything else: all descriptors but the first three are close-on-exec after that. */
void image_begin(struct image *, char **argv, char **environ);
/* There is no way back any more: the state and the binary before us are let go of. */
void image_settle(struct image *);
void image_clear(struct image *);
static inline void image_clear_at(struct image *image)
{
        image_clear(image);
}

/* From others of the same user, since the cluster's secrets are in our memory. */
void image_hide(void);

/* A file in memory with that text, which nobody can change any more; or a negative errno. */
int image_state(const char *text, size_t length) __attribute__((warn_unused_result));
/* The text of such a file. */
int image_read_state(int fd, char **ret_text, size_t *ret_length, struct err *)
        __attribute__((warn_unused_result));

/* Puts the binary in our place, with the state: returns only when that fails.  The descriptors that
 * it is to have are to be bequeathed before. */
int image_replace(const struct image *, const char *path, int state, usec_t stopped_at);
/* All that is open. */
int image_let_all_through(void) __attribute__((warn_unused_result));
/* Back to the previous image, with the state that it left, and why: likewise. */
int image_go_back(const struct image *, const char *why);
