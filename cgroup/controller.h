/* The controllers that reeve asks for, and sets of them. */
#pragma once

enum controller {
        CONTROLLER_CPU,
        CONTROLLER_MEMORY,
        CONTROLLER_PIDS,
        CONTROLLER_IO,
        CONTROLLER_CPUSET,
};
enum { CONTROLLER_COUNT = CONTROLLER_CPUSET + 1 };

static const char *const controller_names[CONTROLLER_COUNT] = {
        [CONTROLLER_CPU] = "cpu",
        [CONTROLLER_MEMORY] = "memory",
        [CONTROLLER_PIDS] = "pids",
        [CONTROLLER_IO] = "io",
        [CONTROLLER_CPUSET] = "cpuset",
};

static inline unsigned controller_bit(enum controller c)
{
        return 1U << c;
}
