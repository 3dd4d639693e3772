/* Values of the cluster's options from their text: what values.h is for those of Supervisor.
 *
 * Each function returns 0, or -EINVAL with words that follow the value ("must be ..."), and writes
 * its results on success only.  Strings and lists belong to the caller. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"

#define CLUSTERVALUES_CHECKED __attribute__((warn_unused_result))

int clustervalues_integer(const char *text, int64_t min, int64_t max, int64_t *ret,
        struct err *) CLUSTERVALUES_CHECKED;
int clustervalues_number(const char *text, int64_t min, int64_t max, double *ret,
        struct err *) CLUSTERVALUES_CHECKED;
/* Seconds, or with one of the units "s" and "ms"; fractions are possible. */
int clustervalues_duration(const char *text, usec_t *ret, struct err *) CLUSTERVALUES_CHECKED;
/* One of the words, in any case; its index. */
int clustervalues_word(const char *text, const char *const *words, size_t count, size_t *ret,
        struct err *) CLUSTERVALUES_CHECKED;
/* Items between commas, none empty and none twice. */
int clustervalues_names(
        const char *text, size_t count_max, char ***ret, struct err *) CLUSTERVALUES_CHECKED;

/* An IPv4 address for multicast, and a port. */
int clustervalues_group(
        const char *text, char **ret, uint16_t *ret_port, struct err *) CLUSTERVALUES_CHECKED;
/* Names or IPv4 addresses of interfaces between commas; none when ANY is among them. */
int clustervalues_interfaces(const char *text, char ***ret, struct err *) CLUSTERVALUES_CHECKED;
int clustervalues_synchro(const char *text, unsigned *ret, struct err *) CLUSTERVALUES_CHECKED;
int clustervalues_statistics(
        const char *text, bool *ret_host, bool *ret_process, struct err *) CLUSTERVALUES_CHECKED;
/* One to three numbers from 1 to 3600, which come out sorted. */
int clustervalues_periods(
        const char *text, double ret[3], size_t *ret_count, struct err *) CLUSTERVALUES_CHECKED;
/* *ret_expected is 0 when no number is written. */
int clustervalues_quorum(
        const char *text, bool *ret, unsigned *ret_expected, struct err *) CLUSTERVALUES_CHECKED;
/* What the patterns between white space match, relative to a directory: absolute paths, sorted,
 * none twice. */
int clustervalues_files(
        const char *text, const char *directory, char ***ret, struct err *) CLUSTERVALUES_CHECKED;
