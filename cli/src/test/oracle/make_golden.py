"""Writes tiny seeded checkpoints and what transformers makes of them under steering.

For each checkpoint: model/ (a standard folder), cells.json (input of `steersweep cells`) and expected.json: for every cell the
greedy tokens, their log-probabilities and KL(base || steered) at the last prompt token, and the activations of the steering
prompt's last token. Computed in float64 with forward hooks on unchanged transformers code: where an addition cancels an
activation almost exactly, float32 results of any program are rounding noise, and float64 tells which is right.

Stops if a checkpoint would not show one of its mistakes, such as biases left out: then its expected results would prove nothing.
"""

import hashlib
import json
import random
import shutil
import sys
from pathlib import Path

import torch
import transformers
from checkpoints import VARIANTS, make_cells, prompts, write
from steered import Steered, kl

NEW_TOKENS = 12
NOTICED = 0.2  # share of cells whose tokens must change with each mistake


def show_mistakes(name: str, folder: Path, base: list[int], steering: list[int], cells: list[dict], right: torch.Tensor) -> None:
    for mistake, change in VARIANTS[name].mistakes.items():
        wrong = Steered(folder / "model", torch.float64)
        change(wrong.model)
        wrong.steer(cells, wrong.capture(steering), len(base), NEW_TOKENS)
        tokens, _, _ = wrong.generate(base, NEW_TOKENS, len(cells))
        share = (tokens != right).any(1).double().mean().item()
        print(f"  {mistake}: {share:.0%} of cells have other tokens")
        if share < NOTICED:
            sys.exit(f"{name}: a program {mistake} would hardly be noticed")


def make(name: str, folder: Path) -> None:
    variant = VARIANTS[name]
    shutil.rmtree(folder / "model", ignore_errors=True)
    write(variant, folder / "model")
    steered = Steered(folder / "model", torch.float64)
    rng = random.Random(name)
    base, steering = prompts(rng, variant)
    cells = make_cells(rng, variant.config, variant.scales)
    given = dict(base_ids=base, steering_ids=steering, new_tokens=NEW_TOKENS, cells=cells)
    (folder / "cells.json").write_text(json.dumps(given))

    bank = steered.capture(steering)
    base_tokens, base_logprobs, base_first = steered.generate(base, NEW_TOKENS)
    steered.steer(cells, bank, len(base), NEW_TOKENS)
    tokens, logprobs, first = steered.generate(base, NEW_TOKENS, len(cells))
    results = [
        dict(tokens=t.tolist(), logprobs=p.tolist(), kl_last=float(k))
        for t, p, k in zip(tokens, logprobs, kl(base_first, first))
    ]
    weights = sorted((folder / "model").glob("*.safetensors"))
    expected = dict(
        made_with=dict(torch=torch.__version__, transformers=transformers.__version__, dtype="float64"),
        weights_sha256={w.name: hashlib.sha256(w.read_bytes()).hexdigest() for w in weights},
        baseline=dict(tokens=base_tokens[0].tolist(), logprobs=base_logprobs[0].tolist()),
        cells=results,
        taps_of_last_token={f"{hook}.{layer}": tap[-1].tolist() for (hook, layer), tap in bank.items()},
    )
    text = json.dumps(expected)
    rounded = json.loads(text, parse_float=lambda number: round(float(number), 9))
    (folder / "expected.json").write_text(json.dumps(rounded))
    different = len({tuple(t) for t in tokens.tolist()})
    print(f"{name}: {len(cells)} cells, {different} different texts, {sum(w.stat().st_size for w in weights) // 1000} kB")
    show_mistakes(name, folder, base, steering, cells, tokens)


if __name__ == "__main__":
    for variant_name in sys.argv[2:] or VARIANTS:
        make(variant_name, Path(sys.argv[1]) / variant_name)
