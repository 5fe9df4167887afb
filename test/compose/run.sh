#!/usr/bin/env bash
# Builds the stacks of docker-compose.yml and docker-compose.network.yml, and tries both. It ends with `N passed, N failed`, and leaves nothing behind.
#
# An engine that is there is used. Where there is none, root gets Debian's own in namespaces of its own, and stand-ins
# for the official images: these show that the project's files build and work together, not how large the images are.
set -euo pipefail
# What is mounted here is nobody else's business, and ends with this.
if [ "$(id -u)" = 0 ] && [ "${1:-}" != apart ]; then exec unshare --mount --propagation private "$0" apart; fi
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
root=$(realpath "$here/../..")
# Short, since a socket lies in it.
work=$(mktemp --directory /tmp/musubi-XXXXXX)
name=$(basename "$work" | tr '[:upper:]' '[:lower:]')
tree=$work/tree

# shellcheck source=test/compose/engine.sh
source "$here/engine.sh"
# shellcheck source=test/compose/stand-ins.sh
source "$here/stand-ins.sh"

clean_up() {
  if [ -n "$engine" ]; then
    stop_engine "$name"
  elif [ -x "$work/compose" ]; then
    "$work/compose-network" down --volumes --timeout 10
    "$work/compose" down --volumes --rmi local --timeout 10
  fi
  ! mountpoint --quiet "$tree" || umount --lazy "$tree"
  rm -rf --one-file-system "$work"
}
trap 'clean_up >"$work/clean-up.log" 2>&1 || cat "$work/clean-up.log" >&2' EXIT
trap 'exit 130' INT TERM

# copy_project FOLDER: what a clone has, and so neither settings nor secrets that the user made.
copy_project() {
  mkdir -p "$1"
  (cd "$root" && git ls-files -z --cached --others --exclude-standard | xargs -0 ls -d 2>/dev/null) |
    tar --create --directory "$root" --files-from - | tar --extract --directory "$1"
  "$1/docker/make-secrets.sh"
  "$1/docker/make-secrets.sh" network
}

# write_compose FOLDER COMMAND...: how the tests call `docker compose` on each of the stacks.
write_compose() {
  local folder=$1 ports='API_PORT=0 NODE_1_PORT=0 NODE_2_PORT=0 NODE_3_PORT=0'
  shift
  write_script compose "export $ports
exec $* --project-directory $folder --project-name $name \"\$@\""
  write_script compose-network "export $ports
exec $* --project-directory $folder --file $folder/docker-compose.network.yml --project-name $name-network \"\$@\""
}

# write_script NAME TEXT
write_script() {
  printf '#!/bin/sh\n%s\n' "$2" >"$work/$1"
  chmod +x "$work/$1"
}

in_network() { "$@"; }

# In memory where there is enough, since packages and images are tens of thousands of small files.
use_own_engine() {
  mkdir "$tree"
  if awk '$1 == "MemAvailable:" { exit $2 < 8 * 1024 * 1024 }' /proc/meminfo; then
    mount -t tmpfs -o size=5g,mode=755 tmpfs "$tree"
  fi
  make_tree "$tree"
  start_engine "$tree" "$name" "$work/engine.log"
  engine_pid=$(dockerd_pid)
  enter=(nsenter --target "$engine_pid" --mount --net env DOCKER_HOST=unix:///engine/docker.sock)
  in_tree() { "${enter[@]}" "$@"; }
  in_network() { nsenter --target "$engine_pid" --net "$@"; }
  make_stand_ins "$tree"
  copy_project "$tree/project"
  write_compose /project "${enter[@]}" docker compose
}

if docker info >/dev/null 2>&1 && docker compose version >/dev/null 2>&1; then
  copy_project "$work/project"
  write_compose "$work/project" docker compose
elif [ "$(id -u)" = 0 ]; then
  use_own_engine
else
  echo 'No Docker engine with Compose 2 answers. Install one (https://docs.docker.com/engine/install, or on Debian 13' \
    'apt-get install docker.io docker-cli docker-compose), or run this as root on Debian.' >&2
  exit 1
fi

"$work/compose" build
cd "$root"
COMPOSE=$work/compose COMPOSE_NETWORK=$work/compose-network in_network npm test -- --config jest.compose.config.js
