#!/usr/bin/env bash
# One sweep for cron or a systemd timer: nothing on the terminal but a summary in one line, last; everything else in a log.
# The same command continues what a reboot or a kill interrupted.
#
# Settings (environment): MODEL, CONF: what to sweep. RUNS: where run folders are. LOGS: where logs are.
# KEEP: how many finished runs to keep; empty keeps all. STEERSWEEP: the command.
# Exit codes: those of steersweep (0 done, 1 our fault or the machine's, 2 your input, 3 failed cells), 75 another one is at it.
set -uo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
steersweep=${STEERSWEEP:-$home/bin/steersweep}
model=${MODEL:-$home/demo/model}
conf=${CONF:-$home/conf/demo.yaml}
runs=${RUNS:-$home/runs}
logs=${LOGS:-$runs/logs}

mkdir -p "$logs" || exit 1
exec 9>"$runs/.nightly.lock"
if ! flock -n 9; then
  echo "steersweep: $conf not started, another one holds $runs/.nightly.lock"
  exit 75
fi

log=$logs/$(date -u +%Y%m%d-%H%M%S)-$(basename "$conf" .yaml).log
"$steersweep" sweep --model "$model" --conf "$conf" --runs "$runs" >"$log" 2>&1 9>&- </dev/null
code=$?
if [ "$code" -eq 0 ] && [ -n "${KEEP:-}" ]; then
  "$steersweep" prune --runs "$runs" --keep "$KEEP" --delete >>"$log" 2>&1 9>&- </dev/null || code=$?
fi

case $code in
  0) what="done" ;;
  2) what="input refused: $(grep -m1 '^error: ' "$log" || grep -m1 . "$log" || echo "no message")" ;;
  3) what="finished with failed cells" ;;
  *) what="failed: $(grep -m1 'error: ' "$log" || echo "no message")" ;;
esac
report=$(sed -n 's/^report  *//p' "$log" | tail -n 1)
echo "steersweep: $conf $what (exit code $code); report ${report:-none}; log $log"
exit "$code"
