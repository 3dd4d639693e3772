/* Transport: see transport.h.
 *
 * The identity that the client sends in the clear is "reeve:<cluster>:<key>": with it the server
 * finds the key, and after a rotation both sides may have different ones to send with. */
#include "net/transport.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"

/* Forward secrecy, and the cipher that is fast on all of today's processors: without the list it
 * would take CHACHA20, as the others are not defined for a key of SHA-256. */
#define PRIORITIES                                                     \
        "NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+ECDHE-PSK:-GROUP-ALL:" \
        "+GROUP-X25519:-CIPHER-ALL:+AES-128-GCM"

enum { RECORD_SIZE_MAX = 16384, IDENTITY_SIZE = 64 };

struct transport {
        int fd;
        bool is_server;
        gnutls_session_t session; /* NULL: plain */
        gnutls_psk_client_credentials_t client;
        gnutls_psk_server_credentials_t server;
        struct keyring *keyring; /* while the handshake lasts */
        uint64_t cluster;
        size_t halted; /* bytes of a record that is made but not sent */
};

static void name_key(uint64_t cluster, uint16_t key, char out[IDENTITY_SIZE])
{
        (void)snprintf(out, IDENTITY_SIZE, "reeve:%016" PRIx64 ":%u", cluster, key);
}

/* The key that the client names.  All names of ours are tried, which needs no parser. */
static int find_key(gnutls_session_t session, const gnutls_datum_t *name, gnutls_datum_t *ret)
{
        const struct transport *t = gnutls_session_get_ptr(session);
        char expected[IDENTITY_SIZE];
        unsigned long id = 0;
        const char *text = (const char *)name->data;
        const uint8_t *key;

        if (name->size == 0 || name->size >= IDENTITY_SIZE)
                return -1;
        for (unsigned i = name->size; i > 0 && text[i - 1] >= '0' && text[i - 1] <= '9'; i--) {
                static const unsigned long powers[] = { 1, 10, 100, 1000, 10000 };

                if (name->size - i >= ELEMENTS(powers))
                        return -1;
                id += powers[name->size - i] * (unsigned long)(text[i - 1] - '0');
        }
        if (id > UINT16_MAX)
                return -1;
        name_key(t->cluster, (uint16_t)id, expected);
        key = keyring_link_key(t->keyring, (uint16_t)id);
        if (!key || strlen(expected) != name->size || memcmp(expected, text, name->size) != 0)
                return -1;
        ret->data = gnutls_malloc(KEYRING_LINK_KEY_SIZE);
        if (!ret->data)
                return -1;
        memcpy(ret->data, key, KEYRING_LINK_KEY_SIZE);
        ret->size = KEYRING_LINK_KEY_SIZE;
        return 0;
}

static int set_up_server(struct transport *t)
{
        int r = gnutls_psk_allocate_server_credentials(&t->server);

        if (r < 0)
                return r;
        gnutls_psk_set_server_credentials_function2(t->server, find_key);
        return gnutls_credentials_set(t->session, GNUTLS_CRD_PSK, t->server);
}

static int set_up_client(struct transport *t)
{
        char name[IDENTITY_SIZE];
        uint16_t id = keyring_sending(t->keyring);
        const uint8_t *bytes = keyring_link_key(t->keyring, id);
        const gnutls_datum_t key = { (unsigned char *)(uintptr_t)bytes, KEYRING_LINK_KEY_SIZE };
        int r = gnutls_psk_allocate_client_credentials(&t->client);

        name_key(t->cluster, id, name);
        if (r >= 0)
                r = gnutls_psk_set_client_credentials(t->client, name, &key, GNUTLS_PSK_KEY_RAW);
        return r < 0 ? r : gnutls_credentials_set(t->session, GNUTLS_CRD_PSK, t->client);
}

static int set_up(struct transport *t)
{
        int r = gnutls_init(&t->session, (t->is_server ? GNUTLS_SERVER : GNUTLS_CLIENT) |
                                                 GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL |
                                                 GNUTLS_NO_TICKETS);

        if (r < 0)
                return r;
        gnutls_session_set_ptr(t->session, t);
        r = gnutls_priority_set_direct(t->session, PRIORITIES, NULL);
        if (r >= 0)
                r = t->is_server ? set_up_server(t) : set_up_client(t);
        gnutls_transport_set_int(t->session, t->fd);
        gnutls_handshake_set_timeout(t->session, GNUTLS_INDEFINITE_TIMEOUT); /* the link's */
        return r;
}

