#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "rpc/xml.h"

static const struct xml_limits limits = { .depth_max = 8, .values_max = 100 };

static int decode(const char *body, struct xml_call *ret, struct err *err)
{
        CLEANUP(xml_reader_free) struct xml_reader *reader = xml_reader_new();

        return xml_decode_call(reader, body, strlen(body), &limits, ret, err);
}

/* The one parameter <value>...</value> in the words of Python, or "refused". */
static char *converted(const char *value)
{
        CLEANUP(mem_free)
        char *body = mem_format("<methodCall><methodName>m</methodName><params><param>%s</param>"
                                "</params></methodCall>",
                value);
        CLEANUP(xml_call_clear) struct xml_call call = {};
        CLEANUP(text_clear) struct text t = {};

        if (decode(body, &call, NULL) < 0)
                return mem_strdup("refused");
        assert_int_equal(call.params->array.count, 1);
        /* In an array, so that strings are quoted. */
        value_append_words(&t, call.params);
        return text_take(&t);
}

static void values_convert_as_the_protocol_has_it(void **state)
{
        static const struct {
                const char *in, *out;
        } cases[] = {
                { "<value>  kept  </value>", "['  kept  ']" },
                { "<value/>", "['']" },
                { "<value><string/></value>", "['']" },
                { "<value><string>a&lt;&#65;<![CDATA[<b>]]></string></value>", "['a<A<b>']" },
                { "<value>a<!-- no -->b</value>", "['ab']" },
                { "<value><int>1</int></value>", "[1]" },
                { "<value><i4> -12\n</i4></value>", "[-12]" },
                { "<value>\n <int>+7</int>\n</value>", "[7]" },
                { "<value><int>9223372036854775807</int></value>", "[9223372036854775807]" },
                { "<value><int>9223372036854775808</int></value>", "refused" },
                { "<value><int></int></value>", "refused" },
                { "<value><int>1x</int></value>", "refused" },
                { "<value><int>- 1</int></value>", "refused" },
                { "<value><int>0x10</int></value>", "refused" },
                { "<value><boolean>1</boolean></value>", "[True]" },
                { "<value><boolean>0</boolean></value>", "[False]" },
                { "<value><boolean>true</boolean></value>", "[False]" },
                { "<value><boolean> 1</boolean></value>", "[False]" },
                { "<value><double>-2.5e3</double></value>", "[-2500.0]" },
                { "<value><double>x</double></value>", "refused" },
                { "<value><double>0x1p3</double></value>", "refused" },
                { "<value><base64>aMOpbGxv\n</base64></value>", "['h\xc3\xa9llo']" },
                { "<value><base64>/w==</base64></value>", "refused" },
                { "<value><base64>!</base64></value>", "refused" },
                { "<value><dateTime.iso8601>20240229T23:59:59</dateTime.iso8601></value>",
                        "['20240229T23:59:59']" },
                { "<value><dateTime.iso8601>20230229T23:59:59</dateTime.iso8601></value>",
                        "refused" },
                { "<value><dateTime.iso8601>2024-02-29T23:59:59</dateTime.iso8601></value>",
                        "refused" },
                { "<value><nil/></value>", "[None]" },
                { "<value><i8>5</i8></value>", "['5']" },
                { "<value><foo>bar</foo></value>", "['bar']" },
                { "<value><array><data/></array></value>", "[[]]" },
                { "<value><array><data><value>a</value><value><int>2</int></value></data></array>"
                  "</value>",
                        "[['a', 2]]" },
                { "<value><struct/></value>", "[{}]" },
                { "<value><struct><member><name>k</name><value>v</value></member><member>"
                  "<value><nil/></value><name/></member></struct></value>",
                        "[{'k': 'v', '': None}]" },
                { "<value><struct><member><name>k</name></member></struct></value>", "refused" },
                { "<value><struct><member><value/></member></struct></value>", "refused" },
                { "<value><struct><member><name>k</name><value/><value/></member></struct></value>",
                        "refused" },
                { "<value><int>1</int><int>2</int></value>", "refused" },
                { "<value/><value/>", "refused" },
                { "", "refused" },
                { "<value><string><b/></string></value>", "refused" },
                { "<value><array><value/></array></value>", "refused" },
                { "<value xmlns='urn:x'/>", "refused" },
                { "<value>&nothing;</value>", "refused" },
                { "<value>\x01</value>", "refused" },
                { "<value>&#0;</value>", "refused" },
                { "<value>\xff</value>", "refused" },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(mem_free) char *out = converted(cases[i].in);

                if (strcmp(out, cases[i].out) != 0)
                        fail_msg("%s became %s, not %s", cases[i].in, out, cases[i].out);
        }
}

