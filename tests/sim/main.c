/* The simulator: tells the stories of seeds, and says which of them end badly.
 *
 *   sim [--seed N] [--seeds COUNT] [--instances K] [--quorum none|majority|both] [--length SECONDS]
 *       [--applications] [--upgrades] [--blackouts] [--trace] [--figures] */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "tests/sim/judge.h"
#include "tests/sim/oracle.h"
#include "tests/sim/world.h"

struct command {
        uint64_t seed, seeds;
        unsigned instances; /* 0: drawn from the seed */
        int quorum;         /* -1: drawn from the seed */
        unsigned length;
        bool trace, figures, applications, upgrades, blackouts;
};

#define APPLICATIONS_QUICK 100 /* stories with applications in make check */
#define BLACKOUTS_QUICK    60  /* with several instances that lose their power at once */
#define UPGRADES_QUICK     60  /* and with upgrades and killed daemons, with and without them */

struct totals {
        uint64_t steps, masterships, fleet_steps, orders, conflicts;
        usec_t settled_max, settled_sum;
};

/* How long a whole and still world may take: failure timeout and hold-down, handshakes that have to
 * run out, and the synchronization, which is at most its own timeout. */
#define SETTLE_MAX (25 * USEC_SEC)
/* With applications there are orders that time out, and one after the other. */
#define SETTLE_APPLICATIONS_MAX (180 * USEC_SEC)

static void draw_options(const struct command *command, uint64_t seed, struct world_options *o)
{
        struct world lottery = { .random = identity_mix(seed) };
        static const unsigned synchro[] = { CLUSTER_STRICT | CLUSTER_TIMEOUT, CLUSTER_TIMEOUT,
                CLUSTER_LIST, CLUSTER_LIST | CLUSTER_TIMEOUT };

        *o = (struct world_options){
                .count = 2 + (unsigned)world_random(&lottery, world_random(&lottery, 2) ? 3 : 8),
                .seed = seed,
                .quorum = (enum cluster_quorum)world_random(&lottery, 2),
                .synchro = synchro[world_random(&lottery, 4)],
                .interval = (50 + world_random(&lottery, 200)) * USEC_MSEC,
                .trace = command->trace,
                .applications = command->applications,
                .upgrades = command->upgrades,
                .blackouts = command->blackouts,
        };
        o->timeout = o->interval * (4 + world_random(&lottery, 4));
        if (command->instances)
                o->count = command->instances;
        if (command->quorum >= 0)
                o->quorum = (enum cluster_quorum)command->quorum;
}

/* Runs until the world has been settled for a while without a break.  Returns when that began; what
 * looks settled at once may be a silence that nobody has noticed yet. */
static usec_t wait_for_settlement(struct world *w)
{
        usec_t max = w->scenario ? SETTLE_APPLICATIONS_MAX : SETTLE_MAX;
        usec_t end = w->now + max, since = w->now;

        while (w->now < end && w->now < since + 6 * w->options.timeout &&
                world_run(w, w->now + 10 * USEC_MSEC))
                if (!oracle_is_settled(w) || (w->scenario && !judge_is_idle(w)))
                        since = w->now;
        if (oracle_is_content(w->oracle) && !oracle_is_settled(w))
                oracle_object(w->oracle, w, "whole and still, and yet not settled");
        if (oracle_is_content(w->oracle) && w->scenario && !judge_is_idle(w))
                oracle_object(w->oracle, w, "whole and still, and yet not idle");
        return since;
}

/* Between the acts: whatever ran, and is to run, does so after each of them. */
static void run_blackouts(struct world *w)
{
        for (unsigned i = 0; i < 5 && oracle_is_content(w->oracle); i++) {
                story_black_out(w);
                (void)world_run(w, w->now + 8 * w->options.timeout);
                story_end(w);
                (void)wait_for_settlement(w);
                if (oracle_is_content(w->oracle) && w->scenario)
                        judge_look(w);
        }
}

/* The second act: the network is whole, but programs fail and users want something. */
static void run_peace(struct world *w)
{
        judge_look(w);
        world_tell(w, "peace, but for programs and users");
        judge_expect_peace(w);
        w->is_tame = false;
        w->is_asking = true;
        world_push(w, 0, WORLD_ASK, 0, 0);
        for (unsigned i = 0; w->options.upgrades && i < 20; i++)
                (i % 4 ? upgrade_plan : upgrade_plan_kill)(w, world_random(w, 20 * USEC_SEC),
                        (unsigned)world_random(w, w->options.count));
        (void)world_run(w, w->now + 20 * USEC_SEC);
        world_tell(w, "nobody asks any more");
        w->is_asking = false;
        w->is_tame = true;
        (void)wait_for_settlement(w);
        if (oracle_is_content(w->oracle))
                judge_look(w);
}

