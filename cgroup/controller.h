/* The controllers that reeve asks for, and sets of them. */
#pragma once

enum controller { CONTROLLER_CPU, CONTROLLER_MEMORY, CONTROLLER_PIDS, CONTROLLER_IO };
enum { CONTROLLER_COUNT = CONTROLLER_IO + 1 };

static const char *const controller_names[CONTROLLER_COUNT] = {
        [CONTROLLER_CPU] = "cpu",
        [CONTROLLER_MEMORY] = "memory",
        [CONTROLLER_PIDS] = "pids",
        [CONTROLLER_IO] = "io",
};

static inline unsigned controller_bit(enum controller c)
{
        return 1U << c;
}
