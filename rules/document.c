/* Documents: see document.h. */
#include "rules/document.h"

#include <errno.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* rules.xsd, which is a part of the program so that no file has to be found. */
static const char schema_text[] = {
#include "rules/rules.xsd.inc"
};

/* What a parser or a validator has met; the first complaint counts, what follows is its echo. */
struct watch {
        struct err *err;
        int failed;
        unsigned elements;
};

/* "Element 'x': The value" begins with capitals, which stand within a sentence here. */
static void lower_capitals(char *words)
{
        char *behind = strstr(words, "': ");

        if (!text_starts(words, "Element '") || !behind)
                return;
        words[0] = 'e';
        if (behind[3] == 'T')
                behind[3] = 't';
}

/* libxml2's words as ours: one line, without "[facet 'enumeration'] " and the full stop. */
static void complain(struct watch *w, int code, long line, const char *words)
{
        CLEANUP(text_clear) struct text t = {};
        const char *facet = strstr(words, "[facet '");
        const char *behind = facet ? strstr(facet, "] ") : NULL;

        if (w->failed)
                return;
        if (behind)
                text_append_bytes(&t, words, (size_t)(facet - words));
        text_append(&t, behind ? behind + 2 : words);
        text_truncate(&t, strcspn(text_string(&t), "\n"));
        while (t.length && strchr(". ", t.data[t.length - 1]))
                text_truncate(&t, t.length - 1);
        if (t.data)
                lower_capitals(t.data);
        w->failed = err_set(w->err, code, "line %ld: %s", line, text_string(&t));
}

static void on_error(void *context, const xmlError *error)
{
        xmlParserCtxt *parser = context;

        if (error->level >= XML_ERR_ERROR)
                complain(parser->_private, -EINVAL, error->line,
                        error->message ? error->message : "it is not XML");
}

/* A document type may declare entities, and no rules file needs one. */
static void on_doctype(void *context, const xmlChar *name, const xmlChar *id, const xmlChar *system)
{
        xmlParserCtxt *parser = context;

        complain(parser->_private, -EINVAL, xmlSAX2GetLineNumber(parser),
                "a DOCTYPE is not allowed here");
        xmlStopParser(parser);
}

static void on_element(void *context, const xmlChar *name, const xmlChar *prefix,
        const xmlChar *uri, int namespaces_count, const xmlChar **namespaces, int attributes_count,
        int defaulted_count, const xmlChar **attributes)
{
        xmlParserCtxt *parser = context;
        struct watch *w = parser->_private;

        if (++w->elements > DOCUMENT_ELEMENTS_MAX) {
                complain(w, -E2BIG, xmlSAX2GetLineNumber(parser), "there are too many elements");
                xmlStopParser(parser);
                return;
        }
        xmlSAX2StartElementNs(context, name, prefix, uri, namespaces_count, namespaces,
                attributes_count, defaulted_count, attributes);
}

static int parse(const void *data, size_t size, xmlDoc **ret, struct err *err)
{
        struct watch watch = { .err = err };
        xmlParserCtxt *parser = xmlNewParserCtxt();
        xmlDoc *document;

        if (!parser)
                return err_set(err, -ENOMEM, "the XML parser does not start");
        parser->_private = &watch;
        parser->sax->serror = (xmlStructuredErrorFunc)on_error;
        parser->sax->internalSubset = on_doctype;
        parser->sax->startElementNs = on_element;
        document = xmlCtxtReadMemory(parser, data, (int)size, NULL, NULL,
                XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES | XML_PARSE_COMPACT);
        if (!watch.failed && (!document || !parser->wellFormed))
                complain(&watch, -EINVAL, parser->lastError.line, "it is not XML");
        xmlFreeParserCtxt(parser);
        if (watch.failed) {
                xmlFreeDoc(document);
                return watch.failed;
        }
        *ret = document;
        return 0;
}

static void on_invalid(void *context, const xmlError *error)
{
        const xmlNode *node = error->node;
        long line = node ? xmlGetLineNo(node) : error->line;

        complain(context, -EINVAL, line, error->message ? error->message : "it is not valid");
}

static int validate(xmlDoc *document, struct err *err)
{
        struct watch watch = { .err = err };
        xmlSchemaParserCtxt *parser = xmlSchemaNewMemParserCtxt(schema_text, sizeof(schema_text));
        xmlSchema *schema = parser ? xmlSchemaParse(parser) : NULL;
        xmlSchemaValidCtxt *validator = schema ? xmlSchemaNewValidCtxt(schema) : NULL;
        int r = -1;

        if (validator) {
                xmlSchemaSetValidStructuredErrors(
                        validator, (xmlStructuredErrorFunc)on_invalid, &watch);
                r = xmlSchemaValidateDoc(validator, document);
        }
        if (r != 0 && !watch.failed)
                watch.failed = err_set(err, -ENOMEM, "the XML validator does not work");
        xmlSchemaFreeValidCtxt(validator);
        xmlSchemaFree(schema);
        xmlSchemaFreeParserCtxt(parser);
        return watch.failed;
}

int document_read(const void *data, size_t size, xmlDoc **ret, struct err *err)
{
        CLEANUP(document_free) xmlDoc *document = NULL;
        int r;

        if (size > DOCUMENT_SIZE_MAX)
                return err_set(err, -E2BIG, "it is larger than %zu bytes", DOCUMENT_SIZE_MAX);
        if (size == 0)
                return err_set(err, -EINVAL, "it is empty");
        r = parse(data, size, &document, err);
        if (r == 0)
                r = validate(document, err);
        if (r == 0)
                *ret = TAKE(document);
        return r;
}
