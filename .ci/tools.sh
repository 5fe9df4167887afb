# shellcheck shell=bash
# What the machine may lack. Sourced by `.ci/run`.

apt() {
  local root=()
  [ "$(id -u)" = 0 ] || root=(sudo -n)
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"
}

need_redis() {
  local install=(install --no-install-recommends redis-server)
  [ -z "${REDIS_URL:-}" ] && ! command -v redis-server >/dev/null || return 0
  # The lists of packages may be missing or old.
  apt "${install[@]}" || { apt update && apt "${install[@]}"; }
}

# fetch_node VERSION FOLDER: puts that Node, from npm's registry, at FOLDER/bin/node. No install script runs.
fetch_node() {
  local arch=x64 package
  [ "$(uname -m)" != aarch64 ] || arch=arm64
  mkdir -p "$2"
  package=$(cd "$2" && npm pack --silent "node-linux-$arch@$1" | tail -n 1)
  tar --extract --no-same-owner --file "$2/$package" --strip-components 1 --directory "$2"
  "$2/bin/node" --version
}
