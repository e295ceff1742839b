#!/usr/bin/env bash
# Compares jars with audit/advisories.tsv: audit.sh FOLDER...  Ends with 1 where one of them has a known advisory. Needs no network.
# Shaded parts of a jar (Beam's vendored gRPC and Guava, Flink's) are not looked into; their versions stand in the jars' names.
set -euo pipefail
list=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/advisories.tsv
found=0 jars=0
older() { # older A B: whether version A comes before B
  [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}
for jar in $(for folder in "$@"; do find "$folder" -name '*.jar' -printf '%f\n'; done | sort -u); do
  jars=$((jars + 1))
  while IFS=$'\t' read -r artifact line fixed advisories; do
    case $artifact in '' | '#'*) continue ;; esac
    [[ $jar =~ ^"$artifact"-([0-9][^/]*)\.jar$ ]] || continue
    version=${BASH_REMATCH[1]}
    if { [ "$line" = - ] || [[ $version == "$line"* ]]; } && older "$version" "$fixed"; then
      echo "$jar: $advisories; got $version, expected at least $fixed"
      found=1
    fi
  done <"$list"
done
[ "$jars" -gt 0 ] || { echo "audit: no jars in $*" >&2; exit 2; }
echo "$jars jars, advisories as of $(grep -o '20[0-9-]*' "$list" | head -n 1)"
exit "$found"
