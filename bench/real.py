"""Measures steersweep on a real model beside transformers and llama.cpp, on the same cells and in one run, against the targets.

The model is a GGUF file (make real-model brings SmolLM2-135M). Prompts of conf/smollm2.yaml, additions at the output of every
block but the first. Ways: the engine decoding every cell from its start; transformers with hooks in batches; llama.cpp with one
control vector after another, on the same numbers in float32 and on the file as it is; whole sweeps by `bin/steersweep sweep`.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import bench
import documents
import gguf
import numpy
import yaml

CACHE = bench.CACHE / "real"
SETTINGS = (0.25, 0.5)


def concepts() -> list[dict]:
    return yaml.safe_load((bench.HOME / "conf/smollm2.yaml").read_text())["concepts"]


def prompts() -> tuple[list[str], str, str]:
    """Base prompts, a steering prompt, its contrast."""
    first = concepts()[0]
    return [text for concept in concepts() for text in concept["base_prompts"]], first["steering_prompts"][0], first["contrast_prompts"][0]


def make_cells(tokenizer, options: argparse.Namespace, layers: int) -> tuple[dict, list[str]]:
    """Base prompts are of one length in tokens, so that transformers needs no padding."""
    bases, steering, contrast = prompts()
    ids = lambda text: tokenizer(text)["input_ids"]
    length = statistics.mode(len(ids(text)) for text in bases)
    bases = [text for text in bases if len(ids(text)) == length][: options.pairs]
    pair = lambda text: dict(base=ids(text), steering=ids(steering), contrast=ids(contrast))
    cells = [
        dict(pair=i, layer=layer, head=None, scale=scale) for i in range(len(bases)) for layer in range(1, layers) for scale in SETTINGS
    ]
    return dict(new_tokens=options.new_tokens, hook_point="RESIDUAL_POST", positions="MEAN", pairs=list(map(pair, bases)), cells=cells), bases


def plan(bases: list[str], layers: int, options: argparse.Namespace) -> str:
    """The cells that are compared, every one with a text."""
    _, steering, contrast = prompts()
    return f"""name: bench-real
concepts:
  - {{name: joy, base_prompts: {json.dumps(bases)}, steering_prompts: [{json.dumps(steering)}], contrast_prompts: [{json.dumps(contrast)}]}}
grid: {{hook_points: residual_post, layers: 1-{layers - 1}, settings: {json.dumps(SETTINGS)}, positions: mean, dose: raw}}
generate: {{new_tokens: {options.new_tokens}, stop_at_eos: false, cells: all}}
"""


def usual_plan(options: argparse.Namespace) -> str:
    """conf/smollm2.yaml made smaller: the best cells write, judged after 12 prompts."""
    some = [
        {key: concept[key][:2] if key == "base_prompts" else concept[key] for key in ("name", "base_prompts", "steering_prompts", "contrast_prompts")}
        for concept in concepts()
    ]
    return f"""name: bench-usual
