"""Times scoring and report of made-up results, up to a million completions, and prints a table.

The results are those of a sweep over a model with 32 layers and 32 heads: values and block outputs, whole layers and single
heads, 8 scales, a random control for each. Needs nothing but Python 3.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

import documents

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "bench/.cache"
JAR = ROOT / "cli/target/steersweep-cli-0.1.0.jar"
GENERATOR = ["-cp", f"{ROOT / 'analysis/target/test-classes'}:{JAR}", "steersweep.SimulatedRunMain"]


def generate(bases: int) -> tuple[Path, int]:
    """Writes a run folder; the folder and its cells."""
    run = CACHE / f"simulated-{bases}"
    shutil.rmtree(run, ignore_errors=True)
    made = subprocess.run(["java", *GENERATOR, str(run), str(bases)], stdout=subprocess.PIPE, text=True, check=True)
    return run, int(made.stdout)


def report(run: Path, heap: str) -> dict:
    """Draws the report of a run in a JVM of its own; seconds and bytes."""
    start = time.monotonic()
    process = subprocess.Popen(["java", f"-Xmx{heap}", "-XX:+UseSerialGC", "-jar", str(JAR), "report", str(run)], stdout=subprocess.PIPE)
    verdict = process.stdout.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"the report failed, exit code {os.waitstatus_to_exitcode(status)}\n{verdict}")
    return {
        "seconds": time.monotonic() - start,
        "cpu": used.ru_utime + used.ru_stime,
        "peak": used.ru_maxrss * 1024,
        "page": (run / "report.html").stat().st_size,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-report", description=__doc__)
    parser.add_argument("--bases", type=int, nargs="+", default=[1, 3, 10], help="base prompts of each of 4 concepts; 10: a million cells")
    parser.add_argument("--heap", default="2g", help="the JVM's largest heap (default: %(default)s)")
    parser.add_argument("--docs", action="store_true", help="write the figures into docs/benchmark.md")
    options = parser.parse_args()
    CACHE.mkdir(exist_ok=True)
    lines = []
    for bases in options.bases:
        run, cells = generate(bases)
        files = sum(file.stat().st_size for file in run.rglob("*.parquet"))
        took = report(run, options.heap)
        shutil.rmtree(run)
        lines.append(
            [
                f"{cells:,}",
                f"{files / 1e6:.0f}",
                f"{took['seconds']:.0f}",
                f"{took['cpu']:.0f}",
                f"{took['peak'] / 2**20:.0f}",
                f"{took['page'] / 1e6:.1f}",
            ]
        )
    system = f"{time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC; {os.cpu_count()} cores, {platform.machine()}; heap of at most {options.heap}."
    table = documents.rows(["cells", "Parquet MB", "seconds", "CPU seconds", "peak MiB", "page MB"], lines)
    print(f"{system}\n\n{table}")
    if options.docs:
        documents.write("report", f"{system}\n\n{table}")


if __name__ == "__main__":
    main()
