noinst_LIBRARIES += %D%/librules.a
%C%_librules_a_CFLAGS = $(AM_CFLAGS) $(XML_CFLAGS) $(PCRE2_CFLAGS)
%C%_librules_a_SOURCES = \
	%D%/document.c %D%/document.h \
	%D%/formula.c %D%/formula.h \
	%D%/formula_parse.c %D%/formula_tree.h \
	%D%/formula_token.c %D%/formula_token.h \
	%D%/hash.c %D%/hash.h \
	%D%/lookup.c %D%/lookup.h \
	%D%/parse.c %D%/parse.h \
	%D%/pattern.c %D%/pattern.h \
	%D%/places.c %D%/places.h \
	%D%/rules.c %D%/rules.h \
	%D%/set.c %D%/set.h \
	%D%/strategy.c %D%/strategy.h \
	%D%/take.c %D%/take.h

# The schema: installed for editors and other tools, and as bytes in the program, which needs no file.
reeverulesdir = $(datadir)/reeve
dist_reeverules_DATA = %D%/rules.xsd
man_MANS += doc/reeve-rules.5
EXTRA_DIST += doc/reeve-rules.5
CLEANFILES += %D%/rules.xsd.inc
%D%/librules_a-document.$(OBJEXT): %D%/rules.xsd.inc
%D%/rules.xsd.inc: $(srcdir)/%D%/rules.xsd
	$(AM_V_GEN)$(MKDIR_P) %D% && od -An -v -tx1 $(srcdir)/%D%/rules.xsd | sed 's/ \(..\)/0x\1,/g' >$@

rules_libs = %D%/librules.a base/libbase.a $(XML_LIBS) $(PCRE2_LIBS)
if HAVE_CMOCKA
rules_tests = \
	tests/unit/test_formula \
	tests/unit/test_pattern \
	tests/unit/test_rules \
	tests/unit/test_rules_files
check_PROGRAMS += $(rules_tests)
TESTS += $(rules_tests)
rules_test_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_formula_SOURCES = tests/unit/test_formula.c
tests_unit_test_formula_CFLAGS = $(rules_test_cflags)
tests_unit_test_formula_LDADD = $(rules_libs) $(CMOCKA_LIBS)
tests_unit_test_pattern_SOURCES = tests/unit/test_pattern.c
tests_unit_test_pattern_CFLAGS = $(rules_test_cflags)
tests_unit_test_pattern_LDADD = $(rules_libs) $(CMOCKA_LIBS)
tests_unit_test_rules_SOURCES = tests/unit/test_rules.c tests/unit/rules_case.h
tests_unit_test_rules_CFLAGS = $(rules_test_cflags)
tests_unit_test_rules_LDADD = $(rules_libs) $(CMOCKA_LIBS)
tests_unit_test_rules_files_SOURCES = tests/unit/test_rules_files.c tests/unit/rules_case.h
tests_unit_test_rules_files_CFLAGS = $(rules_test_cflags) $(XML_CFLAGS)
tests_unit_test_rules_files_LDADD = $(rules_libs) $(CMOCKA_LIBS)
endif

rules_fuzz = tests/fuzz/fuzz_formula tests/fuzz/fuzz_rules
check_PROGRAMS += $(rules_fuzz)
TESTS += $(rules_fuzz)
tests_fuzz_fuzz_formula_SOURCES = tests/fuzz/fuzz_formula.c tests/fuzz/replay.c
tests_fuzz_fuzz_formula_LDADD = $(rules_libs)
tests_fuzz_fuzz_rules_SOURCES = tests/fuzz/fuzz_rules.c tests/fuzz/replay.c
tests_fuzz_fuzz_rules_LDADD = $(rules_libs)
EXTRA_DIST += tests/fuzz/corpus/formula tests/fuzz/corpus/rules
