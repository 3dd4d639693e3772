/* Output into the journal: the relay that brings it there, started when the first program needs it.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"

struct daemon;
struct descriptors;
struct process;
struct saved;
struct saver;

/* A pipe whose reader is the relay, with the fields of this process.  Both ends are the caller's:
 * the writing one is for the program, the reading one is kept until its run is over, so that
 * another relay can go on with it. */
int journal_output_open(struct daemon *, const struct process *, bool is_stderr, int *ret_reading,
        int *ret_writing, struct err *) __attribute__((warn_unused_result));
/* Another relay goes on with what the one that is gone has read: called once for each. */
void journal_output_again(struct daemon *, const struct process *, bool is_stderr, int reading);
/* The relay goes on with the next image of the daemon, which hears of its end as we do. */
void journal_output_save(const struct daemon *, struct saver *, struct descriptors *);
int journal_output_restore(struct daemon *, struct saved *, struct descriptors *)
        __attribute__((warn_unused_result));
/* Before and after a loop; the relay stays. */
void journal_output_leave_loop(struct daemon *);
void journal_output_free(struct daemon *);
