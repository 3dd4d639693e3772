noinst_LIBRARIES += %D%/libcgroup.a
%C%_libcgroup_a_CFLAGS = $(AM_CFLAGS) $(CGROUP_CFLAGS)
%C%_libcgroup_a_SOURCES = \
	%D%/attribute.c %D%/attribute.h \
	%D%/births.c \
	%D%/bounds.c %D%/bounds.h \
	%D%/controller.h \
	%D%/give.c %D%/give.h \
	%D%/handover.c %D%/handover.h \
	%D%/host.c %D%/host.h \
	%D%/hosttext.c %D%/hosttext.h \
	%D%/hostview.c %D%/hostview.h \
	%D%/leftovers.c \
	%D%/members.c %D%/members.h \
	%D%/own.c %D%/own.h \
	%D%/parse.c %D%/parse.h \
	%D%/place.c %D%/place.h \
	%D%/limit.c %D%/limit.h \
	%D%/proctree.c %D%/proctree.h \
	%D%/sample.c %D%/sample.h \
	%D%/slot.c %D%/slots.h \
	%D%/tree.c %D%/tree.h \
	%D%/unitname.c %D%/unitname.h \
	%D%/usage.c %D%/usage.h \
	%D%/v1.c %D%/v1.h

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_cgroup_names tests/unit/test_cgroup_parse tests/unit/test_cgroup \
	tests/unit/test_cgroup_tree
TESTS += tests/unit/test_cgroup_names tests/unit/test_cgroup_parse tests/unit/test_cgroup \
	tests/unit/test_cgroup_tree

tests_unit_test_cgroup_names_SOURCES = tests/unit/test_cgroup_names.c
tests_unit_test_cgroup_names_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_cgroup_names_LDADD = %D%/libcgroup.a base/libbase.a $(CMOCKA_LIBS)

tests_unit_test_cgroup_parse_SOURCES = tests/unit/test_cgroup_parse.c
tests_unit_test_cgroup_parse_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_cgroup_parse_LDADD = %D%/libcgroup.a base/libbase.a $(CMOCKA_LIBS)

tests_unit_test_cgroup_SOURCES = tests/unit/test_cgroup.c
tests_unit_test_cgroup_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_cgroup_LDADD = %D%/libcgroup.a base/libbase.a $(CGROUP_LIBS) $(CMOCKA_LIBS)

tests_unit_test_cgroup_tree_SOURCES = tests/unit/test_cgroup_tree.c
tests_unit_test_cgroup_tree_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_cgroup_tree_LDADD = %D%/libcgroup.a base/libbase.a $(CGROUP_LIBS) $(CMOCKA_LIBS)
noinst_HEADERS += tests/unit/cgrouplab.h

check_PROGRAMS += tests/unit/test_handover
TESTS += tests/unit/test_handover
tests_unit_test_handover_SOURCES = tests/unit/test_handover.c
tests_unit_test_handover_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_handover_LDADD = %D%/libcgroup.a base/libbase.a $(CGROUP_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_host
TESTS += tests/unit/test_host
tests_unit_test_host_SOURCES = tests/unit/test_host.c
tests_unit_test_host_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_host_LDADD = %D%/libcgroup.a base/libbase.a -lm $(CMOCKA_LIBS)
endif

check_PROGRAMS += tests/fuzz/fuzz_cgroup
TESTS += tests/fuzz/fuzz_cgroup
tests_fuzz_fuzz_cgroup_SOURCES = tests/fuzz/fuzz_cgroup.c tests/fuzz/replay.c
tests_fuzz_fuzz_cgroup_LDADD = %D%/libcgroup.a base/libbase.a -lm
EXTRA_DIST += \
	tests/fuzz/corpus/cgroup/controllers \
	tests/fuzz/corpus/cgroup/cpu-stat \
	tests/fuzz/corpus/cgroup/events \
	tests/fuzz/corpus/cgroup/host \
	tests/fuzz/corpus/cgroup/io-stat \
	tests/fuzz/corpus/cgroup/mountinfo-hybrid \
	tests/fuzz/corpus/cgroup/mountinfo-v2 \
	tests/fuzz/corpus/cgroup/names \
	tests/fuzz/corpus/cgroup/own-hybrid \
	tests/fuzz/corpus/cgroup/own-v2 \
	tests/fuzz/corpus/cgroup/pressure \
	tests/fuzz/corpus/cgroup/procs
