"""Measures steersweep against transformers on the same cells, in one run, and prints a table.

Four ways to run the cells, taking turns so that a noisy minute hits all of them: transformers with hooks one cell at a time (a),
transformers batched (b), steersweep's engine (c), the whole program (d). Every way must give the same tokens. docs/benchmark.md
says how to read the result; `--docs` writes it there.
"""

import argparse
import datetime
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import documents
from checkpoint import BOS, SETTINGS, WORDS

HERE = Path(__file__).resolve().parent
HOME = HERE.parent
CACHE = HERE / ".cache"
PYTHON = sys.executable
JAVA = ["java", "-XX:+UseSerialGC", "-cp", f"{HERE}/target/classes:{HERE}/target/lib/*"]
SCALES = (-10.0, -5.0, -2.0, -1.0, 1.0, 2.0, 5.0, 10.0)
BASE_TOKENS = 8
NEW_TOKENS = 30
LAYERS, HEADS = SETTINGS["num_hidden_layers"], SETTINGS["num_attention_heads"]
# Log-probabilities of engine and transformers in float32 are within 1e-4 of those in float64: two candidates closer than twice
# that are a tie that rounding decides.
TIE = 2e-4


# ---- what is run ----


def make_cells(pairs: int, heads: bool) -> dict:
    rng = random.Random(11)
    prompt = lambda: [BOS] + [rng.randrange(3, WORDS) for _ in range(BASE_TOKENS - 1)]
    steering = prompt()
    return dict(
        new_tokens=NEW_TOKENS,
        pairs=[dict(base=prompt(), steering=steering) for _ in range(pairs)],
        cells=[
            dict(pair=pair, layer=layer, head=head, scale=scale)
            for pair in range(pairs)
            for layer in range(LAYERS)
            for head in (range(HEADS) if heads else [None])
            for scale in SCALES
        ],
    )


def plan(given: dict, heads: bool) -> str:
    text = lambda ids: json.dumps(" ".join(map(str, ids[1:])))
    return f"""name: bench
concepts:
  - name: numbers
    base_prompts: [{", ".join(text(pair["base"]) for pair in given["pairs"])}]
    steering_prompts: [{text(given["pairs"][0]["steering"])}]
grid:
  hook_points: value
  layers: all
  heads: {"each" if heads else "all"}
  settings: {json.dumps(SCALES)}
  positions: lw2023
generate:
  new_tokens: {NEW_TOKENS}
  stop_at_eos: false
  cells: all
"""


# ---- processes ----


class Clock:
    """How much of the machine other processes used meanwhile."""

    def __init__(self) -> None:
        self.cores = os.cpu_count()
        self.start, self.busy = time.time(), self.busy_seconds()

    @staticmethod
    def busy_seconds() -> float:
        user, nice, system, _idle, _wait, irq, soft, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
        return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")

    def others(self, own: float) -> float:
        """Share of all cores, 0..1."""
        return max(0.0, self.busy_seconds() - self.busy - own) / ((time.time() - self.start) * self.cores)


def wait_for_quiet(seconds: float) -> None:
    """Until other processes leave the machine alone, but not for ever."""
    end = time.time() + seconds
    while time.time() < end:
        clock = Clock()
        time.sleep(0.5)
        if clock.others(0) <= documents.QUIET:
            return


