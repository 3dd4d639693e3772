noinst_LIBRARIES += %D%/libbase.a
%C%_libbase_a_SOURCES = \
	%D%/clock.h \
	%D%/decoded.c %D%/decoded.h \
	%D%/descriptors.c %D%/descriptors.h \
	%D%/err.c %D%/err.h \
	%D%/fd.c %D%/fd.h \
	%D%/figures.c %D%/figures.h \
	%D%/latency.c %D%/latency.h \
	%D%/log.c %D%/log.h \
	%D%/mem.c %D%/mem.h \
	%D%/message.h \
	%D%/monotonic.c %D%/monotonic.h \
	%D%/newfile.c %D%/newfile.h \
	%D%/saved.c %D%/saved.h \
	%D%/saver.c %D%/saver.h \
	%D%/signals.c %D%/signals.h \
	%D%/text.c %D%/text.h \
	%D%/title.c %D%/title.h \
	%D%/wallclock.c %D%/wallclock.h

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_descriptors
TESTS += tests/unit/test_descriptors
tests_unit_test_descriptors_SOURCES = tests/unit/test_descriptors.c
tests_unit_test_descriptors_LDADD = %D%/libbase.a $(CMOCKA_LIBS)
tests_unit_test_descriptors_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

check_PROGRAMS += tests/unit/test_saved
TESTS += tests/unit/test_saved
tests_unit_test_saved_SOURCES = tests/unit/test_saved.c
tests_unit_test_saved_LDADD = %D%/libbase.a $(CMOCKA_LIBS)
tests_unit_test_saved_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
endif

check_PROGRAMS += tests/fuzz/fuzz_saved
TESTS += tests/fuzz/fuzz_saved
tests_fuzz_fuzz_saved_SOURCES = tests/fuzz/fuzz_saved.c tests/fuzz/replay.c
tests_fuzz_fuzz_saved_LDADD = %D%/libbase.a
EXTRA_DIST += \
	tests/fuzz/corpus/saved/damaged \
	tests/fuzz/corpus/saved/nested \
	tests/fuzz/corpus/saved/values