concepts: {json.dumps(some, ensure_ascii=False)}
grid: {{hook_points: residual_post, layers: 1-29+2, settings: [0.25, 0.5, 1], positions: mean, dose: relative}}
controls: {{random: 1}}
generate: {{new_tokens: {options.new_tokens}, stop_at_eos: false, sites: 2, sample: 1}}
"""


# ---- llama.cpp ----


def float32(model: Path) -> Path:
    """The same numbers in float32, so that llama.cpp rounds neither weights nor activations."""
    out = CACHE / "float32.gguf"
    if out.exists():
        return out
    reader = gguf.GGUFReader(model)
    half = out.with_suffix(".part")
    writer = gguf.GGUFWriter(half, reader.get_field("general.architecture").contents())
    for field in reader.fields.values():
        if not field.name.startswith("GGUF.") and field.name != "general.architecture":
            array = field.types[0] == gguf.GGUFValueType.ARRAY
            writer.add_key_value(field.name, field.contents(), field.types[0], field.types[-1] if array else None)
    for tensor in reader.tensors:
        numbers = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        writer.add_tensor(tensor.name, numbers.astype(numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    half.rename(out)
    return out


def control_vector(direction: list[float], layer: int, file: Path) -> Path:
    writer = gguf.GGUFWriter(file, "controlvector")
    writer.add_string("controlvector.model_hint", "llama")
    writer.add_tensor(f"direction.{layer}", numpy.array(direction, dtype=numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def llama(model: Path, vector: Path, bases: list[str], options: argparse.Namespace) -> dict:
    given, answer = CACHE / "prompts.json", CACHE / "texts.json"
    given.write_text(json.dumps(bases))
    arguments = [model, given, options.new_tokens, options.threads, answer, vector]
    log = subprocess.run([*bench.JAVA, "steersweep.bench.LlamaCells", *map(str, arguments)], capture_output=True, text=True)
    if log.returncode:
        sys.exit(f"llama.cpp: {log.stderr[-2000:]}")
    return json.loads(answer.read_text())


# ---- the run ----


class Timings:
    def __init__(self) -> None:
        self.all: dict[str, list[dict]] = {}

    def add(self, way: str, cells: int, seconds: float, others: float, cpu: float) -> None:
        self.all.setdefault(way, []).append(dict(cells=cells, seconds=seconds, others=others, cpu=cpu))
        print(f"  {way:34} {cells / seconds:8.2f} cells/s  {seconds:6.1f} s  {cpu:6.1f} CPU s  others {others:4.0%}", file=sys.stderr, flush=True)

    def rate(self, way: str) -> float:
        return statistics.median(run["cells"] / run["seconds"] for run in self.all[way])

    def of_cpu(self, way: str) -> float:
        """Cells for each CPU second: what other processes of the machine touch least."""
        return statistics.median(run["cells"] / max(run["cpu"], 0.01) for run in self.all[way])

    def others(self, way: str) -> float:
        return statistics.mean(run["others"] for run in self.all[way])


def export(model: Path) -> Path:
    out = CACHE / "graph"
    command = [bench.HOME / "bin/steersweep", "export", model, "--out", out, "--hook-points", "residual_post", "--dtype", "float32"]
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL, cwd=bench.HOME)
    return out


def measure(options: argparse.Namespace) -> dict:
    from transformers import AutoTokenizer

    model = options.model.resolve()
    tokenizer = AutoTokenizer.from_pretrained(model.parent, gguf_file=model.name)
    layers = int(gguf.GGUFReader(model).get_field("llama.block_count").contents())
    given, bases = make_cells(tokenizer, options, layers)
    file = CACHE / "cells.json"
    file.write_text(json.dumps(given))
    count = len(given["cells"])
    every, some = list(range(count)), random.Random(5).sample(range(count), min(options.batched_cells, count))
    graph = export(model)
    timings, agreement = Timings(), bench.Agreement()
    threads = options.threads
    transformers = lambda way: bench.Worker(
        [bench.PYTHON, str(bench.HERE / "transformers_worker.py"), way, str(model), str(file), str(threads), "64"], threads
    )

    def ask(worker: bench.Worker, way: str, cells: list[int], **more) -> None:
        answer = worker.ask(new_tokens=options.new_tokens, cells=cells, **more)
        agreement.add(way, cells, answer["tokens"])
        timings.add(way, len(cells), answer["seconds"], answer["others"], answer["cpu"])

    for size in options.batch_sizes:
        engine = bench.Worker([*bench.JAVA, "steersweep.bench.EngineWorker", str(graph), str(file), str(threads), str(size)], threads)
        engine.ask(new_tokens=options.new_tokens, cells=every[:size])  # warms up
        for _ in range(options.rounds):
            ask(engine, f"engine, batches of {size}", every)
        engine.close()
    peer = transformers("batched")
    for size in options.peer_sizes:
        peer.ask(new_tokens=options.new_tokens, cells=some[:size], batch_size=size)
        for _ in range(options.rounds):
            ask(peer, f"transformers, batches of {size}", some, batch_size=size)
    peer.close()

    numbers = directions(model, file, given, options)
    texts = {}
    for name, of in (("llama.cpp, float32", float32(model)), (f"llama.cpp, {model.stem.rsplit('.', 1)[-1]} as it is", model)):
        for layer in options.llama_layers:
            vector = control_vector(numbers[layer], layer, CACHE / "vector.gguf")
            clock = bench.Clock()
            answer = llama(of, vector, bases, options)
            timings.add(name, len(bases), answer["seconds"], clock.others(answer["all_cpu"]), answer["cpu"])
            texts[name, layer] = answer["texts"]

    with tempfile.TemporaryDirectory(prefix="steersweep-bench") as runs:
        for name, text in (("all", plan(bases, layers, options)), ("usual", usual_plan(options))):
            conf = CACHE / f"{name}.yaml"
            conf.write_text(text)
            for _ in range(options.rounds):
                ran = bench.sweep(model, conf, Path(runs), threads, 0)
                timings.add(f"sweep {name}", ran["cells"], ran["seconds"], ran["others"], ran["cpu"])
                for stage, took in ran["stages"].items():
                    # of a stage only the wall clock is known: it has its share of the CPU seconds
                    share = took["seconds"] / ran["seconds"]
                    timings.add(f"sweep {name}: {stage}", took["cells"], took["seconds"], ran["others"], ran["cpu"] * share)
            if name == "all":
                agreement.add("sweep", every, sweep_tokens(ran["run"], bases, given))
    ties = agreement.settle(lambda: transformers("exact"))
    same = llama_agrees(texts, agreement, given, tokenizer, bases)
    return dict(
        conditions=bench.conditions(argparse.Namespace(**vars(options), heads=False, loop_cells=0), given),
        model=model.name,
        new_tokens=options.new_tokens,
        base_tokens=len(given["pairs"][0]["base"]),
        compared={way: len(cells) for way, cells in agreement.compared.items()},
        ties=ties,
        llama=same,
        times=timings.all,
    )


def directions(model: Path, file: Path, given: dict, options: argparse.Namespace) -> dict[int, list[float]]:
    """What cells add at a block, at the first setting, as transformers computes it."""
    code = (
        "import json, sys, torch; from transformers_worker import Model;"
        f"m = Model({str(model)!r}, {str(file)!r}, {options.threads}, torch.float32);"
        f"print(json.dumps({{l: (m.banks[0][l][0] * {SETTINGS[0]}).tolist() for l in {options.llama_layers}}}))"
    )
    out = subprocess.run([bench.PYTHON, "-c", code], check=True, text=True, capture_output=True, cwd=bench.HERE).stdout
    return {int(layer): numbers for layer, numbers in json.loads(out.splitlines()[-1]).items()}


def sweep_tokens(run: str, bases: list[str], given: dict) -> list[list[int]]:
    command = [*bench.JAVA, "steersweep.bench.RunTokens", run]
    rows = {}
    for line in subprocess.run(command, check=True, text=True, capture_output=True).stdout.splitlines():
        row = json.loads(line)
        if row["kind"] == "steered":
            rows[bases.index(row["base_prompt"]), row["layer"], row["setting"]] = row["tokens"]
    return [rows[cell["pair"], cell["layer"], cell["scale"]] for cell in given["cells"]]


def llama_agrees(texts: dict, agreement: bench.Agreement, given: dict, tokenizer, bases: list[str]) -> dict[str, list[int]]:
    """For each of its models how many texts are the engine's, and of how many."""
    number = {(cell["pair"], cell["layer"], cell["scale"]): i for i, cell in enumerate(given["cells"])}
    same: dict[str, list[int]] = {}
    for (name, layer), found in texts.items():
        counts = same.setdefault(name, [0, 0])
        for pair, text in enumerate(found):
            tokens = agreement.known[number[pair, layer, SETTINGS[0]]][1]
            whole = tokenizer.decode(given["pairs"][pair]["base"] + tokens)
            counts[0] += whole[len(bases[pair]) :] == text
            counts[1] += 1
    return same


