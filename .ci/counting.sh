# shellcheck shell=bash
# Counts what passed and what failed, and keeps what was said of it. Sourced by `.ci/run`, whose `work` is a folder.

passed=0
failed=0

# A few failed files are run again, alone, so often and for at most so long in all: see CONTRIBUTING.md, "Unsteady tests".
REPEATS=3
REPEATED_FILES=3
REPEAT_MINUTES=8

# check NAME COMMAND [ARGUMENT...]: counts one.
check() {
  local name=$1
  shift
  echo "== $name"
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    note_failure "$name"
  fi
}

# note_failure NAME: says so now, and keeps it for the end.
note_failure() {
  echo "FAILED: $1" >&2
  echo "FAILED: $1" >>"$work/failures"
}

# check_tests NAME COMMAND [ARGUMENT...]: adds the counts of the command's last `N passed, N failed`. A command that
# counted nothing, or that failed with nothing counted as failed, is one failure.
check_tests() {
  local name=$1 log more less _ status=0
  shift
  log=$(mktemp --tmpdir="$work")
  echo "== $name"
  "$@" 2>&1 | tee "$log" || status=$?
  read -r more _ less _ <<<"$(counts "$log" | tail -n 1)"
  if [ "${less:-0}" = 0 ] && { [ "$status" != 0 ] || [ -z "${more:-}" ]; }; then
    less=1
  elif [ "${less:-0}" != 0 ] && passes_alone "$log" "$@"; then
    echo "UNSTEADY: $name" | tee -a "$work/failures"
    failures_in "$log"
    more=$((more + less))
    less=0
  fi
  passed=$((passed + ${more:-0}))
  failed=$((failed + ${less:-0}))
  [ "${less:-0}" = 0 ] || { note_failure "$name" && failures_in "$log"; }
}

counts() { grep -E '^[0-9]+ passed, [0-9]+ failed$' "$1" || true; }

# failures_in LOG: keeps what Jest says of each failed test for the end.
failures_in() { grep -E -A 15 '^  ● .* › ' "$1" | head -n 200 >>"$work/failures" || true; }

# passes_alone LOG COMMAND [ARGUMENT...]: whether the files that failed pass each time they are run again.
passes_alone() {
  local log=$1 files words=() repeat
  shift
  mapfile -t files < <(sed -nE 's/^FAIL ([^ ]+).*/\1/p' "$log" | sort -u)
  [ "$REPEATS" -gt 0 ] && [ ${#files[@]} -gt 0 ] && [ ${#files[@]} -le "$REPEATED_FILES" ] || return 1
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    words+=("$1")
    shift
  done
  for ((repeat = 1; repeat <= REPEATS; repeat++)); do
    echo "== again, $repeat of $REPEATS: ${files[*]}"
    timeout $((REPEAT_MINUTES * 60 / REPEATS)) "${words[@]}" -- "${files[@]}" || return 1
  done
}
