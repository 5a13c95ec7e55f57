#!/bin/sh
# Turns files into a C table of the bytes they hold (src/base/embedded.h).
#
#   tools/embed.sh NAME ROOT FILE... > embedded_NAME.c
#
# defines `tm_embedded_NAME`, one row per FILE in the order given. FILE is relative to ROOT, and is
# the row's path: nothing of where the source tree lies gets into the table.
set -eu

if [ $# -lt 3 ]; then
    echo "usage: tools/embed.sh NAME ROOT FILE..." >&2
    exit 2
fi
name=$1
root=$2
shift 2

echo '/* Made by tools/embed.sh; edit the files, not this. */'
echo '#include "base/embedded.h"'

i=0
for file; do
    case $file in
    *[!A-Za-z0-9._/-]* | /* | *..*)
        echo "tools/embed.sh: '$file' is no plain relative path" >&2
        exit 2
        ;;
    esac
    bytes=$(od -An -v -tu1 <"$root/$file") # its own command, so that a missing file ends the script
    echo
    echo "static const unsigned char file_${i}[] = { /* $file */"
    # The final NUL is not counted: it lets a row be used as a C string.
    printf '%s\n' "$bytes" | sed -e 's/  */ /g' -e 's/^ //' -e 's/\([0-9]\) /\1, /g' -e '/./s/$/,/' -e 's/^/    /'
    echo "    0,"
    echo "};"
    i=$((i + 1))
done

echo
echo "const struct tm_embedded tm_embedded_${name}[] = {"
i=0
for file; do
    echo "    { \"$file\", file_$i, sizeof(file_$i) - 1 },"
    i=$((i + 1))
done
echo "    { 0 },"
echo "};"
