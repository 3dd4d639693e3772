EXTRA_DIST += %D%/fuzz/replay.c %D%/fuzz/run %D%/run.sh

include tests/bench/local.mk
include tests/cases/local.mk
include tests/closed/local.mk
include tests/functional/local.mk
include tests/model/local.mk
include tests/sim/local.mk
include tests/vm/local.mk

# Long: FUZZ_RUNS executions of each fuzz target with libFuzzer (needs clang), in build-fuzz of the
# source tree.
.PHONY: fuzz
fuzz:
	$(top_srcdir)/tests/fuzz/run $(FUZZ_RUNS)
