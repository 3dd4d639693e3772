/* The cluster's network as this instance sees it: what reeve.getClusterNetwork tells, for 'reevectl
 * cluster probe'.  Plain data; strings and arrays are the host's, good until its loop runs on. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rpc_wire_counters { /* heartbeats that came, by what became of them ... */
        uint64_t accepted; /* of our cluster, and with the right key */
        uint64_t own;      /* our own, come back by multicast */
        uint64_t malformed, foreign, untagged, unknown_key, forged;
        /* ... what became of those that were accepted, as cluster/ counts them ... */
        uint64_t replayed; /* late, doubled or replayed: whoever is heard in two ways doubles */
        uint64_t strangers, conflicting, overflow;
        /* ... what the sockets dropped ... */
        uint64_t too_large, overflowed, unlisted_interface;
        /* ... and what is wrong with links */
        uint64_t rejected;     /* connections of others that came to nothing */
        uint64_t failed;       /* our own */
        uint64_t bad_frames;   /* that ended a link */
        uint64_t early_frames; /* before a hello: dropped */
};

struct rpc_wire_interface { /* that multicast goes by */
        const char *name;
        bool joined;
        const char *error; /* of the last joining or sending; "": none */
        uint64_t sent, received, send_errors, join_errors;
};

struct rpc_wire_way {          /* how a peer is heard */
        uint64_t count;        /* heartbeats */
        double age;            /* seconds since the last one; negative: never */
        const char *interface; /* that it came in by; "": not known */
        const char *address;   /* that it came from, "10.0.0.2:60000"; "": none */
};

struct rpc_wire_peer {
        const char *identifier, *nick;
        const char *state;  /* "RUNNING" */
        const char *reason; /* of its last change, "silent" */
        bool listed;
        bool rules_told; /* it has said which it has */
        uint64_t rules;  /* their hash */
        struct rpc_wire_way multicast, unicast;
        bool link;
        const char *link_address; /* of the other end; "": there is no link */
        bool link_ours;           /* opened by this instance */
        uint16_t link_port;       /* where it takes links; 0: not known */
        uint64_t link_queued;     /* bytes that it has not taken yet */
};

struct rpc_cluster_network {
        const char *cluster, *identifier, *id; /* hexadecimal */
        bool enabled;                          /* false: there is nobody to hear, and no socket */
        const char *security;                  /* "key file", "password", "open", "confined" */
        uint16_t key;                          /* id of what is sent with; 0: none */
        const char *group;                     /* "239.0.0.1:60000"; "": no multicast */
        const char *address;                   /* of heartbeats, "0.0.0.0:60000" */
        uint16_t link_port;                    /* TCP, where links are taken */
        double interval;                       /* seconds between our heartbeats */
        uint64_t rules;                        /* the hash of ours */
        uint64_t sent;                         /* heartbeats */
        uint64_t unicast_sent, unicast_errors, unicast_received;
        uint64_t unresolved; /* listed peers whose name leads nowhere yet */
        struct rpc_wire_counters counters;
        const struct rpc_wire_interface *interfaces;
        size_t interfaces_count;
        const struct rpc_wire_peer *peers;
        size_t peers_count;
};
