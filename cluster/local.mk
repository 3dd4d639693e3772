noinst_LIBRARIES += %D%/libcluster.a
%C%_libcluster_a_SOURCES = \
	%D%/cluster.c %D%/cluster.h \
	%D%/cluster_effects.c %D%/cluster_effects.h \
	%D%/cluster_event.h \
	%D%/cluster_facts.c %D%/cluster_facts.h \
	%D%/cluster_inner.h \
	%D%/cluster_options.c %D%/cluster_options.h \
	%D%/cluster_save.c \
	%D%/datagram.c %D%/datagram.h \
	%D%/election.c %D%/election.h \
	%D%/election_lease.c %D%/election_lease.h \
	%D%/election_rank.c %D%/election_rank.h \
	%D%/frame.c %D%/frame.h \
	%D%/fsm.c %D%/fsm.h \
	%D%/identity.c %D%/identity.h \
	%D%/peers.c %D%/peers.h \
	%D%/peers_all.c \
	%D%/peers_life.c %D%/peers_life.h %D%/peers_table.h \
	%D%/peers_save.c \
	%D%/savefields.c %D%/savefields.h

if HAVE_CMOCKA
cluster_tests = \
	tests/unit/test_cluster_options \
	tests/unit/test_cluster_save \
	tests/unit/test_datagram \
	tests/unit/test_frame \
	tests/unit/test_fsm \
	tests/unit/test_peers
check_PROGRAMS += $(cluster_tests) tests/unit/test_cluster
TESTS += $(cluster_tests) tests/unit/test_cluster

tests_unit_test_cluster_SOURCES = tests/unit/test_cluster.c
tests_unit_test_cluster_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_cluster_LDADD = tests/sim/libsim.a daemon/libdaemon.a $(daemon_parts) fleet/libfleet.a rules/librules.a \
	cluster/libcluster.a engine/libengine.a base/libbase.a $(JANSSON_LIBS) $(XML_LIBS) $(PCRE2_LIBS) \
	$(CMOCKA_LIBS)
tests_unit_test_cluster_options_SOURCES = tests/unit/test_cluster_options.c
tests_unit_test_cluster_options_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_cluster_options_LDADD = cluster/libcluster.a base/libbase.a $(CMOCKA_LIBS)
tests_unit_test_cluster_save_SOURCES = tests/unit/test_cluster_save.c
tests_unit_test_cluster_save_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_cluster_save_LDADD = cluster/libcluster.a base/libbase.a $(CMOCKA_LIBS)
tests_unit_test_datagram_SOURCES = tests/unit/test_datagram.c
tests_unit_test_datagram_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_datagram_LDADD = cluster/libcluster.a base/libbase.a $(CMOCKA_LIBS)
tests_unit_test_frame_SOURCES = tests/unit/test_frame.c
tests_unit_test_frame_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_frame_LDADD = cluster/libcluster.a base/libbase.a $(CMOCKA_LIBS)
tests_unit_test_fsm_SOURCES = tests/unit/test_fsm.c
tests_unit_test_fsm_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_fsm_LDADD = cluster/libcluster.a base/libbase.a $(CMOCKA_LIBS)
tests_unit_test_peers_SOURCES = tests/unit/test_peers.c
tests_unit_test_peers_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_peers_LDADD = cluster/libcluster.a base/libbase.a $(CMOCKA_LIBS)
endif

cluster_fuzz = tests/fuzz/fuzz_cluster_state tests/fuzz/fuzz_datagram tests/fuzz/fuzz_frame
check_PROGRAMS += $(cluster_fuzz)
TESTS += $(cluster_fuzz)
tests_fuzz_fuzz_cluster_state_SOURCES = tests/fuzz/fuzz_cluster_state.c tests/fuzz/replay.c
tests_fuzz_fuzz_cluster_state_LDADD = cluster/libcluster.a base/libbase.a
tests_fuzz_fuzz_datagram_SOURCES = tests/fuzz/fuzz_datagram.c tests/fuzz/replay.c
tests_fuzz_fuzz_datagram_LDADD = cluster/libcluster.a base/libbase.a
tests_fuzz_fuzz_frame_SOURCES = tests/fuzz/fuzz_frame.c tests/fuzz/replay.c
tests_fuzz_fuzz_frame_LDADD = cluster/libcluster.a base/libbase.a
EXTRA_DIST += tests/fuzz/corpus/cluster_state tests/fuzz/corpus/datagram tests/fuzz/corpus/frame \
	tests/cases/state/cluster-1
