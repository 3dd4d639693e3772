EXTRA_DIST += %D%/fuzz/replay.c

include tests/functional/local.mk
