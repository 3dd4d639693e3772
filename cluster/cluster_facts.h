/* Facts: what the election and the state machine are told of everything else.  Pure. */
#pragma once

#include "cluster/election.h"
#include "cluster/fsm.h"

struct cluster;

/* How long we may be silent before others miss us, and they before we miss them. */
usec_t cluster_facts_timeout(const struct cluster *);
struct election_facts cluster_facts_election(const struct cluster *);
/* 'lost': a RUNNING instance was lost since the last evaluation. */
struct fsm_facts cluster_facts_fsm(const struct cluster *, bool lost);
/* Somebody who is here knows that the last master had jobs under way when he was lost. */
bool cluster_facts_jobs_left(const struct cluster *);
