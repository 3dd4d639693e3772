noinst_LIBRARIES += %D%/librpc.a
%C%_librpc_a_SOURCES = \
	%D%/asking.c %D%/asking.h \
	%D%/base64.c %D%/base64.h \
	%D%/call.c %D%/call.h \
	%D%/handlers.h \
	%D%/handlers_supvisors.h \
	%D%/auth.c %D%/auth.h \
	%D%/follow.c %D%/follow.h \
	%D%/health.h \
	%D%/http.c %D%/http.h \
	%D%/json.c %D%/json.h \
	%D%/limits.h \
	%D%/listing.c %D%/listing.h \
	%D%/logplace.c %D%/logplace.h \
	%D%/logread.c %D%/logread.h \
	%D%/method.c %D%/method.h \
	%D%/methods.c \
	%D%/methods_config.c \
	%D%/machine.h \
	%D%/methods_control.c \
	%D%/methods_host.c \
	%D%/methods_logs.c \
	%D%/methods_reeve.c \
	%D%/methods_status.c \
	%D%/methods_supvisors.c \
	%D%/methods_system.c \
	%D%/methods_usage.c %D%/methods_usage.h \
	%D%/exchange.c \
	%D%/naming.c %D%/naming.h \
	%D%/page.h \
	%D%/page_action.c %D%/page_action.h \
	%D%/page_assets.c %D%/page_assets.h \
	%D%/page_form.c %D%/page_form.h \
	%D%/page_html.c %D%/page_html.h \
	%D%/page_origin.c %D%/page_origin.h \
	%D%/page_serve.c \
	%D%/page_status.c \
	%D%/page_tail.c \
	%D%/publication.c %D%/publication.h \
	%D%/publication_body.c \
	%D%/respond.c %D%/respond.h \
	%D%/server.c %D%/server.h \
	%D%/supvisors_commands.c \
	%D%/supvisors_local.c \
	%D%/supvisors_processes.c \
	%D%/supvisors_status.c \
	%D%/target.c %D%/target.h \
	%D%/turns.c %D%/turns.h \
	%D%/value.c %D%/value.h \
	%D%/websocket.c %D%/websocket.h \
	%D%/wire.h \
	%D%/xml.c %D%/xml.h \
	%D%/xml_encode.c
%C%_librpc_a_CFLAGS = $(AM_CFLAGS) $(XML_CFLAGS) $(MICROHTTPD_CFLAGS) $(GNUTLS_CFLAGS) $(JANSSON_CFLAGS)

# The assets as bytes that C can include.
rpc_assets = %D%/assets/supervisor.css.inc %D%/assets/icon.svg.inc %D%/assets/icon.png.inc
rpc_to_c = sed 's/ \(..\)/0x\1,/g'
EXTRA_DIST += %D%/assets/supervisor.css %D%/assets/icon.svg %D%/assets/icon.png
CLEANFILES += $(rpc_assets)
%D%/librpc_a-page_assets.$(OBJEXT): $(rpc_assets)
%D%/assets/supervisor.css.inc: $(srcdir)/%D%/assets/supervisor.css
	$(AM_V_GEN)$(MKDIR_P) %D%/assets && od -An -v -tx1 $(srcdir)/%D%/assets/supervisor.css | $(rpc_to_c) >$@
%D%/assets/icon.svg.inc: $(srcdir)/%D%/assets/icon.svg
	$(AM_V_GEN)$(MKDIR_P) %D%/assets && od -An -v -tx1 $(srcdir)/%D%/assets/icon.svg | $(rpc_to_c) >$@
%D%/assets/icon.png.inc: $(srcdir)/%D%/assets/icon.png
	$(AM_V_GEN)$(MKDIR_P) %D%/assets && od -An -v -tx1 $(srcdir)/%D%/assets/icon.png | $(rpc_to_c) >$@

rpc_codec_libs = %D%/librpc.a base/libbase.a $(XML_LIBS)
rpc_libs = %D%/librpc.a fleet/libfleet.a rules/librules.a cluster/libcluster.a engine/libengine.a \
	base/libbase.a $(XML_LIBS) $(PCRE2_LIBS) $(MICROHTTPD_LIBS) $(GNUTLS_LIBS) $(JANSSON_LIBS) $(WSLAY_LIBS)
rpc_test_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
# An engine and a daemon that do as the tests tell them.
rpc_fakes = \
	tests/unit/fake_engine.c tests/unit/fake_engine.h \
	tests/unit/fake_host.c tests/unit/fake_host.h
rpc_call_world = $(rpc_fakes) tests/unit/call_world.c tests/unit/call_world.h
# And a cluster and a fleet of three.
rpc_supvisors_world = $(rpc_call_world) \
	tests/unit/fake_cluster.c tests/unit/fake_cluster.h \
	tests/unit/supvisors_world.c tests/unit/supvisors_world.h
rpc_http_world = $(rpc_fakes) tests/unit/http_world.c tests/unit/http_world.h

if HAVE_CMOCKA
rpc_tests = \
	tests/unit/test_auth \
	tests/unit/test_call \
	tests/unit/test_http \
	tests/unit/test_http_pages \
	tests/unit/test_http_streams \
	tests/unit/test_logplace \
	tests/unit/test_logread \
	tests/unit/test_methods \
	tests/unit/test_page \
	tests/unit/test_publication \
	tests/unit/test_supvisors_commands \
	tests/unit/test_supvisors_processes \
	tests/unit/test_supvisors_status \
	tests/unit/test_value \
	tests/unit/test_websocket \
	tests/unit/test_xml
