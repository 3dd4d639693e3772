"""Proves that engine/ is pure: of the C library it calls only what has no effect and no clock.

An allowlist, so that a new call has to be thought about. Runs in the build directory."""

import os
import re
import subprocess
import sys

PURE = re.compile(r'''
    mem(chr|cmp|cpy|move|set) | bcmp |
    str(chr|cmp|len|ncmp|rchr|errordesc_np) |
    (__)?v?snprintf(_chk)? |
    __(mem(cpy|move|set)|str\w+)_chk |
    qsort |
    __assert_fail | __stack_chk_fail |
    (__asan|__ubsan|__sanitizer|__gcov|__llvm|__lsan)_\w+ |
    _GLOBAL_OFFSET_TABLE_
''', re.VERBOSE)
# Of base/, what allocates and formats; not what closes a file.
BASE = re.compile(r'(mem|text|decoded|signals|err|log)_\w+')


def symbols(archive):
    """The names that an archive defines, and those that it needs."""
    tool = os.environ.get('NM') or 'nm'
    lines = subprocess.run([tool, '-P', archive], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    fields = [line.split() for line in lines if len(line.split()) >= 2]
    needed = {name for name, kind, *_ in fields if kind in 'Uvw'}
    return {name for name, kind, *_ in fields if kind not in 'Uvw'}, needed


def main():
    own, needed = symbols('engine/libengine.a')
    base, _ = symbols('base/libbase.a')
    if 'engine_step' not in own:
        sys.exit('engine/libengine.a does not define engine_step: nothing was checked')
    impure = sorted(name for name in needed - own
                    if not PURE.fullmatch(name)
                    and not (name in base and BASE.fullmatch(name)))
    for name in impure:
        print(f'engine/ may not call {name}')
    return 1 if impure else 0


sys.exit(main())
