/* The decoding half of the XML-RPC codec: a stack of open elements over libxml2's SAX events.
 *
 * Nothing is ever fetched or expanded: a DOCTYPE ends the parsing, the encoding declaration is not
 * looked at (the bytes must be UTF-8), and what may grow is limited before it does. */
#include "rpc/xml.h"

#include <ctype.h>
#include <errno.h>
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/base64.h"

/* libxml2 is fed in pieces of this size; its interface counts in int. */
#define PIECE_MAX ((size_t)1 << 20)

/* Of a reader that is kept: what names it may have come to know.  Those of calls are far fewer. */
enum { KEPT_NAMES_MAX = 100 };

/* For answers: a supervisor of 50,000 processes still fits. */
static const struct xml_limits response_limits = { .depth_max = 64, .values_max = 4000000 };

enum element {
        DOCUMENT,
        METHOD_CALL,
        METHOD_RESPONSE,
        METHOD_NAME,
        PARAMS,
        PARAM,
        FAULT,
        VALUE,
        ARRAY,
        DATA,
        STRUCT,
        MEMBER,
        NAME,
        SCALAR_STRING,
        SCALAR_INT,
        SCALAR_I8,
        SCALAR_BOOLEAN,
        SCALAR_DOUBLE,
        SCALAR_BASE64,
        SCALAR_DATE,
        SCALAR_NIL,
        SCALAR_UNKNOWN,
        ELEMENTS_COUNT,
};

static const struct {
        const char *name;
        enum element element;
} element_names[] = {
        { "value", VALUE },
        { "string", SCALAR_STRING },
        { "int", SCALAR_INT },
        { "i4", SCALAR_INT },
        { "boolean", SCALAR_BOOLEAN },
        { "struct", STRUCT },
        { "member", MEMBER },
        { "name", NAME },
        { "array", ARRAY },
        { "data", DATA },
        { "param", PARAM },
        { "params", PARAMS },
        { "methodCall", METHOD_CALL },
        { "methodResponse", METHOD_RESPONSE },
        { "methodName", METHOD_NAME },
        { "fault", FAULT },
        { "double", SCALAR_DOUBLE },
        { "base64", SCALAR_BASE64 },
        { "dateTime.iso8601", SCALAR_DATE },
        { "nil", SCALAR_NIL },
        { "i8", SCALAR_I8 },
};

#define BIT(element) (1u << (element))
#define ANY_TYPE                                                                                   \
        (BIT(ARRAY) | BIT(STRUCT) | BIT(SCALAR_STRING) | BIT(SCALAR_INT) | BIT(SCALAR_I8) |        \
                BIT(SCALAR_BOOLEAN) | BIT(SCALAR_DOUBLE) | BIT(SCALAR_BASE64) | BIT(SCALAR_DATE) | \
                BIT(SCALAR_NIL) | BIT(SCALAR_UNKNOWN))

/* What may stand in what; all else is refused. */
static const uint32_t children[ELEMENTS_COUNT] = {
        [DOCUMENT] = BIT(METHOD_CALL) | BIT(METHOD_RESPONSE),
        [METHOD_CALL] = BIT(METHOD_NAME) | BIT(PARAMS),
        [METHOD_RESPONSE] = BIT(PARAMS) | BIT(FAULT),
        [PARAMS] = BIT(PARAM),
        [PARAM] = BIT(VALUE),
        [FAULT] = BIT(VALUE),
        [VALUE] = ANY_TYPE,
        [ARRAY] = BIT(DATA),
        [DATA] = BIT(VALUE),
        [STRUCT] = BIT(MEMBER),
        [MEMBER] = BIT(NAME) | BIT(VALUE),
};

struct frame {
        enum element element;
        struct value
                *value; /* of PARAM, FAULT, VALUE, ARRAY, STRUCT, MEMBER: what it holds so far */
        char *name;     /* of MEMBER */
};

struct xml_reader {
        xmlParserCtxt *parser; /* that has read a good document; NULL: there is none */
};

struct decoder {
        const struct xml_limits *limits;
        bool is_response;
        xmlParserCtxt *parser; /* NULL: it has to be made */
        struct err *err;
        int failed; /* negative errno: the parsing is over */
        struct frame *frames;
        size_t frames_count, frames_capacity;
        struct text text; /* of the innermost element so far */
        size_t depth, values;
        enum element root;
        char *method;
        struct value *params;
        struct value *fault;
};

static void fail(struct decoder *d, int code, const char *words, const char *what)
{
        if (d->failed)
                return;
        d->failed = err_set(d->err, code, "%s%s", words, what);
        xmlStopParser(d->parser);
}

