#!/usr/bin/env bash
# Runs nodes in network namespaces, and cuts what joins them. Nothing of it is seen outside: the namespaces, with their
# bridges and rules, belong to a namespace of this command's own and end with it.
set -euo pipefail
root=$(realpath "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../..")

lacks() {
  echo "These tests need $1." >&2
  exit 1
}
[ "$(id -u)" = 0 ] || lacks 'root, since they make network namespaces'
command -v ip >/dev/null || lacks 'ip (apt-get install iproute2)'
command -v nft >/dev/null || lacks 'nft (apt-get install nftables)'
unshare --mount --net true 2>/dev/null || lacks 'to be allowed network namespaces (unshare --mount --net)'

cd "$root"
# shellcheck disable=SC2016
exec unshare --mount --propagation private --net -- bash -c '
  mount -t tmpfs none /run && mkdir /run/netns && ip link set lo up && exec npm test --silent -- "$@"
' bash --config jest.network.config.js --runInBand "$@"
