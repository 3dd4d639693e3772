noinst_LIBRARIES += %D%/libnetlink.a
%C%_libnetlink_a_CFLAGS = $(AM_CFLAGS) $(NL_CFLAGS) $(NL_ROUTE_CFLAGS)
%C%_libnetlink_a_SOURCES = \
	%D%/decode.c %D%/decode.h \
	%D%/lineage.c \
	%D%/netcount.c %D%/netcount.h \
	%D%/netif.c %D%/netif.h \
	%D%/procs.c %D%/procs.h \
	%D%/rescan.c \
	%D%/selfnames.c %D%/selfnames.h

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_netif tests/unit/test_procs_decode tests/unit/test_lineage tests/unit/test_procs
TESTS += tests/unit/test_netif tests/unit/test_procs_decode tests/unit/test_lineage tests/unit/test_procs

check_PROGRAMS += tests/unit/test_selfnames
TESTS += tests/unit/test_selfnames
tests_unit_test_selfnames_SOURCES = tests/unit/test_selfnames.c
tests_unit_test_selfnames_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_selfnames_LDADD = %D%/libnetlink.a base/libbase.a $(NL_ROUTE_LIBS) $(CMOCKA_LIBS)

tests_unit_test_netif_SOURCES = tests/unit/test_netif.c
tests_unit_test_netif_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_netif_LDADD = %D%/libnetlink.a base/libbase.a $(NL_ROUTE_LIBS) $(CMOCKA_LIBS)

tests_unit_test_procs_decode_SOURCES = tests/unit/test_procs_decode.c
tests_unit_test_procs_decode_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_procs_decode_LDADD = %D%/libnetlink.a base/libbase.a $(CMOCKA_LIBS)

tests_unit_test_lineage_SOURCES = tests/unit/test_lineage.c
tests_unit_test_lineage_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_lineage_LDADD = %D%/libnetlink.a base/libbase.a $(CMOCKA_LIBS)

tests_unit_test_procs_SOURCES = tests/unit/test_procs.c
tests_unit_test_procs_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_procs_LDADD = %D%/libnetlink.a base/libbase.a $(NL_LIBS) $(CMOCKA_LIBS)
endif

check_PROGRAMS += tests/fuzz/fuzz_procs
TESTS += tests/fuzz/fuzz_procs
tests_fuzz_fuzz_procs_SOURCES = tests/fuzz/fuzz_procs.c tests/fuzz/replay.c
tests_fuzz_fuzz_procs_LDADD = %D%/libnetlink.a base/libbase.a
EXTRA_DIST += \
	tests/fuzz/corpus/procs/ack \
	tests/fuzz/corpus/procs/comm \
	tests/fuzz/corpus/procs/exec \
	tests/fuzz/corpus/procs/exit \
	tests/fuzz/corpus/procs/exit-short \
	tests/fuzz/corpus/procs/fork \
	tests/fuzz/corpus/procs/thread
