#!/bin/sh
# Checks the model of the election with spin: that its properties hold, and that each of the rules is
# needed for them.  "full" takes minutes instead of one.
set -eu
model=$(cd "$(dirname "$0")" && pwd)/election.pml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v spin > /dev/null || { echo "spin is missing (Debian: spin)" >&2; exit 77; }

run() { # expected number of errors, defines of the model
        expected=$1
        shift
        spin -a "$@" "$model"
        # shellcheck disable=SC2086 # a compiler may come with words of its own
        ${CC:-cc} -O2 -w -DSAFETY -DMEMLIM=8000 -o pan pan.c
        ./pan -w25 -m100000 > out
        errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' out)
        states=$(sed -n 's/ *\([0-9.e+]*\) states, stored.*/\1/p' out)
        # A search that was cut short proves nothing.
        if grep -q 'max search depth too small\|out of memory\|Search not completed' out &&
                [ "$expected" = 0 ]; then
                cat out
                exit 1
        fi
        if [ "$errors" != "$expected" ]; then
                echo "FAIL: $*: $errors errors, expected $expected"
                cat out
                exit 1
        fi
        echo "ok: $*: $errors errors, $states states"
}

run 1 -DTERMS=1 -DCRASHES=1 -DP=1 -DNO_DISK
run 1 -DTERMS=2 -DCRASHES=0 -DP=1 -DNO_PROMISE
run 1 -DTERMS=2 -DCRASHES=0 -DP=2 -DNO_AGE
run 1 -DTERMS=2 -DCRASHES=1 -DP=1 -DNO_ABSTAIN
run 0 -DTERMS=1 -DCRASHES=1 -DP=2
run 0 -DTERMS=2 -DCRASHES=1 -DP=1
run 0 -DTERMS=2 -DCRASHES=0 -DP=2
[ "${1:-}" = full ] || exit 0
run 0 -DTERMS=2 -DCRASHES=1 -DP=2
