noinst_LIBRARIES += %D%/libengine.a
%C%_libengine_a_SOURCES = \
	%D%/eventtext.c %D%/eventtext.h \
	%D%/abilities.c %D%/abilities.h \
	%D%/adoption.c %D%/adoption.h \
	%D%/announce.c %D%/announce.h \
	%D%/answer.c %D%/answer.h \
	%D%/deadlines.c %D%/deadlines.h \
	%D%/effects.c %D%/effects.h \
	%D%/engine.c %D%/engine.h \
	%D%/engine_state.c %D%/engine_state.h \
	%D%/event.h \
	%D%/exits.c %D%/exits.h \
	%D%/fault.c %D%/fault.h \
	%D%/fields.c %D%/fields.h \
	%D%/groups.c %D%/groups.h \
	%D%/lifecycle.c %D%/lifecycle.h \
	%D%/limits.c %D%/limits.h \
	%D%/listener.c %D%/listener.h \
	%D%/notice.c %D%/notice.h \
	%D%/numbering.c %D%/numbering.h \
	%D%/numprocs.c %D%/numprocs.h \
	%D%/operations.c %D%/operations.h \
	%D%/pool.h \
	%D%/pools.c %D%/pools.h \
	%D%/pools_state.c %D%/pools_state.h \
	%D%/process.c %D%/process.h \
	%D%/process_state.c %D%/process_state.h \
	%D%/program.c %D%/program.h \
	%D%/program_state.c %D%/program_state.h \
	%D%/reload.c %D%/reload.h \
	%D%/request.c %D%/request.h \
	%D%/requests.c %D%/requests.h \
	%D%/restore.c \
	%D%/save.c \
	%D%/shutdown.c %D%/shutdown.h \
	%D%/state.h \
	%D%/stopping.c %D%/stopping.h \
	%D%/ticks.c %D%/ticks.h \
	%D%/topic.c %D%/topic.h \
	%D%/work.c %D%/work.h \
	%D%/work_state.c %D%/work_state.h

if HAVE_CMOCKA
engine_tests = \
	tests/unit/test_engine_abilities \
	tests/unit/test_engine_adoption \
	tests/unit/test_engine_args \
	tests/unit/test_engine_data \
	tests/unit/test_engine_deadlines \
	tests/unit/test_engine_exits \
	tests/unit/test_engine_groups \
	tests/unit/test_engine_lifecycle \
	tests/unit/test_engine_numprocs \
	tests/unit/test_engine_pools \
	tests/unit/test_engine_random \
	tests/unit/test_engine_requests \
	tests/unit/test_engine_shutdown \
	tests/unit/test_engine_state \
	tests/unit/test_engine_stop \
	tests/unit/test_listener \
	tests/unit/test_process \
	tests/unit/test_program
check_PROGRAMS += $(engine_tests)
TESTS += $(engine_tests)
engine_test_ldadd = %D%/libengine.a base/libbase.a $(CMOCKA_LIBS)
engine_test_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
engine_test_host = tests/unit/engine_host.c tests/unit/engine_host.h \
	tests/unit/engine_twin.c tests/unit/engine_twin.h

tests_unit_test_engine_abilities_SOURCES = tests/unit/test_engine_abilities.c $(engine_test_host)
tests_unit_test_engine_abilities_LDADD = $(engine_test_ldadd)
tests_unit_test_engine_abilities_CFLAGS = $(engine_test_cflags)
tests_unit_test_engine_adoption_SOURCES = tests/unit/test_engine_adoption.c $(engine_test_host)
tests_unit_test_engine_adoption_LDADD = $(engine_test_ldadd)
tests_unit_test_engine_adoption_CFLAGS = $(engine_test_cflags)
tests_unit_test_engine_args_SOURCES = tests/unit/test_engine_args.c $(engine_test_host)
tests_unit_test_engine_args_LDADD = $(engine_test_ldadd)
tests_unit_test_engine_args_CFLAGS = $(engine_test_cflags)
tests_unit_test_engine_data_SOURCES = tests/unit/test_engine_data.c
tests_unit_test_engine_data_LDADD = $(engine_test_ldadd)
tests_unit_test_engine_data_CFLAGS = $(engine_test_cflags)
tests_unit_test_engine_deadlines_SOURCES = tests/unit/test_engine_deadlines.c
tests_unit_test_engine_deadlines_LDADD = $(engine_test_ldadd)
tests_unit_test_engine_deadlines_CFLAGS = $(engine_test_cflags)
tests_unit_test_engine_groups_SOURCES = tests/unit/test_engine_groups.c $(engine_test_host)
tests_unit_test_engine_groups_LDADD = $(engine_test_ldadd)
tests_unit_test_engine_groups_CFLAGS = $(engine_test_cflags)
tests_unit_test_engine_lifecycle_SOURCES = tests/unit/test_engine_lifecycle.c $(engine_test_host)
tests_unit_test_engine_lifecycle_LDADD = $(engine_test_ldadd)
tests_unit_test_engine_lifecycle_CFLAGS = $(engine_test_cflags)
tests_unit_test_engine_numprocs_SOURCES = tests/unit/test_engine_numprocs.c $(engine_test_host)
tests_unit_test_engine_numprocs_LDADD = $(engine_test_ldadd)
tests_unit_test_engine_numprocs_CFLAGS = $(engine_test_cflags)
tests_unit_test_engine_pools_SOURCES = tests/unit/test_engine_pools.c $(engine_test_host)
tests_unit_test_engine_pools_LDADD = $(engine_test_ldadd)
tests_unit_test_engine_pools_CFLAGS = $(engine_test_cflags)
tests_unit_test_engine_random_SOURCES = tests/unit/test_engine_random.c \
	tests/unit/engine_twin.c tests/unit/engine_twin.h \
	tests/unit/random_config.c tests/unit/random_config.h