check_PROGRAMS += $(rpc_tests)
TESTS += $(rpc_tests)
tests_unit_test_auth_SOURCES = tests/unit/test_auth.c
tests_unit_test_auth_CFLAGS = $(rpc_test_cflags)
tests_unit_test_auth_LDADD = $(rpc_libs) $(CMOCKA_LIBS)
tests_unit_test_call_SOURCES = tests/unit/test_call.c $(rpc_call_world)
tests_unit_test_call_CFLAGS = $(rpc_test_cflags)
tests_unit_test_call_LDADD = $(rpc_libs) $(CMOCKA_LIBS)
tests_unit_test_http_SOURCES = tests/unit/test_http.c $(rpc_http_world)
tests_unit_test_http_CFLAGS = $(rpc_test_cflags)
tests_unit_test_http_LDADD = $(rpc_libs) $(CMOCKA_LIBS)
tests_unit_test_http_pages_SOURCES = tests/unit/test_http_pages.c $(rpc_http_world)
tests_unit_test_http_pages_CFLAGS = $(rpc_test_cflags)
tests_unit_test_http_pages_LDADD = $(rpc_libs) $(CMOCKA_LIBS)
tests_unit_test_logplace_SOURCES = tests/unit/test_logplace.c tests/unit/scratch.h
tests_unit_test_logplace_CFLAGS = $(rpc_test_cflags)
tests_unit_test_logplace_LDADD = $(rpc_libs) $(CMOCKA_LIBS)
tests_unit_test_http_streams_SOURCES = tests/unit/test_http_streams.c $(rpc_http_world)
tests_unit_test_http_streams_CFLAGS = $(rpc_test_cflags)
tests_unit_test_http_streams_LDADD = $(rpc_libs) $(CMOCKA_LIBS)
tests_unit_test_logread_SOURCES = tests/unit/test_logread.c
tests_unit_test_logread_CFLAGS = $(rpc_test_cflags)
tests_unit_test_logread_LDADD = $(rpc_codec_libs) $(CMOCKA_LIBS)
tests_unit_test_methods_SOURCES = tests/unit/test_methods.c $(rpc_call_world)
tests_unit_test_methods_CFLAGS = $(rpc_test_cflags)
tests_unit_test_methods_LDADD = $(rpc_libs) $(CMOCKA_LIBS)
tests_unit_test_page_SOURCES = tests/unit/test_page.c $(rpc_fakes)
tests_unit_test_page_CFLAGS = $(rpc_test_cflags)
tests_unit_test_page_LDADD = $(rpc_libs) $(CMOCKA_LIBS)
tests_unit_test_publication_SOURCES = tests/unit/test_publication.c $(rpc_supvisors_world)
tests_unit_test_publication_CFLAGS = $(rpc_test_cflags) $(JANSSON_CFLAGS)
tests_unit_test_publication_LDADD = $(rpc_libs) $(CMOCKA_LIBS)
tests_unit_test_supvisors_commands_SOURCES = tests/unit/test_supvisors_commands.c \
	$(rpc_supvisors_world)
tests_unit_test_supvisors_commands_CFLAGS = $(rpc_test_cflags)
tests_unit_test_supvisors_commands_LDADD = $(rpc_libs) $(CMOCKA_LIBS)
tests_unit_test_supvisors_processes_SOURCES = tests/unit/test_supvisors_processes.c \
	$(rpc_supvisors_world)
tests_unit_test_supvisors_processes_CFLAGS = $(rpc_test_cflags)
tests_unit_test_supvisors_processes_LDADD = $(rpc_libs) $(CMOCKA_LIBS)
tests_unit_test_supvisors_status_SOURCES = tests/unit/test_supvisors_status.c $(rpc_supvisors_world)
tests_unit_test_supvisors_status_CFLAGS = $(rpc_test_cflags)
tests_unit_test_supvisors_status_LDADD = $(rpc_libs) $(CMOCKA_LIBS)
tests_unit_test_value_SOURCES = tests/unit/test_value.c
tests_unit_test_value_CFLAGS = $(rpc_test_cflags)
tests_unit_test_value_LDADD = $(rpc_codec_libs) $(CMOCKA_LIBS)
tests_unit_test_websocket_SOURCES = tests/unit/test_websocket.c
tests_unit_test_websocket_CFLAGS = $(rpc_test_cflags)
tests_unit_test_websocket_LDADD = $(rpc_libs) $(CMOCKA_LIBS)
tests_unit_test_xml_SOURCES = tests/unit/test_xml.c
tests_unit_test_xml_CFLAGS = $(rpc_test_cflags)
tests_unit_test_xml_LDADD = $(rpc_codec_libs) $(CMOCKA_LIBS)
endif

rpc_fuzz = tests/fuzz/fuzz_http_url tests/fuzz/fuzz_page_form tests/fuzz/fuzz_xmlrpc
check_PROGRAMS += $(rpc_fuzz)
TESTS += $(rpc_fuzz)
tests_fuzz_fuzz_http_url_SOURCES = tests/fuzz/fuzz_http_url.c tests/fuzz/replay.c
tests_fuzz_fuzz_http_url_LDADD = $(rpc_libs)
tests_fuzz_fuzz_page_form_SOURCES = tests/fuzz/fuzz_page_form.c tests/fuzz/replay.c
tests_fuzz_fuzz_page_form_LDADD = $(rpc_codec_libs)
tests_fuzz_fuzz_xmlrpc_SOURCES = tests/fuzz/fuzz_xmlrpc.c tests/fuzz/replay.c
tests_fuzz_fuzz_xmlrpc_LDADD = $(rpc_codec_libs)
EXTRA_DIST += tests/fuzz/corpus/http_url tests/fuzz/corpus/page_form tests/fuzz/corpus/xmlrpc
