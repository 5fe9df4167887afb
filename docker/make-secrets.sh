#!/bin/sh
# Makes the secrets of docker-compose.yml in the folder secrets/, once: those that are there already stay as they are.
# With the word `network`, those of docker-compose.network.yml, in a folder for each of its nodes.
# Keep each node_secret beside the backups' own secrets. Without it the keys of unattended agents stay sealed.
set -eu
cd "$(dirname "$0")/.."

# Nobody else may enter the folder. The files themselves are read inside the containers, by users of other numbers.
umask 022
mkdir -p secrets
chmod 700 secrets

random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }

# keep FILE: stores what comes in, unless there is one.
keep() {
  [ -s "$1" ] || cat >"$1"
}

# make_secrets FOLDER POSTGRES: those of one node, and where its PostgreSQL answers.
make_secrets() {
  mkdir -p "$1"
  random | keep "$1/node_secret"
  random | keep "$1/postgres_password"
  random | keep "$1/musubi_password"
  printf 'postgres://musubi:%s@%s:5432/musubi' "$(cat "$1/musubi_password")" "$2" | keep "$1/database_url"
}

case ${1:-} in
  '') make_secrets secrets postgres ;;
  network) for node in 1 2 3; do make_secrets "secrets/node-$node" "postgres-$node"; done ;;
  *)
    echo "make-secrets.sh: unknown word '$1'; the only one is network" >&2
    exit 2
    ;;
esac
