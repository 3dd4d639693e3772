noinst_LIBRARIES += %D%/libfleet.a
%C%_libfleet_a_SOURCES = \
	%D%/fleet_queue.c %D%/fleet_queue.h \
	%D%/agenda.h \
	%D%/allowed.c %D%/allowed.h \
	%D%/applications.c %D%/applications.h \
	%D%/callers.c %D%/callers.h \
	%D%/checks.c %D%/checks.h \
	%D%/conciliation.c %D%/conciliation.h \
	%D%/debts.c %D%/debts.h \
	%D%/demands.c %D%/demands.h \
	%D%/failures.c %D%/failures.h \
	%D%/fleet.c %D%/fleet.h \
	%D%/fleet_effects.c %D%/fleet_effects.h \
	%D%/fleet_event.h \
	%D%/forecast.c %D%/forecast.h \
	%D%/instances.c %D%/instances.h \
	%D%/jobs.c %D%/jobs.h \
	%D%/loads.c %D%/loads.h \
	%D%/losses.c %D%/losses.h \
	%D%/model.h \
	%D%/placement.c %D%/placement.h \
	%D%/placing.c %D%/placing.h \
	%D%/plan.c %D%/plan.h \
	%D%/processes.c %D%/processes.h \
	%D%/records.c %D%/records.h \
	%D%/restore.c %D%/restore.h \
	%D%/restore_sequencing.c \
	%D%/save.c %D%/save.h \
	%D%/save_sequencing.c \
	%D%/sequencing.c %D%/sequencing.h \
	%D%/signs.c \
	%D%/starter.c %D%/starter.h \
	%D%/state.c %D%/state.h \
	%D%/statistics.c %D%/statistics.h \
	%D%/stopper.c %D%/stopper.h \
	%D%/views.c

if HAVE_CMOCKA
fleet_model_tests = \
	tests/unit/test_fleet_applications \
	tests/unit/test_fleet_placement \
	tests/unit/test_fleet_random \
	tests/unit/test_fleet_records \
	tests/unit/test_fleet_rules \
	tests/unit/test_fleet_signs \
	tests/unit/test_fleet_views
check_PROGRAMS += $(fleet_model_tests)
TESTS += $(fleet_model_tests)
# Rules are stated by the test: the world brings its own of everything that reads files.
fleet_test_world = tests/unit/fleet_world.c tests/unit/fleet_world.h tests/unit/fake_rules.c tests/unit/fake_rules.h
fleet_test_ldadd = %D%/libfleet.a rules/librules.a cluster/libcluster.a engine/libengine.a base/libbase.a $(XML_LIBS) $(PCRE2_LIBS) $(CMOCKA_LIBS)
fleet_test_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

tests_unit_test_fleet_applications_SOURCES = tests/unit/test_fleet_applications.c $(fleet_test_world)
tests_unit_test_fleet_applications_LDADD = $(fleet_test_ldadd)
tests_unit_test_fleet_applications_CFLAGS = $(fleet_test_cflags)
tests_unit_test_fleet_placement_SOURCES = tests/unit/test_fleet_placement.c $(fleet_test_world)
tests_unit_test_fleet_placement_LDADD = $(fleet_test_ldadd)
tests_unit_test_fleet_placement_CFLAGS = $(fleet_test_cflags)
tests_unit_test_fleet_random_SOURCES = tests/unit/test_fleet_random.c $(fleet_test_world)
tests_unit_test_fleet_random_LDADD = $(fleet_test_ldadd)
tests_unit_test_fleet_random_CFLAGS = $(fleet_test_cflags)
tests_unit_test_fleet_records_SOURCES = tests/unit/test_fleet_records.c $(fleet_test_world)
tests_unit_test_fleet_records_LDADD = $(fleet_test_ldadd)
tests_unit_test_fleet_records_CFLAGS = $(fleet_test_cflags)
# This one reads them.
tests_unit_test_fleet_rules_SOURCES = tests/unit/test_fleet_rules.c
tests_unit_test_fleet_rules_LDADD = $(fleet_test_ldadd) $(XML_LIBS) $(PCRE2_LIBS)
tests_unit_test_fleet_rules_CFLAGS = $(fleet_test_cflags)
tests_unit_test_fleet_signs_SOURCES = tests/unit/test_fleet_signs.c $(fleet_test_world)
tests_unit_test_fleet_signs_LDADD = $(fleet_test_ldadd)
tests_unit_test_fleet_signs_CFLAGS = $(fleet_test_cflags)
tests_unit_test_fleet_views_SOURCES = tests/unit/test_fleet_views.c $(fleet_test_world)
tests_unit_test_fleet_views_LDADD = $(fleet_test_ldadd)
tests_unit_test_fleet_views_CFLAGS = $(fleet_test_cflags)

