"""Checks that every file of the source tree is in the tarball, for a clone may have what it lacks.

Runs in the build directory. Asks git for the files; in a tree without git, as one made from a
tarball, there is nothing to check."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

ONLY_IN_A_CLONE = re.compile(r'(.*/)?\.gitignore|\.ci/.*')
SKIPPED = 77  # as automake's driver understands it


def distributed(srcdir):
    """What the Makefile takes along: files, and directories with all that is in them."""
    outer = {name: value for name, value in os.environ.items() if name != 'MAKEFLAGS'}
    make = os.environ.get('MAKE') or 'make'
    words = subprocess.run([make, '-s', 'distributed-files'], env=outer, check=True,
                           capture_output=True, text=True).stdout.split()
    return {os.path.normpath(word.removeprefix(srcdir + '/')) for word in words}


def tracked(top):
    """What git keeps; None where there is no git that would tell."""
    if not (top / '.git').exists() or not shutil.which('git'):
        return None
    told = subprocess.run(['git', '-C', str(top), 'ls-files', '-z'], check=False,
                          capture_output=True, text=True)
    return list(filter(None, told.stdout.split('\0'))) if told.returncode == 0 else None


def main():
    srcdir = os.environ.get('srcdir') or '.'
    files = tracked(pathlib.Path(srcdir).resolve())
    if not files:
        return SKIPPED
    known = distributed(srcdir)
    missing = [name for name in files
               if not known & {name, *map(str, pathlib.PurePath(name).parents)}
               and not ONLY_IN_A_CLONE.fullmatch(name)]
    for name in missing:
        print(f'{name}: in no local.mk, so not in the tarball')
    return 1 if missing else 0


sys.exit(main())
