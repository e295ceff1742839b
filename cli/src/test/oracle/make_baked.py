"""Steering baked into checkpoints by this program, loaded by transformers as any model.

For each checkpoint of the golden files: baked.json, constant additions at every hook point (whole layers and single heads) and, for
each, the greedy tokens that plain `from_pretrained` and `generate` make of the folder that the program wrote, and the hashes of that
folder's files. Stops unless those tokens are the ones that forward hooks give on the unbaked checkpoint, in float64, and those of
docs/steer_with_hooks.py with the steering.safetensors that the program wrote.

usage: make_baked.py ORACLE_FOLDER BAKE...    BAKE: a command that takes a checkpoint, baked.json and a folder for what it bakes
"""

import hashlib
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).parents[4] / "docs"))

import torch
import transformers
from steer_with_hooks import steer
from steered import HOOK_POINTS, Steered, heads
from transformers import AutoModelForCausalLM

NEW_TOKENS = 12
BLOCK_OUTPUTS = ("mlp_output", "residual_post")
EVERYWHERE = HOOK_POINTS
MODELS = {
    "llama-mha": EVERYWHERE,
    "llama-gqa": EVERYWHERE,
    "llama-tied": EVERYWHERE,
    "llama-biases": EVERYWHERE,
    "llama-1": EVERYWHERE,
    "llama-float16": EVERYWHERE,
    "llama-wide-head": EVERYWHERE,
    "qwen2": ("value",),
    "qwen2-v4": ("value",),
    "qwen3": ("value", "head_output", "attention_output"),
    "qwen3-biases": ("value", "head_output", "attention_output"),
    "gpt2": EVERYWHERE,
    "gpt2-first": EVERYWHERE,
    "gpt2-untied": EVERYWHERE,
    "gpt-neox": EVERYWHERE,
    "gpt-neox-whole": EVERYWHERE,
    "pythia": EVERYWHERE,
}


def additions(rng: random.Random, steered: Steered, hooks: tuple[str, ...]) -> list[dict]:
    """Directions of sixteenths, exact in every number type."""
    cells = []
    for hook in hooks:
        for head in [None, rng.randrange(steered.heads[hook])] if hook in steered.heads else [None]:
            layer = rng.randrange(steered.config.num_hidden_layers)
            width = steered.taps[hook, layer].shape[-1]
            direction = [rng.randrange(-32, 33) / 16 for _ in range(width)]
            if head is not None:
                size = width // steered.heads[hook]
                direction = [x if i // size == head else 0.0 for i, x in enumerate(direction)]
            cells.append(dict(hook=hook, layer=layer, head=head, factor=rng.choice((-1.5, 0.75, 1.25)), direction=direction))
    return cells


def hooked(steered: Steered, cell: dict, base: list[int]) -> list[int]:
    added = torch.tensor(cell["direction"], dtype=torch.float64) * cell["factor"]
    steered.additions = {(cell["hook"], cell["layer"]): added.expand(1, len(base) + NEW_TOKENS, -1)}
    return steered.generate(base, NEW_TOKENS)[0][0].tolist()


def plain(folder: Path):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float64).eval()


def greedy(model, base: list[int]) -> list[int]:
    ids = torch.tensor([base])
    # an end-of-text token that there is not: every text is as long as the program's
    made = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=NEW_TOKENS, do_sample=False, eos_token_id=-1, pad_token_id=0)
    return made[0, len(base) :].tolist()


def make(folder: Path, hooks: tuple[str, ...], bake: list[str]) -> None:
    rng = random.Random("baked " + folder.name)
    steered = Steered(folder / "model", torch.float64)
    base = json.loads((folder / "cells.json").read_text())["base_ids"]
    steered.capture(base)
    unsteered = steered.generate(base, NEW_TOKENS)[0][0].tolist()
    given = dict(base_ids=base, new_tokens=NEW_TOKENS, cells=additions(rng, steered, hooks))
    file = folder / "baked.json"
    file.write_text(json.dumps(given))
    changed = 0
    with tempfile.TemporaryDirectory() as temporary:
        subprocess.run([*bake, folder / "model", file, temporary], check=True)
        for number, cell in enumerate(given["cells"]):
            baked = Path(temporary) / str(number)
            cell["tokens"] = greedy(plain(baked), base)
            cell["files_sha256"] = {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(baked.iterdir())}
            vector = Path(temporary) / f"{number}.safetensors"
            cell["vector_sha256"] = hashlib.sha256(vector.read_bytes()).hexdigest()
            model = plain(folder / "model")
            steer(model, vector)
            if cell["tokens"] != greedy(model, base):
                sys.exit(f"{folder.name}, {cell['hook']} {cell['layer']} {cell['head']}: baked and docs/steer_with_hooks.py differ")
            if cell["tokens"] != hooked(steered, cell, base):
                sys.exit(f"{folder.name}, {cell['hook']} {cell['layer']} {cell['head']}: baked and hooked differ")
            changed += cell["tokens"] != unsteered
    if changed < len(given["cells"]) / 2:
        sys.exit(f"{folder.name}: only {changed} additions change the text; a checkpoint without them would hardly be noticed")
    made_with = dict(torch=torch.__version__, transformers=transformers.__version__, dtype="float64")
    file.write_text(json.dumps(dict(made_with=made_with, **given)))
    print(f"{folder.name}: {len(given['cells'])} additions, {changed} of them change the text")


if __name__ == "__main__":
    for name, hooks in MODELS.items():
        make(Path(sys.argv[1]) / name, hooks, sys.argv[2:])
