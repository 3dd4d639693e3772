EXTRA_DIST += %D%/fuzz/replay.c
