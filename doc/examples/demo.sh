#!/bin/sh
# Builds, starts a cluster of three instances on this machine, shows where it places an application, kills the
# master, shows how fast what it ran runs elsewhere, and cleans up.
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

names="alpha beta gamma"
port_of() {
        case $1 in
        alpha) echo 62001 ;;
        beta) echo 62002 ;;
        *) echo 62003 ;;
        esac
}
pid_of() {
        cat "$dir/$1.daemon" 2> /dev/null || true
}
finish() {
        for name in $names; do
                pid=$(pid_of "$name")
                [ -z "$pid" ] || { kill -TERM "$pid" 2> /dev/null && wait "$pid" || true; }
        done
        rm -rf "$dir"
}
trap finish EXIT INT TERM

cp doc/examples/demo.conf doc/examples/demo-rules.xml "$dir"
build/reevectl keygen "$dir/cluster.key" > /dev/null
start() {
        mkdir -p "$dir/$1"
        DEMO_NAME=$1 DEMO_PORT=$(port_of "$1") build/reeved -n -s -c "$dir/demo.conf" &
        echo $! > "$dir/$1.daemon"
}
# As seen by the first one that answers.
ask() {
        for name in $names; do
                [ -n "$(pid_of "$name")" ] || continue
                build/reevectl -s "http://127.0.0.1:$(port_of "$name")" "$@" && return 0
        done
        return 1
}
show() {
        echo "\$ reevectl $*"
        ask "$@" || true
        echo
}
now() {
        date +%s%N
}
# Until a command says so; at most 30 s.
await() {
        for _ in $(seq 1500); do
                "$@" > /dev/null 2>&1 && return 0
                sleep 0.02
        done
        echo "this did not come true: $*" >&2
        tail -n 20 "$dir"/*.log >&2
        exit 1
}
elapsed() {
        echo "$((($(now) - $1) / 1000000)) ms"
}

is_placed() {
        ask sstate | grep -q OPERATION && [ "$(ask sstatus 'shop:*' | grep -c RUNNING)" -eq 7 ]
}

echo "Three instances, with a key of their own:"
before=$(now)
for name in $names; do
        start "$name"
done
await is_placed
echo "started, a master elected, and the application placed after $(elapsed "$before")"
echo
show sstate all
show sstatus

master=$(ask master | sed -n 's/Nick identifier: //p')
# All at once, as if its machine had lost its power.
pids="$(pid_of "$master") $(build/reevectl -s "http://127.0.0.1:$(port_of "$master")" pid all | grep -v '^0$' | tr '\n' ' ')"
echo "The master, $master, dies, and all that it ran:"
echo "\$ kill -KILL $pids"
: > "$dir/$master.daemon"
before=$(now)
# shellcheck disable=SC2086 # a list of pids
kill -KILL $pids
# In one answer: what is asked twice may have changed in between, and an election answers nothing.
is_healed() {
        ask sstate | grep -q OPERATION || return 1
        running=$(ask sstatus 'shop:*' | grep RUNNING) || return 1
        [ "$(echo "$running" | wc -l)" -eq 7 ] && ! echo "$running" | grep -q ":$(port_of "$master")'"
}
await is_healed
echo "all of it runs elsewhere, under a new master, after $(elapsed "$before")"
echo "(for the first second a daemon is waited for that may come back to its programs)"
echo
show sstate
show sstatus
show instance_status

echo "It comes back, and takes part again:"
start "$master"
is_back() {
        ask sstate all | grep -c OPERATION | grep -q 3
}
await is_back
show sstate all
echo "Look next into README.md (configure it), man doc/reeve.conf.5, man doc/reevectl.1, doc/architecture.md."
