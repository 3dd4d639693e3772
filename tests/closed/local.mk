# Who may use whom is proven by linking: the whole of each archive, with only the archives it is allowed.
closed_tests = \
	%D%/base \
	%D%/cgroup \
	%D%/client \
	%D%/cluster \
	%D%/config \
	%D%/engine \
	%D%/fleet \
	%D%/loop \
	%D%/logs \
	%D%/net \
	%D%/wire \
	%D%/netlink \
	%D%/rpc \
	%D%/rules
check_PROGRAMS += $(closed_tests)
TESTS += $(closed_tests)

%C%_base_SOURCES = %D%/main.c
%C%_base_LDADD = $(WHOLE) base/libbase.a $(NO_WHOLE)
%C%_cgroup_SOURCES = %D%/main.c
%C%_cgroup_LDADD = $(WHOLE) cgroup/libcgroup.a $(NO_WHOLE) base/libbase.a $(CGROUP_LIBS)
# Of the engine, the client may use the programs of a configuration, as data; rpc brings more along.
%C%_client_SOURCES = %D%/main.c
%C%_client_LDADD = $(WHOLE) client/libclient.a $(NO_WHOLE) rpc/librpc.a config/libconfig.a \
	rules/librules.a engine/limits.$(OBJEXT) engine/program.$(OBJEXT) \
	engine/topic.$(OBJEXT) netlink/libnetlink.a base/libbase.a $(NL_LIBS) $(NL_ROUTE_LIBS) $(CURL_LIBS) $(EDIT_LIBS) \
	$(JANSSON_LIBS) $(XML_LIBS) $(PCRE2_LIBS) $(WSLAY_LIBS) $(GNUTLS_LIBS)
%C%_cluster_SOURCES = %D%/main.c
%C%_cluster_LDADD = $(WHOLE) cluster/libcluster.a $(NO_WHOLE) base/libbase.a
%C%_fleet_SOURCES = %D%/main.c
%C%_fleet_LDADD = $(WHOLE) fleet/libfleet.a $(NO_WHOLE) rules/librules.a cluster/libcluster.a \
	engine/libengine.a base/libbase.a $(XML_LIBS) $(PCRE2_LIBS)
%C%_rules_SOURCES = %D%/main.c
%C%_rules_LDADD = $(WHOLE) rules/librules.a $(NO_WHOLE) base/libbase.a $(XML_LIBS) $(PCRE2_LIBS)
# Of the engine, config may use the programs and the event types as data, and nothing else.
%C%_config_SOURCES = %D%/main.c
%C%_config_LDADD = $(WHOLE) config/libconfig.a $(NO_WHOLE) engine/limits.$(OBJEXT) engine/program.$(OBJEXT) \
	engine/topic.$(OBJEXT) \
	rules/librules_a-strategy.$(OBJEXT) base/libbase.a
%C%_engine_SOURCES = %D%/main.c
%C%_engine_LDADD = $(WHOLE) engine/libengine.a $(NO_WHOLE) base/libbase.a
%C%_loop_SOURCES = %D%/main.c
%C%_loop_LDADD = $(WHOLE) loop/libloop.a $(NO_WHOLE) base/libbase.a $(SYSTEMD_LIBS)
%C%_logs_SOURCES = %D%/main.c
%C%_logs_LDADD = $(WHOLE) logs/liblogs.a $(NO_WHOLE) loop/libloop.a base/libbase.a $(SYSTEMD_LIBS)
%C%_net_SOURCES = %D%/main.c
%C%_net_LDADD = $(WHOLE) net/libnet.a $(NO_WHOLE) loop/libloop.a config/libconfig.a rules/librules.a engine/libengine.a cluster/libcluster.a netlink/libnetlink.a \
	base/libbase.a $(SYSTEMD_LIBS) $(GNUTLS_LIBS) $(NL_LIBS) $(NL_ROUTE_LIBS) $(XML_LIBS) $(PCRE2_LIBS)
%C%_wire_SOURCES = %D%/main.c
%C%_wire_LDADD = $(WHOLE) wire/libwire.a $(NO_WHOLE) rpc/librpc.a netlink/libnetlink.a fleet/libfleet.a rules/librules.a cluster/libcluster.a engine/libengine.a base/libbase.a \
	$(JANSSON_LIBS) $(MICROHTTPD_LIBS) $(XML_LIBS) $(PCRE2_LIBS) $(GNUTLS_LIBS) $(WSLAY_LIBS) $(NL_LIBS) $(NL_ROUTE_LIBS)
%C%_netlink_SOURCES = %D%/main.c
%C%_netlink_LDADD = $(WHOLE) netlink/libnetlink.a $(NO_WHOLE) base/libbase.a $(NL_LIBS) $(NL_ROUTE_LIBS)
%C%_rpc_SOURCES = %D%/main.c
%C%_rpc_LDADD = $(WHOLE) rpc/librpc.a $(NO_WHOLE) fleet/libfleet.a rules/librules.a cluster/libcluster.a \
	engine/libengine.a base/libbase.a $(PCRE2_LIBS) \
	$(MICROHTTPD_LIBS) $(XML_LIBS) $(GNUTLS_LIBS) $(JANSSON_LIBS) $(WSLAY_LIBS)

# What linking cannot tell: calls into the C library, and includes.
TEST_EXTENSIONS = .py
PY_LOG_COMPILER = env NM='$(NM)' CC='$(CC)' HEADER_CFLAGS='$(closed_header_cflags)' $(PYTHON)
closed_header_cflags = \
	$(SYSTEMD_CFLAGS) $(MICROHTTPD_CFLAGS) $(XML_CFLAGS) $(NL_CFLAGS) $(CGROUP_CFLAGS) \
	$(GNUTLS_CFLAGS) $(JANSSON_CFLAGS) $(PCRE2_CFLAGS) $(ZMQ_CFLAGS) $(CURL_CFLAGS) $(EDIT_CFLAGS) $(CMOCKA_CFLAGS)
closed_scripts = \
	%D%/distributed.py \
	%D%/includes.py \
	%D%/purity.py
TESTS += $(closed_scripts)
EXTRA_DIST += $(closed_scripts)

# For distributed.py.
.PHONY: distributed-files
distributed-files:
	@printf '%s\n' $(DISTFILES)
