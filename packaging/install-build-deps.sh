#!/bin/sh
# Installs what building and testing Reeve takes on Debian 12; does nothing where all of it is there.
set -eu

build="autoconf automake gcc libc6-dev make pkg-config libcgroup-dev libcurl4-gnutls-dev libedit-dev libgnutls28-dev
 libjansson-dev libmicrohttpd-dev libnl-3-dev libnl-route-3-dev libpcre2-dev libsystemd-dev
 libwslay-dev libxml2-dev libzmq3-dev uthash-dev"
check="bash-completion clang clang-format curl iproute2 libcmocka-dev nftables nginx-light python3 python3-pytest
 python3-websockets python3-zmq redis-server spin strace supervisor
 tmux xz-utils"

missing=
for package in $build $check; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
        echo "these Debian packages are missing:$missing" >&2
        echo "install them as root: apt-get install$missing" >&2
        exit 1
fi
export DEBIAN_FRONTEND=noninteractive
# Installing servers must not start them: Debian's way to say so.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' > "$policy"
        chmod 755 "$policy"
        trap 'rm -f "$policy"' EXIT
fi
apt-get update -q
# shellcheck disable=SC2086 # a list of words
apt-get install -q -y --no-install-recommends $missing
