noinst_LIBRARIES += %D%/libconfig.a
%C%_libconfig_a_SOURCES = \
	%D%/arguments.c %D%/arguments.h \
	%D%/clusterconfig.c %D%/clusterconfig.h \
	%D%/clusteroptions.c \
	%D%/clusterreading.c %D%/clusterreading.h \
	%D%/clustervalues.c %D%/clustervalues.h \
	%D%/commandline.c %D%/commandline.h \
	%D%/config.c %D%/config.h \
	%D%/environment.c %D%/environment.h \
	%D%/expand.c %D%/expand.h \
	%D%/fcgi.c \
	%D%/groups.c \
	%D%/include.c \
	%D%/ini.c %D%/ini.h \
	%D%/instances.c %D%/instances.h \
	%D%/keyfile.c %D%/keyfile.h \
	%D%/limits.c \
	%D%/paths.c %D%/paths.h \
	%D%/programs.c \
	%D%/reader.c %D%/reader.h \
	%D%/sections.c %D%/sections.h \
	%D%/source.c %D%/source.h \
	%D%/servers.c \
	%D%/survey.c %D%/survey.h \
	%D%/unknown.c \
	%D%/values.c %D%/values.h \
	%D%/words.c %D%/words.h

if HAVE_CMOCKA
config_tests = \
	tests/unit/test_arguments \
	tests/unit/test_clusterconfig \
	tests/unit/test_clusteroptions \
	tests/unit/test_clustervalues \
	tests/unit/test_commandline \
	tests/unit/test_config \
	tests/unit/test_config_programs \
	tests/unit/test_config_servers \
	tests/unit/test_config_source \
	tests/unit/test_config_survey \
	tests/unit/test_environment_option \
	tests/unit/test_expand \
	tests/unit/test_ini \
	tests/unit/test_instances \
	tests/unit/test_keyfile \
	tests/unit/test_limits \
	tests/unit/test_paths \
	tests/unit/test_values \
	tests/unit/test_words
check_PROGRAMS += $(config_tests)
TESTS += $(config_tests)
config_test_ldadd = %D%/libconfig.a rules/librules.a engine/libengine.a base/libbase.a $(CMOCKA_LIBS)
config_test_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
config_test_case = tests/unit/config_case.c tests/unit/config_case.h

