#!/bin/sh
# Installs what is missing, builds with the sanitizers, runs every test that belongs to a change, and closes
# with one line: how many passed and failed.
set -eu
cd "$(dirname "$0")/.."

sh packaging/install-build-deps.sh
build=${BUILD:-build-test}
jobs=$(nproc)
[ -x configure ] || ./autogen.sh
mkdir -p "$build"
[ -f "$build/Makefile" ] || (cd "$build" && ../configure --quiet --enable-werror --enable-sanitizers)
make -C "$build" -j"$jobs" --no-print-directory

status=0
make -C "$build" -j"$jobs" -k --no-print-directory check > "$build/check.out" 2>&1 || status=1
grep -E '^(PASS|FAIL|ERROR|XPASS|XFAIL|SKIP|# )' "$build/check.out" || { tail -n 50 "$build/check.out"; }
[ "$status" -eq 0 ] || cat "$build/test-suite.log" 2>/dev/null || tail -n 50 "$build/check.out"
count() { sed -n "s/^# $1: *//p" "$build/check.out" | awk '{ n += $1 } END { print n + 0 }'; }
passed=$(count PASS)
failed=$(($(count FAIL) + $(count ERROR) + $(count XPASS)))
skipped=$(count SKIP)

make -C "$build" --no-print-directory check-functional > "$build/functional.out" 2>&1 || status=1
cat "$build/functional.out"
last=$(grep -E '(passed|failed|error).* in [0-9.]+' "$build/functional.out" | tail -n 1)
number() { printf '%s\n' "$last" | sed -n "s/.*[^0-9]*\b\([0-9][0-9]*\) $1.*/\1/p"; }
passed=$((passed + $(number passed || true) + 0))
failed=$((failed + $(number failed || true) + $(number error || true) + 0))
skipped=$((skipped + $(number skipped || true) + 0))
[ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