class Worker:
    """A process that runs cells when told to."""

    def __init__(self, command: list[str], threads: int) -> None:
        self.environment = os.environ | {name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self.environment
        )
        self.answer()

    def ask(self, **command) -> dict:
        clock, cpu = Clock(), self.cpu_seconds()
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        answer = self.answer()
        used = self.cpu_seconds() - cpu
        return answer | dict(others=clock.others(used), cpu=used)

    def answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.process.args}: ended with {self.process.wait()}")
        return json.loads(line)

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_mib(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def sweep(checkpoint: Path, conf: Path, runs: Path, threads: int, batch_size: int, environment: dict | None = None) -> dict:
    """The whole program: wall clock, that of its stages, peak memory, the run folder; with batch size 0 it chooses that itself."""
    command = [HOME / "bin/steersweep", "sweep", "--model", checkpoint, "--conf", conf, "--runs", runs, "--fresh"]
    command += ["--threads", str(threads)] + (["--batch-size", str(batch_size)] if batch_size else [])
    clock, start = Clock(), time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(list(map(str, command)), stdout=out, cwd=HOME, env=os.environ | (environment or {}))
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        out.seek(0)
        text = out.read()
    if status:
        sys.exit(f"steersweep sweep failed: {text}")
    stages = {word: line.split() for line in text.splitlines() for word in ("read", "wrote") if line.startswith(word + " ")}
    return dict(
        seconds=seconds,
        stages={word: dict(cells=int(line[1]), seconds=float(line[line.index("in") + 1])) for word, line in stages.items()},
        cells=int(stages["read"][1]),
        others=clock.others(usage.ru_utime + usage.ru_stime),
        cpu=usage.ru_utime + usage.ru_stime,
        peak_mib=usage.ru_maxrss / 1024,
        run=str((runs / "latest").resolve()),
    )


def run_tokens(run: str, given: dict) -> tuple[list[list[int]], list[bool]]:
    """Tokens of a run in the order of the cells, and whether they are the baseline's."""
    lines = subprocess.run([*JAVA, "steersweep.bench.RunTokens", run], check=True, text=True, capture_output=True).stdout
    pairs = {" ".join(map(str, pair["base"][1:])): i for i, pair in enumerate(given["pairs"])}
    rows = {}
    for line in lines.splitlines():
        row = json.loads(line)
        if row["kind"] == "steered":
            rows[pairs[row["base_prompt"]], row["layer"], row["head"], row["setting"]] = row
    found = [rows[cell["pair"], cell["layer"], cell["head"], cell["scale"]] for cell in given["cells"]]
    return [row["tokens"] for row in found], [row["same_as_baseline"] for row in found]


def ensure_checkpoint() -> Path:
    folder = CACHE / "model"
    subprocess.run([PYTHON, HERE / "checkpoint.py", folder], check=True)
    return folder


def export(checkpoint: Path) -> Path:
    out = CACHE / "graph"
    command = [HOME / "bin/steersweep", "export", checkpoint, "--out", out, "--hook-points", "value", "--dtype", "float32"]
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL, cwd=HOME)
    return out


# ---- the same tokens ----


