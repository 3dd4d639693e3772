EXTRA_DIST += %D%/fuzz/replay.c

include tests/bench/local.mk
include tests/cases/local.mk
include tests/closed/local.mk
include tests/functional/local.mk
include tests/model/local.mk
include tests/sim/local.mk
include tests/vm/local.mk