/* The third act: nothing happens but that instances are upgraded, and nobody notices. */
static void plan_upgrades(struct world *w)
{
        unsigned count = (unsigned)world_random(w, 3 * w->options.count);

        for (unsigned i = 0; i < count; i++)
                upgrade_plan(w, world_random(w, 8 * USEC_SEC),
                        (unsigned)world_random(w, w->options.count));
}

static const char *quorum_name(enum cluster_quorum quorum)
{
        return quorum == CLUSTER_QUORUM_NONE ? "none" : "majority";
}

static bool tell_story(const struct command *command, uint64_t seed, struct totals *totals)
{
        struct world_options options;
        struct world *w;
        usec_t end = command->length * USEC_SEC, settled = 0;
        bool good;

        draw_options(command, seed, &options);
        w = world_new(&options);
        world_tell(w, "seed %" PRIu64 ": %u instances, quorum %s, heartbeats every %.3f s", seed,
                options.count, quorum_name(options.quorum), (double)options.interval / USEC_SEC);
        story_plan(w, end);
        if (world_run(w, end)) {
                story_end(w);
                settled = wait_for_settlement(w) - end;
        }
        if (options.blackouts)
                run_blackouts(w);
        if (w->scenario && oracle_is_content(w->oracle))
                run_peace(w);
        if (oracle_is_content(w->oracle)) {
                world_tell(w, "settled after %.3f s", (double)settled / USEC_SEC);
                oracle_expect_stillness(w->oracle, w);
                plan_upgrades(w);
                (void)world_run(w, w->now + 10 * USEC_SEC);
                if (!oracle_is_settled(w))
                        oracle_object(w->oracle, w, "it did not stay settled");
        }
        good = oracle_is_content(w->oracle);
        if (!good)
                printf("%s (%u instances, quorum %s)\n", oracle_objection(w->oracle), options.count,
                        quorum_name(options.quorum));
        totals->steps += w->steps;
        totals->masterships += oracle_masterships(w->oracle);
        totals->fleet_steps += w->fleet_steps;
        if (w->scenario) {
                totals->orders += judge_orders(w);
                totals->conflicts += judge_conflicts(w);
        }
        totals->settled_sum += settled;
        if (settled > totals->settled_max)
                totals->settled_max = settled;
        world_free(w);
        return good;
}

static double cpu_seconds(void)
{
        return (double)clock() / CLOCKS_PER_SEC;
}

/* Everybody who is left knows one master of a later term. */
static bool is_replaced(const struct world *w, unsigned gone, uint64_t before)
{
        unsigned other = gone == 0 ? 1 : 0;
        uint64_t term = cluster_status(w->nodes[other].cluster).term;

        for (unsigned i = 0; i < w->options.count; i++)
                if (i != gone &&
                        (cluster_status(w->nodes[i].cluster).term != term || term <= before))
                        return false;
        return true;
}

/* The whole machine vanishes: no connection is refused, there is only silence. */
static usec_t lose_master(struct world *w, unsigned master)
{
        uint64_t term = cluster_status(w->nodes[master].cluster).term;
        usec_t from = w->now;

        for (unsigned i = 0; i < w->options.count; i++) {
                net_cut(w, master, i, true);
                net_cut(w, i, master, true);
        }
        world_crash(w, master);
        while (world_run(w, w->now + 10 * USEC_MSEC) && !is_replaced(w, master, term) &&
                w->now < from + 600 * USEC_SEC)
                ;
        return w->now - from;
}

/* A cold start of so many instances within half a second, then a minute of peace, then the loss of
 * the master: the table of doc/protocol.md. */
