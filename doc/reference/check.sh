#!/bin/sh
# The reference pages say what the tables of the code say.
status=0
for page in options methods; do
        doc/reference/print $page | diff -u "${srcdir:-.}/doc/reference/$page.md" - || status=1
done
[ $status = 0 ] || echo "make reference makes them anew"
exit $status