# ---- what it says ----


def table(result: dict) -> str:
    times = Timings()
    times.all = result["times"]
    best = lambda prefix: max((way for way in times.all if way.startswith(prefix)), key=times.of_cpu)
    engine, peer = best("engine"), best("transformers")
    lines = []
    for way in times.all:
        rate = times.rate(way)
        to = lambda other: f"{times.of_cpu(way) / times.of_cpu(other):.2f}x"
        lines.append([way, f"{rate:.1f}", f"{times.of_cpu(way):.1f}", to(engine), to(peer), f"{times.others(way):.0%}"])
    given = result["conditions"]
    versions = ", ".join(f"{name} {version}" for name, version in given["versions"].items())
    ties = "; ".join(f"cell {t['cell']}, token {t['at']}: {t['gap']:.1e} nats" for t in result["ties"])
    llama = "; ".join(f"{name}: {same} of {of} texts are the engine's" for name, (same, of) in result["llama"].items())
    return "\n\n".join(
        [
            f"{given['date']}; {given['cpu']}, {given['cores']} cores, {given['threads']} threads; {versions}.\n"
            f"{result['model']}; {given['cells']} cells (*usual*: {result['times']['sweep usual'][0]['cells']}): residual_post, {len(result['times'][engine])} timings each, "
            f"{result['base_tokens']}-token prompts, {result['new_tokens']} new tokens. Ratios are of CPU seconds, which other processes touch least.",
            documents.rows(["", "cells/s", "cells/CPU s", "to decoding", "to transformers", "others"], lines),
            f"Same tokens (cells compared: {', '.join(f'{way} {n}' for way, n in result['compared'].items())})"
            + (f", but for ties: {ties}." if ties else ", without exception.")
            + f" {llama}.",
            documents.rows(["target", "measured", "met"], targets(times, engine, peer)),
        ]
    )


