# shellcheck shell=bash
# Counts what passed and what failed. Sourced by `.ci/run`.

passed=0
failed=0

# check NAME COMMAND [ARGUMENT...]: counts one.
check() {
  local name=$1
  shift
  echo "== $name"
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $name" >&2
  fi
}

# check_tests NAME COMMAND [ARGUMENT...]: adds the counts of the command's last `N passed, N failed`. A command that
# counted nothing, or that failed with nothing counted as failed, is one failure.
check_tests() {
  local name=$1 log more less status=0
  shift
  log=$(mktemp)
  echo "== $name"
  "$@" 2>&1 | tee "$log" || status=$?
  read -r more _ less _ <<<"$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1 || true)"
  rm -f "$log"
  if [ "${less:-0}" = 0 ] && { [ "$status" != 0 ] || [ -z "${more:-}" ]; }; then less=1; fi
  passed=$((passed + ${more:-0}))
  failed=$((failed + ${less:-0}))
  [ "${less:-0}" = 0 ] || echo "FAILED: $name" >&2
}
