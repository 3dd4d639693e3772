EXTRA_DIST += %D%/election.pml %D%/check.sh

.PHONY: check-model check-model-full
check-model:
	CC="$(CC)" sh $(srcdir)/tests/model/check.sh
check-model-full:
	CC="$(CC)" sh $(srcdir)/tests/model/check.sh full
