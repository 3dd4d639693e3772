# `make bench` measures everything, in some twenty minutes; BENCH="name ..." only that. The results of
# what was measured replace those in the source tree, and the document is made of all of them.
BENCH =
BENCH_FLAGS =

bench: all
	REEVECTL='$(abs_top_builddir)/reevectl' CC='$(CC)' PYTHONDONTWRITEBYTECODE=1 \
	$(PYTHON) '$(abs_top_srcdir)/%D%/run.py' --reeved '$(abs_top_builddir)/reeved' \
		--results '$(abs_top_srcdir)/%D%/results.json' \
		--report '$(abs_top_srcdir)/doc/performance.md' $(BENCH_FLAGS) $(BENCH)

.PHONY: bench

EXTRA_DIST += \
	%D%/README \
	%D%/bench.py \
	%D%/bench_child.c \
	%D%/calls.py \
	%D%/clusters.py \
	%D%/http_bare.c \
	%D%/http_load.c \
	%D%/introduction.md \
	%D%/programs.py \
	%D%/reasons.md \
	%D%/report.py \
	%D%/results.json \
	%D%/run.py \
	%D%/spawn_loop.c
