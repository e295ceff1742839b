#!/usr/bin/env bash
# Checks and measures the program on a GPU, and writes one Markdown file: golden cells in both types,
# cells a second by batch size, decoding and prefill against the GPU's limits, GPU memory over many
# runs, a whole sweep of the demo with its stages. Needs Python 3 without packages and no network; works in a checkout and in what
# bench/pack-gpu.sh packed.
# usage: bench/gpu.sh [--device NAME] [--size 7b|tiny] [--out FILE.md] [--work DIR]
#   --device   default cuda:0; cpu (with --size tiny) tries the script itself
#   --size     of the random checkpoint to time: 7b takes 13.5 GB in the work folder (default)
#   --work     folder for checkpoint and intermediate results, kept (default: /tmp/steersweep-bench)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
device=cuda:0 size=7b out=gpu-bench.md work=/tmp/steersweep-bench
while [ $# -gt 0 ]; do
  [ $# -gt 1 ] || { sed -n 's/^# \{0,1\}//; 2,10p' "${BASH_SOURCE[0]}" >&2; exit 2; }
  case $1 in
    --device) device=$2 ;;
    --size) size=$2 ;;
    --out) out=$2 ;;
    --work) work=$2 ;;
    *) echo "gpu.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
if [ -x "$here/../steersweep" ]; then # packed
  steersweep=$here/../steersweep oracle=$here/../oracle demo=$here/../demo
else
  steersweep=$here/../bin/steersweep oracle=$here/../cli/src/test/resources/oracle demo=$here/../demo/model
fi
batches=32,64,128,256,512 repeat=5 memory_runs=100 part=()
if [ "$size" = tiny ]; then batches=2,8 repeat=2 memory_runs=4 part=(--layers 3 --concepts sad,evil); fi
mkdir -p "$work"
report=$work/report.md

echo "1 of 5: what there is" >&2
"$steersweep" doctor --device "$device" >"$work/doctor.txt" || { cat "$work/doctor.txt" >&2; exit 1; }
{
  echo "# steersweep on $(sed -n 's/^device  *//p' "$work/doctor.txt")"
  printf '\n%s UTC, device %s, checkpoint of size %s.\n\n' "$(date -u +'%Y-%m-%d %H:%M')" "$device" "$size"
  echo '```'
  cat "$work/doctor.txt"
  echo '```'
  printf '\n## Golden cells\n\nExpected results: transformers in float64.\n\n'
  echo "| checkpoint | type | cells | equal tokens | largest difference | largest gap | not finite |"
  echo "|---|---|---|---|---|---|---|"
} >"$report"

echo "2 of 5: golden cells" >&2
for folder in "$oracle"/*/; do
  name=$(basename "$folder")
  if [ "$size" = tiny ] && [ "$name" != llama-gqa ]; then continue; fi
  for dtype in float32 float16; do
    "$steersweep" cells --device "$device" --dtype "$dtype" --cache "$work/cache" \
      "$folder/model" "$folder/cells.json" >"$work/cells.json"
    python3 "$here/compare_cells.py" "$name" "$folder/expected.json" "$work/cells.json" >>"$report"
  done
done

echo "3 of 5: a random checkpoint of size $size" >&2
checkpoint=$work/checkpoint-$size
if [ ! -e "$checkpoint/done" ]; then
  python3 "$here/random_checkpoint.py" "$checkpoint" "$size"
  touch "$checkpoint/done"
fi

echo "4 of 5: times" >&2
"$steersweep" bench --within 0 --device "$device" --dtype float16 --cache "$work/cache" --batch-sizes "$batches" \
  --repeat "$repeat" --memory-runs "$memory_runs" "$checkpoint" >"$work/bench.json"
{
  printf '\n## Times\n\n'
  python3 "$here/bench_table.py" "$work/bench.json"
} >>"$report"

echo "5 of 5: a sweep of the demo: reading along, choosing, writing, scoring" >&2
conf=$demo/demo.yaml
[ -e "$conf" ] || conf=$here/../conf/demo.yaml
"$steersweep" sweep --device "$device" --model "$demo" --conf "$conf" --runs "$work/runs" --fresh \
  ${part[@]+"${part[@]}"} >"$work/sweep.txt"
{
  printf '\n## A sweep of the demo\n\n'
  grep -E '^(cells|texts|device|read|wrote|done) ' "$work/sweep.txt" | sed 's/^/    /'
} >>"$report"
cp "$report" "$out"
echo "$out"
