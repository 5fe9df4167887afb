# shellcheck shell=bash
# A Docker engine of Debian 13 in a folder: it is not installed, and nothing of it outlives run.sh, which sources this.

suite=trixie
engine=

# The engine, and what the stand-ins are made of.
tree_packages=(usr-is-merged ca-certificates docker.io docker-cli docker-compose iptables iproute2 slirp4netns
  postgresql-17 redis-server haproxy)
# LLVM is 130 MB, and PostgreSQL does without.
tree_options=(--quiet --variant=minbase --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*'
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*'
  --dpkgopt='path-exclude=/usr/lib/llvm*' --dpkgopt='path-exclude=/usr/lib/*/libLLVM*')

apt() { DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" >&2; }

# The lists of packages may be missing or old.
need_mmdebstrap() {
  local install=(install --no-install-recommends mmdebstrap)
  command -v mmdebstrap >/dev/null || apt "${install[@]}" || { apt update && apt "${install[@]}"; }
}

# Where this machine has Debian's packages from.
debian_site() {
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(SITE) $(COMPONENT)' 'Created-By: Packages' |
    awk '$2 == "main" && !site { site = $1 } END { print site ? site : "http://deb.debian.org/debian" }'
}

# make_tree FOLDER
make_tree() {
  need_mmdebstrap
  local IFS=,
  mmdebstrap "${tree_options[@]}" --include="${tree_packages[*]}" "$suite" "$1" "$(debian_site)" >&2
  mkdir "$1/engine"
}

# children PID: one a line.
children() { tr ' ' '\n' <"/proc/$1/task/$1/children"; }

# The engine's process, as this machine counts.
dockerd_pid() {
  local each
  for each in $(children "$(children "$engine")"); do
    [ "$(cat "/proc/$each/comm")" != dockerd ] || echo "$each"
  done
}

# start_engine TREE NAME LOG
start_engine() {
  local tries
  setsid unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
    "$(dirname "${BASH_SOURCE[0]}")/sandbox.sh" "$1" "$2" </dev/null >"$3" 2>&1 &
  engine=$!
  for ((tries = 0; tries < 240; tries++)); do
    ! grep --quiet 'API listen on' "$3" || return 0
    kill -0 "$engine" 2>/dev/null || break
    sleep 0.5
  done
  echo 'The engine did not start:' >&2
  tail -n 20 "$3" >&2
  return 1
}

# stop_engine NAME: all that it started ends with it, since it was process 1 of theirs. Their groups can be removed a
# moment later.
stop_engine() {
  local tries
  kill -KILL "$engine" 2>/dev/null || true
  wait "$engine" 2>/dev/null || true
  for ((tries = 0; tries < 100; tries++)); do
    find /sys/fs/cgroup -depth -type d -path "*/$1*" -exec rmdir {} + 2>/dev/null || true
    [ -n "$(find /sys/fs/cgroup -type d -path "*/$1*" -print -quit)" ] || return 0
    sleep 0.1
  done
}
