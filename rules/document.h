/* Documents: the bytes of a rules file made a tree that the schema has accepted.  For the files of
 * this folder only; nothing is fetched, nothing expanded. */
#pragma once

#include <libxml/tree.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

#define DOCUMENT_SIZE_MAX     ((size_t)4 << 20)
#define DOCUMENT_ELEMENTS_MAX 100000u /* of one file */

/* -EINVAL or -E2BIG, and a sentence that names line, element and value. */
int document_read(const void *data, size_t size, xmlDoc **ret, struct err *)
        __attribute__((warn_unused_result));

static inline xmlDoc *document_free(xmlDoc *document)
{
        xmlFreeDoc(document); /* takes NULL */
        return NULL;
}
DEFINE_CLEANUP(xmlDoc *, document_free)
