man_MANS += %D%/reeve.conf.5 %D%/reeved.8
EXTRA_DIST += \
	%D%/architecture.md \
	%D%/compatibility.md \
	%D%/examples/demo-rules.xml \
	%D%/examples/demo.conf \
	%D%/examples/demo.sh \
	%D%/examples/reeve.conf \
	%D%/examples/use-cases/discovery/README.md \
	%D%/examples/use-cases/discovery/reeve.conf \
	%D%/examples/use-cases/discovery/rules.xml \
	%D%/examples/use-cases/distributed/README.md \
	%D%/examples/use-cases/distributed/reeve.conf \
	%D%/examples/use-cases/distributed/rules.xml \
	%D%/examples/use-cases/per-user/README.md \
	%D%/examples/use-cases/per-user/reeve.conf \
	%D%/examples/use-cases/per-user/rules.xml \
	%D%/examples/use-cases/per-user/users/1.conf \
	%D%/examples/use-cases/per-user/users/2.conf \
	%D%/examples/use-cases/per-user/users/3.conf \
	%D%/examples/use-cases/per-user/users/4.conf \
	%D%/examples/use-cases/services-and-consoles/README.md \
	%D%/examples/use-cases/services-and-consoles/reeve.conf \
	%D%/examples/use-cases/services-and-consoles/rules.xml \
	%D%/guide.md \
	%D%/hacking.md \
	%D%/migration.md \
	%D%/performance.md \
	%D%/protocol.md \
	%D%/reeve.conf.5 \
	%D%/reeved.8 \
	%D%/reference/check.sh \
	%D%/reference/methods.md \
	%D%/reference/options.md

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

check_PROGRAMS += %D%/reference/print
TESTS += %D%/reference/check.sh
doc_reference_print_SOURCES = %D%/reference/print.c
doc_reference_print_LDADD = rpc/librpc.a fleet/libfleet.a cluster/libcluster.a config/libconfig.a rules/librules.a \
	engine/libengine.a base/libbase.a $(MHD_LIBS) $(XML_LIBS) $(PCRE2_LIBS) $(JANSSON_LIBS) $(WSLAY_LIBS) $(GNUTLS_LIBS)

# Makes the reference pages anew, in the source tree.
.PHONY: reference
reference: doc/reference/print
	doc/reference/print options > $(srcdir)/doc/reference/options.md
	doc/reference/print methods > $(srcdir)/doc/reference/methods.md
