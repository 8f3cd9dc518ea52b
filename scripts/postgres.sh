#!/usr/bin/env bash
# Start a PostgreSQL of our own on a free port of this machine, and print the URL of a database of it.
# usage: scripts/postgres.sh FOLDER         stop it: scripts/postgres.sh FOLDER stop
set -euo pipefail
folder=$1
if ! tools=$(dirname "$(find /usr/lib/postgresql/*/bin/initdb /usr/local/bin/initdb 2>/dev/null | tail -1)") || [ ! -x "$tools/initdb" ]; then
  apt-get update -qq >&2
  # Debian would start a server of its own on installing.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >&2
  tools=$(dirname "$(find /usr/lib/postgresql/*/bin/initdb | tail -1)")
fi
# It refuses to run as root.
as_owner() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi; }
if [ "${2:-}" = stop ]; then
  as_owner "$tools/pg_ctl" -D "$folder/data" -m fast stop >&2
  exit
fi
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir -p "$folder"
[ "$(id -u)" = 0 ] && chown postgres "$folder"
as_owner "$tools/initdb" -D "$folder/data" --username=netwright --auth=trust --no-sync >&2
as_owner "$tools/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
  -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='$folder' -c fsync=off" start >&2
echo "postgresql://netwright@127.0.0.1:$port/postgres"