static bool measure(unsigned count, enum cluster_quorum quorum)
{
        struct world_options options = { .count = count,
                .seed = 1,
                .quorum = quorum,
                .synchro = CLUSTER_STRICT | CLUSTER_TIMEOUT,
                .multicast = true,
                .quiet = true };
        struct world *w = world_new(&options);
        double cpu = cpu_seconds();
        usec_t step = 10 * USEC_MSEC, cold, lost;
        uint64_t in = 0, bytes = 0, out = 0;
        unsigned master;

        for (unsigned i = 0; i < count; i++)
                world_push(w, world_random(w, USEC_SEC / 2), WORLD_STORY, i, 0)->x = 1;
        while (world_run(w, w->now + step) && !oracle_is_settled(w) && w->now < 600 * USEC_SEC)
                ;
        cold = w->now;
        for (unsigned i = 0; i < count; i++) {
                in -= w->nodes[i].datagrams_in;
                out -= w->nodes[i].datagrams_out;
                bytes -= w->nodes[i].bytes_in;
        }
        (void)world_run(w, w->now + 30 * USEC_SEC);
        for (unsigned i = 0; i < count; i++) {
                in += w->nodes[i].datagrams_in;
                out += w->nodes[i].datagrams_out;
                bytes += w->nodes[i].bytes_in;
        }
        for (master = 0; master < count; master++)
                if (cluster_status(w->nodes[master].cluster).acting)
                        break;
        if (master == count || !oracle_is_content(w->oracle)) {
                printf("%u instances: %s\n", count, oracle_objection(w->oracle));
                world_free(w);
                return false;
        }
        lost = lose_master(w, master);
        printf("| %4u | %-8s | %8.2f | %8.2f | %9.2f | %9.1f | %9.1f | %6.0f | %7.1f |\n", count,
                quorum_name(quorum), (double)cold / USEC_SEC, (double)lost / USEC_SEC,
                (double)out / count / 30, (double)in / count / 30,
                (double)bytes / count / 30 / 1024, (double)bytes / (double)(in ? in : 1),
                cpu_seconds() - cpu);
        (void)fflush(stdout);
        world_free(w);
        return true;
}

static int figures(const struct command *command)
{
        static const unsigned counts[] = { 3, 16, 64, 256, 1000 };
        bool good = true;

        printf("| count | quorum | cold start, s | master lost, s | sent/s | received/s | KiB/s in | "
               "bytes each | CPU of the simulation, s |\n");
        for (size_t i = 0; i < ELEMENTS(counts); i++) {
                if (command->instances && counts[i] > command->instances)
                        break;
                good = measure(counts[i], CLUSTER_QUORUM_NONE) && good;
                good = measure(counts[i], CLUSTER_QUORUM_MAJORITY) && good;
        }
        return good ? 0 : 1;
}

static int parse(int argc, char *argv[], struct command *c)
{
        static const struct option options[] = { { "seed", required_argument, NULL, 's' },
                { "seeds", required_argument, NULL, 'n' },
                { "instances", required_argument, NULL, 'i' },
                { "quorum", required_argument, NULL, 'q' },
                { "length", required_argument, NULL, 'l' }, { "trace", no_argument, NULL, 't' },
                { "figures", no_argument, NULL, 'f' }, { "applications", no_argument, NULL, 'a' },
                { "upgrades", no_argument, NULL, 'u' }, { "blackouts", no_argument, NULL, 'b' },
                {} };
        int o;

        while ((o = getopt_long(argc, argv, "", options, NULL)) >= 0) {
                switch (o) {
                case 's':
                        c->seed = strtoull(optarg, NULL, 10);
                        break;
                case 'n':
                        c->seeds = strtoull(optarg, NULL, 10);
                        break;
                case 'i':
                        c->instances = (unsigned)strtoul(optarg, NULL, 10);
                        break;
                case 'q':
                        c->quorum = strcmp(optarg, "none") == 0       ? CLUSTER_QUORUM_NONE
                                    : strcmp(optarg, "majority") == 0 ? CLUSTER_QUORUM_MAJORITY
                                                                      : -1;
                        break;
                case 'l':
                        c->length = (unsigned)strtoul(optarg, NULL, 10);
                        break;
                case 't':
                        c->trace = true;
                        break;
                case 'a':
                        c->applications = true;
                        break;
                case 'u':
                        c->upgrades = true;
                        break;
                case 'b':
                        c->blackouts = true;
                        break;
                case 'f':
                        c->figures = true;
                        break;
                default:
                        return -EINVAL;
                }
        }
        return optind < argc || c->instances == 1 || c->instances > WORLD_INSTANCES_MAX ? -EINVAL
                                                                                        : 0;
}

