/* The fields of the engine itself: see engine_state.h. */
#include "engine/engine_state.h"

#include "engine/notice.h"

const struct field engine_state_fields[ENGINE_STATE_FIELDS] = {
        { "booted", FIELD_FLAG, offsetof(struct engine, booted) },
        { "finished", FIELD_FLAG, offsetof(struct engine, finished) },
        { "restart_reading", FIELD_FLAG, offsetof(struct engine, restart_reading) },
        { "last_process", FIELD_UINT32, offsetof(struct engine, last_process) },
        { "last_ticket", FIELD_UINT64, offsetof(struct engine, last_ticket) },
        { "next_serial", FIELD_UINT64, offsetof(struct engine, next_serial),
                .limit = NOTICE_SERIAL_MAX },
        { "tick_at", FIELD_TIME, offsetof(struct engine, tick_at) },
        { "stopping_begun", FIELD_FLAG, offsetof(struct engine, stopping_begun) },
        { "stopping_at", FIELD_TIME, offsetof(struct engine, stopping_at) },
        { "report_at", FIELD_TIME, offsetof(struct engine, report_at) },
};

const char *const engine_state_ticks[TICKS] = { "tick_5", "tick_60", "tick_3600" };
