#!/usr/bin/env bash
# Runs docs/walk.sh and fails unless it prints what docs/tutorial.md shows. The service is at API, or `npm start` starts
# one for it, on a database and at a port of its own; that one must end with the SIGTERM that npm gets.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
service=

stop() {
  if [ -n "$service" ]; then
    kill "$service" 2>/dev/null || true
    wait "$service" || true
  fi
  rm -rf "$work"
}
trap stop EXIT

start() {
  local tries
  # The service opens it in its own time, and the first look may come before.
  : >"$work/log"
  DATA_DIR=$work/data PORT=0 LOG_LEVEL=warn npm start >"$work/log" 2>&1 &
  service=$!
  for ((tries = 0; tries < 240; tries++)); do
    API=$(sed -nE 's,^Musubi answers at (http://[^ ]+).*,\1/v1,p' "$work/log")
    [ -z "$API" ] || return 0
    kill -0 "$service" 2>/dev/null || break
    sleep 0.5
  done
  cat "$work/log" >&2
  return 1
}

[ -n "${API:-}" ] || start
API=$API npm run --silent tutorial:check

if [ -n "$service" ]; then
  kill "$service"
  wait "$service" || true
  service=
  if curl --silent --output /dev/null --max-time 5 "${API%/v1}/health/live"; then
    echo 'The service went on after npm had ended.' >&2
    exit 1
  fi
fi