/* The other half of the quick set: some seeds, and those that have shown something once. */
static uint64_t tell_with_applications(struct command *command, struct totals *totals)
{
        static const uint64_t seeds[] = {
                12,     /* what has exited is told anew by who joins */
                137,    /* whoever conciliates is lost before he starts again what he has stopped */
                136,    /* the master comes back at once, and knows nothing of what he ran */
                471,    /* the copy that a conciliation keeps is lost */
                701,    /* a start, while the application is being restarted */
                10615,  /* the same while the other copy stops, and its master is lost, too */
                10968,  /* a mastership is lost in OPERATION and regained */
                11823,  /* a conflict, while somebody's vote is not on his disk */
                17664,  /* a start is cut off by a loss */
                101430, /* a master comes back with nothing before anybody calls it lost */
                901707, /* a mastership ends between the stop and the start of a restart */
                903134, /* an instance obeys only when its slow disk has its vote */
                903712, /* the same */
                6003887, /* two conciliations that would keep different copies */
        };
        uint64_t bad = 0;

        command->applications = true;
        for (size_t i = 0; i < ELEMENTS(seeds); i++)
                bad += !tell_story(command, seeds[i], totals);
        for (uint64_t i = 0; i < APPLICATIONS_QUICK; i++)
                bad += !tell_story(command, 20000 + i, totals);
        command->seeds += ELEMENTS(seeds) + APPLICATIONS_QUICK;
        return bad;
}

static uint64_t tell_with_blackouts(struct command *command, struct totals *totals)
{
        static const uint64_t seeds[] = {
                295,    /* a loss that its witness notes after his snapshot to the next master */
                518,    /* the same */
                559,    /* the same with a majority */
                10591,  /* who comes while a program is being stopped has not heard it run */
                11933,  /* the same */
                200142, /* whoever conciliates is lost before he starts again what he has stopped */
                2038,   /* who comes too late to know what his predecessor had under way */
        };
        uint64_t bad = 0;

        command->upgrades = false;
        command->applications = true;
        command->blackouts = true;
        for (size_t i = 0; i < ELEMENTS(seeds); i++)
                bad += !tell_story(command, seeds[i], totals);
        for (uint64_t i = 0; i < BLACKOUTS_QUICK; i++)
                bad += !tell_story(command, 50000 + i, totals);
        command->seeds += ELEMENTS(seeds) + BLACKOUTS_QUICK;
        return bad;
}

static uint64_t tell_with_upgrades(struct command *command, struct totals *totals)
{
        static const uint64_t seeds[] = {
                100360, /* the copy that a conciliation keeps does not come back with its daemon */
        };
        uint64_t bad = 0;

        command->upgrades = true;
        command->applications = true;
        for (size_t i = 0; i < ELEMENTS(seeds); i++)
                bad += !tell_story(command, seeds[i], totals);
        for (uint64_t i = 0; i < 2 * UPGRADES_QUICK; i++) {
                command->applications = i % 2;
                bad += !tell_story(command, 30000 + i, totals);
        }
        command->seeds += ELEMENTS(seeds) + 2 * UPGRADES_QUICK;
        return bad;
}

int main(int argc, char *argv[])
{
        struct command command = { .seed = 1, .seeds = 1, .quorum = -1, .length = 40 };
        struct totals totals = {};
        uint64_t bad = 0;

        if (argc == 1)
                command.seeds = 400; /* the quick set of make check */
        if (parse(argc, argv, &command) < 0) {
                (void)fprintf(stderr, "usage: sim [--seed N] [--seeds COUNT] [--instances K] "
                                      "[--quorum none|majority] [--length SECONDS] [--trace] "
                                      "[--applications] [--upgrades] [--blackouts] [--figures]\n");
                return 2;
        }
        if (command.figures)
                return figures(&command);
        for (uint64_t i = 0; i < command.seeds; i++)
                if (!tell_story(&command, command.seed + i, &totals))
                        bad++;
        if (argc == 1) {
                bad += tell_with_applications(&command, &totals);
                bad += tell_with_upgrades(&command, &totals);
                bad += tell_with_blackouts(&command, &totals);
        }
        printf("%" PRIu64 " stories, %" PRIu64 " end badly; %" PRIu64 " steps, %" PRIu64
               " masterships; settled after %.2f s on average, %.2f s at most\n",
                command.seeds, bad, totals.steps, totals.masterships,
                (double)totals.settled_sum / (double)command.seeds / USEC_SEC,
                (double)totals.settled_max / USEC_SEC);
        if (command.applications)
                printf("%" PRIu64 " steps of fleets, %" PRIu64 " orders, %" PRIu64
                       " reports of conflicts\n",
                        totals.fleet_steps, totals.orders, totals.conflicts);
        return bad ? 1 : 0;
}
