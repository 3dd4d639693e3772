/* The sockets of FastCGI groups as fcgi.c and fcgi_state.c know them: private to the two. */
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <uthash.h>

#include "daemon/daemon.h"
#include "daemon/fcgi.h"

struct fcgi_socket {
        struct program_group *group;
        union {
                struct sockaddr any;
                struct sockaddr_un local;
                struct sockaddr_in inet;
                struct sockaddr_storage room;
        } address;
        socklen_t address_length; /* 0: what its host stands for is not known yet */
        uint64_t question;        /* who is asked for it; 0: nobody */
        int unresolved_code;      /* of the last answer; 0: there was none */
        int fd;                   /* -1: nobody uses it */
        unsigned uses;            /* processes that run with it */
        bool listed;              /* in the daemon's table */
        bool is_kept;             /* by the service manager */
        int saved_as; /* number of the descriptor in the document that it comes from; -1 */
        struct fcgi_socket *next_restored;
        UT_hash_handle hh;
};

struct fcgi_socket *fcgi_socket_new(const struct program_group *);
struct fcgi_socket *fcgi_socket_free(struct fcgi_socket *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct fcgi_socket *, fcgi_socket_free)
struct fcgi_socket *fcgi_find(const struct daemon *, const char *group); /* NULL: none */
/* Its host is a name, and who knows what it stands for may take his time. */
bool fcgi_is_named(const struct program_group *);
