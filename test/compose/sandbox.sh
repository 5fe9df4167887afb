#!/usr/bin/env bash
# sandbox.sh TREE NAME: process 1 of the engine's namespaces, in which TREE is the root. The engine has a network of its
# own, too. slirp4netns, an ordinary process outside of that, is its way out: so the machine gets no bridge, no port and
# no packet filter.
set -euo pipefail

enter_tree() {
  mount --bind "$1" "$1"
  mount --rbind /dev "$1/dev"
  mount --rbind /sys "$1/sys"
  mount -t proc proc "$1/proc"
  mount -t tmpfs tmpfs "$1/run"
  # runc takes a machine with both versions of cgroups for one with the second alone.
  umount "$1/sys/fs/cgroup/unified" 2>/dev/null || true
  # Not chroot: what enters a container's namespaces would be outside of that.
  mkdir "$1/run/before"
  cd "$1"
  pivot_root . run/before
  umount --lazy /run/before
}

main() {
  enter_tree "$1"
  # slirp4netns' own.
  echo 'nameserver 10.0.2.3' >/etc/resolv.conf
  # shellcheck disable=SC2016
  unshare --net sh -c '
    ip link set lo up
    until ip link show tap0 >/dev/null 2>&1; do sleep 0.1; done
    exec dockerd --host unix:///engine/docker.sock --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$1"
  ' sh "$2" &
  local dockerd=$!
  # Until then the process is in this network still.
  until [ "$(readlink "/proc/$dockerd/ns/net")" != "$(readlink /proc/1/ns/net)" ]; do sleep 0.1; done
  slirp4netns --configure --mtu=65520 --disable-host-loopback "$dockerd" tap0 &
  wait "$dockerd"
}

main "$@"