def targets(times: Timings, engine: str, peer: str) -> list[list[str]]:
    def line(what: str, value: float, met: bool) -> list[str]:
        return [what, f"{value:.2f}x", "yes" if met else "no"]

    decode = times.of_cpu(engine)
    whole = lambda name: decode / times.of_cpu(f"sweep {name}")
    screen = lambda name: times.of_cpu(f"sweep {name}: read") / decode
    lines = [
        line("engine decoding, to transformers in batches, at least 2x", decode / times.of_cpu(peer), decode >= 2 * times.of_cpu(peer)),
        line("whole sweep, every cell with a text and scores, to decoding its cells, at most 1.5x", whole("all"), whole("all") <= 1.5),
        line("screening, cells a second to those of decoding, at least 3x", screen("all"), screen("all") >= 3),
    ]
    if "sweep usual" in times.all:
        texts = times.all["sweep usual: wrote"][0]["cells"] / times.all["sweep usual"][0]["cells"]
        lines += [
            line(f"the same, {texts:.0%} of the cells with a text, judged after 12 prompts: whole sweep", whole("usual"), whole("usual") <= 1.5),
            line("the same: screening along 12 prompts", screen("usual"), screen("usual") >= 3),
        ]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-real", description=__doc__.split("\n")[0])
    numbers = lambda text: [int(n) for n in text.split(",")]
    parser.add_argument("--model", type=Path, default=bench.HOME / "models/SmolLM2-135M-Instruct.Q4_1.gguf", help="a GGUF file of arch llama")
    parser.add_argument("--pairs", type=int, default=3, help="base prompts (default: 3), each of two cells a block")
    parser.add_argument("--new-tokens", type=int, default=16, help="tokens to generate (default: 16)")
    parser.add_argument("--rounds", type=int, default=1, help="timings of each way (default: 1)")
    parser.add_argument("--threads", type=int, default=bench.os.cpu_count(), help="threads of every way (default: one per core)")
    parser.add_argument("--batch-sizes", type=numbers, default=[64, 128], help="of the engine")
    parser.add_argument("--peer-sizes", type=numbers, default=[32, 64], help="of transformers")
    parser.add_argument("--batched-cells", type=int, default=64, help="cells timed in transformers (default: 64)")
    parser.add_argument("--llama-layers", type=numbers, default=[12, 20], help="blocks that llama.cpp steers")
    parser.add_argument("--docs", action="store_true", help="write the figures into docs/benchmark.md")
    parser.add_argument("--json", type=Path, default=CACHE / "result.json", help="where the figures go (default: bench/.cache/real/result.json)")
    options = parser.parse_args()
    if not options.model.is_file():
        sys.exit(f"{options.model}: not there; make real-model brings it")
    CACHE.mkdir(parents=True, exist_ok=True)
    result = measure(options)
    options.json.write_text(json.dumps(result, indent=1))
    text = table(result)
    print(text)
    if options.docs:
        documents.write("real", text)


if __name__ == "__main__":
    main()
