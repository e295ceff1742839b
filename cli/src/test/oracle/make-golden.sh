#!/usr/bin/env bash
# Makes the checkpoints and expected results of ExactnessTest again: src/test/resources/oracle; those of ContextsExactnessTest and of PairAgreementTest; then those of PromptTokenizerTest.
# Needs Python 3.11 or newer; everything else is installed into a folder of its own.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=${GOLDEN_VENV:-$here/.venv}
if [ ! -x "$venv/bin/python" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install -q -r "$here/requirements.txt"
fi
"$venv/bin/python" "$here/make_golden.py" "$here/../resources/oracle"
"$venv/bin/python" "$here/make_contexts.py" "$here/../../../../demo/model" "$here/../resources/contexts"
"$venv/bin/python" "$here/make_pairs.py" "$here/../../../../demo/model" "$here/../resources/pairs"
"$here/../../../../pipeline/src/test/oracle/make-tokenizers.sh"
