bin_PROGRAMS += reevectl

# A library of its own, so that the tests can have its parts.
noinst_LIBRARIES += %D%/libclient.a
%C%_libclient_a_SOURCES = \
	%D%/check.c %D%/check.h \
	%D%/checkshow.c %D%/checkshow.h \
	%D%/clusteradmin.c %D%/clusteradmin.h \
	%D%/clusterask.c %D%/clusterask.h \
	%D%/clustercommands.c %D%/clustercommands.h \
	%D%/clustercontrol.c %D%/clustercontrol.h \
	%D%/clusterstatus.c %D%/clusterstatus.h \
	%D%/commands.c %D%/commands.h \
	%D%/complete.c %D%/complete.h \
	%D%/connection.c %D%/connection.h \
	%D%/control.c %D%/control.h \
	%D%/doctor.c %D%/doctor.h \
	%D%/doctor_host.c %D%/doctor_host.h \
	%D%/findings.c %D%/findings.h \
	%D%/multicasttest.c %D%/multicasttest.h \
	%D%/diagnosis.c %D%/diagnosis.h \
	%D%/editor.c %D%/editor.h \
	%D%/eventline.c %D%/eventline.h \
	%D%/events.c %D%/events.h \
	%D%/failure.c %D%/failure.h \
	%D%/foreground.c %D%/foreground.h \
	%D%/groups.c %D%/groups.h \
	%D%/help.c %D%/help.h \
	%D%/history.c %D%/history.h \
	%D%/import.c %D%/import.h \
	%D%/importtext.c %D%/importtext.h \
	%D%/input.c %D%/input.h \
	%D%/json.c %D%/json.h \
	%D%/keygen.c %D%/keygen.h \
	%D%/latency.c %D%/latency.h \
	%D%/layout.c %D%/layout.h \
	%D%/logs.c %D%/logs.h \
	%D%/modifier.c %D%/modifier.h \
	%D%/names.c %D%/names.h \
	%D%/namespec.c %D%/namespec.h \
	%D%/options.c %D%/options.h \
	%D%/probe.c %D%/probe.h \
	%D%/server.c %D%/server.h \
	%D%/session.c %D%/session.h \
	%D%/shell.c %D%/shell.h \
	%D%/status.c %D%/status.h \
	%D%/stream.c %D%/stream.h \
	%D%/subscription.c %D%/subscription.h \
	%D%/table.c %D%/table.h \
	%D%/top.c %D%/top.h \
	%D%/usage.c %D%/usage.h \
	%D%/transfer.c %D%/transfer.h \
	%D%/upgrade.c %D%/upgrade.h \
	%D%/url.c %D%/url.h
%C%_libclient_a_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS) $(EDIT_CFLAGS) $(JANSSON_CFLAGS) $(GNUTLS_CFLAGS)

reevectl_SOURCES = %D%/main.c
reevectl_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS)
client_libs = \
	%D%/libclient.a rpc/librpc.a config/libconfig.a rules/librules.a engine/libengine.a netlink/libnetlink.a \
	base/libbase.a $(NL_LIBS) $(NL_ROUTE_LIBS) $(CURL_LIBS) $(EDIT_LIBS) $(JANSSON_LIBS) $(XML_LIBS) $(PCRE2_LIBS) \
	$(WSLAY_LIBS) $(GNUTLS_LIBS)
reevectl_LDADD = $(client_libs)

man_MANS += doc/reevectl.1
EXTRA_DIST += doc/reevectl.1 tests/functional/test_cluster_ctl.py tests/functional/test_reevectl.py

if HAVE_CMOCKA
client_tests = tests/unit/test_client tests/unit/test_diagnosis tests/unit/test_eventline tests/unit/test_table
check_PROGRAMS += $(client_tests)
TESTS += $(client_tests)
tests_unit_test_client_SOURCES = tests/unit/test_client.c
tests_unit_test_client_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_client_LDADD = $(client_libs) $(CMOCKA_LIBS)
tests_unit_test_diagnosis_SOURCES = tests/unit/test_diagnosis.c
tests_unit_test_diagnosis_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_diagnosis_LDADD = $(client_libs) $(CMOCKA_LIBS)
tests_unit_test_eventline_SOURCES = tests/unit/test_eventline.c
tests_unit_test_eventline_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_eventline_LDADD = $(client_libs) $(CMOCKA_LIBS)
tests_unit_test_table_SOURCES = tests/unit/test_table.c
tests_unit_test_table_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_table_LDADD = $(client_libs) $(CMOCKA_LIBS)
endif
