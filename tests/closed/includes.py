"""Checks who includes whom, in words that the linker does not find.

A folder uses only those that it may; every include of ours names its folder; a file's own header
comes first; and every header stands alone. Runs anywhere; srcdir is the top of the source tree."""

import concurrent.futures
import os
import pathlib
import re
import shlex
import subprocess
import sys

# A folder, or one header of a folder.
MAY_USE = {
    'base': [],
    'engine': ['base'],
    'cgroup': ['base'],
    'netlink': ['base'],
    'rules': ['base'],
    'config': ['base', 'engine/limits.h', 'engine/program.h', 'engine/topic.h', 'rules/strategy.h'],
    'cluster': ['base'],
    'fleet': ['base', 'rules', 'cluster', 'engine'],
    'rpc': ['base', 'engine', 'cluster', 'fleet', 'rules', 'config/clusterconfig.h'],
    'client': ['base', 'config', 'netlink', 'rpc', 'rules', 'engine/fault.h', 'engine/program.h'],
    'loop': ['base'],
    'logs': ['base', 'loop'],
    'net': ['base', 'loop', 'cluster', 'netlink/netif.h', 'config/keyfile.h'],
    'wire': ['base', 'engine', 'cluster', 'fleet', 'rules', 'rpc', 'netlink/netif.h'],
    'daemon': ['base', 'loop', 'logs', 'net', 'wire', 'engine', 'cluster', 'fleet', 'rules', 'cgroup', 'netlink', 'config', 'rpc'],
}
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)


def complaints_about(top, folder, path):
    """What is wrong with the includes of one file."""
    name = path.relative_to(top)
    includes = INCLUDE.findall(path.read_text(encoding='utf-8'))
    own = path.with_suffix('.h')
    for quote, header in includes:
        first = header.split('/')[0]
        if quote == '<':
            if first in MAY_USE and (top / header).exists():
                yield f'{name}: <{header}> is ours and needs quotes'
        elif '/' not in header:
            yield f'{name}: "{header}" does not name its folder'
        elif first != folder and first not in MAY_USE[folder] and header not in MAY_USE[folder]:
            yield f'{name}: {folder}/ may not use {header}'
    if path.suffix == '.c' and own.exists():
        if not includes or includes[0][1] != str(own.relative_to(top)):
            yield f'{name}: its own header is not the first include'


def stands_alone(top, path):
    """What the compiler says of a header that comes first; empty when it is content."""
    header = path.relative_to(top)
    command = shlex.split(os.environ.get('CC') or 'cc') + shlex.split(
        os.environ.get('HEADER_CFLAGS', '')) + [
            '-std=gnu17', '-D_GNU_SOURCE', '-Wall', '-iquote', str(top), '-xc', '-fsyntax-only', '-']
    done = subprocess.run(command, input=f'#include "{header}"\n', capture_output=True, text=True,
                          check=False)
    return f'{header} does not stand alone:\n{done.stderr}' if done.returncode else ''


def main():
    top = pathlib.Path(os.environ.get('srcdir') or '.').resolve()
    files = [(folder, path) for folder in MAY_USE
             for path in sorted((top / folder).glob('*.[ch]'))]
    if not files:
        sys.exit(f'there is no source in {top}: nothing was checked')
    complaints = [c for folder, path in files for c in complaints_about(top, folder, path)]
    headers = [path for _, path in files if path.suffix == '.h']
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        complaints += filter(None, pool.map(lambda path: stands_alone(top, path), headers))
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


sys.exit(main())
