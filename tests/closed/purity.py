"""Proves that engine/, cluster/ and fleet/ are pure: of the C library it calls only what has no effect and no clock.

An allowlist, so that a new call has to be thought about. Runs in the build directory."""

import os
import re
import subprocess
import sys

PURE = re.compile(r'''
    mem(chr|cmp|cpy|move|set) | bcmp |
    str(chr|cmp|cspn|len|ncmp|nlen|rchr|spn|errordesc_np) |
    (__)?v?snprintf(_chk)? |
    __(mem(cpy|move|set)|str\w+)_chk |
    qsort | strto(d|l|ll|ul|ull) | __isoc23_strto\w+ | __errno_location |
    __assert_fail | __stack_chk_fail |
    (__asan|__ubsan|__sanitizer|__gcov|__llvm|__lsan)_\w+ |
    _GLOBAL_OFFSET_TABLE_
''', re.VERBOSE)
# Of base/, what allocates and formats; not what closes a file.
BASE = re.compile(r'(mem|text|decoded|signals|err|log|saver|saved|figures?)_\w+')
# Of rules/, everything but the reading of files.
RULES = re.compile(r'(?!rules_read$)\w+')


def symbols(archive):
    """The names that an archive defines, and those that it needs."""
    tool = os.environ.get('NM') or 'nm'
    lines = subprocess.run([tool, '-P', archive], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    fields = [line.split() for line in lines if len(line.split()) >= 2]
    needed = {name for name, kind, *_ in fields if kind in 'Uvw'}
    return {name for name, kind, *_ in fields if kind not in 'Uvw'}, needed


def impurities(folder, allowed):
    """What a pure folder calls and may not; 'allowed' are what it uses of other pure folders."""
    own, needed = symbols(f'{folder}/lib{folder}.a')
    if f'{folder}_step' not in own:
        sys.exit(f'{folder}/ does not define {folder}_step: nothing was checked')
    return sorted(name for name in needed - own - allowed if not PURE.fullmatch(name)), own


def main():
    base = {name for name in symbols('base/libbase.a')[0] if BASE.fullmatch(name)}
    rules = {name for name in symbols('rules/librules.a')[0] if RULES.fullmatch(name)}
    allowed = {'engine': base, 'cluster': base}
    found = []
    pure = {}
    for folder in ('engine', 'cluster'):
        names, pure[folder] = impurities(folder, allowed[folder])
        found += [(folder, name) for name in names]
    names, _ = impurities('fleet', base | rules | pure['engine'] | pure['cluster'])
    found += [('fleet', name) for name in names]
    for folder, name in found:
        print(f'{folder}/ may not call {name}')
    return 1 if found else 0


sys.exit(main())
