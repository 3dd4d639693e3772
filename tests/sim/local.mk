check_PROGRAMS += %D%/sim
TESTS += %D%/sim
tests_sim_sim_SOURCES = \
	%D%/main.c \
	%D%/net.c \
	%D%/oracle.c %D%/oracle.h \
	%D%/story.c \
	%D%/world.c %D%/world.h
tests_sim_sim_LDADD = cluster/libcluster.a base/libbase.a
