"""Times the parts of a sweep that run outside the model, with JMH, and prints a table."""

import argparse
import json
import subprocess

import bench
import documents

WHAT = {
    "assembleBatch": "cells to a batch: bank rows, bank",
    "fillTensors": "batch to tensors of the runtime",
    "tokenizePrompt": "tokenize a prompt",
    "decodeCompletion": "decode a completion",
    "repetitionOfCompletion": "repetition scores of a completion",
    "writeUnit": "write both Parquet files of 256 cells",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make jmh", description=__doc__)
    parser.add_argument("--docs", action="store_true", help="write the figures into docs/benchmark.md")
    options = parser.parse_args()
    bench.CACHE.mkdir(exist_ok=True)
    checkpoint = bench.ensure_checkpoint()
    graph = bench.export(checkpoint)
    result = bench.CACHE / "jmh.json"
    command = [*bench.JAVA, "org.openjdk.jmh.Main", "-p", f"graph={graph}", "-p", f"checkpoint={checkpoint}"]
    command += "-f 1 -wi 3 -w 1 -i 5 -r 1 -v NORMAL -rf json -rff".split() + [str(result)]
    log = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if log.returncode or not result.exists():
        raise SystemExit(log.stdout)
    lines = []
    for run in json.loads(result.read_text()):
        name = run["benchmark"].rsplit(".", 1)[1]
        rows = run.get("params", {}).get("rows")
        score = run["primaryMetric"]
        lines.append([WHAT[name] + (f", {rows} cells" if rows else ""), f"{score['score']:.0f}", f"{score['scoreError']:.0f}"])
    text = documents.rows(["", "µs", "±"], lines)
    print(text)
    if options.docs:
        documents.write("jmh", text)


if __name__ == "__main__":
    main()
