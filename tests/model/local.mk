EXTRA_DIST += %D%/election.pml
dist_check_SCRIPTS = %D%/check.sh
TESTS += %D%/check.sh

# All that fits into the memory: takes minutes.
.PHONY: check-model-full
check-model-full:
	CC="$(CC)" sh $(srcdir)/tests/model/check.sh full
