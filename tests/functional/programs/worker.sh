#!/bin/sh
# worker.sh FILE NAME PLACE [SECONDS]: says in a file that all share when it starts, when it is asked
# to end and when it ends; by itself after so many seconds, or when asked for it.
say() {
        echo "$1 $name $place" >> "$file"
}
file=$1 name=$2 place=$3
trap 'say asked; sleep 0.05; say end; exit 0' TERM
say start
if [ $# -gt 3 ]; then
        sleep "$4"
        say end
        exit 0
fi
while :; do
        sleep 1000 &
        wait $!
done
