/* The fleet: what runs where over all instances, and what is to be done about it.  One pure
 * function over one state: applications are placed, started and stopped in order, healed, and
 * conciliated here.
 *
 * Every instance keeps the whole model; only the acting master works on it.  A request that reaches
 * another instance is forwarded to the master, who alone knows what runs, starts and stops: so no
 * two starters ever load one node twice. */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "fleet/fleet_effects.h"
#include "fleet/fleet_event.h"
#include "fleet/model.h"

struct saved;
struct saver;

struct fleet_options {
        struct rules *rules; /* referenced; NULL: none */
        enum starting_strategy starting_strategy;
        enum conciliation_strategy conciliation_strategy;
        usec_t order_usec_max; /* 10 s: how long an order may go without a sign of its effect */
        /* How long the programs of a daemon that died are not lost yet: the next one may go on with
         * them.  0: they are lost at once. */
        usec_t return_usec_max;
};

struct fleet *fleet_new(const struct fleet_options *, usec_t now);
struct fleet *fleet_free(struct fleet *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct fleet *, fleet_free)

void fleet_step(struct fleet *, const struct fleet_event *, struct fleet_effects *); /* appends */
usec_t fleet_deadline(const struct fleet *);

/* Between steps: its whole state as items of its own, jobs and demands under way included, and a
 * fleet that goes on from there.  Callers are dropped before, unless they are other instances,
 * which wait on.  The options are those of now; rules that have changed meanwhile apply as if they
 * came then. */
void fleet_save(const struct fleet *, struct saver *);
int fleet_restore(const struct fleet_options *, struct saved *, struct fleet **ret, struct err *)
        __attribute__((warn_unused_result));

/* The application of a namespec and, unless it means all of them ("g:*", "g:"), the process.
 * FAULT_NONE; or FAULT_BAD_NAME and the detail of the faultString, which the caller owns. */
enum fault fleet_find_namespec(const struct fleet *, const char *namespec,
        struct fleet_application **ret, struct fleet_process **ret_process, char **ret_detail);
/* The local starter, the local stopper has jobs. */
bool fleet_is_starting(const struct fleet *);
bool fleet_is_stopping(const struct fleet *);
/* What others are to be told of losses, certain or feared; the caller owns the list, not its
 * names. */
size_t fleet_losses(const struct fleet *, struct fleet_loss **ret);
const struct rules *fleet_rules(const struct fleet *);
