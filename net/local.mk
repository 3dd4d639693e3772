# Connections with other instances.
noinst_LIBRARIES += %D%/libnet.a
%C%_libnet_a_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS) $(GNUTLS_CFLAGS)
%C%_libnet_a_SOURCES = \
	%D%/addressbook.c %D%/addressbook.h \
	%D%/endpoint.c %D%/endpoint.h \
	%D%/greeting.c %D%/greeting.h \
	%D%/keyring.c %D%/keyring.h \
	%D%/link.c %D%/link.h \
	%D%/link_why.c %D%/link_why.h \
	%D%/links.c %D%/links.h \
	%D%/multicast.c %D%/multicast.h \
	%D%/probe.c %D%/probe.h \
	%D%/resolver.c %D%/resolver.h \
	%D%/transport.c %D%/transport.h \
	%D%/udpbatch.c %D%/udpbatch.h