tests_unit_test_arguments_SOURCES = tests/unit/test_arguments.c $(config_test_case)
tests_unit_test_arguments_LDADD = $(config_test_ldadd)
tests_unit_test_arguments_CFLAGS = $(config_test_cflags)
tests_unit_test_clusterconfig_SOURCES = tests/unit/test_clusterconfig.c $(config_test_case)
tests_unit_test_clusterconfig_LDADD = $(config_test_ldadd)
tests_unit_test_clusterconfig_CFLAGS = $(config_test_cflags)
tests_unit_test_clusteroptions_SOURCES = tests/unit/test_clusteroptions.c $(config_test_case)
tests_unit_test_clusteroptions_LDADD = $(config_test_ldadd)
tests_unit_test_clusteroptions_CFLAGS = $(config_test_cflags)
tests_unit_test_clustervalues_SOURCES = tests/unit/test_clustervalues.c $(config_test_case)
tests_unit_test_clustervalues_LDADD = $(config_test_ldadd)
tests_unit_test_clustervalues_CFLAGS = $(config_test_cflags)
tests_unit_test_instances_SOURCES = tests/unit/test_instances.c $(config_test_case)
tests_unit_test_instances_LDADD = $(config_test_ldadd)
tests_unit_test_instances_CFLAGS = $(config_test_cflags)
tests_unit_test_commandline_SOURCES = tests/unit/test_commandline.c
tests_unit_test_commandline_LDADD = $(config_test_ldadd)
tests_unit_test_commandline_CFLAGS = $(config_test_cflags)
tests_unit_test_config_SOURCES = tests/unit/test_config.c $(config_test_case)
tests_unit_test_config_LDADD = $(config_test_ldadd)
tests_unit_test_config_CFLAGS = $(config_test_cflags)
tests_unit_test_config_programs_SOURCES = tests/unit/test_config_programs.c $(config_test_case)
tests_unit_test_config_programs_LDADD = $(config_test_ldadd)
tests_unit_test_config_programs_CFLAGS = $(config_test_cflags)
tests_unit_test_config_servers_SOURCES = tests/unit/test_config_servers.c $(config_test_case)
tests_unit_test_config_servers_LDADD = $(config_test_ldadd)
tests_unit_test_config_servers_CFLAGS = $(config_test_cflags)
tests_unit_test_config_source_SOURCES = tests/unit/test_config_source.c $(config_test_case)
tests_unit_test_config_source_LDADD = $(config_test_ldadd)
tests_unit_test_config_source_CFLAGS = $(config_test_cflags)
tests_unit_test_config_survey_SOURCES = tests/unit/test_config_survey.c $(config_test_case)
tests_unit_test_config_survey_LDADD = $(config_test_ldadd)
tests_unit_test_config_survey_CFLAGS = $(config_test_cflags)
tests_unit_test_environment_option_SOURCES = tests/unit/test_environment_option.c
tests_unit_test_environment_option_LDADD = $(config_test_ldadd)
tests_unit_test_environment_option_CFLAGS = $(config_test_cflags)
tests_unit_test_limits_SOURCES = tests/unit/test_limits.c $(config_test_case)
tests_unit_test_limits_LDADD = $(config_test_ldadd)
tests_unit_test_limits_CFLAGS = $(config_test_cflags)
tests_unit_test_expand_SOURCES = tests/unit/test_expand.c
tests_unit_test_expand_LDADD = $(config_test_ldadd)
tests_unit_test_expand_CFLAGS = $(config_test_cflags)
tests_unit_test_keyfile_SOURCES = tests/unit/test_keyfile.c
tests_unit_test_keyfile_LDADD = $(config_test_ldadd)
tests_unit_test_keyfile_CFLAGS = $(config_test_cflags)
tests_unit_test_ini_SOURCES = tests/unit/test_ini.c
tests_unit_test_ini_LDADD = $(config_test_ldadd)
tests_unit_test_ini_CFLAGS = $(config_test_cflags)
tests_unit_test_paths_SOURCES = tests/unit/test_paths.c $(config_test_case)
tests_unit_test_paths_LDADD = $(config_test_ldadd)
tests_unit_test_paths_CFLAGS = $(config_test_cflags)
tests_unit_test_values_SOURCES = tests/unit/test_values.c
tests_unit_test_values_LDADD = $(config_test_ldadd)
tests_unit_test_values_CFLAGS = $(config_test_cflags)
tests_unit_test_words_SOURCES = tests/unit/test_words.c
tests_unit_test_words_LDADD = $(config_test_ldadd)
tests_unit_test_words_CFLAGS = $(config_test_cflags)
endif

check_PROGRAMS += tests/fuzz/fuzz_config
TESTS += tests/fuzz/fuzz_config
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c tests/fuzz/replay.c
tests_fuzz_fuzz_config_LDADD = %D%/libconfig.a rules/librules.a engine/libengine.a base/libbase.a
EXTRA_DIST += \
	tests/fuzz/corpus/config/cluster \
	tests/fuzz/corpus/config/cluster_wrong \
	tests/fuzz/corpus/config/environments \
	tests/fuzz/corpus/config/errors \
	tests/fuzz/corpus/config/formats \
	tests/fuzz/corpus/config/headless \
	tests/fuzz/corpus/config/sample \
	tests/fuzz/corpus/config/spaces

check_PROGRAMS += tests/fuzz/fuzz_keyfile
TESTS += tests/fuzz/fuzz_keyfile
tests_fuzz_fuzz_keyfile_SOURCES = tests/fuzz/fuzz_keyfile.c tests/fuzz/replay.c
tests_fuzz_fuzz_keyfile_LDADD = %D%/libconfig.a rules/librules.a engine/libengine.a base/libbase.a
EXTRA_DIST += \
	tests/fuzz/corpus/keyfile/bad \
	tests/fuzz/corpus/keyfile/rotation \
	tests/fuzz/corpus/keyfile/single
