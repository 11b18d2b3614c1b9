#!/bin/sh
# Installs PostgreSQL for the tests that want a real one (Debian, Ubuntu). They start a server of their own: none is needed
# as a service.
set -eu
[ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] && exit 0
export DEBIAN_FRONTEND=noninteractive
run() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -E "$@"; fi; }
run apt-get update -q
run apt-get install -q -y --no-install-recommends postgresql