class Agreement:
    """Compares every way's tokens with those of the first way that ran a cell; differences are looked at in float64."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[str, list[int]]] = {}
        self.compared: dict[str, set[int]] = {}
        self.differences: dict[tuple, dict] = {}

    def add(self, way: str, cells: list[int], tokens: list[list[int]]) -> None:
        self.compared.setdefault(way, set()).update(cells)
        for cell, mine in zip(cells, tokens, strict=True):
            other, theirs = self.known.setdefault(cell, (way, mine))
            if mine != theirs:
                n = next((i for i, (x, y) in enumerate(zip(mine, theirs)) if x != y), None)
                if n is None:
                    sys.exit(f"cell {cell}: {way} gives {len(mine)} tokens, {other} {len(theirs)}")
                self.differences[cell, way, other] = dict(
                    cell=cell, ways=[other, way], at=n, before=mine[:n], candidates=[theirs[n], mine[n]]
                )

    def settle(self, worker) -> list[dict]:
        """The ties; ends the program where a difference is no tie."""
        found = list(self.differences.values())
        if found:
            exact = worker()
            questions = [[d["cell"], d["before"], d["candidates"]] for d in found]
            for difference, (one, two) in zip(found, exact.ask(questions=questions)["logprobs"]):
                difference["gap"] = abs(one - two)
            exact.close()
        for d in found:
            print(f"cell {d['cell']}: token {d['at']} of {d['ways'][0]} and {d['ways'][1]}: gap {d['gap']:.1e} nats in float64")
        if any(d["gap"] > TIE for d in found):
            sys.exit(f"different tokens, and not a tie (gap above {TIE:.0e}): nothing measured here is worth reading")
        return found


# ---- arithmetic ----


def work() -> dict[str, float]:
    """Floating-point operations of one cell: 2 for each parameter of a matrix and token, and attention; the output layer only
    where a token is chosen."""
    hidden, vocabulary = SETTINGS["hidden_size"], SETTINGS["vocab_size"]
    matrices = 2 * LAYERS * (4 * hidden**2 + 3 * hidden * SETTINGS["intermediate_size"])
    output = 2 * hidden * vocabulary
    attention = lambda keys: 4 * LAYERS * hidden * keys  # scores and weighted values
    prefill = BASE_TOKENS * matrices + sum(map(attention, range(1, BASE_TOKENS + 1))) + output
    decode = sum(matrices + attention(BASE_TOKENS + i) + output for i in range(1, NEW_TOKENS))
    return dict(prefill=prefill, decode=decode, total=prefill + decode)


# ---- the run ----


def measure(options: argparse.Namespace) -> dict:
    given = make_cells(options.pairs, options.heads)
    count = len(given["cells"])
    looped = random.Random(5).sample(range(count), min(options.loop_cells, count))
    batched = min(options.batched_cells or count, count)
    checkpoint = ensure_checkpoint()
    graph = export(checkpoint)
    (CACHE / "cells.json").write_text(json.dumps(given))
    (CACHE / "plan.yaml").write_text(plan(given, options.heads))
    threads = options.threads
    transformers = lambda way: Worker(
        [PYTHON, str(HERE / "transformers_worker.py"), way, str(checkpoint), str(CACHE / "cells.json"), str(threads), "64"], threads
    )
    engine = lambda size: Worker(
        [*JAVA, "steersweep.bench.EngineWorker", str(graph), str(CACHE / "cells.json"), str(threads), str(size)], threads
    )
    workers = dict(a=transformers("loop"), b=transformers("batched")) | {f"c{size}": engine(size) for size in options.batch_sizes}
    agreement = Agreement()
    times: dict[str, list[dict]] = {}
    peaks: list[dict[str, float]] = []

    def ask(way: str, cells: list[int], new_tokens: int = NEW_TOKENS, name: str | None = None, read: bool = False) -> None:
        def run() -> dict:
            answer = workers[way].ask(new_tokens=new_tokens, cells=cells, read=read)
            tokens = answer.pop("tokens")
            if new_tokens == NEW_TOKENS:
                agreement.add(name or way, cells, tokens)
            return answer | dict(cells=len(cells))

        undisturbed(name or way, run)

    def undisturbed(name: str, run: Callable[[], dict]) -> None:
        for _ in range(1 + options.retries):
            wait_for_quiet(options.wait)
            result = run()
            times.setdefault(name, []).append(result)
            rate = result["cells"] / result["seconds"]
            print(f"  {name:14} {rate:8.2f} cells/s   others {result['others']:4.0%}", file=sys.stderr, flush=True)
            if result["others"] <= documents.QUIET:
                break

    def whole_program() -> dict:
        nonlocal same
        ran = sweep(checkpoint, CACHE / "plan.yaml", Path(runs), threads, max(options.batch_sizes))
        tokens, same = run_tokens(ran.pop("run"), given)
        agreement.add("d", list(range(count)), tokens)
        return ran

    def warm() -> None:
        for way, worker in workers.items():
            n = {"a": 2, "b": 64}.get(way) or int(way[1:])
            for read in (False, True) if way.startswith("c") else (False,):
                worker.ask(new_tokens=NEW_TOKENS, cells=list(range(min(n, count))), read=read)

    warm()
    same: list[bool] = []
    with tempfile.TemporaryDirectory(prefix="steersweep-bench") as runs:
        for turn in range(options.rounds):
            print(f"round {turn + 1} of {options.rounds}, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
            peaks.append(sgemm(threads))
            ask("a", looped)
            ask("b", list(range(batched)))
            for size in options.batch_sizes:
                ask(f"c{size}", list(range(count)))
                ask(f"c{size}", list(range(count)), 1, f"c{size} prefill")
                ask(f"c{size}", list(range(count)), name=f"r{size}", read=True)
            if not options.no_sweep:
                undisturbed("d", whole_program)
    memory = {way: worker.peak_mib() for way, worker in workers.items()}
    if "d" in times:
        memory["d"] = max(run["peak_mib"] for run in times["d"])
    for worker in workers.values():
        worker.close()
    ties = agreement.settle(lambda: transformers("exact"))
    return dict(
        conditions=conditions(options, given),
        compared={way: len(cells) for way, cells in agreement.compared.items()},
        ties=ties,
        same_as_baseline={
            str(scale): statistics.mean(s for s, cell in zip(same, given["cells"]) if cell["scale"] == scale) for scale in SCALES
        }
        if same
        else {},
        work=work(),
        sgemm=peaks,
        times=times,
        peak_mib=memory,
    )


def sgemm(threads: int, attempts: int = 4) -> dict[str, float]:
    """The best of each size, tried again while other processes disturb."""
    environment = os.environ | {name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    best: dict[str, float] = {}
    for _ in range(attempts):
        wait_for_quiet(5)
        clock = Clock()
        process = subprocess.Popen([PYTHON, str(HERE / "sgemm.py"), str(threads)], stdout=subprocess.PIPE, text=True, env=environment)
        measured = json.loads(process.stdout.read())
        _, _, usage = os.wait4(process.pid, 0)
        best = {name: max(speed, best.get(name, 0)) for name, speed in measured.items()}
        if clock.others(usage.ru_utime + usage.ru_stime) <= documents.QUIET:
            break
    return best


def conditions(options: argparse.Namespace, given: dict) -> dict:
    import torch
    import transformers

    model = next(line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line)
    output = lambda *command: subprocess.run(command, text=True, capture_output=True, cwd=HOME)
    commit = output("git", "rev-parse", "--short", "HEAD").stdout.strip()
    java = output("java", "-version").stderr.splitlines()[0].split('"')[1]
    runtime = next((HOME / "cli/target/lib").glob("onnxruntime-*.jar")).stem.removeprefix("onnxruntime-")
    return dict(
        date=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        cpu=model,
        cores=os.cpu_count(),
        threads=options.threads,
        heads=options.heads,
        pairs=options.pairs,
        cells=len(given["cells"]),
        loop_cells=options.loop_cells,
        batched_cells=options.batched_cells,
        rounds=options.rounds,
        system=f"{platform.system()} {platform.machine()}",
        versions=dict(
            steersweep=commit,
            onnxruntime=runtime,
            java=java,
            python=platform.python_version(),
            torch=torch.__version__,
            transformers=transformers.__version__,
        ),
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.split("\n")[0])
    cores = len(os.sched_getaffinity(0))
    parser.add_argument("--heads", action="store_true", help="every head of its own instead of whole layers")
    parser.add_argument("--pairs", type=int, help="prompt pairs, each of 64 cells, with --heads of 512 (default: 4, with --heads 1)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each way takes its turn (default: 3)")
    parser.add_argument("--threads", type=int, default=cores, help="threads of every way (default: one per core)")
    parser.add_argument("--batch-sizes", type=lambda s: [int(n) for n in s.split(",")], default=[64, 128, 256], help="of the engine")
    parser.add_argument("--loop-cells", type=int, default=16, help="cells timed one at a time (default: 16, drawn at random)")
    parser.add_argument("--batched-cells", type=int, default=256, help="cells timed in batched transformers (default: 256; 0: all)")
    parser.add_argument("--no-sweep", action="store_true", help="leave the whole program out")
    parser.add_argument("--wait", type=float, default=20, help="seconds to wait for a quiet machine before each timing (default: 20)")
    parser.add_argument("--retries", type=int, default=1, help="how often a disturbed timing is repeated (default: 1)")
    parser.add_argument("--docs", action="store_true", help="write the figures into docs/benchmark.md")
    parser.add_argument("--json", type=Path, default=CACHE / "result.json", help="where the figures go (default: bench/.cache/result.json)")
    options = parser.parse_args()
    options.pairs = options.pairs or (1 if options.heads else 4)
    CACHE.mkdir(exist_ok=True)
    result = measure(options)
    options.json.write_text(json.dumps(result, indent=1))
    text = documents.table(result)
    print(text)
    print(f"\n{options.json}")
    if options.docs:
        documents.write("heads" if options.heads else "layers", text)


if __name__ == "__main__":
    main()
