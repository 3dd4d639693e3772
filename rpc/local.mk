noinst_LIBRARIES += %D%/librpc.a
%C%_librpc_a_SOURCES = \
	%D%/asking.c %D%/asking.h \
	%D%/base64.c %D%/base64.h \
	%D%/call.c %D%/call.h \
	%D%/handlers.h \
	%D%/auth.c %D%/auth.h \
	%D%/follow.c %D%/follow.h \
	%D%/http.c %D%/http.h \
	%D%/limits.h \
	%D%/listing.c %D%/listing.h \
	%D%/logread.c %D%/logread.h \
	%D%/method.c %D%/method.h \
	%D%/methods.c \
	%D%/methods_config.c \
	%D%/methods_control.c \
	%D%/methods_logs.c \
	%D%/methods_status.c \
	%D%/methods_system.c \
	%D%/exchange.c \
	%D%/respond.c \
	%D%/server.c %D%/server.h \
	%D%/target.c %D%/target.h \
	%D%/value.c %D%/value.h \
	%D%/xml.c %D%/xml.h \
	%D%/xml_encode.c
%C%_librpc_a_CFLAGS = $(AM_CFLAGS) $(XML_CFLAGS) $(MICROHTTPD_CFLAGS) $(GNUTLS_CFLAGS)

rpc_codec_libs = %D%/librpc.a base/libbase.a $(XML_LIBS)
rpc_libs = %D%/librpc.a engine/libengine.a base/libbase.a $(XML_LIBS) $(MICROHTTPD_LIBS) \
	$(GNUTLS_LIBS)
rpc_test_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
# An engine and a daemon that do as the tests tell them.
rpc_fakes = \
	tests/unit/fake_engine.c tests/unit/fake_engine.h \
	tests/unit/fake_host.c tests/unit/fake_host.h
rpc_call_world = $(rpc_fakes) tests/unit/call_world.c tests/unit/call_world.h
rpc_http_world = $(rpc_fakes) tests/unit/http_world.c tests/unit/http_world.h

if HAVE_CMOCKA
rpc_tests = \
	tests/unit/test_auth \
	tests/unit/test_call \
	tests/unit/test_http \
	tests/unit/test_http_streams \
	tests/unit/test_logread \
	tests/unit/test_methods \
	tests/unit/test_value \
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
tests_unit_test_http_streams_SOURCES = tests/unit/test_http_streams.c $(rpc_http_world)
tests_unit_test_http_streams_CFLAGS = $(rpc_test_cflags)
tests_unit_test_http_streams_LDADD = $(rpc_libs) $(CMOCKA_LIBS)
tests_unit_test_logread_SOURCES = tests/unit/test_logread.c
tests_unit_test_logread_CFLAGS = $(rpc_test_cflags)
tests_unit_test_logread_LDADD = $(rpc_codec_libs) $(CMOCKA_LIBS)
tests_unit_test_methods_SOURCES = tests/unit/test_methods.c $(rpc_call_world)
tests_unit_test_methods_CFLAGS = $(rpc_test_cflags)
tests_unit_test_methods_LDADD = $(rpc_libs) $(CMOCKA_LIBS)
tests_unit_test_value_SOURCES = tests/unit/test_value.c
tests_unit_test_value_CFLAGS = $(rpc_test_cflags)
tests_unit_test_value_LDADD = $(rpc_codec_libs) $(CMOCKA_LIBS)
tests_unit_test_xml_SOURCES = tests/unit/test_xml.c
tests_unit_test_xml_CFLAGS = $(rpc_test_cflags)
tests_unit_test_xml_LDADD = $(rpc_codec_libs) $(CMOCKA_LIBS)
endif

rpc_fuzz = tests/fuzz/fuzz_http_url tests/fuzz/fuzz_xmlrpc
check_PROGRAMS += $(rpc_fuzz)
TESTS += $(rpc_fuzz)
tests_fuzz_fuzz_http_url_SOURCES = tests/fuzz/fuzz_http_url.c tests/fuzz/replay.c
tests_fuzz_fuzz_http_url_LDADD = $(rpc_libs)
tests_fuzz_fuzz_xmlrpc_SOURCES = tests/fuzz/fuzz_xmlrpc.c tests/fuzz/replay.c
tests_fuzz_fuzz_xmlrpc_LDADD = $(rpc_codec_libs)
EXTRA_DIST += tests/fuzz/corpus/http_url tests/fuzz/corpus/xmlrpc
