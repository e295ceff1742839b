#!/usr/bin/env bash
# Sweeps on a Slurm cluster: an array of shards, then a job that merges them and reports.
#   MODEL=/shared/llama-7b CONF=conf/llama-7b.yaml SHARDS=8 conf/schedule/slurm/submit.sh
# Shards that failed: the same again. Finished units are not run again, finished shards end at once.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
export STEERSWEEP_HOME=$home
shards=${SHARDS:-4}
if [ -z "${STEERSWEEP:-}" ]; then make -s -C "$home" build; fi # once, not in every shard
array=$(sbatch --parsable --export=ALL --array="1-$shards" "$home/conf/schedule/slurm/shard.sbatch")
# afterany: when shards are missing, this is the job that says which
merge=$(sbatch --parsable --export="ALL,SHARDS=$shards" --dependency="afterany:${array%%;*}" "$home/conf/schedule/slurm/merge.sbatch")
echo "steersweep: $shards shards in job ${array%%;*}, report in job ${merge%%;*}"
