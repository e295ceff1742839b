"""Where the time of a whole sweep goes: ONNX Runtime's own profiler by operator, JFR for what runs in Java.

The profiler is switched on from outside (SessionAgent), in the program as it is; it costs a few per cent.
"""

import argparse
import collections
import json
import re
import subprocess
import tempfile
import time
from pathlib import Path

import bench
import documents
from checkpoint import WORDS

AGENT = bench.HERE / "target/steersweep-bench-0.1.0.jar"
STAGES = ("prefill", "decode", "scoring", "capture")
# innermost frame that belongs to one of these decides
JAVA_PARTS = (
    ("Parquet", r"org\.apache\.parquet|org\.apache\.avro|com\.github\.luben|io\.airlift|steersweep\.result\.(Parquet|Zstd|Columns)"),
    ("tokenizer", r"ai\.djl|steersweep\.engine\.PromptTokenizer"),
    ("report", r"steersweep\.(report|score)|tech\.tablesaw"),
    ("export", r"steersweep\.(checkpoint|llama|graph)|ai\.onnx\.proto|com\.google\.protobuf"),
    ("engine", r"steersweep\.engine|ai\.onnxruntime"),
    ("Beam", r"org\.apache\.beam"),
    ("command line, plan, unit", r"steersweep|picocli|com\.fasterxml"),
)


def shape(event: dict, which: str, index: int = 0) -> list[int]:
    shapes = event["args"].get(which, [])
    return next(iter(shapes[index].values()), []) if len(shapes) > index else []


def kind(event: dict) -> str:
    operator, out = event["args"]["op_name"], shape(event, "output_type_shape")
    wide = bool(out) and out[-1] == WORDS
    if operator in ("Gemm", "FusedGemm"):
        return "Gemm of the output layer" if wide else "Gemm of the layers"
    if operator in ("MatMul", "FusedMatMul"):
        return "attention MatMul"
    if operator == "Concat" and len(out) == 4 and out[2] > 1 and stage_of(event) == "decode":
        return "Concat of the cache"
    if operator in ("LogSoftmax", "TopK"):
        return f"{operator} over the words"
    if wide or operator in ("Exp", "ReduceSum"):
        return "KL against references"
    if "LayerNorm" in operator:
        return "norms"
    if operator == "Softmax":
        return "attention Softmax"
    return "all other operators (rotary, additions, SwiGLU, shapes)"


def stage_of(event: dict) -> str:
    return "decode" if re.match(r"d\d", event["name"]) else "prefill"  # names that the exporter gives


class Profile:
    """One session's events."""

    def __init__(self, events: list[dict]) -> None:
        self.runs = sorted((e["ts"], e["ts"] + e["dur"]) for e in events if e["name"] == "model_run")
        self.opening = sum(e["dur"] for e in events if e["cat"] == "Session" and e["name"] != "model_run" and "Executor" not in e["name"])
        nodes = [e for e in events if e["cat"] == "Node" and e["name"].endswith("_kernel_time")]
        self.seconds: dict[tuple[str, str], float] = collections.Counter()
        self.operators: dict[tuple[str, str], float] = collections.Counter()
        self.products: dict[tuple, list[float]] = {}
        for start, end in self.runs:
            inside = [e for e in nodes if start <= e["ts"] < end]
            self.add(inside)

    def add(self, nodes: list[dict]) -> None:
        decodes = any(stage_of(e) == "decode" for e in nodes)
        rows = max(shape(e, "output_type_shape")[0] for e in nodes if e["args"]["op_name"] == "LogSoftmax")
        first = "prefill" if decodes else "scoring" if rows > 1 else "capture"
        for e in nodes:
            operator = e["args"]["op_name"]
            if operator in ("If", "Loop"):
                continue  # their nodes are counted
            stage = "decode" if stage_of(e) == "decode" else first
            self.seconds[stage, kind(e)] += e["dur"] / 1e6
            self.operators[stage, operator] += e["dur"] / 1e6
            if operator in ("Gemm", "FusedGemm"):
                x, y = shape(e, "input_type_shape"), shape(e, "output_type_shape")
                self.products.setdefault((stage, y[0], y[1], x[1]), []).append(e["dur"] / 1e6)

    def in_runs(self) -> float:
        return sum(end - start for start, end in self.runs) / 1e6

    def span(self) -> float:
        return (self.runs[-1][1] - self.runs[0][0]) / 1e6


def java_parts(recording: Path) -> dict[str, float]:
    """CPU seconds of Java code, by sampling; compiler and garbage collector as the JVM counts them."""

    def events(*names: str) -> list[dict]:
        command = ["jfr", "print", "--json", "--stack-depth", "64", "--events", ",".join(names), str(recording)]
        text = subprocess.run(command, check=True, text=True, capture_output=True).stdout
        return json.loads(text)["recording"]["events"]

    seconds: dict[str, float] = collections.Counter()
    for event in events("jdk.ExecutionSample"):
        frames = (event["values"]["stackTrace"] or {}).get("frames", [])
        names = [f["method"]["type"]["name"].replace("/", ".") + "." + f["method"]["name"] for f in frames]
        part = next((part for name in names for part, pattern in JAVA_PARTS if re.match(pattern, name)), "other (JDK, start-up)")
        seconds[part] += 0.01
    seconds["garbage collection"] = sum(duration(e["values"]["sumOfPauses"]) for e in events("jdk.GarbageCollection"))
    compiled = [duration(e["values"]["totalTimeSpent"]) for e in events("jdk.CompilerStatistics")]
    seconds["JIT compiler, elapsed on its own threads"] = max(compiled, default=0)
    return seconds


