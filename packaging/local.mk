# What an installation needs beside the programs: the service and its configuration, completion for
# shells; and how to make packages of it all.  systemd looks for its part below /usr/local too.
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
pkgconfdir = $(sysconfdir)/reeve
systemdsystemunitdir = $(prefix)/lib/systemd/system
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
catalogdir = $(prefix)/lib/systemd/catalog

reeve_units = %D%/systemd/reeve.service
CLEANFILES += $(reeve_units)
EXTRA_DIST += \
	%D%/completion/_reevectl \
	%D%/completion/reevectl.bash \
	%D%/install-build-deps.sh \
	%D%/reeve.conf \
	%D%/reeve.spec \
	%D%/systemd/reeve.catalog \
	%D%/systemd/reeve.service.in \
	%D%/systemd/reeve.sysusers \
	%D%/systemd/reeve.tmpfiles \
	debian/changelog \
	debian/control \
	debian/copyright \
	debian/reeve.docs \
	debian/reeve.examples \
	debian/reeve.lintian-overrides \
	debian/reeve.postinst \
	debian/reeve.postrm \
	debian/reeve.preinst \
	debian/reeve.prerm \
	debian/reeve.README.Debian \
	debian/rules \
	debian/source/format

dist_pkgdata_DATA = rules/rules.xsd
nodist_systemdsystemunit_DATA = $(reeve_units)
dist_systemdsystemunit_DATA = %D%/systemd/reeve.socket

$(reeve_units): %D%/systemd/reeve.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) %D%/systemd && sed -e 's,[@]sbindir[@],$(sbindir),g' -e 's,[@]bindir[@],$(bindir),g' \
		-e 's,[@]sysconfdir[@],$(sysconfdir),g' '$(srcdir)/%D%/systemd/reeve.service.in' > $@.new && \
	mv $@.new $@

# Under names of their own; and the configuration only where there is none.
install-data-local: install-data-packaging
install-data-packaging:
	$(MKDIR_P) '$(DESTDIR)$(pkgconfdir)/conf.d' '$(DESTDIR)$(pkgconfdir)/rules.d' \
		'$(DESTDIR)$(bashcompletiondir)' '$(DESTDIR)$(zshcompletiondir)'
	test -e '$(DESTDIR)$(pkgconfdir)/reeve.conf' || \
		$(INSTALL_DATA) '$(srcdir)/%D%/reeve.conf' '$(DESTDIR)$(pkgconfdir)/reeve.conf'
	$(INSTALL_DATA) '$(srcdir)/%D%/completion/reevectl.bash' '$(DESTDIR)$(bashcompletiondir)/reevectl'
	$(INSTALL_DATA) '$(srcdir)/%D%/completion/_reevectl' '$(DESTDIR)$(zshcompletiondir)/_reevectl'
	$(MKDIR_P) '$(DESTDIR)$(sysusersdir)' '$(DESTDIR)$(tmpfilesdir)' '$(DESTDIR)$(catalogdir)'
	$(INSTALL_DATA) '$(srcdir)/%D%/systemd/reeve.catalog' '$(DESTDIR)$(catalogdir)/reeve.catalog'
	$(INSTALL_DATA) '$(srcdir)/%D%/systemd/reeve.sysusers' '$(DESTDIR)$(sysusersdir)/reeve.conf'
	$(INSTALL_DATA) '$(srcdir)/%D%/systemd/reeve.tmpfiles' '$(DESTDIR)$(tmpfilesdir)/reeve.conf'

# Not the configuration: it may be the administrator's.
uninstall-local: uninstall-packaging
uninstall-packaging:
	rm -f '$(DESTDIR)$(bashcompletiondir)/reevectl' '$(DESTDIR)$(zshcompletiondir)/_reevectl'
	rm -f '$(DESTDIR)$(sysusersdir)/reeve.conf' '$(DESTDIR)$(tmpfilesdir)/reeve.conf' \
		'$(DESTDIR)$(catalogdir)/reeve.catalog'

# Packages, made of what "make dist" would pack, so of nothing else that lies in the tree:
# deb/reeve_VERSION_ARCH.deb and rpm/RPMS/ARCH/reeve-VERSION-1.ARCH.rpm in the build tree.
# Debian's tools, and rpmbuild; that does not ask for build dependencies, which on Debian no
# database of its own would know.
deb: distdir
	rm -rf deb && $(MKDIR_P) deb && mv '$(distdir)' deb/
	cd 'deb/$(distdir)' && dpkg-buildpackage -us -uc -b $(DEB_FLAGS)

rpm: dist
	rm -rf rpm && $(MKDIR_P) rpm
	rpmbuild -bb --nodeps --define '_topdir $(abs_builddir)/rpm' \
		--define '_sourcedir $(abs_builddir)' $(RPM_FLAGS) '$(srcdir)/%D%/reeve.spec'

clean-local: clean-packages
clean-packages:
	rm -rf deb rpm

.PHONY: clean-packages deb install-data-packaging rpm uninstall-packaging
