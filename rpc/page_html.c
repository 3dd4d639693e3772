/* HTML: see page_html.h. */
#include "rpc/page_html.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "rpc/handlers.h"
#include "rpc/xml.h"

void page_html(struct text *t, const char *s)
{
        while (*s) {
                size_t run = strcspn(s, "\"'");

                xml_string_piece(t, s, run);
                s += run;
                if (*s)
                        text_append(t, *s++ == '"' ? "&quot;" : "&#39;");
        }
}

void page_html_url(struct text *t, const char *s)
{
        for (; *s; s++) {
                bool is_safe = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
                               (*s >= '0' && *s <= '9') || strchr("_.-~/", *s);

                if (is_safe)
                        text_append_char(t, *s);
                else
                        text_format(t, "%%%02X", (unsigned char)*s);
        }
}

void page_html_time(struct text *t, int64_t secs)
{
        static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
        static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
                "Sep", "Oct", "Nov", "Dec" };
        time_t at = (time_t)secs;
        struct tm tm;

        if (!localtime_r(&at, &tm))
                return; /* a year that does not fit */
        text_format(t, "%s %s %2d %02d:%02d:%02d %d", days[tm.tm_wday], months[tm.tm_mon],
                tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_year + 1900);
}

void page_html_begin(struct text *t, const char *title, const char *identifier)
{
        text_append(t, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                       "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
        page_html(t, title);
        text_append(t, "</title>\n"
                       "<link rel=\"stylesheet\" href=\"stylesheets/supervisor.css\">\n"
                       "<link rel=\"icon\" type=\"image/svg+xml\" href=\"images/icon.svg\">\n"
                       "<link rel=\"alternate icon\" type=\"image/png\" href=\"images/icon.png\">\n"
                       "</head>\n<body>\n<header>\n"
                       "<a class=\"home\" href=\"./\"><img src=\"images/icon.svg\" alt=\"\" "
                       "width=\"28\" height=\"28\">Reeve</a>\n<span class=\"identifier\">");
        page_html(t, identifier);
        text_append(t, "</span>\n</header>\n<main>\n");
}

void page_html_end(struct text *t)
{
        text_append(t, "</main>\n<footer>Reeve " PACKAGE_VERSION
                       " <span>API of Supervisor " RPC_SUPERVISOR_VERSION
                       "</span></footer>\n</body>\n</html>\n");
}
