#!/usr/bin/env bash
# Measures the program against transformers and writes docs/exactness.md; with names of variants, only prints what it measures.
# Needs Python 3.11 or newer; everything else is installed into a folder of its own.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=$(cd "$here/../../../.." && pwd)
venv=${GOLDEN_VENV:-$here/.venv}
if [ ! -x "$venv/bin/python" ]; then
  python3 -m venv "$venv"
fi
"$venv/bin/python" -c 'import onnxruntime, torch, transformers' 2>/dev/null || "$venv/bin/pip" install -q -r "$here/requirements.txt"
exec "$venv/bin/python" "$here/exactness.py" "$home/bin/steersweep" "$home/docs/exactness.md" "$@"
