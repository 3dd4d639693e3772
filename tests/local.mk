EXTRA_DIST += %D%/fuzz/replay.c

include tests/closed/local.mk
