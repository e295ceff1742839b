#!/usr/bin/env python3
"""Print what 'steersweep bench' measured as Markdown, against the limits of the GPU.

usage: bench_table.py BENCH.json

Limits are datasheet figures by the GPU's name, or BANDWIDTH (bytes a second) and PEAK (operations a
second) from the environment; without either the share of the limit is left out.
"""
import json
import os
import sys

# memory bandwidth, and dense float16 products with sums in float32: by the vendor's datasheets
LIMITS = {
    "H200": (4.8e12, 989e12),
    "H100": (3.35e12, 989e12),
    "A100": (2.04e12, 312e12),
    "L40S": (0.864e12, 362e12),
    "L4": (0.3e12, 121e12),
}


def limits(device):
    named = next((LIMITS[name] for name in LIMITS if name in device), (0, 0))
    return float(os.environ.get("BANDWIDTH", named[0])), float(os.environ.get("PEAK", named[1]))


def share(floor, seconds):
    return f"{100 * floor / seconds:.0f} %" if floor and seconds > 0 else "-"


def main(path):
    with open(path) as file:
        run = json.load(file)
    bandwidth, peak = limits(run["device"])
    print(
        f"{run['parameters'] / 1e9:.2f}e9 parameters, {run['dtype']}, "
        f"{run['weight_bytes'] / 1e9:.2f} GB; prompts of {run['prompt_tokens']} tokens, "
        f"{run['new_tokens']} new ones; opened in {run['open_seconds']:.1f} s.\n"
    )
    if bandwidth:
        print(f"Limits: {bandwidth / 1e12:.2f} TB/s, {peak / 1e12:.0f} TFLOP/s.\n")
    print("| batch | cells a second | decode step, ms | of bandwidth | prefill, ms | of peak |")
    print("|---|---|---|---|---|---|")
    for row in run["batches"]:
        if "error" in row:
            print(f"| {row['batch']} | failed: {row['error'][:120]} | | | | |")
            continue
        step, prefill = row["decode_step_seconds"], row["prefill_seconds"]
        read = run["weight_bytes"] / bandwidth if bandwidth else 0
        work = 2.0 * run["parameters"] * row["batch"] * run["prompt_tokens"]
        print(
            f"| {row['batch']} | {row['cells_per_second']:.1f} "
            f"| {1e3 * step:.2f} | {share(read, step)} "
            f"| {1e3 * prefill:.1f} | {share(work / peak if peak else 0, prefill)} |"
        )
    print(
        "\n'of bandwidth': bytes of the weights over memory bandwidth, as a share of a step's time."
        " 'of peak': 2 x parameters x tokens over peak, as a share of the prefill's time.\n"
    )
    memory = run["gpu_memory_mib"]
    if len(memory) >= 4:
        quarter = len(memory) // 4
        early, late = max(memory[:quarter]), max(memory[-quarter:])
        print(
            f"GPU memory over {len(memory)} runs of changing size: at most {early} MiB in the first"
            f" quarter, {late} MiB in the last, {max(memory)} MiB in all: "
            + ("it grew." if late > early * 1.02 else "it did not grow.")
        )
    else:
        print("GPU memory: not read, there is no nvidia-smi.")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