def duration(text: str) -> float:
    """Seconds of an ISO duration such as PT1M2.5S."""
    minutes, seconds = re.fullmatch(r"PT(?:(\d+)M)?(?:([\d.]+)S)?", text).groups(default="0")
    return 60 * int(minutes) + float(seconds)


def table(profile: Profile, wall: float, startup: float) -> str:
    """Seconds of the wall clock by stage and operator, and what is outside the model."""
    stages = [stage for stage in STAGES if any(s == stage for s, _ in profile.seconds)]
    kinds = sorted({kind for _, kind in profile.seconds}, key=lambda k: -sum(profile.seconds[s, k] for s in stages))
    line = lambda name, values: [name, *(f"{v:.2f}" if v else "" for v in values), f"{sum(values):.2f}", f"{sum(values) / wall:.1%}"]
    lines = [line(kind, [profile.seconds[stage, kind] for stage in stages]) for kind in kinds]
    inside = [sum(profile.seconds[stage, kind] for kind in kinds) for stage in stages]
    outside = lambda name, seconds: [name, *("" for _ in stages), f"{seconds:.2f}", f"{seconds / wall:.1%}"]
    lines.append(line("**operators together**", inside))
    lines.append(outside("runtime between operators", profile.in_runs() - sum(inside)))
    lines.append(outside("Java between runs of the model", profile.span() - profile.in_runs()))
    lines.append(outside("start-up, export, plan", startup))
    lines.append(outside("opening the session", profile.opening / 1e6))
    rest = wall - startup - profile.opening / 1e6 - profile.span()
    lines.append(outside("tokenizing before, rows of the last unit, report, exit", rest))
    lines.append(outside("**whole process**", wall))
    return documents.rows(["seconds", *stages, "all", "of the sweep"], lines)


def products(profile: Profile, best: float) -> str:
    lines = []
    for (stage, m, n, k), seconds in sorted(profile.products.items(), key=lambda item: -sum(item[1]))[:14]:
        flops = 2 * m * n * k
        usual = sorted(seconds)[len(seconds) // 2]
        speed = flops / usual / 1e9
        lines.append([stage, f"{m} x {n} x {k}", str(len(seconds)), f"{sum(seconds):.2f}", f"{1000 * usual:.2f}", f"{speed:.0f}", f"{speed / best:.0%}"])
    return documents.rows(["Gemm", "rows x out x in", "count", "seconds", "median ms", "GFLOP/s", "of peak"], lines)


def run(options: argparse.Namespace, folder: Path) -> tuple[Profile, dict[str, float], dict, float]:
    given = bench.make_cells(options.pairs, options.heads)
    conf = folder / "plan.yaml"
    conf.write_text(bench.plan(given, options.heads))
    recording = folder / "sweep.jfr"
    java = f"-javaagent:{AGENT} -Dbench.profile={folder}/onnxruntime {options.java}"
    java += f" -XX:StartFlightRecording=filename={recording},settings=profile -Xlog:jfr*=off"
    checkpoint = bench.ensure_checkpoint()
    start = time.time()
    ran = bench.sweep(checkpoint, conf, folder / "runs", options.threads, options.batch_size, dict(JAVA_OPTS=java))
    opened = int((folder / "opened").read_text()) / 1000
    events = json.loads(max(folder.glob("onnxruntime*.json"), key=lambda file: file.stat().st_size).read_text())
    return Profile(events), java_parts(recording), ran, opened - start


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-profile", description=__doc__.split("\n")[0])
    parser.add_argument("--heads", action="store_true", help="every head of its own instead of whole layers")
    parser.add_argument("--pairs", type=int, default=4, help="prompt pairs (default: 4)")
    parser.add_argument("--threads", type=int, default=len(bench.os.sched_getaffinity(0)), help="threads of the model")
    parser.add_argument("--batch-size", type=int, default=64, help="of the sweep (default: 64)")
    parser.add_argument("--java", default="", help="more options for the JVM, for example -Dbench.memoryPattern=true")
    parser.add_argument("--docs", action="store_true", help="write the figures into docs/benchmark.md")
    options = parser.parse_args()
    bench.CACHE.mkdir(exist_ok=True)
    best = max(bench.sgemm(options.threads).values())
    with tempfile.TemporaryDirectory(prefix="steersweep-profile") as folder:
        profile, java, ran, startup = run(options, Path(folder))
    parts = sorted(java.items(), key=lambda item: -item[1])
    text = "\n\n".join(
        [
            f"{ran['cells']} cells, {options.pairs} prompt pairs, {len(profile.runs)} runs of the model; other processes used "
            f"{ran['others']:.0%} of the machine.",
            table(profile, ran["seconds"], startup),
            f"Peak measured just before: {best:.0f} GFLOP/s.",
            products(profile, best),
            documents.rows(["CPU seconds in Java", "", "of the sweep"], [[n, f"{s:.2f}", f"{s / ran['seconds']:.1%}"] for n, s in parts]),
        ]
    )
    print(text)
    if options.docs:
        documents.write("profile", text)


if __name__ == "__main__":
    main()
