/* Fuzzes the XML-RPC decoder, as call and as response; what decodes must encode to what decodes. */
#include <stdint.h>
#include <stdlib.h>

#include "rpc/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const struct xml_limits limits = { .depth_max = 16, .values_max = 1000 };
        CLEANUP(xml_call_clear) struct xml_call call = {}, again = {};
        CLEANUP(xml_response_clear) struct xml_response response = {};
        CLEANUP(xml_reader_free) struct xml_reader *reader = xml_reader_new();
        struct err err;

        if (xml_decode_call(reader, (const char *)data, size, &limits, &call, &err) >= 0) {
                CLEANUP(text_clear) struct text t = {};

                xml_encode_call(&t, call.method ? call.method : "", call.params);
                if (xml_decode_call(reader, t.data, t.length, &limits, &again, &err) < 0)
                        abort();
        }
        /* Either end is right; it must only end. */
        (void)!xml_decode_response((const char *)data, size, &response, &err);
        return 0;
}
