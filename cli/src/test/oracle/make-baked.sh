#!/usr/bin/env bash
# Makes the expected results of BakedCheckpointTest again: src/test/resources/oracle/*/baked.json. Needs the program and its tests
# compiled, and the Python environment of make-golden.sh.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=${GOLDEN_VENV:-$here/.venv}
target=$here/../../../target
"$venv/bin/python" "$here/make_baked.py" "$here/../resources/oracle" \
  java -cp "$target/test-classes:$(echo "$target"/steersweep-cli-*.jar)" steersweep.cli.BakedCells
