/* The HTTP side with clients of its own, all in one process, for its tests. */
#pragma once

#include <netinet/in.h>

#include "rpc/http.h"
#include "tests/unit/fake_host.h"

#define GET_STATE                                                                                \
        "<?xml version='1.0'?><methodCall><methodName>supervisor.getState</methodName><params/>" \
        "</methodCall>"
#define START                                                                         \
        "<methodCall><methodName>supervisor.startProcess</methodName><params><param>" \
        "<value><string>cat</string></value></param></params></methodCall>"
#define ERROR_400                                                                            \
        "\r\n\r\n<head>\r\n<title>Error response</title>\r\n</head>\r\n<body>\r\n<h1>Error " \
        "response</h1>\r\n<p>Error code 400.\r\n<p>Message: Bad Request.\r\n</body>\r\n"

struct http_world {
        char dir[32];
        char *log, *socket_path;
        struct fake_host host;
        struct http *http;
        struct sockaddr_in open, locked; /* TCP listeners, without and with a password */
};

int http_world_setup(void **state);
int http_world_teardown(void **state);
int http_world_listen(struct sockaddr_in *ret);
void http_world_add(struct http_world *, int fd, const char *section, const char *user);

int http_world_connect(const struct sockaddr_in *);
int http_world_connect_unix(const struct http_world *);
void http_world_run(struct http_world *, int msec);
/* All of these run the server meanwhile. */
char *http_world_receive(struct http_world *, int fd, const char *until);
void http_world_receive_exactly(struct http_world *, int fd, const char *want);
void http_world_send_bytes(struct http_world *, int fd, const char *data, size_t length);
void http_world_send(struct http_world *, int fd, const char *text);
void http_world_post(struct http_world *, int fd, const char *body);
void http_world_answer_has(
        struct http_world *, const char *request, const char *want, const char *until);
void http_world_write_log(struct http_world *, const char *text, const char *mode);
int http_world_follow(struct http_world *, const char *until); /* a connection that streams */
