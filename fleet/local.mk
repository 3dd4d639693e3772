noinst_LIBRARIES += %D%/libfleet.a
%C%_libfleet_a_SOURCES = \
	%D%/fleet.c %D%/fleet.h \
	%D%/fleet_effects.c %D%/fleet_effects.h \
	%D%/fleet_event.h \
	%D%/model.h \
	%D%/placement.c %D%/placement.h \
	%D%/sequencing.c %D%/sequencing.h \
	%D%/state.h \
	%D%/statistics.c %D%/statistics.h \
	%D%/views.c

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_statistics
TESTS += tests/unit/test_statistics
tests_unit_test_statistics_SOURCES = tests/unit/test_statistics.c
tests_unit_test_statistics_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_statistics_LDADD = %D%/libfleet.a base/libbase.a $(CMOCKA_LIBS)
endif
