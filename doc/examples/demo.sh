#!/bin/sh
# Builds, starts reeved with a few programs in a directory of its own, shows what it does, and cleans up.
set -eu
cd "$(dirname "$0")/../.."

sh packaging/install-build-deps.sh
dir=$(mktemp -d)
echo "Building (about a minute) ..."
mkdir -p build
{
        [ -x configure ] || ./autogen.sh
        [ -f build/Makefile ] || (cd build && ../configure --quiet)
        make -C build -j"$(nproc)" --no-print-directory reeved reevectl
} > "$dir/build.log" 2>&1 || {
        cat "$dir/build.log"
        exit 1
}

daemon=
finish() {
        [ -z "$daemon" ] || { kill -TERM "$daemon" 2> /dev/null && wait "$daemon" || true; }
        rm -rf "$dir"
}
trap finish EXIT INT TERM
cp doc/examples/demo.conf "$dir/reeve.conf"
ctl() {
        echo "\$ reevectl $*"
        build/reevectl -c "$dir/reeve.conf" "$@" || true
        echo
}

build/reeved -n -s -c "$dir/reeve.conf" &
daemon=$!
for _ in $(seq 100); do
        build/reevectl -c "$dir/reeve.conf" status 2> /dev/null | grep -q 'web  *RUNNING' && break
        sleep 0.1
done
ctl status

pid=$(build/reevectl -c "$dir/reeve.conf" pid jobs:worker-1)
echo "\$ kill -KILL $pid     # a worker dies"
kill -KILL "$pid"
for _ in $(seq 100); do
        grep -q "exited: worker-1" "$dir/reeved.log" &&
                grep -A1 "exited: worker-1" "$dir/reeved.log" | grep -q spawned && break
        sleep 0.05
done
grep -A1 "exited: worker-1" "$dir/reeved.log"
echo

echo "A program that leaves a child behind, in a session of its own and deaf to TERM:"
ctl stop jobs:litterer
if ps -e -o args | grep -q '[s]leep 98765'; then
        echo "something of it is left!"
        exit 1
fi
echo "nothing of it is left."
echo
ctl maintail -600
echo "Look next into README.md (configure it), man doc/reeve.conf.5, man doc/reevectl.1, doc/architecture.md."
