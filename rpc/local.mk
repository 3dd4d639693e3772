noinst_LIBRARIES += %D%/librpc.a
%C%_librpc_a_SOURCES = \
	%D%/base64.c %D%/base64.h \
	%D%/http.h \
	%D%/value.c %D%/value.h \
	%D%/xml.c %D%/xml.h \
	%D%/xml_encode.c
%C%_librpc_a_CFLAGS = $(AM_CFLAGS) $(XML_CFLAGS) $(MICROHTTPD_CFLAGS) $(GNUTLS_CFLAGS)

rpc_codec_libs = %D%/librpc.a base/libbase.a $(XML_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_xml tests/unit/test_value
TESTS += tests/unit/test_xml tests/unit/test_value
tests_unit_test_xml_SOURCES = tests/unit/test_xml.c
tests_unit_test_xml_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_xml_LDADD = $(rpc_codec_libs) $(CMOCKA_LIBS)
tests_unit_test_value_SOURCES = tests/unit/test_value.c
tests_unit_test_value_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_value_LDADD = $(rpc_codec_libs) $(CMOCKA_LIBS)
endif

check_PROGRAMS += tests/fuzz/fuzz_xmlrpc
TESTS += tests/fuzz/fuzz_xmlrpc
tests_fuzz_fuzz_xmlrpc_SOURCES = tests/fuzz/fuzz_xmlrpc.c tests/fuzz/replay.c
tests_fuzz_fuzz_xmlrpc_LDADD = $(rpc_codec_libs)
EXTRA_DIST += tests/fuzz/corpus/xmlrpc
