#!/usr/bin/env bash
# Writes the digests that tags stand for now into the FROM lines of a Dockerfile: pin-images.sh DOCKERFILE. Stages that begin from another
# stage have none. Nothing is written unless all are known.
set -euo pipefail
file=$1
new=$(mktemp "$file.XXXXXX")
trap 'rm -f "$new"' EXIT
while IFS= read -r line || [ -n "$line" ]; do
  if [[ $line =~ ^FROM\ ([^@\ ]+:[^@\ ]+)(@sha256:[0-9a-f]+)?(\ .*)?$ ]]; then
    image=${BASH_REMATCH[1]} before=${BASH_REMATCH[2]} rest=${BASH_REMATCH[3]}
    digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$image")
    [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || { echo "$image: got '$digest', expected a digest" >&2; exit 1; }
    line="FROM $image@$digest$rest"
    if [ "$before" = "@$digest" ]; then echo "$image: unchanged" >&2; else echo "$image: now $digest" >&2; fi
  fi
  printf '%s\n' "$line"
done <"$file" >"$new"
cat "$new" >"$file"
