/* Fuzzes what a page is asked with: forms, and what is made of their values. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "rpc/page_form.h"
#include "rpc/page_html.h"
#include "rpc/page_origin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_html(const char *s)
{
        CLEANUP(text_clear) struct text html = {}, url = {};

        page_html(&html, s);
        page_html_url(&url, s);
        if (strpbrk(text_string(&html), "<>\"'") || !text_is_utf8(text_string(&html), html.length))
                abort();
        if (strpbrk(text_string(&url), "<>\"'&?# \r\n") || url.length > 3 * strlen(s))
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const names[] = { "action", "processname", "message", "limit" };
        CLEANUP(mem_free) char *s = mem_strndup((const char *)data, size);
        const struct page_headers foreign = { .host = "127.0.0.1:9001", .origin = s };
        const struct page_headers referred = { .host = s, .referer = "http://attacker.example/" };

        for (size_t i = 0; i < ELEMENTS(names); i++) {
                CLEANUP(mem_free) char *value = NULL;
                int r = page_form_value((const char *)data, size, names[i], &value);

                if ((r == 1) != (value != NULL) || (value && !*value))
                        abort();
                if (value && strlen(value) > size)
                        abort();
                if (value)
                        check_html(value);
        }
        check_html(s);
        if (page_origin_is_trusted(&foreign) && !strstr(s, "127.0.0.1:9001"))
                abort();
        if (page_origin_is_trusted(&referred) && strncasecmp(s, "attacker.example", 16) != 0)
                abort();
        return 0;
}
