"""Measures the program against transformers, variant by variant and number type by number type, and writes docs/exactness.md.

For each checkpoint, the program's own command line gives tokens, log-probabilities and KL of each cell (`steersweep cells`), and
the exported graph (`steersweep export`) gives taps and everything else through plain ONNX Runtime. They are compared with
transformers in a like number type, and both with transformers in float64 on the same weights. Log-probabilities are compared
with float64 along the tokens that each of the two chose itself, so that one early difference does not spoil the rest.

    exactness.py PROGRAM DOCUMENT [VARIANT ..]    # with variants named, prints only
"""

import argparse
import json
import math
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import onnxruntime
import torch
import transformers
from checkpoints import VARIANTS, Variant, make_cells, prompts, write
from graph import Graph, Row
from steered import Steered, kl
from transformers import LlamaConfig

NEW_TOKENS = 32
EXAMPLE = Path(__file__).resolve().parents[4] / "docs" / "steer_with_onnxruntime.py"
# type of the weights, type the program computes in, type transformers computes in
TYPES = (
    ("float32", "float32", "float32"),
    ("float16", "float32", "float16"),
    ("bfloat16", "float32", "bfloat16"),
    ("float16", "float16", "float16"),
    ("bfloat16", "float16", "float16"),
)
# float32 against float64, and any run of the engine against any other: absolute, in nats; taps relative to the largest
TOLERANCE = 1e-4
# half precision: errors against float64 no larger than this many times those of transformers in half precision
FACTOR = 2.0
LARGE = "llama-7b-2layers"
LARGE_MEMORY = 16  # GiB
LARGE_TYPES = tuple(types for types in TYPES if types[0] != "bfloat16")


LARGE_CELLS = 12


def large() -> Variant:
    """Two layers of llama-7b's true width, with random weights."""
    config = LlamaConfig(
        vocab_size=32000,
        hidden_size=4096,
        intermediate_size=11008,
        num_hidden_layers=2,
        num_attention_heads=32,
        num_key_value_heads=32,
        max_position_embeddings=2048,
        bos_token_id=1,
        eos_token_id=2,
    )
    return Variant(config)


class Program:
    """The command line, as a user calls it."""

    def __init__(self, executable: Path) -> None:
        self.executable = executable

    def run(self, *arguments: str | Path) -> str:
        done = subprocess.run([self.executable, *arguments], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"steersweep {' '.join(map(str, arguments))}: exit code {done.returncode}\n{done.stderr}")
        return done.stdout


@dataclass
class Error:
    """Differences from something: the largest, and the root of their mean square."""

    largest: float = 0.0
    typical: float = 0.0

    @staticmethod
    def of(differences: torch.Tensor) -> "Error":
        differences = differences.double()
        return Error(float(differences.abs().max()), float(differences.square().mean().sqrt()))

    def __str__(self) -> str:
        return f"{self.largest:.1e} ({self.typical:.0e})"


@dataclass
class Compared:
    """One kind of number: the program against float64, transformers against float64, the program against transformers."""

    ours: Error
    theirs: Error
    between: Error


@dataclass
class Difference:
    """The first step at which the program and transformers chose different tokens, as float64 sees it."""

    cell: str
    step: int
    right: str  # whose token is the float64 argmax: program, transformers, neither
    gap: float  # float64 log-probability of transformers' token minus that of the program's
    rounding: float  # largest error of transformers anywhere in this cell


@dataclass
class Figures:
    """What was measured for one checkpoint in one number type."""

    variant: str
    types: tuple[str, str, str]
    cells: int = 0
    numbers: dict[str, Compared] = field(default_factory=dict)
    same: int = 0  # cells with transformers' tokens
    ours_float64: int = 0  # cells with float64's tokens
    theirs_float64: int = 0
    differences: list[Difference] = field(default_factory=list)
    padded: tuple[int, int, float] = (0, 0, 0.0)  # rows with the same tokens, rows, largest difference
    recomputed: tuple[int, int, float] = (0, 0, 0.0)  # tokens that are the argmax again, tokens, largest difference
    zeros: int = 0  # cells of factor 0, all bit-equal
    faults: list[str] = field(default_factory=list)

    def check(self, holds: bool, what: str) -> None:
        if not holds:
            self.faults.append(f"{self.variant}, {' / '.join(self.types)}: {what}")


