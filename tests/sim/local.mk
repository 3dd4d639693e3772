check_LIBRARIES += %D%/libsim.a
%C%_libsim_a_SOURCES = \
	%D%/host.c %D%/host.h \
	%D%/host_orders.c \
	%D%/judge.c %D%/judge.h \
	%D%/net.c \
	%D%/oracle.c %D%/oracle.h \
	%D%/programs.c \
	%D%/scenario.c %D%/scenario.h \
	%D%/story.c \
	%D%/upgrade.c \
	%D%/world.c %D%/world.h

check_PROGRAMS += %D%/sim
TESTS += %D%/sim
%C%_sim_SOURCES = %D%/main.c
%C%_sim_LDADD = %D%/libsim.a daemon/libdaemon.a $(daemon_parts) fleet/libfleet.a rules/librules.a cluster/libcluster.a \
	engine/libengine.a base/libbase.a $(JANSSON_LIBS) $(XML_LIBS) $(PCRE2_LIBS)

# Many seeds, other ones each time: make soak SEEDS=100000 SEED=1
SEEDS = 20000
SEED = $$(date +%s)
.PHONY: soak figures
soak: %D%/sim$(EXEEXT)
	%D%/sim --seed $(SEED) --seeds $(SEEDS)
	%D%/sim --applications --seed $(SEED) --seeds $(SEEDS)
	%D%/sim --upgrades --seed $(SEED) --seeds $(SEEDS)
	%D%/sim --applications --upgrades --seed $(SEED) --seeds $(SEEDS)
figures: %D%/sim$(EXEEXT)
	%D%/sim --figures
