"""Measures the memory that cells need besides the weights, at two sizes of vocabulary, against the program's own formula and
against what logits of every position would take; prints a table."""

import argparse
import json
import os
import subprocess
import sys

import bench
import documents
from random_checkpoint import write as write_checkpoint

LAYERS, HIDDEN, HEADS, MLP = 4, 512, 8, 1376
PROMPT, NEW = 8, 30
WORDS = (32_000, 128_256)
ROWS = (64, 256)
KINDS = {"read along": 1e-9, "decoded": 40.0}  # by scale: no cell leaves the baseline's text, or nearly all do
MIB = 2**20


def cells(path, scale: float, count: int) -> None:
    ids = list(range(5, 5 + PROMPT))
    one = [dict(hook="value", layer=i % LAYERS, head=None, scale=scale * (1 + i / count), positions="mean") for i in range(count)]
    path.write_text(json.dumps(dict(base_ids=ids, steering_ids=ids[::-1], new_tokens=NEW, cells=one)))


def peak(model, given, rows: int) -> int:
    """Most bytes that one process had resident."""
    environment = os.environ | {"ORT_DISABLE_TELEMETRY": "1"}
    command = ["java", "-Xmx1g", "-XX:+UseSerialGC", "-jar", str(next((bench.HERE.parent / "cli/target").glob("steersweep-cli-*.jar")))]
    command += ["cells", str(model), str(given), "--batch-size", str(rows), "--cache", str(bench.CACHE)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, text=True)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(errors)
    return usage.ru_maxrss * 1024


def formula(words: int, rows: int) -> int:
    """BatchSize.bytes, said again: keys and values twice, activations, distributions."""
    tokens = PROMPT + NEW
    return 4 * rows * (2 * 2 * LAYERS * HIDDEN * tokens + (4 * HIDDEN + 3 * MLP) * tokens + 4 * words)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-memory", description=__doc__)
    parser.add_argument("--docs", action="store_true", help="write the figures into docs/benchmark.md")
    options = parser.parse_args()
    bench.CACHE.mkdir(exist_ok=True)
    lines = []
    for words in WORDS:
        model = bench.CACHE / f"words-{words}"
        if not (model / "model.safetensors").exists():
            write_checkpoint(model, LAYERS, HIDDEN, HEADS, MLP, words)
        for kind, scale in KINDS.items():
            given = bench.CACHE / "memory-cells.json"
            cells(given, scale, 1)
            alone = peak(model, given, 1)
            for rows in ROWS:
                cells(given, scale, rows)
                more = peak(model, given, rows) - alone
                every = rows * NEW * words * 4
                lines.append([f"{words:,}", kind, str(rows), *(f"{n / MIB:,.0f}" for n in (alone, more, formula(words, rows), every))])
    header = ["words", "cells", "rows", "one cell, MiB", "more for all rows, MiB", "formula, MiB", "logits of every position, MiB"]
    text = documents.rows(header, lines)
    print(text)
    if options.docs:
        documents.write("memory", text)


if __name__ == "__main__":
    main()
