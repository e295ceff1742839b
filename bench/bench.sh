#!/usr/bin/env bash
# Runs one of the scripts here with a Python that has torch and transformers; without BENCH_VENV or GOLDEN_VENV it makes one.
#
#   bench/bench.sh bench.py --rounds 3
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=${BENCH_VENV:-${GOLDEN_VENV:-$here/.cache/venv}}
if [ ! -x "$venv/bin/python" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install -q -r "$here/../cli/src/test/oracle/requirements.txt"
fi
export ORT_DISABLE_TELEMETRY=1 HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error TQDM_DISABLE=1
script=$1
shift
exec "$venv/bin/python" "$here/$script" "$@"