tests_unit_test_engine_random_LDADD = $(engine_test_ldadd)
tests_unit_test_engine_random_CFLAGS = $(engine_test_cflags)
tests_unit_test_engine_requests_SOURCES = tests/unit/test_engine_requests.c $(engine_test_host)
tests_unit_test_engine_requests_LDADD = $(engine_test_ldadd)
tests_unit_test_engine_requests_CFLAGS = $(engine_test_cflags)
tests_unit_test_engine_shutdown_SOURCES = tests/unit/test_engine_shutdown.c $(engine_test_host)
tests_unit_test_engine_shutdown_LDADD = $(engine_test_ldadd)
tests_unit_test_engine_shutdown_CFLAGS = $(engine_test_cflags)
tests_unit_test_engine_state_SOURCES = tests/unit/test_engine_state.c $(engine_test_host) \
	tests/unit/random_config.c tests/unit/random_config.h
tests_unit_test_engine_state_LDADD = $(engine_test_ldadd)
tests_unit_test_engine_state_CFLAGS = $(engine_test_cflags)
tests_unit_test_engine_stop_SOURCES = tests/unit/test_engine_stop.c $(engine_test_host)
tests_unit_test_engine_stop_LDADD = $(engine_test_ldadd)
tests_unit_test_engine_stop_CFLAGS = $(engine_test_cflags)
tests_unit_test_listener_SOURCES = tests/unit/test_listener.c
tests_unit_test_listener_LDADD = $(engine_test_ldadd)
tests_unit_test_listener_CFLAGS = $(engine_test_cflags)
tests_unit_test_process_SOURCES = tests/unit/test_process.c
tests_unit_test_process_LDADD = $(engine_test_ldadd)
tests_unit_test_process_CFLAGS = $(engine_test_cflags)
tests_unit_test_engine_exits_SOURCES = tests/unit/test_engine_exits.c $(engine_test_host)
tests_unit_test_engine_exits_LDADD = $(engine_test_ldadd)
tests_unit_test_engine_exits_CFLAGS = $(engine_test_cflags)
tests_unit_test_program_SOURCES = tests/unit/test_program.c
tests_unit_test_program_LDADD = $(engine_test_ldadd)
tests_unit_test_program_CFLAGS = $(engine_test_cflags)
endif

check_PROGRAMS += tests/fuzz/fuzz_engine_state
TESTS += tests/fuzz/fuzz_engine_state
tests_fuzz_fuzz_engine_state_SOURCES = tests/fuzz/fuzz_engine_state.c tests/fuzz/replay.c
tests_fuzz_fuzz_engine_state_LDADD = %D%/libengine.a base/libbase.a
EXTRA_DIST += \
	tests/cases/state/fewer-fields \
	tests/cases/state/later-version \
	tests/cases/state/more-fields \
	tests/cases/state/version-1 \
	tests/fuzz/corpus/engine_state/busy \
	tests/fuzz/corpus/engine_state/fewer-fields \
	tests/fuzz/corpus/engine_state/more-fields

check_PROGRAMS += tests/fuzz/fuzz_listener
TESTS += tests/fuzz/fuzz_listener
tests_fuzz_fuzz_listener_SOURCES = tests/fuzz/fuzz_listener.c tests/fuzz/replay.c
tests_fuzz_fuzz_listener_LDADD = %D%/libengine.a base/libbase.a
EXTRA_DIST += \
	tests/fuzz/corpus/listener/bad_line \
	tests/fuzz/corpus/listener/bytes \
	tests/fuzz/corpus/listener/empty_result \
	tests/fuzz/corpus/listener/good \
	tests/fuzz/corpus/listener/huge \
	tests/fuzz/corpus/listener/long_line \
	tests/fuzz/corpus/listener/negative \
	tests/fuzz/corpus/listener/no_ready \
	tests/fuzz/corpus/listener/spaces
