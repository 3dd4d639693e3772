/* Places in logs: in which file, and how far.  A file is known by what no other one has, whatever
 * its name is by now, so a place is good over rotation and for whoever serves the log next.
 *
 * By HTTP: who asks to follow a log with the first of these headers, the word "tail" or a place in
 * it, is told with the same one where the stream begins.  It is of one file, so whoever counts the
 * bytes knows his place in it at any moment, and can show it when he comes back, however the stream
 * has ended.  Where another file follows, the same header is behind the stream with the place in
 * that one; the second header goes with a place before which something is missing. */
#pragma once

#include <stdint.h>

#define LOGPLACE_HEADER     "Reeve-Log-Place"
#define LOGPLACE_GAP_HEADER "Reeve-Log-Gap" /* "truncated", "lost" */
#define LOGPLACE_TAIL       "tail"

#define LOGPLACE_TEXT_MAX 96
/* A log and the older ones of it, "LOG.1" and so on, that are searched. */
#define LOGPLACE_FILES_MAX 128

struct logplace {
        uint64_t device, inode;
        int64_t born; /* nanoseconds; 0: the file system does not know */
        int64_t offset;
};

enum logplace_gap {
        LOGPLACE_NO_GAP,
        LOGPLACE_TRUNCATED, /* the file is shorter than that: its beginning is next */
        LOGPLACE_LOST,      /* the file is gone: the oldest that came after it is next */
};

int logplace_of(int fd, int64_t offset, struct logplace *ret) __attribute__((warn_unused_result));
const char *logplace_gap_text(enum logplace_gap) __attribute__((returns_nonnull)); /* "": none */
/* "DEVICE-INODE-BORN-OFFSET" */
void logplace_text(const struct logplace *, char text[static LOGPLACE_TEXT_MAX]);
/* -EINVAL: it is none. */
int logplace_parse(const char *text, struct logplace *ret) __attribute__((warn_unused_result));
/* The file of the log in which a reader who was there goes on: an open descriptor, which is that of
 * the next younger file where the older one was read to its end.  'place' is where in it. */
int logplace_open(const char *log, struct logplace *place, enum logplace_gap *ret_gap)
        __attribute__((warn_unused_result));
