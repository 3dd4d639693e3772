EXTRA_DIST += %D%/fuzz/replay.c

include tests/model/local.mk
include tests/sim/local.mk
