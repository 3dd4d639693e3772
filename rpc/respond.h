/* Responses: whole ones, error pages, streams of a log, and the line of the access log. */
#pragma once

#include <microhttpd.h>
#include <stdbool.h>
#include <time.h>

#include "base/text.h"
#include "rpc/http.h"

struct exchange;

struct respond_header {
        const char *name; /* NULL ends the list */
        const char *value;
};

enum MHD_Result respond(
        struct exchange *, unsigned status, const char *type, struct text *body /* taken */);
enum MHD_Result respond_with(struct exchange *, unsigned status, const char *type,
        const struct respond_header *, struct text *body /* taken */);
enum MHD_Result respond_error(struct exchange *, unsigned status);
enum MHD_Result respond_error_with(
        struct exchange *, unsigned status, const struct respond_header *);
/* Of bytes that stay for ever; NULL: they are what the client has already. */
enum MHD_Result respond_constant(
        struct exchange *, const char *type, const void *data, size_t length, time_t modified);
enum MHD_Result respond_stream(struct exchange *, const char *path, bool unbuffered);
enum MHD_Result respond_journal(struct exchange *, uint32_t process, enum rpc_channel);
void respond_access_line(struct exchange *);