static void a_call_may_have_no_params_and_no_name(void **state)
{
        CLEANUP(xml_call_clear) struct xml_call call = {};

        assert_int_equal(
                decode("<methodCall><methodName> a.b </methodName></methodCall>", &call, NULL), 0);
        assert_string_equal(call.method, " a.b ");
        assert_int_equal(call.params->array.count, 0);
        xml_call_clear(&call);
        assert_int_equal(decode("<methodCall/>", &call, NULL), 0);
        assert_null(call.method);
}

static void what_is_no_call_is_refused_with_a_sentence(void **state)
{
        CLEANUP(xml_reader_free) struct xml_reader *reader = xml_reader_new();
        static const char *const bodies[] = {
                "",
                "x",
                "<methodCall>",
                "<methodCall/><methodCall/>",
                "<methodResponse/>",
                "<foo/>",
                "<methodCall><value/></methodCall>",
                "<methodCall><methodName>a</wrong></methodCall>",
                "<!DOCTYPE methodCall><methodCall/>",
                ("<!DOCTYPE x [<!ENTITY a 'b'>]><methodCall><methodName>&a;</methodName>"
                 "</methodCall>"),
                "<?xml version='1.0'?><!DOCTYPE x SYSTEM 'file:///etc/passwd'><methodCall/>",
        };

        for (size_t i = 0; i < ELEMENTS(bodies); i++) {
                struct xml_call call = {};
                struct err err = {};

                assert_int_equal(decode(bodies[i], &call, &err), -EBADMSG);
                assert_true(strlen(err.text) > 3);
                assert_null(call.params);
        }
        assert_int_equal(
                xml_decode_call(reader, "<methodCall/>\0", 14, &limits, NULL, NULL), -EBADMSG);
}

static void what_a_reader_has_read_before_makes_no_difference(void **state)
{
        static const char good[] = "<?xml version='1.0'?><methodCall><methodName>a.b</methodName>"
                                   "<params><param><value><int>5</int></value></param></params>"
                                   "</methodCall>";
        static const char *const before[] = {
                good,
                "<methodCall><methodName>other</methodName><params>",
                "<!DOCTYPE a><methodCall/>",
                "<methodCall xmlns='urn:x'/>",
                "<methodCall>&#0;</methodCall>",
                "<?xml version='1.0' encoding='UTF-16'?><methodCall/>",
                "\xff",
                "",
        };
        CLEANUP(xml_reader_free) struct xml_reader *reader = xml_reader_new();

        for (size_t i = 0; i < ELEMENTS(before); i++) {
                CLEANUP(xml_call_clear) struct xml_call other = {}, call = {};

                (void)!xml_decode_call(reader, before[i], strlen(before[i]), &limits, &other, NULL);
                assert_int_equal(
                        xml_decode_call(reader, good, strlen(good), &limits, &call, NULL), 0);
                assert_string_equal(call.method, "a.b");
                assert_int_equal(call.params->array.count, 1);
                assert_int_equal(call.params->array.items[0]->integer, 5);
        }
}

static void a_reader_that_has_met_many_names_goes_on(void **state)
{
        CLEANUP(xml_reader_free) struct xml_reader *reader = xml_reader_new();

        for (unsigned i = 0; i < 1000; i++) {
                CLEANUP(xml_call_clear) struct xml_call call = {};
                CLEANUP(mem_free)
                char *body = mem_format("<methodCall><methodName a%u='b%u'>m</methodName>"
                                        "<params><param><value><t%u>x</t%u></value></param>"
                                        "</params></methodCall>",
                        i, i, i, i);

                assert_int_equal(
                        xml_decode_call(reader, body, strlen(body), &limits, &call, NULL), 0);
                assert_string_equal(call.params->array.items[0]->string.data, "x");
        }
}

static void the_encoding_that_a_call_declares_is_not_looked_at(void **state)
{
        CLEANUP(xml_call_clear) struct xml_call call = {};

        assert_int_equal(decode("<?xml version='1.0' encoding='ISO-8859-1'?><methodCall>"
                                "<methodName>\xc3\xa9</methodName></methodCall>",
                                 &call, NULL),
                0);
        assert_string_equal(call.method, "\xc3\xa9");
}

