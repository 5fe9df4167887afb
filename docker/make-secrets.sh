#!/bin/sh
# Makes the secrets of docker-compose.yml in the folder secrets/, once: those that are there already stay as they are.
# Keep secrets/node_secret beside the backups' own secrets. Without it the keys of unattended agents stay sealed.
set -eu
cd "$(dirname "$0")/.."

# Nobody else may enter the folder. The files themselves are read inside the containers, by users of other numbers.
umask 022
mkdir -p secrets
chmod 700 secrets

random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }

# keep NAME: stores what comes in, unless there is one.
keep() {
  [ -s "secrets/$1" ] || cat >"secrets/$1"
}

random | keep node_secret
random | keep postgres_password
random | keep musubi_password
printf 'postgres://musubi:%s@postgres:5432/musubi' "$(cat secrets/musubi_password)" | keep database_url
