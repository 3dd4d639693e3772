/* Log files as the API reads them: ranges of the current file, by Supervisor's rules of offsets. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "engine/fault.h"
#include "engine/program.h"
#include "rpc/http.h"

/* What one call reads at most; of more it gets the first of a range, the last of a tail. */
#define LOGREAD_MAX ((int64_t)64 << 20)

struct logread_range {
        int64_t offset;
        int64_t length;
        bool overflow; /* of a tail */
};

/* Pure: which bytes of a file of that size are meant.  FAULT_NONE or FAULT_BAD_ARGUMENTS. */
enum fault logread_range_read(
        int64_t size, int64_t offset, int64_t length, struct logread_range *ret);
struct logread_range logread_range_tail(int64_t size, int64_t offset, int64_t length);

/* Whether the journal has what a program writes there: then there is no file. */
bool logread_is_in_journal(const struct program *, enum rpc_channel);
bool logread_exists(const char *path);
/* Appends the characters, escaped as in XML text; the same faults as below. */
enum fault logread_append(struct text *, const char *path, int64_t offset, int64_t length);
/* Appends the encoded string; FAULT_NO_FILE, FAULT_BAD_ARGUMENTS or FAULT_FAILED append nothing. */
enum fault logread_read(struct text *, const char *path, int64_t offset, int64_t length);
/* Appends the encoded [data, size, overflow], whatever happens; path may be NULL. */
void logread_tail(struct text *, const char *path, int64_t offset, int64_t length);
