noinst_LIBRARIES += %D%/libengine.a
%C%_libengine_a_SOURCES = \
	%D%/answer.c %D%/answer.h \
	%D%/effects.c %D%/effects.h \
	%D%/engine.h \
	%D%/event.h \
	%D%/fault.c %D%/fault.h \
	%D%/process.h \
	%D%/program.c %D%/program.h

if HAVE_CMOCKA
engine_tests = tests/unit/test_engine_data tests/unit/test_program
check_PROGRAMS += $(engine_tests)
TESTS += $(engine_tests)
engine_test_ldadd = %D%/libengine.a base/libbase.a $(CMOCKA_LIBS)
engine_test_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

tests_unit_test_engine_data_SOURCES = tests/unit/test_engine_data.c
tests_unit_test_engine_data_LDADD = $(engine_test_ldadd)
tests_unit_test_engine_data_CFLAGS = $(engine_test_cflags)
tests_unit_test_program_SOURCES = tests/unit/test_program.c
tests_unit_test_program_LDADD = $(engine_test_ldadd)
tests_unit_test_program_CFLAGS = $(engine_test_cflags)
endif