check_PROGRAMS += tests/unit/test_statistics
TESTS += tests/unit/test_statistics
tests_unit_test_statistics_SOURCES = tests/unit/test_statistics.c
tests_unit_test_statistics_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_statistics_LDADD = %D%/libfleet.a base/libbase.a $(CMOCKA_LIBS)
fleet_sequencing_tests = \
	tests/unit/test_fleet_demands \
	tests/unit/test_fleet_failures \
	tests/unit/test_fleet_sequencing \
	tests/unit/test_fleet_starter \
	tests/unit/test_fleet_state \
	tests/unit/test_fleet_stopper
check_PROGRAMS += $(fleet_sequencing_tests)
TESTS += $(fleet_sequencing_tests)
fleet_test_lead = tests/unit/fleet_lead.c tests/unit/fleet_lead.h $(fleet_test_world)
fleet_test_state = tests/unit/fleet_state.c tests/unit/fleet_state.h tests/unit/fleet_dump.c $(fleet_test_lead)

tests_unit_test_fleet_demands_SOURCES = tests/unit/test_fleet_demands.c $(fleet_test_lead)
tests_unit_test_fleet_demands_LDADD = $(fleet_test_ldadd)
tests_unit_test_fleet_demands_CFLAGS = $(fleet_test_cflags)
tests_unit_test_fleet_failures_SOURCES = tests/unit/test_fleet_failures.c $(fleet_test_lead)
tests_unit_test_fleet_failures_LDADD = $(fleet_test_ldadd)
tests_unit_test_fleet_failures_CFLAGS = $(fleet_test_cflags)
tests_unit_test_fleet_sequencing_SOURCES = tests/unit/test_fleet_sequencing.c $(fleet_test_lead)
tests_unit_test_fleet_sequencing_LDADD = $(fleet_test_ldadd)
tests_unit_test_fleet_sequencing_CFLAGS = $(fleet_test_cflags)
tests_unit_test_fleet_starter_SOURCES = tests/unit/test_fleet_starter.c $(fleet_test_lead)
tests_unit_test_fleet_starter_LDADD = $(fleet_test_ldadd)
tests_unit_test_fleet_starter_CFLAGS = $(fleet_test_cflags)
tests_unit_test_fleet_state_SOURCES = tests/unit/test_fleet_state.c $(fleet_test_state)
tests_unit_test_fleet_state_LDADD = $(fleet_test_ldadd)
tests_unit_test_fleet_state_CFLAGS = $(fleet_test_cflags)
tests_unit_test_fleet_stopper_SOURCES = tests/unit/test_fleet_stopper.c $(fleet_test_lead)
tests_unit_test_fleet_stopper_LDADD = $(fleet_test_ldadd)
tests_unit_test_fleet_stopper_CFLAGS = $(fleet_test_cflags)
endif

check_PROGRAMS += tests/fuzz/fuzz_fleet_state
TESTS += tests/fuzz/fuzz_fleet_state
tests_fuzz_fuzz_fleet_state_SOURCES = tests/fuzz/fuzz_fleet_state.c tests/fuzz/replay.c
tests_fuzz_fuzz_fleet_state_LDADD = %D%/libfleet.a rules/librules.a cluster/libcluster.a engine/libengine.a base/libbase.a $(XML_LIBS) $(PCRE2_LIBS)
EXTRA_DIST += \
	tests/fuzz/corpus/fleet_state/command-of-nothing \
	tests/fuzz/corpus/fleet_state/cut-off \
	tests/fuzz/corpus/fleet_state/empty-fleet \
	tests/fuzz/corpus/fleet_state/few \
	tests/fuzz/corpus/fleet_state/first \
	tests/fuzz/corpus/fleet_state/instance-4096 \
	tests/fuzz/corpus/fleet_state/instance-huge \
	tests/fuzz/corpus/fleet_state/job-twice \
	tests/fuzz/corpus/fleet_state/later \
	tests/fuzz/corpus/fleet_state/never \
	tests/fuzz/corpus/fleet_state/no-fleet \
	tests/fuzz/corpus/fleet_state/no-instance \
	tests/fuzz/corpus/fleet_state/no-names \
	tests/fuzz/corpus/fleet_state/ordered-nowhere \
	tests/fuzz/corpus/fleet_state/overdue \
	tests/fuzz/corpus/fleet_state/process-without-record \
	tests/fuzz/corpus/fleet_state/state-unknown \
	tests/fuzz/corpus/fleet_state/statistics \
	tests/fuzz/corpus/fleet_state/stop-kept \
	tests/fuzz/corpus/fleet_state/twice-process
