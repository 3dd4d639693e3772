/* The chronicle: what the daemon writes into its state file (statefile.h), so that one which comes
 * after a crash can go on exactly where this one was.
 *
 * The engine is a function of what it was told and when.  So a snapshot is followed by every event,
 * as it takes its place in the queue, and by the moment of every step, before its effects are run:
 * whoever reads that has the same engine, the same queue and the same effects in front of him. What
 * was done of the effects is told by their results, which are events; a start tells of itself
 * before it is made, and the kernel writes the pid beside that.
 *
 * Nothing here waits for anything, and nothing can fail: a file that takes no more is told of in
 * the log, and what comes after a crash then is found by its cgroup.  A later snapshot is written
 * by a fork of the daemon, into a new file; what has happened since follows it there, and then it
 * takes the place of the old one, which has been complete all the time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/saved.h"
#include "base/saver.h"
#include "daemon/statefile.h"

struct child;
struct chronicle;
struct config;
struct daemon;
struct event;

struct chronicle *chronicle_new(void) __attribute__((returns_nonnull));
/* The file goes if there is nobody left of whom it speaks. */
struct chronicle *chronicle_free(struct chronicle *); /* takes NULL, returns NULL */
/* Before privileges are dropped.  Without a file nothing is written; what keeps it from having one
 * is noted in the configuration. */
void chronicle_open(struct chronicle *, struct config *);
/* Fields of the item that was begun last, and the same file again in the next image. */
void chronicle_save(struct chronicle *, struct saver *);
int chronicle_restore(struct chronicle *, struct saved_item *, struct err *)
        __attribute__((warn_unused_result));
/* Of an image that has not got the file: once more, without waiting.  1: it is written again; 0:
 * there was none to be had. */
int chronicle_restore_again(struct daemon *, struct err *) __attribute__((warn_unused_result));
/* The file with what was in it; NULL: none, or there is nothing in it. */
struct statefile *chronicle_past(struct chronicle *);

void chronicle_be_alive(struct chronicle *, usec_t now); /* takes NULL; CLOCK_BOOTTIME */
/* Around a fork of which the child is the daemon from then on; takes NULL. */
void chronicle_take_along(struct chronicle *, bool);
const char *chronicle_path(const struct chronicle *); /* NULL: there is no file */

/* From here on it is written, behind what is in the file, or from a snapshot of now on. */
void chronicle_begin(struct daemon *, bool goes_on);
bool chronicle_is_kept(const struct chronicle *); /* another daemon could go on from it */
void chronicle_finish(struct chronicle *);        /* nothing runs any more */
void chronicle_leave_loop(struct chronicle *);    /* which ends */
bool chronicle_reap(struct daemon *, pid_t);      /* whether that child was ours, and has ended */
void chronicle_pushed(struct chronicle *, const struct event *);
void chronicle_stepped(struct chronicle *, usec_t now, usec_t wall);
/* Nothing is under way: that is said, or a snapshot taken if one is due. */
void chronicle_rest(struct daemon *);

/* Around a start.  The kernel is to write the pid into what it gives. */
volatile pid_t *chronicle_birth(struct chronicle *, uint32_t process)
        __attribute__((returns_nonnull));
void chronicle_born(struct chronicle *, struct child *); /* it has a pid: its birth is taken down */
void chronicle_stillborn(struct chronicle *);
