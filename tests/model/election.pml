/*
 * The election with a quorum, as cluster/election.c does it, reduced to what safety rests on.
 *
 * What is published is monotone: once somebody has voted in a term that stays true, whoever hears of
 * it late or never.  So a message is not modelled as such: the receiver takes the fact at any later
 * time, or never takes it, which is loss, delay, doubling and reordering in one.  Where it matters
 * when a message was sent (promises and leases), its age travels with it.
 *
 * Time is a tick that may come at any moment and is the same for all: that clocks tick alike is the
 * one assumption.  A promise lasts P ticks.  An instance may crash at any moment, up to CRASHES times
 * in all, and is back at once without what was not on disk; being down longer is never worse.
 *
 * With -DNO_PROMISE, -DNO_DISK, -DNO_ABSTAIN or -DNO_AGE one of the rules is taken away, and a check
 * must fail.  (-DNO_RESTAND lets answers to a given-up candidature count; among three that does no
 * harm, it takes five instances and three terms.)
 */
#define N 3 /* a majority is oneself and one other */
#ifndef TERMS
#define TERMS 3
#endif
#ifndef P
#define P 2
#endif
#ifndef CRASHES
#define CRASHES 2
#endif
#define NOBODY N
#define NEVER  (P + 1) /* of an age: there is no answer, or it is too old to be worth anything */

/* On disk. */
byte term[N];         /* the latest term voted in ... */
byte vote[N];         /* ... and for whom */
/* In memory. */
byte want_term[N], want_vote[N]; /* decided, not yet on disk */
byte promised[N];     /* for whom alone we vote ... */
byte promise[N];      /* ... for so many ticks */
byte abstain[N];      /* ticks in which a restarted one votes for nobody */
byte follows[N];      /* the master it knows; NOBODY */
bool standing[N];
byte acting[N];       /* the term that it won; 0: it is not master */
byte lease[N * N];    /* [master * N + voter]: ticks for which the master counts on the voter */
/* On the wire. */
byte age[N * N];      /* [voter * N + master]: of the datagram that the voter's answer echoes */
/* What the checks look at. */
byte winner[TERMS + 1];
bool stood[N * (TERMS + 1)]; /* [candidate * (TERMS + 1) + term]: it asked for votes */
byte crashes;
bool started;

byte i, k; /* 0 between steps */

/* Votes that others may know of. */
#ifdef NO_DISK
#define TOLD_TERM(x) want_term[x]
#define TOLD_VOTE(x) want_vote[x]
#else
#define TOLD_TERM(x) term[x]
#define TOLD_VOTE(x) vote[x]
#endif

#ifdef NO_PROMISE
#define FREE(v, c) (abstain[v] == 0)
#else
#define FREE(v, c) (abstain[v] == 0 && (promise[v] == 0 || promised[v] == c))
#endif

#define SELF  (_pid)
#define NEXT  ((_pid + 1) % N)
#define OTHER ((_pid + 2) % N)

inline stop(x)
{
        standing[x] = false;
        acting[x] = 0;
        k = 0;
        do
        :: k < N -> lease[x * N + k] = 0; k++
        :: else -> break
        od;
        k = 0
}

/* Asks for votes in a later term, perhaps without knowing that others are beyond it.  Answers to an
 * earlier candidature do not count; a master who renews his term goes on without a break, and his
 * answers stay good. */
inline stand(x, r)
{
        r > want_term[x] && (acting[x] != 0 || (follows[x] == NOBODY && FREE(x, x)));
        want_term[x] = r;
        want_vote[x] = x;
        if
        :: acting[x] == 0 ->
                lease[x * N + NEXT] = 0;
                lease[x * N + OTHER] = 0;
#ifndef NO_RESTAND
                age[NEXT * N + x] = NEVER;
                age[OTHER * N + x] = NEVER
#endif
        :: else
        fi;
        standing[x] = true;
        promised[x] = x;
        promise[x] = P
}

/* The voter hears the candidate's request for that term, which may be of any age. */
inline give_vote(v, c, r)
{
        r > want_term[v] && stood[c * (TERMS + 1) + r] && acting[v] == 0 && FREE(v, c) &&
           (follows[v] == NOBODY || follows[v] == c);
        want_term[v] = r;
        want_vote[v] = c;
        standing[v] = false;
        promised[v] = c;
        promise[v] = P
}

/* A heartbeat of one who stands or acts is heard, fresh or late; the answer echoes it.  Only whom one
 * has voted for, or follows, is promised anything. */
inline hear(v, c)
{
        (standing[c] || acting[c] != 0) && TOLD_TERM(v) == want_term[v] &&
           (follows[v] == c || (follows[v] == NOBODY && want_vote[v] == c));
        promised[v] = c;
        promise[v] = P;
        age[v * N + c] = 0
}

/* One who is heard to act is followed, whatever was promised to others: he was elected. */
inline follow(v, c)
{
        acting[c] != 0 && acting[c] >= want_term[v] && acting[v] < acting[c] &&
           (follows[v] != c || want_term[v] < acting[c]);
        stop(v);
        follows[v] = c;
        if
        :: acting[c] > want_term[v] -> want_term[v] = acting[c]; want_vote[v] = c
        :: else
        fi;
        promised[v] = c;
        promise[v] = P
}

