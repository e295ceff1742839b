#!/usr/bin/env bash
# Makes the tiny tokenizers of PromptTokenizerTest again, and what two transformers versions answer:
# src/test/resources/tokenizers. Needs Python 3.11 or newer; everything else is installed into folders of its own.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venvs=${TOKENIZER_VENVS:-$here/.venv}
for version in 4 5; do
  if [ ! -x "$venvs/$version/bin/python" ]; then
    python3 -m venv "$venvs/$version"
    "$venvs/$version/bin/pip" install -q -r "$here/requirements-$version.txt"
  fi
done
export HF_HUB_OFFLINE=1
out=$here/../resources/tokenizers
"$venvs/4/bin/python" "$here/make_tokenizers.py" folders "$out"
for version in 4 5; do
  "$venvs/$version/bin/python" "$here/make_tokenizers.py" answers "$out"
done
