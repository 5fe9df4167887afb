# shellcheck shell=bash
# What the machine may lack. Sourced by `.ci/run`.

apt() {
  local root=()
  [ "$(id -u)" = 0 ] || root=(sudo -n)
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"
}

# install PACKAGE...
install() {
  local words=(install --no-install-recommends "$@")
  # The lists of packages may be missing or old.
  apt "${words[@]}" || { apt update && apt "${words[@]}"; }
}

need_redis() {
  [ -z "${REDIS_URL:-}" ] && ! command -v redis-server >/dev/null || return 0
  install redis-server
}

need_network_tools() {
  command -v ip >/dev/null && command -v nft >/dev/null || install iproute2 nftables
}

need_chromium() {
  command -v chromium >/dev/null || command -v google-chrome >/dev/null || install chromium
}

may_make_networks() { [ "$(id -u)" = 0 ] && unshare --mount --net true 2>/dev/null; }

# fetch_node VERSION FOLDER: puts that Node, from npm's registry, at FOLDER/bin/node. No install script runs.
fetch_node() {
  local arch=x64 package
  [ "$(uname -m)" != aarch64 ] || arch=arm64
  mkdir -p "$2"
  package=$(cd "$2" && npm pack --silent "node-linux-$arch@$1" | tail -n 1)
  tar --extract --no-same-owner --file "$2/$package" --strip-components 1 --directory "$2"
  "$2/bin/node" --version
}