static enum element find_element(const char *name, bool has_namespace)
{
        for (size_t i = 0; !has_namespace && i < ELEMENTS(element_names); i++)
                if (strcmp(element_names[i].name, name) == 0)
                        return element_names[i].element;
        return SCALAR_UNKNOWN;
}

/* Without the white space around it; cuts the text. */
static char *trimmed(struct text *t)
{
        char *s;

        while (t->length && text_is_space(t->data[t->length - 1]))
                text_truncate(t, t->length - 1);
        if (!t->length)
                return NULL;
        for (s = t->data; text_is_space(*s); s++)
                ;
        return s;
}

static struct value *convert_int(struct text *t)
{
        char *s = trimmed(t), *end;
        long long integer;

        if (!s || !isdigit((unsigned char)s[*s == '-' || *s == '+']))
                return NULL;
        errno = 0;
        integer = strtoll(s, &end, 10);
        if (errno || *end)
                return NULL;
        return value_new_integer(integer);
}

static struct value *convert_double(struct text *t)
{
        char *s = trimmed(t), *end;
        double real;

        /* Neither strtod()'s hexadecimal numbers nor its nan(...) are meant by anybody. */
        if (!s || strpbrk(s, "xXpP("))
                return NULL;
        real = strtod(s, &end);
        return *end ? NULL : value_new_double(real);
}

static struct value *convert_base64(const struct text *t)
{
        CLEANUP(text_clear) struct text decoded = {};

        if (base64_decode(&decoded, text_string(t), t->length) < 0)
                return NULL;
        if (!text_is_utf8(text_string(&decoded), decoded.length))
                return NULL;
        return value_new_string_bytes(text_string(&decoded), decoded.length);
}

static int two_digits(const char *s)
{
        return (s[0] - '0') * 10 + s[1] - '0';
}

/* Exactly YYYYMMDDTHH:MM:SS, and a moment that exists; it stays text. */
static struct value *convert_date(const struct text *t)
{
        static const char form[] = "ddddddddTdd:dd:dd";
        static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        const char *s = text_string(t);
        int year, month, day, days_max;