static char *nested(size_t depth)
{
        CLEANUP(text_clear) struct text t = {};

        text_append(&t, "<methodCall><params><param>");
        for (size_t i = 1; i < depth; i++)
                text_append(&t, "<value><array><data>");
        text_append(&t, "<value/>");
        for (size_t i = 1; i < depth; i++)
                text_append(&t, "</data></array></value>");
        text_append(&t, "</param></params></methodCall>");
        return text_take(&t);
}

static void depth_and_number_of_values_are_limited(void **state)
{
        CLEANUP(xml_call_clear) struct xml_call call = {};
        CLEANUP(text_clear) struct text t = {};
        CLEANUP(mem_free) char *good = nested(8), *bad = nested(9), *silly = nested(100000);

        assert_int_equal(decode(good, &call, NULL), 0);
        assert_int_equal(decode(bad, &call, NULL), -E2BIG);
        assert_int_equal(decode(silly, &call, NULL), -E2BIG);
        text_append(&t, "<methodCall><params>");
        for (size_t i = 0; i < 101; i++)
                text_append(&t, "<param><value/></param>");
        text_append(&t, "</params></methodCall>");
        assert_int_equal(decode(t.data, &call, NULL), -E2BIG);
}

static void a_value_is_encoded_as_python_does(void **state)
{
        CLEANUP(text_clear) struct text t = {};

        xml_response_begin(&t);
        xml_array_begin(&t);
        xml_integer(&t, 1);
        xml_string(&t, "a<&>");
        xml_boolean(&t, true);
        xml_struct_begin(&t);
        xml_member_begin(&t, "k");
        xml_array_begin(&t);
        xml_array_end(&t);
        xml_member_end(&t);
        xml_member_begin(&t, "b");
        xml_struct_begin(&t);
        xml_struct_end(&t);
        xml_member_end(&t);
        xml_struct_end(&t);
        xml_array_end(&t);
        xml_response_end(&t);
        assert_string_equal(t.data,
                "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><array><data>\n"
                "<value><int>1</int></value>\n<value><string>a&lt;&amp;&gt;</string></value>\n"
                "<value><boolean>1</boolean></value>\n<value><struct>\n<member>\n<name>k</name>\n"
                "<value><array><data>\n</data></array></value>\n</member>\n<member>\n"
                "<name>b</name>\n<value><struct>\n</struct></value>\n</member>\n"
                "</struct></value>\n</data></array></value>\n</param>\n</params>\n"
                "</methodResponse>\n");
}

static void a_fault_is_encoded_as_python_does(void **state)
{
        CLEANUP(text_clear) struct text t = {};

        xml_fault(&t, 10, "BAD_NAME: <x>");
        assert_string_equal(t.data,
                "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n<member>\n"
                "<name>faultCode</name>\n<value><int>10</int></value>\n</member>\n<member>\n"
                "<name>faultString</name>\n<value><string>BAD_NAME: &lt;x&gt;</string></value>\n"
                "</member>\n</struct></value>\n</fault>\n</methodResponse>\n");
}

static void a_call_is_encoded_as_python_does(void **state)
{
        CLEANUP(text_clear) struct text t = {};
        CLEANUP(value_free) struct value *params = value_new(VALUE_ARRAY);

        xml_encode_call(&t, "m.n", NULL);
        assert_string_equal(t.data,
                "<?xml version='1.0'?>\n<methodCall>\n<methodName>m.n</methodName>\n<params>\n"
                "</params>\n</methodCall>\n");
        text_truncate(&t, 0);
        value_append(params, value_new_integer(INT64_MIN));
        xml_encode_call(&t, "m.n", params);
        assert_string_equal(t.data,
                "<?xml version='1.0'?>\n<methodCall>\n<methodName>m.n</methodName>\n<params>\n"
                "<param>\n<value><int>-9223372036854775808</int></value>\n</param>\n"
                "</params>\n</methodCall>\n");
}

