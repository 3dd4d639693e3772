# Tests on machines of their own: QEMU guests with systemd and pure cgroup v2.  Not a part of `make
# check`: they take minutes, and need root, qemu-system-x86, qemu-utils, mmdebstrap, e2fsprogs and
# pytest; those of the packages and of the cluster what `make deb rpm` made.  The guest is built
# once, into tests/vm/images of the build tree or $REEVE_VM_IMAGES.
VM_FLAGS =

EXTRA_PROGRAMS += %D%/probe
CLEANFILES += %D%/probe
%C%_probe_SOURCES = %D%/probe.c
%C%_probe_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
%C%_probe_LDADD = daemon/libdaemon.a $(daemon_parts) cgroup/libcgroup.a base/libbase.a $(SYSTEMD_LIBS) $(CGROUP_LIBS)

vm_programs = %D%/probe tests/unit/test_cgroup tests/unit/test_cgroup_tree \
	tests/unit/test_procs

# Whole programs are tested when they are there: `make all check-vm`.
check-vm: $(vm_programs)
	REEVE_BUILD='$(abs_top_builddir)' PYTHONDONTWRITEBYTECODE=1 \
	$(PYTHON) -m pytest -q -p no:cacheprovider $(VM_FLAGS) '$(abs_top_srcdir)/tests/vm'

.PHONY: check-vm

EXTRA_DIST += \
	%D%/conftest.py \
	%D%/test_accounting.py \
	%D%/test_cgroup.py \
	%D%/test_cluster.py \
	%D%/test_journal.py \
	%D%/test_kernel.py \
	%D%/test_package.py \
	%D%/test_reeved.py \
	%D%/test_service.py \
	%D%/vmimage.py \
	%D%/vmlab.py
