/* Restore: what the parts of fleet_restore() share.  For these files only.
 *
 * What is wrong is told in the document (saved_fail()), and restored as if it were not there. */
#pragma once

#include "fleet/state.h"

struct saved_item;

/* The instance by its index: FLEET_NONE where the field is not there, or there is none such. */
unsigned restore_instance(const struct fleet *, struct saved_item *, const char *key);
/* NULL where the field is not there, or names none. */
struct fleet_application *restore_application(
        const struct fleet *, struct saved_item *, const char *key);
struct fleet_process *restore_process(
        const struct fleet_application *, struct saved_item *, const char *key);
enum fsm_state restore_fsm(struct saved_item *, const char *key);
/* The caller owns it; "" where it is not there. */
char *restore_text(struct saved_item *, const char *key);

void restore_sequencing(struct fleet *, struct saved_item *fleet_item);