/* The master hears the answer: it holds for P ticks from when he sent what it echoes. */
inline learn(c, v)
{
        age[v * N + c] < P && (standing[c] || acting[c] != 0);
#ifdef NO_AGE
        lease[c * N + v] = P
#else
        if
        :: P - age[v * N + c] > lease[c * N + v] -> lease[c * N + v] = P - age[v * N + c]
        :: else
        fi
#endif
}

#define VOTED(v, x) (TOLD_TERM(v) == want_term[x] && TOLD_VOTE(v) == x)

inline win(x)
{
        standing[x] && VOTED(x, x) && (VOTED(NEXT, x) || VOTED(OTHER, x)) &&
                (lease[x * N + NEXT] > 0 || lease[x * N + OTHER] > 0);
        assert(winner[want_term[x]] == NOBODY);         /* a term is won once */
        assert(acting[NEXT] == 0 && acting[OTHER] == 0); /* one master at a time */
        winner[want_term[x]] = x;
        acting[x] = want_term[x];
        follows[x] = NOBODY;
        standing[x] = false
}

inline crash(x)
{
        crashes++;
        stop(x);
        want_term[x] = term[x];
        want_vote[x] = vote[x];
        follows[x] = NOBODY;
        promised[x] = NOBODY;
        promise[x] = 0;
#ifndef NO_ABSTAIN
        abstain[x] = P
#endif
}

inline down(x)
{
        if
        :: x > 0 -> x--
        :: else
        fi
}

inline tick()
{
        i = 0;
        do
        :: i < N ->
                down(promise[i]);
                down(abstain[i]);
                k = 0;
                do
                :: k < N ->
                        down(lease[i * N + k]);
                        if
                        :: age[i * N + k] < NEVER -> age[i * N + k]++
                        :: else
                        fi;
                        k++
                :: else -> break
                od;
                i++
        :: else -> break
        od;
        /* Whose lease has run out knows it, and stops. */
        i = 0;
        do
        :: i < N ->
                if
                :: acting[i] != 0 && lease[i * N + (i + 1) % N] == 0 &&
                   lease[i * N + (i + 2) % N] == 0 -> stop(i)
                :: else
                fi;
                i++
        :: else -> break
        od;
        i = 0;
        k = 0
}

inline start()
{
        i = 0;
        do
        :: i < N ->
                vote[i] = NOBODY;
                want_vote[i] = NOBODY;
                promised[i] = NOBODY;
                follows[i] = NOBODY;
                k = 0;
                do
                :: k < N -> age[i * N + k] = NEVER; k++
                :: else -> break
                od;
                i++
        :: else -> break
        od;
        i = 0;
        do
        :: i <= TERMS -> winner[i] = NOBODY; i++
        :: else -> break
        od;
        i = 0;
        k = 0;
        started = true
}

active [N] proctype instance()
{
        if
        :: d_step { !started && _pid == 0 -> start() }
        :: started
        fi;
end:    do
        :: d_step { stand(SELF, 1) }
        :: d_step { give_vote(SELF, NEXT, 1) }
        :: d_step { give_vote(SELF, OTHER, 1) }
#if TERMS > 1
        :: d_step { stand(SELF, 2) }
        :: d_step { give_vote(SELF, NEXT, 2) }
        :: d_step { give_vote(SELF, OTHER, 2) }
#endif
#if TERMS > 2
        :: d_step { stand(SELF, 3) }
        :: d_step { give_vote(SELF, NEXT, 3) }
        :: d_step { give_vote(SELF, OTHER, 3) }
#endif
        :: d_step { hear(SELF, NEXT) }
        :: d_step { hear(SELF, OTHER) }
        :: d_step { follow(SELF, NEXT) }
        :: d_step { follow(SELF, OTHER) }
        :: d_step { learn(SELF, NEXT) }
        :: d_step { learn(SELF, OTHER) }
        :: d_step { win(SELF) }
        :: d_step { standing[SELF] && acting[SELF] == 0 -> standing[SELF] = false } /* gives up */
        :: d_step { acting[SELF] != 0 -> stop(SELF) }                               /* resigns */
        :: d_step { follows[SELF] != NOBODY -> follows[SELF] = NOBODY }             /* loses him */
        :: d_step { /* a vote reaches the disk */
                   term[SELF] != want_term[SELF] || vote[SELF] != want_vote[SELF] ->
                        term[SELF] = want_term[SELF];
                        vote[SELF] = want_vote[SELF]
           }
        :: d_step { /* a request for votes is sent: from now on it can be heard at any time */
                   standing[SELF] && TOLD_TERM(SELF) == want_term[SELF] &&
                   TOLD_VOTE(SELF) == SELF && !stood[SELF * (TERMS + 1) + want_term[SELF]] ->
                        stood[SELF * (TERMS + 1) + want_term[SELF]] = true
           }
        :: d_step { /* one who neither acts nor stands says so, and we are released */
                   promise[SELF] > 0 && promised[SELF] != SELF && promised[SELF] != NOBODY &&
                   !standing[promised[SELF]] && acting[promised[SELF]] == 0 ->
                        promise[SELF] = 0
           }
        :: d_step { crashes < CRASHES -> crash(SELF) }
        :: d_step { _pid == 0 -> tick() }
        od
}