        if (t->length != sizeof(form) - 1)
                return NULL;
        for (size_t i = 0; i < t->length; i++)
                if (form[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
                        return NULL;
        year = two_digits(s) * 100 + two_digits(s + 2);
        month = two_digits(s + 4);
        day = two_digits(s + 6);
        if (year < 1 || month < 1 || month > 12)
                return NULL;
        days_max = days[month - 1];
        if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
                days_max++;
        if (day < 1 || day > days_max || two_digits(s + 9) > 23 || two_digits(s + 12) > 59 ||
                two_digits(s + 15) > 61)
                return NULL;
        return value_new_string_bytes(s, t->length);
}

/* NULL when the text is none of that type. */
static struct value *convert(struct decoder *d, enum element type)
{
        struct text *t = &d->text;

        if (type == SCALAR_INT || (type == SCALAR_I8 && d->is_response))
                return convert_int(t);
        if (type == SCALAR_BOOLEAN)
                return value_new_boolean(strcmp(text_string(t), "1") == 0);
        if (type == SCALAR_DOUBLE)
                return convert_double(t);
        if (type == SCALAR_BASE64)
                return convert_base64(t);
        if (type == SCALAR_DATE)
                return convert_date(t);
        if (type == SCALAR_NIL)
                return value_new(VALUE_NIL);
        return value_new_string_bytes(text_string(t), t->length);
}

static struct frame *frame_at(struct decoder *d, size_t up)
{
        return &d->frames[d->frames_count - 1 - up];
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
        int namespaces_count, const xmlChar **namespaces, int attributes_count,
        int attributes_defaulted, const xmlChar **attributes)
{
        struct decoder *d = context;
        enum element element = find_element((const char *)name, prefix || uri);
        struct frame *parent = frame_at(d, 0);

        if (d->failed)
                return;
        if (!(children[parent->element] & BIT(element)))
                return fail(d, -EBADMSG, "unexpected element ", (const char *)name);
        if (parent->value && element != MEMBER && element != NAME && element != DATA)
                return fail(d, -EBADMSG, "more than one value where one is expected", "");
        if (element == VALUE && ++d->depth > d->limits->depth_max)
                return fail(d, -E2BIG, "values are nested too deeply", "");
        if (element == VALUE && ++d->values > d->limits->values_max)
                return fail(d, -E2BIG, "there are too many values", "");
        if (parent->element == DOCUMENT)
                d->root = element;
        d->frames =
                mem_grow(d->frames, &d->frames_capacity, d->frames_count + 1, sizeof(*d->frames));
        d->frames[d->frames_count++] = (struct frame){ .element = element };
        text_truncate(&d->text, 0);
        if (element == ARRAY)
                frame_at(d, 0)->value = value_new(VALUE_ARRAY);
        else if (element == STRUCT)
                frame_at(d, 0)->value = value_new(VALUE_STRUCT);
}

static void end_value(struct decoder *d, struct frame *frame, struct frame *parent)
{
        struct value *value = frame->value;

        d->depth--;
        if (!value)
                value = value_new_string_bytes(text_string(&d->text), d->text.length);
        frame->value = NULL;
        if (parent->element == DATA)
                value_append(frame_at(d, 2)->value, value);
        else
                parent->value = value;
}

static void end_member(struct decoder *d, struct frame *frame, struct frame *parent)
{
        if (!frame->name || !frame->value)
                return fail(d, -EBADMSG, "a struct member without name or value", "");
        value_add_member(parent->value, TAKE(frame->name), TAKE(frame->value));
}

static void end_param(struct decoder *d, struct frame *frame)
{
        if (!frame->value)
                return fail(d, -EBADMSG, "a parameter without value", "");
        value_append(d->params, TAKE(frame->value));
}

static void end_fault(struct decoder *d, struct frame *frame)
{
        if (!frame->value || d->fault)
                return fail(d, -EBADMSG, "a fault without value", "");
        d->fault = TAKE(frame->value);
}

static void end_scalar(struct decoder *d, struct frame *frame, struct frame *parent)
{
        parent->value = convert(d, frame->element);
        if (!parent->value)
                return fail(d, -EBADMSG, "a value does not convert to its type", "");
}

/* Of two the last one counts. */
static void keep_text(struct decoder *d, char **name)
{
        mem_free(*name);
        *name = mem_strndup(text_string(&d->text), d->text.length);
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
        struct decoder *d = context;
        struct frame *frame = frame_at(d, 0);
        struct frame *parent;

        if (d->failed || d->frames_count < 2)
                return;
        parent = frame_at(d, 1);
        if (frame->element == VALUE)
                end_value(d, frame, parent);
        else if (frame->element == ARRAY || frame->element == STRUCT)
                parent->value = TAKE(frame->value);
        else if (frame->element == MEMBER)
                end_member(d, frame, parent);
        else if (frame->element == NAME)
                keep_text(d, &parent->name);
        else if (frame->element == PARAM)
                end_param(d, frame);
        else if (frame->element == FAULT)
                end_fault(d, frame);
        else if (frame->element == METHOD_NAME)
                keep_text(d, &d->method);
        else if (frame->element >= SCALAR_STRING)
                end_scalar(d, frame, parent);
        if (d->failed)
                return; /* what the frame holds is released with the decoder */
        d->frames_count--;
        text_truncate(&d->text, 0);
}

static void on_text(void *context, const xmlChar *s, int length)
{
        struct decoder *d = context;

        if (!d->failed && length > 0)
                text_append_bytes(&d->text, s, (size_t)length);
}

static void on_doctype(
        void *context, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
        fail(context, -EBADMSG, "a document type is not allowed", "");
}

static void on_error(void *context, xmlErrorPtr error)
{
        struct decoder *d = context;
        char *end;

        if (error->level != XML_ERR_FATAL || d->failed)
                return;
        d->failed = err_set(d->err, -EBADMSG, "line %d: %s", error->line,
                error->message ? error->message : "not well-formed");
        if (!d->err)
                return;
        end = d->err->text + strlen(d->err->text);
        while (end > d->err->text && text_is_space(end[-1]))
                *--end = '\0';
}

static xmlParserCtxt *make_parser(void)
{
        static const xmlSAXHandler handler = {
                .initialized = XML_SAX2_MAGIC,
                .internalSubset = on_doctype,
                .startElementNs = on_start,
                .endElementNs = on_end,
                .characters = on_text,
                .ignorableWhitespace = on_text,
                .cdataBlock = on_text,
                .serror = on_error,
        };
        xmlSAXHandler copy = handler; /* libxml2 takes no const */

        return xmlCreatePushParserCtxt(&copy, NULL, NULL, 0, NULL);
}

static int parse(struct decoder *d, const char *body, size_t length)
{
        bool good;

        /* No NUL and no invalid sequence: so libxml2 cannot take it for another encoding. */
        if (memchr(body, '\0', length) || !text_is_utf8(body, length))
                return err_set(d->err, -EBADMSG, "it is not UTF-8 text");
        if (!d->parser)
                d->parser = make_parser();
        if (!d->parser)
                return err_set(d->err, -ENOMEM, "no parser can be made");
        d->parser->userData = d;
        (void)xmlCtxtUseOptions(d->parser, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC); /* both known */
        for (size_t at = 0; at < length && !d->failed; at += PIECE_MAX) {
                size_t piece = length - at < PIECE_MAX ? length - at : PIECE_MAX;

                /* Its result counts warnings too; what matters is looked at below. */
                (void)xmlParseChunk(d->parser, body + at, (int)piece, 0);
        }
        if (!d->failed)
                (void)xmlParseChunk(d->parser, NULL, 0, 1);
        good = d->parser->wellFormed && d->frames_count == 1;
        if (!good && !d->failed)
                d->failed = err_set(d->err, -EBADMSG, "it is not well-formed");
        return d->failed;
}

static void decoder_clear(struct decoder *d)
{
        for (size_t i = 0; i < d->frames_count; i++) {
                value_free(d->frames[i].value);
                mem_free(d->frames[i].name);
        }
        mem_free(d->frames);
        xmlFreeParserCtxt(d->parser); /* takes NULL */
        text_clear(&d->text);
        mem_free(d->method);
        value_free(d->params);
        value_free(d->fault);
}

static inline void decoder_clear_at(struct decoder *d)
{
        decoder_clear(d);
}

static int decode(struct decoder *d, const char *body, size_t length)
{
        d->frames = mem_grow(NULL, &d->frames_capacity, 16, sizeof(*d->frames));
        d->frames[d->frames_count++] = (struct frame){ .element = DOCUMENT };
        d->params = value_new(VALUE_ARRAY);
        return parse(d, body, length);
}

void xml_call_clear(struct xml_call *call)
{
        mem_free(call->method);
        value_free(call->params);
        *call = (struct xml_call){};
}

struct xml_reader *xml_reader_new(void)
{
        return mem_new(sizeof(struct xml_reader));
}

struct xml_reader *xml_reader_free(struct xml_reader *reader)
{
        if (!reader)
                return NULL;
        xmlFreeParserCtxt(reader->parser); /* takes NULL */
        return mem_free(reader);
}

/* Only one that has met nothing unusual is taken again, so no document has to do with another. */
static void keep_parser(struct xml_reader *reader, xmlParserCtxt *parser)
{
        if (xmlDictSize(parser->dict) <= KEPT_NAMES_MAX &&
                xmlCtxtResetPush(parser, NULL, 0, NULL, NULL) == 0)
                reader->parser = parser;
        else
                xmlFreeParserCtxt(parser);
}

int xml_decode_call(struct xml_reader *reader, const char *body, size_t length,
        const struct xml_limits *limits, struct xml_call *ret, struct err *err)
{
        CLEANUP(decoder_clear)
        struct decoder d = { .limits = limits, .parser = TAKE(reader->parser), .err = err };
        int r = decode(&d, body, length);

        if (r < 0)
                return r;
        keep_parser(reader, TAKE(d.parser));
        if (d.root != METHOD_CALL)
                return err_set(err, -EBADMSG, "it is no method call");
        *ret = (struct xml_call){ .method = TAKE(d.method), .params = TAKE(d.params) };
        return 0;
}

void xml_response_clear(struct xml_response *response)
{
        value_free(response->value);
        mem_free(response->fault_string);
        *response = (struct xml_response){};
}

int xml_decode_response(const char *body, size_t length, struct xml_response *ret, struct err *err)
{
        CLEANUP(decoder_clear)
        struct decoder d = { .limits = &response_limits, .is_response = true, .err = err };
        const struct value *code, *string;
        int r = decode(&d, body, length);

        if (r < 0)
                return r;
        if (d.root != METHOD_RESPONSE || d.params->array.count + (d.fault ? 1 : 0) != 1)
                return err_set(err, -EBADMSG, "it is no method response with one value");
        if (!d.fault) {
                *ret = (struct xml_response){ .value = d.params->array.items[0] };
                d.params->array.count = 0;
                return 0;
        }
        code = value_member(d.fault, "faultCode");
        string = value_member(d.fault, "faultString");
        if (!code || code->type != VALUE_INTEGER || !string || string->type != VALUE_STRING)
                return err_set(err, -EBADMSG, "the fault has no code or no string");
        *ret = (struct xml_response){
                .fault_code = (int)code->integer,
                .fault_string = mem_strdup(string->string.data),
        };
        return 0;
}