int transport_new(int fd, bool is_server, struct keyring *keyring, uint64_t cluster,
        struct transport **ret, struct err *err)
{
        CLEANUP(transport_free) struct transport *t = mem_new(sizeof(*t));
        int r = 0;

        t->fd = fd;
        t->is_server = is_server;
        t->keyring = keyring_ref(keyring);
        t->cluster = cluster;
        if (keyring)
                r = set_up(t);
        if (r < 0)
                return err_set(err, -ENOTSUP, "TLS cannot be set up: %s", gnutls_strerror(r));
        *ret = TAKE(t);
        return 0;
}

struct transport *transport_free(struct transport *t)
{
        if (!t)
                return NULL;
        if (t->session)
                gnutls_deinit(t->session);
        if (t->client)
                gnutls_psk_free_client_credentials(t->client);
        if (t->server)
                gnutls_psk_free_server_credentials(t->server);
        keyring_free(t->keyring);
        (void)fd_close(t->fd);
        return mem_free(t);
}

int transport_handshake(struct transport *t, struct err *err)
{
        int r = 0;

        if (t->session) {
                do
                        r = gnutls_handshake(t->session);
                while (r == GNUTLS_E_INTERRUPTED ||
                        (r < 0 && r != GNUTLS_E_AGAIN && !gnutls_error_is_fatal(r)));
        }
        if (r == GNUTLS_E_AGAIN)
                return -EAGAIN;
        if (r >= 0) {
                t->keyring = keyring_free(t->keyring);
                return 0;
        }
        /* A client with a wrong key may learn no more than that the other side has gone. */
        if (t->is_server && (r == GNUTLS_E_PUSH_ERROR || r == GNUTLS_E_PULL_ERROR ||
                                    r == GNUTLS_E_PREMATURE_TERMINATION))
                return err_set(err, -ECONNRESET, "the connection broke in the handshake");
        return err_set(err, -EKEYREJECTED, "wrong cluster key? (%s)", gnutls_strerror(r));
}

bool transport_wants_write(const struct transport *t)
{
        return t->session && gnutls_record_get_direction(t->session) == 1;
}

static ssize_t read_record(struct transport *t, void *buffer, size_t size)
{
        for (;;) {
                ssize_t n = gnutls_record_recv(t->session, buffer, size);

                if (n >= 0)
                        return n;
                if (n == GNUTLS_E_AGAIN)
                        return -EAGAIN;
                if (n == GNUTLS_E_PREMATURE_TERMINATION || n == GNUTLS_E_PULL_ERROR)
                        return -ECONNRESET;
                /* Whoever wants to begin again has no business here. */
                if (n == GNUTLS_E_REHANDSHAKE || gnutls_error_is_fatal((int)n))
                        return -EPROTO;
        }
}

ssize_t transport_read(struct transport *t, void *buffer, size_t size)
{
        ssize_t n;

        if (t->session)
                return read_record(t, buffer, size);
        do
                n = recv(t->fd, buffer, size, MSG_DONTWAIT);
        while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : n;
}

static ssize_t write_record(struct transport *t, const void *bytes, size_t size)
{
        ssize_t n;

        do
                /* A record that was made is only sent on: its bytes must not be looked at again,
                 * as their place in memory may have changed. */
                n = t->halted ? gnutls_record_send(t->session, NULL, 0)
                              : gnutls_record_send(t->session, bytes, size);
        while (n == GNUTLS_E_INTERRUPTED);
        if (n == GNUTLS_E_AGAIN) {
                if (!t->halted)
                        t->halted = size;
                return -EAGAIN;
        }
        t->halted = 0;
        return n < 0 ? -ECONNRESET : n;
}

ssize_t transport_write(struct transport *t, const void *bytes, size_t size)
{
        ssize_t n;

        if (t->session)
                return write_record(t, bytes, size < RECORD_SIZE_MAX ? size : RECORD_SIZE_MAX);
        do
                n = send(t->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : n;
}

bool transport_has_more(const struct transport *t)
{
        return t->session && gnutls_record_check_pending(t->session) > 0;
}

void transport_end(struct transport *t)
{
        if (t->session && !t->halted)
                (void)gnutls_bye(t->session, GNUTLS_SHUT_WR); /* best effort, as the header says */
        (void)shutdown(t->fd, SHUT_WR);                       /* may be gone already */
}
