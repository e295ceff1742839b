"""Writes tiny seeded checkpoints and what transformers makes of them under steering.

For each checkpoint: model/ (a standard folder) or model.gguf, cells.json (input of `steersweep cells`) and expected.json: for every cell the
greedy tokens and their log-probabilities; along the baseline's tokens, damage (KL(base || steered)) at the last prompt token and
over all, pull and alignment along each axis; and the activations of the steering prompt's last token. Computed in float64 with
forward hooks on unchanged transformers code: where an addition cancels an activation almost exactly, float32 results of any
program are rounding noise, and float64 tells which is right.

Stops if a checkpoint would not show one of its mistakes, such as biases left out: then its expected results would prove nothing.
"""

import hashlib
import json
import random
import shutil
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from checkpoints import GGUF_VARIANTS, VARIANTS, Variant, make_axes, make_cells, prompts, write
from gguf_files import write_blocks, write_model, write_vocabulary
from steered import Axis, Steered, kl, steered

NEW_TOKENS = 12
NOTICED = 0.2  # share of cells whose tokens must change with each mistake


def show_mistakes(name: str, variant: Variant, checkpoint: Path, base: list[int], steering: list[int], cells: list[dict], right: torch.Tensor) -> None:
    for mistake, change in variant.mistakes.items():
        wrong = steered(checkpoint, torch.float64)
        change(wrong.model)
        wrong.steer(cells, wrong.capture(steering), len(base), NEW_TOKENS)
        tokens, _, _ = wrong.generate(base, NEW_TOKENS, len(cells))
        share = (tokens != right).any(1).double().mean().item()
        print(f"  {mistake}: {share:.0%} of cells have other tokens")
        if share < NOTICED:
            sys.exit(f"{name}: a program {mistake} would hardly be noticed")


def follow_all(model: Steered, contexts: list[list[int]], tokens: torch.Tensor) -> list[torch.Tensor]:
    """Log-probabilities along the tokens after each context, nothing steered: [new, vocab] each."""
    model.steer([], {}, 0, 0)
    return [model.follow(context, tokens)[0] for context in contexts]


def make(name: str, folder: Path) -> None:
    if name in VARIANTS:
        shutil.rmtree(folder / "model", ignore_errors=True)
        checkpoint = write(VARIANTS[name], folder / "model")
        make_expected(name, VARIANTS[name], folder, checkpoint, sorted(checkpoint.glob("*.safetensors")))
        return
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        variant = GGUF_VARIANTS[name]
        checkpoint = write(variant, Path(temporary) / "model")
        write_model(checkpoint, variant.config, variant.gguf, folder / "model.gguf")
        make_expected(name, variant, folder, checkpoint, [folder / "model.gguf"])


def make_expected(name: str, variant: Variant, folder: Path, checkpoint: Path, weights: list[Path]) -> None:
    model = steered(checkpoint, torch.float64)
    rng = random.Random(name)
    base, steering = prompts(rng, variant)
    cells = make_cells(rng, variant.config, variant.scales)
    contexts = make_axes(rng, variant, base, steering)
    given = dict(base_ids=base, steering_ids=steering, new_tokens=NEW_TOKENS, cells=cells, axes=contexts)
    (folder / "cells.json").write_text(json.dumps(given))

    bank = model.capture(steering)
    base_tokens, base_logprobs, _ = model.generate(base, NEW_TOKENS)
    unsteered = follow_all(model, [base], base_tokens)[0]
    axes = [Axis.of(*(follow_all(model, side, base_tokens) for side in axis.values())) for axis in contexts]
    model.steer(cells, bank, len(base), NEW_TOKENS)
    tokens, logprobs, _ = model.generate(base, NEW_TOKENS, len(cells))
    along = model.follow(base, base_tokens.expand(len(cells), -1))
    damage = kl(unsteered, along)
    pulls = torch.stack([axis.pull(unsteered, along) for axis in axes], 1)
    alignments = torch.stack([axis.alignment(unsteered, along) for axis in axes], 1)
    columns = dict(
        tokens=tokens, logprobs=logprobs, damage_last=damage[:, 0], damage=damage.mean(1), pulls=pulls, alignments=alignments
    )
    results = [dict(zip(columns, values)) for values in zip(*(column.tolist() for column in columns.values()))]
    prompting = [axis.pull(unsteered, axis.plus.log()).item() for axis in axes]
    expected = dict(
        made_with=dict(torch=torch.__version__, transformers=transformers.__version__, dtype="float64"),
        weights_sha256={w.name: hashlib.sha256(w.read_bytes()).hexdigest() for w in weights},
        baseline=dict(tokens=base_tokens[0].tolist(), logprobs=base_logprobs[0].tolist()),
        cells=results,
        prompting_pulls=prompting,
        taps_of_last_token={f"{hook}.{layer}": tap[-1].tolist() for (hook, layer), tap in bank.items()},
    )
    text = json.dumps(expected)
    rounded = json.loads(text, parse_float=lambda number: round(float(number), 9))
    (folder / "expected.json").write_text(json.dumps(rounded))
    different = len({tuple(t) for t in tokens.tolist()})
    print(f"{name}: {len(cells)} cells, {different} different texts, {sum(w.stat().st_size for w in weights) // 1000} kB")
    show_mistakes(name, variant, checkpoint, base, steering, cells, tokens)


def make_gguf_parts(repository: Path) -> None:
    write_blocks(repository / "onnx-export/src/test/resources/gguf-blocks.json")
    vocabularies = repository / "pipeline/src/test/resources/gguf"
    vocabularies.mkdir(exist_ok=True)
    for tokenizer in ("llama", "llama3", "qwen2"):
        write_vocabulary(tokenizer, vocabularies / f"{tokenizer}.gguf")


if __name__ == "__main__":
    for variant_name in sys.argv[2:] or VARIANTS | GGUF_VARIANTS:
        make(variant_name, Path(sys.argv[1]) / variant_name)
    if not sys.argv[2:]:
        make_gguf_parts(Path(__file__).resolve().parents[4])
