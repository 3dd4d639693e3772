man_MANS += %D%/reeve.conf.5 %D%/reeved.8
EXTRA_DIST += \
	%D%/architecture.md \
	%D%/compatibility.md \
	%D%/examples/demo-rules.xml \
	%D%/examples/demo.conf \
	%D%/examples/demo.sh \
	%D%/examples/reeve.conf \
	%D%/protocol.md \
	%D%/reeve.conf.5 \
	%D%/reeved.8

if HAVE_CMOCKA
doc_tests = \
	tests/unit/test_manpages \
	tests/unit/test_sample
check_PROGRAMS += $(doc_tests)
TESTS += $(doc_tests)
tests_unit_test_manpages_SOURCES = tests/unit/test_manpages.c
tests_unit_test_manpages_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_manpages_LDADD = $(client_libs) $(CMOCKA_LIBS)
tests_unit_test_sample_SOURCES = tests/unit/test_sample.c $(config_test_case)
tests_unit_test_sample_CFLAGS = $(config_test_cflags)
tests_unit_test_sample_LDADD = $(config_test_ldadd)
endif
