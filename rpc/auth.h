/* Basic authentication: whether an Authorization header opens a listener.  Pure. */
#pragma once

enum auth_result {
        AUTH_GOOD,
        AUTH_DENIED,    /* 401: none, another scheme, wrong user or password */
        AUTH_MALFORMED, /* 400: no base 64, or no colon in it */
};

/* The password is plain or "{SHA}" and the hex digits of its SHA-1; a listener without user name is
 * open.  Takes the same time wherever the first difference is.  The header may be NULL. */
enum auth_result auth_check(const char *username, const char *password, const char *header);