class Reference:
    """transformers in one number type: baseline, cells and taps of one checkpoint."""

    def __init__(self, checkpoint: Path, dtype: str, given: dict) -> None:
        self.model = Steered(checkpoint, getattr(torch, dtype))
        self.ids, self.cells, self.new_tokens = given["base_ids"], given["cells"], given["new_tokens"]
        self.bank = self.model.capture(given["steering_ids"])
        self.base = self.model.follow(self.ids, torch.zeros(1, 1, dtype=torch.long))[:, 0]

    def steer(self) -> None:
        self.model.steer(self.cells, self.bank, len(self.ids), self.new_tokens)

    def generate(self) -> None:
        self.steer()
        self.tokens, self.chosen, first = self.model.generate(self.ids, self.new_tokens, len(self.cells))
        self.kl = kl(self.base, first)
        self.all = self.model.follow(self.ids, self.tokens)

    def follow(self, tokens: torch.Tensor) -> torch.Tensor:
        self.steer()
        return self.model.follow(self.ids, tokens).double()


def at(logprobs: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    return logprobs.gather(-1, tokens[..., None])[..., 0]


class Measurement:
    """One checkpoint: the program in one number type, transformers in another, and float64."""

    def __init__(self, variant: str, types: tuple[str, str, str], given: dict, exact: Reference, like: Reference) -> None:
        self.figures = Figures(variant, types, len(given["cells"]))
        self.given, self.exact, self.like = given, exact, like
        self.half, self.new_tokens = types[1] != "float32", given["new_tokens"]

    def run(self, program: Program, checkpoint: Path, cells_file: Path, folder: Path) -> Figures:
        options = ["--dtype", self.figures.types[1], "--cache", folder / "cache"]
        out = json.loads(program.run("cells", checkpoint, cells_file, *options))
        program.run("export", checkpoint, "--out", folder / "export", "--device", "cpu", *options)
        graph = Graph(folder / "export")
        self.tokens = torch.tensor([cell["tokens"] for cell in out["cells"]])
        self.logprobs = torch.tensor([cell["logprobs"] for cell in out["cells"]], dtype=torch.float64)
        self.kl = torch.tensor([cell["damage_last"] for cell in out["cells"]], dtype=torch.float64)
        self.taps(graph)
        self.cells()
        self.zeros(out)
        self.padding(graph)
        self.recompute(graph)
        if self.figures.types[:2] == ("float32", "float32"):
            self.example(folder / "export")
        return self.figures

    def compare(self, what: str, ours: torch.Tensor, theirs: torch.Tensor, between: torch.Tensor) -> None:
        numbers = Compared(Error.of(ours), Error.of(theirs), Error.of(between))
        self.figures.numbers[what] = numbers
        if not self.half:
            self.figures.check(numbers.ours.largest <= TOLERANCE, f"{what} differ from float64 by {numbers.ours}")
        else:
            for kind in ("largest", "typical"):
                one, other = getattr(numbers.ours, kind), getattr(numbers.theirs, kind)
                self.figures.check(one <= FACTOR * other, f"{what}: {kind} error {one:.1e}, that of transformers {other:.1e}")

    def taps(self, graph: Graph) -> None:
        ours = graph.capture(self.given["steering_ids"])
        errors = {"ours": [], "theirs": [], "between": []}
        for site, exact in self.exact.bank.items():
            scale = exact.abs().max()
            one, other = torch.tensor(ours[site]).double() / scale, self.like.bank[site].double() / scale
            errors["ours"].append((one - exact / scale).flatten())
            errors["theirs"].append((other - exact / scale).flatten())
            errors["between"].append((one - other).flatten())
        self.compare("taps", *(torch.cat(error) for error in errors.values()))

    def cells(self) -> None:
        figures, like = self.figures, self.like
        exact_ours, exact_theirs = self.exact.follow(self.tokens), self.exact.follow(like.tokens)
        same_so_far = (self.tokens == like.tokens).long().cumprod(1).bool()
        self.compare(
            "log-probabilities",
            self.logprobs - at(exact_ours, self.tokens),
            like.chosen.double() - at(exact_theirs, like.tokens),
            (self.logprobs - like.chosen.double())[same_so_far],
        )
        exact_kl = kl(self.exact.base, exact_ours[:, 0])
        self.compare("KL", self.kl - exact_kl, like.kl - exact_kl, self.kl - like.kl)

        figures.same = int(same_so_far.all(1).sum())
        wrong = exact_ours.argmax(-1) != self.tokens
        figures.ours_float64 = int((~wrong.any(1)).sum())
        figures.theirs_float64 = int((exact_theirs.argmax(-1) == like.tokens).all(1).sum())
        rounding = (like.all.double() - exact_theirs).abs().flatten(1).max(1).values
        for i in torch.nonzero(~same_so_far.all(1)).flatten().tolist():
            step = int(same_so_far[i].sum())
            mine, other, best = self.tokens[i, step], like.tokens[i, step], exact_ours[i, step].argmax()
            right = "program" if mine == best else "transformers" if other == best else "neither"
            gap = float(exact_ours[i, step, other] - exact_ours[i, step, mine])
            figures.differences.append(Difference(describe(self.given["cells"][i]), step, right, gap, float(rounding[i])))
        if not self.half:
            figures.check(not wrong.any(), f"{int(wrong.any(1).sum())} cells have other tokens than float64")
        for d in figures.differences:
            figures.check(d.gap <= 2 * d.rounding, f"{d.cell}, token {d.step}: gap {d.gap:.1e}, rounding {d.rounding:.1e}")

    def zeros(self, out: dict) -> None:
        for cell in out["cells"]:
            if cell["scale"] == 0:
                self.figures.zeros += 1
                same = all(cell[key] == out["baseline"][key] for key in ("tokens", "logprobs"))
                self.figures.check(same, f"factor 0 is not the baseline: {describe(cell)}")

    def padding(self, graph: Graph) -> None:
        """Prompts of different lengths in one run, and each alone."""
        rng = random.Random(5)
        lengths = (1, 2, 3, 7, 12, 19, 33, len(self.given["base_ids"]))
        vocab = graph.manifest["shape"]["nVocab"]
        cells = [None, *rng.sample(self.given["cells"], len(lengths) - 1)]
        rows = [Row([1] + [rng.randrange(3, vocab) for _ in range(n - 1)], cell) for n, cell in zip(lengths, cells)]
        outputs = ["tokens", "token_logprobs"]
        together = graph.run(rows, outputs, self.new_tokens - 1)
        alone = [graph.run([row], outputs, self.new_tokens - 1) for row in rows]
        tokens, logprobs = (np.concatenate(parts) for parts in zip(*alone))
        same_so_far = np.cumprod(tokens == together[0], 1).astype(bool)
        # the first token that differs is compared too: both took the likeliest of what should be one distribution
        compared = np.concatenate([np.ones_like(same_so_far[:, :1]), same_so_far[:, :-1]], 1)
        largest = float(np.abs(logprobs.astype(np.float64) - together[1])[compared].max())
        self.figures.padded = int(same_so_far.all(1).sum()), len(rows), largest
        self.check_against_itself("in a padded batch", self.figures.padded)

    def recompute(self, graph: Graph) -> None:
        """What was decoded with a cache, read again in one pass over prompt and continuation."""
        base, right, largest = self.given["base_ids"], 0, 0.0
        places = [len(base) - 1 + i for i in range(self.new_tokens)]
        for start in range(0, len(self.tokens), 32):
            cells = list(zip(self.tokens[start : start + 32].tolist(), self.given["cells"][start : start + 32]))
            rows = [Row(base + tokens[:-1], cell, len(base)) for tokens, cell in cells]
            by_place = torch.tensor(graph.run(rows, ["next_logprobs"], 0, places)[0][:, : len(rows)]).double()
            logprobs = by_place.transpose(0, 1).flatten(0, 1)
            tokens, decoded = self.tokens[start : start + 32].flatten(), self.logprobs[start : start + 32].flatten()
            right += int((logprobs.argmax(-1) == tokens).sum())
            for other in (at(logprobs, tokens), logprobs.max(-1).values):
                largest = max(largest, float((other - decoded).abs().max()))
        self.figures.recomputed = right, self.tokens.numel(), largest
        self.check_against_itself("in a pass without a cache", self.figures.recomputed)

    def check_against_itself(self, where: str, measured: tuple[int, int, float]) -> None:
        same, of, largest = measured
        self.figures.check(self.half or same == of, f"{of - same} of {of} tokens or rows are others {where}")
        most = FACTOR * self.figures.numbers["log-probabilities"].theirs.largest if self.half else TOLERANCE
        self.figures.check(largest <= most, f"log-probabilities {where} differ by {largest:.1e}, expected at most {most:.1e}")

    def example(self, exported: Path) -> None:
        """The documented example, on one of the cells."""
        wanted = [
            i
            for i, cell in enumerate(self.given["cells"])
            if (cell["hook"], cell["head"], cell["positions"]) == ("value", None, "lw2023") and cell["scale"] != 0
        ]
        if not wanted:
            return
        cell = self.given["cells"][wanted[-1]]
        ids = (",".join(map(str, self.given[key])) for key in ("base_ids", "steering_ids"))
        command = [sys.executable, EXAMPLE, exported, *ids, str(cell["layer"]), str(cell["scale"]), str(self.new_tokens)]
        done = subprocess.run(command, capture_output=True, text=True)
        tokens = " ".join(map(str, self.tokens[wanted[-1]].tolist()))
        self.figures.check(done.stdout.strip() == tokens, f"{EXAMPLE.name} gives {done.stdout or done.stderr}, expected {tokens}")


def describe(cell: dict) -> str:
    head = "" if cell["head"] is None else f" head {cell['head']}"
    return f"{cell['hook']} layer {cell['layer']}{head} scale {cell['scale']} {cell['positions']}"


def measure(name: str, variant: Variant, all_types: tuple, program: Program, folder: Path) -> list[Figures]:
    all_figures = []
    for weights in dict.fromkeys(types[0] for types in all_types):
        checkpoint = write(variant, folder / f"{name}-{weights}", getattr(torch, weights))
        rng = random.Random(name)
        base, steering = prompts(rng, variant)
        cells = make_cells(rng, variant.config, 1)
        if name == LARGE:
            cells = [dict(cells[0], scale=0.0), *rng.sample(cells, LARGE_CELLS - 1)]
        given = dict(base_ids=base, steering_ids=steering, new_tokens=NEW_TOKENS, cells=cells)
        cells_file = folder / "cells.json"
        cells_file.write_text(json.dumps(given))
        exact = Reference(checkpoint, "float64", given)
        references: dict[str, Reference] = {}
        for types in all_types:
            if types[0] == weights:
                if types[2] not in references:
                    references[types[2]] = Reference(checkpoint, types[2], given)
                    references[types[2]].generate()
                measurement = Measurement(name, types, given, exact, references[types[2]])
                all_figures.append(measurement.run(program, checkpoint, cells_file, folder))
    return all_figures


# ---- the document ----

NUMBERS = ("taps", "log-probabilities", "KL")


def table(header: str, rows: list[list]) -> list[str]:
    columns = [column.strip() for column in header.split("|")]
    lines = [columns, ["---"] * len(columns), *rows]
    return ["", *("| " + " | ".join(map(str, line)) + " |" for line in lines), ""]


def merged(errors: list[Error]) -> Error:
    return Error(max(e.largest for e in errors), math.sqrt(sum(e.typical**2 for e in errors) / len(errors)))


def by_types(figures: list[Figures]) -> dict[tuple[str, str, str], list[Figures]]:
    return {types: some for types in TYPES if (some := [f for f in figures if f.types == types])}


def judged(figures: list[Figures]) -> list:
    differences = [d for f in figures for d in f.differences]
    count = [sum(d.right == who for d in differences) for who in ("program", "transformers", "neither")]
    return [*count, f"{max((abs(d.gap) for d in differences), default=0):.1e}"]


def numbers_table(figures: list[Figures]) -> list[str]:
    rows = []
    for types, some in by_types(figures).items():
        for number in NUMBERS:
            compared = [f.numbers[number] for f in some]
            errors = [merged([getattr(c, kind) for c in compared]) for kind in ("ours", "theirs", "between")]
            rows.append([*types, number, *errors])
    return table(
        "weights | program in | transformers in | | program − float64 | transformers − float64 | program − transformers", rows
    )


def tokens_table(figures: list[Figures]) -> list[str]:
    rows = []
    for types, some in by_types(figures).items():
        cells = sum(f.cells for f in some)
        shares = (sum(getattr(f, kind) for f in some) / cells for kind in ("same", "ours_float64", "theirs_float64"))
        rows.append([*types, cells, *(f"{100 * share:.1f} %" for share in shares), *judged(some)])
    return table(
        "weights | program in | transformers in | cells | program = transformers | program = float64 | transformers = float64"
        " | differing: float64 with the program | with transformers | with neither | largest gap, nats",
        rows,
    )


def engine_table(figures: list[Figures]) -> list[str]:
    rows = []
    for types, some in by_types({(f.variant, f.types[:2]): f for f in figures}.values()).items():
        padded, recomputed = ([sum(x) for x in list(zip(*(getattr(f, k) for f in some)))[:2]] for k in ("padded", "recomputed"))
        largest = [f"{max(getattr(f, k)[2] for f in some):.1e}" for k in ("padded", "recomputed")]
        rows.append(
            [
                *types[:2],
                f"{padded[0]} of {padded[1]}",
                largest[0],
                f"{recomputed[0]} of {recomputed[1]}",
                largest[1],
                sum(f.zeros for f in some),
            ]
        )
    return table(
        "weights | program in | padded rows with the tokens of single ones | log-probabilities"
        " | cached tokens that are the argmax without a cache | log-probabilities | bit-equal cells of factor 0",
        rows,
    )


def variant_tables(figures: list[Figures]) -> list[str]:
    lines = []
    for types, some in by_types(figures).items():
        rows = []
        for f in some:
            compared = [f.numbers[number] for number in NUMBERS]
            ours, theirs = ([getattr(c, kind) for c in compared] for kind in ("ours", "theirs"))
            rows.append([f.variant, f.cells, *ours, *theirs, f.same, f.ours_float64, f.theirs_float64])
        summary = f"Weights {types[0]}, program in {types[1]}, transformers in {types[2]}"
        lines += ["<details>", f"<summary>{summary}</summary>", ""]
        lines += table(
            "variant | cells | program: taps | log-probabilities | KL | transformers: taps | log-probabilities | KL"
            " | cells the same | program = float64 | transformers = float64",
            rows,
        )
        lines += ["</details>", ""]
    return lines


def document(figures: list[Figures], skipped: str, seconds: dict[str, float]) -> str:
    took = sum(time for name, time in seconds.items() if name != LARGE), seconds.get(LARGE, 0)
    versions = (
        f"ONNX Runtime {onnxruntime.__version__}, transformers {transformers.__version__}, PyTorch {torch.__version__}, "
        f"Python {platform.python_version()}; CPU ({platform.machine()}), {os.cpu_count()} cores; "
        f"{NEW_TOKENS} new tokens a cell; {took[0]:.0f} s for the small checkpoints, {took[1]:.0f} s for llama-7b's width"
    )
    small = [f for f in figures if f.variant != LARGE]
    wide = [f for f in figures if f.variant == LARGE]
    lines = [f"Measured {datetime.now(UTC):%Y-%m-%d}: {versions}.", ""]
    kinds = len({f.variant for f in small})
    lines += [f"### All {kinds} small checkpoints together", "", "Numbers: largest difference (root of the mean square)."]
    lines += [*numbers_table(small), "Tokens: cells whose tokens are all the same."]
    lines += [*tokens_table(small), "The engine against itself."]
    lines += [*engine_table(small), "### Two layers of llama-7b's width", ""]
    lines += [*numbers_table(wide), *tokens_table(wide), *engine_table(wide)] if wide else [skipped, ""]
    return "\n".join([*lines, "### Each small checkpoint", "", *variant_tables(small)])


def memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES") / 2**30


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program", type=Path)
    arguments.add_argument("document", type=Path)
    arguments.add_argument("variants", nargs="*")
    chosen = arguments.parse_args()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    program, figures, skipped, seconds = Program(chosen.program), [], "", {}
    # graphs of two stacks are run by the program alone, in ExactnessTest
    one_stack = [name for name, variant in VARIANTS.items() if not variant.config.is_encoder_decoder]
    for name in chosen.variants or [*one_stack, LARGE]:
        if name == LARGE and memory() < LARGE_MEMORY:
            skipped = f"Not measured: {memory():.0f} GiB of memory free, {LARGE_MEMORY} needed."
            continue
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            if name == LARGE:
                some = measure(name, large(), LARGE_TYPES, program, Path(folder))
            else:
                some = measure(name, VARIANTS[name], TYPES, program, Path(folder))
        figures += some
        seconds[name] = time.monotonic() - start
        faults = sum(len(f.faults) for f in some)
        print(f"{name}: {len(some)} number types, {faults} faults, {seconds[name]:.0f} s", file=sys.stderr)
    text = document(figures, skipped, seconds)
    if chosen.variants:
        print(text)
    else:
        generated = r"(?<=<!-- generated: begin -->\n).*(?=<!-- generated: end -->)"
        before, after = re.split(generated, chosen.document.read_text(), flags=re.S)
        chosen.document.write_text(f"{before}\n{text}\n{after}")
    faults = [fault for f in figures for fault in f.faults]
    sys.exit("\n".join(faults) or None)


if __name__ == "__main__":
    main()