static void text_that_xml_cannot_hold_is_replaced(void **state)
{
        static const struct {
                const char *in;
                size_t length;
                const char *out;
        } cases[] = {
                { "a\x1b[0m", 5, "a\xef\xbf\xbd[0m" },
                { "a\0b", 3,
                        "a\xef\xbf\xbd"
                        "b" },
                { "\t\n\r", 3, "\t\n\r" },
                { "\xc3", 1, "\xef\xbf\xbd" },
                { "\xe2\x82", 2, "\xef\xbf\xbd\xef\xbf\xbd" },
                { "\xef\xbf\xbf", 3, "\xef\xbf\xbd" },
                { "\xef\xbf\xbd", 3, "\xef\xbf\xbd" },
                { "\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
                { "\xf0\x9f\x98\x80", 4, "\xf0\x9f\x98\x80" },
                { "\x7f\xc2\x80", 3, "\x7f\xc2\x80" },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(text_clear) struct text t = {};
                CLEANUP(mem_free)
                char *want = mem_format("<value><string>%s</string></value>\n", cases[i].out);

                xml_string_bytes(&t, cases[i].in, cases[i].length);
                assert_string_equal(t.data, want);
        }
}

static void every_single_byte_gives_a_response_that_decodes(void **state)
{
        for (int c = 0; c < 256; c++) {
                CLEANUP(text_clear) struct text t = {};
                CLEANUP(xml_response_clear) struct xml_response response = {};
                char s[3] = { 'a', (char)c, 'b' };

                xml_response_begin(&t);
                xml_string_bytes(&t, s, sizeof(s));
                xml_response_end(&t);
                assert_int_equal(xml_decode_response(t.data, t.length, &response, NULL), 0);
                if (c >= 0x20 && c < 0x80)
                        assert_memory_equal(response.value->string.data, s, 3);
        }
}

static void a_response_is_decoded_to_its_value_or_its_fault(void **state)
{
        CLEANUP(text_clear) struct text t = {};
        CLEANUP(xml_response_clear) struct xml_response response = {};
        const char *i8 = "<methodResponse><params><param><value><i8>5</i8></value></param></params>"
                         "</methodResponse>";

        xml_fault(&t, 60, "ALREADY_STARTED: a");
        assert_int_equal(xml_decode_response(t.data, t.length, &response, NULL), 0);
        assert_null(response.value);
        assert_int_equal(response.fault_code, 60);
        assert_string_equal(response.fault_string, "ALREADY_STARTED: a");
        xml_response_clear(&response);
        assert_int_equal(xml_decode_response(i8, strlen(i8), &response, NULL), 0);
        assert_int_equal(value_integer(response.value, 0), 5);
}

static void a_response_without_exactly_one_value_is_refused(void **state)
{
        static const char *const bodies[] = {
                "<methodResponse/>",
                "<methodResponse><params/></methodResponse>",
                ("<methodResponse><params><param><value/></param><param><value/></param></params>"
                 "</methodResponse>"),
                "<methodResponse><fault><value><int>1</int></value></fault></methodResponse>",
                "<methodResponse><fault/></methodResponse>",
                "<methodResponse><fault><value/></fault><fault><value/></fault></methodResponse>",
                "<methodCall/>",
                "<html><body>no</body></html>",
        };

        for (size_t i = 0; i < ELEMENTS(bodies); i++) {
                struct xml_response response = {};

                assert_int_equal(xml_decode_response(bodies[i], strlen(bodies[i]), &response, NULL),
                        -EBADMSG);
        }
}

static void a_string_of_many_megabytes_survives_both_ways(void **state)
{
        size_t length = 24 << 20;
        CLEANUP(mem_free) char *s = mem_new(length);
        CLEANUP(text_clear) struct text t = {};
        CLEANUP(xml_response_clear) struct xml_response response = {};

        for (size_t i = 0; i < length; i++)
                s[i] = (char)(' ' + i % 95);
        xml_response_begin(&t);
        xml_string_bytes(&t, s, length);
        xml_response_end(&t);
        assert_int_equal(xml_decode_response(t.data, t.length, &response, NULL), 0);
        assert_int_equal(response.value->string.length, length);
        assert_memory_equal(response.value->string.data, s, length);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(values_convert_as_the_protocol_has_it),
                cmocka_unit_test(a_call_may_have_no_params_and_no_name),
                cmocka_unit_test(what_is_no_call_is_refused_with_a_sentence),
                cmocka_unit_test(what_a_reader_has_read_before_makes_no_difference),
                cmocka_unit_test(a_reader_that_has_met_many_names_goes_on),
                cmocka_unit_test(the_encoding_that_a_call_declares_is_not_looked_at),
                cmocka_unit_test(depth_and_number_of_values_are_limited),
                cmocka_unit_test(a_value_is_encoded_as_python_does),
                cmocka_unit_test(a_fault_is_encoded_as_python_does),
                cmocka_unit_test(a_call_is_encoded_as_python_does),
                cmocka_unit_test(text_that_xml_cannot_hold_is_replaced),
                cmocka_unit_test(every_single_byte_gives_a_response_that_decodes),
                cmocka_unit_test(a_response_is_decoded_to_its_value_or_its_fault),
                cmocka_unit_test(a_response_without_exactly_one_value_is_refused),
                cmocka_unit_test(a_string_of_many_megabytes_survives_both_ways),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
