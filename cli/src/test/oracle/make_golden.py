"""Writes tiny seeded Llama checkpoints and what transformers makes of them under steering.

For each checkpoint: model/ (a standard folder), cells.json (input of `steersweep cells`) and expected.json: for every cell the
greedy tokens, their log-probabilities and KL(base || steered) at the last prompt token, and the activations of the steering
prompt's last token. Computed in float64 with forward hooks on unchanged transformers code, one cell at a time: where an addition
cancels an activation almost exactly, float32 results of any program are rounding noise, and float64 tells which is right.
"""

import hashlib
import json
import random
import sys
from pathlib import Path

import torch
import transformers
from transformers import LlamaConfig, LlamaForCausalLM

LAYERS, HEADS, WORDS, NEW_TOKENS = 4, 8, 320, 12
BASE = dict(
    vocab_size=WORDS,
    hidden_size=64,
    intermediate_size=160,
    num_hidden_layers=LAYERS,
    num_attention_heads=HEADS,
    max_position_embeddings=256,
    initializer_range=0.08,
    bos_token_id=1,
    eos_token_id=2,
    pad_token_id=0,
)
# name: settings, tokens of the steering prompt (the base prompt has 8), weights in several files
VARIANTS = {
    "llama-mha": (dict(num_key_value_heads=8, rms_norm_eps=1e-6), 5, False),
    "llama-gqa": (dict(num_key_value_heads=2, rms_norm_eps=1e-5), 11, True),
    "llama-tied": (dict(num_key_value_heads=4, tie_word_embeddings=True), 8, False),
}
HOOK_POINTS = ("value", "head_output", "attention_output", "mlp_output", "residual_post")
RULES = ("lw2023", "prompt", "mean", "last")
SCALES = (-20.0, -8.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0, 10.0, 25.0)


class Steered:
    """A model whose hook points are read, and added to."""

    def __init__(self, path: Path) -> None:
        self.model = LlamaForCausalLM.from_pretrained(path, dtype=torch.float64).eval()
        self.taps: dict[tuple[str, int], torch.Tensor] = {}
        self.site, self.rows, self.start = None, None, 0
        for i, block in enumerate(self.model.model.layers):
            attention = block.self_attn
            attention.v_proj.register_forward_hook(self.after("value", i))
            attention.o_proj.register_forward_pre_hook(lambda _, args, i=i: (self.at("head_output", i, args[0]),))
            attention.register_forward_hook(self.after("attention_output", i))
            block.mlp.register_forward_hook(self.after("mlp_output", i))
            block.register_forward_hook(self.after("residual_post", i))

    def after(self, hook: str, layer: int):
        def read_and_add(_module, _inputs, output):
            if isinstance(output, tuple):
                return (self.at(hook, layer, output[0]), *output[1:])
            return self.at(hook, layer, output)

        return read_and_add

    def at(self, hook: str, layer: int, x: torch.Tensor) -> torch.Tensor:
        self.taps[hook, layer] = x[0].clone()
        if self.site != (hook, layer):
            return x
        return x + torch.stack([self.rows(p) for p in range(self.start, self.start + x.shape[1])])

    @torch.no_grad()
    def capture(self, ids: list[int]) -> dict[tuple[str, int], torch.Tensor]:
        self.site = None
        self.model(torch.tensor([ids]), use_cache=False)
        return dict(self.taps)

    def steer(self, cell: dict, bank: dict, heads: dict[str, int], prompt: int) -> None:
        added = bank[cell["hook"], cell["layer"]] * cell["scale"]  # [steering position, width]
        if cell["head"] is not None:
            only = torch.zeros(heads[cell["hook"]], 1, dtype=added.dtype)
            only[cell["head"]] = 1
            added = (added.view(len(added), heads[cell["hook"]], -1) * only).flatten(1)
        nothing = torch.zeros_like(added[0])
        match cell["positions"]:
            case "mean":
                self.rows = lambda p: added[1:].mean(0)
            case "last":
                self.rows = lambda p: added[-1]
            case rule:
                later = added[0] if rule == "lw2023" else nothing
                self.rows = lambda p: later if p >= prompt else added[p] if p < len(added) else nothing
        self.site = (cell["hook"], cell["layer"])

    @torch.no_grad()
    def generate(self, ids: list[int]) -> tuple[list[int], list[float], torch.Tensor]:
        x, past, tokens, logprobs, first = torch.tensor([ids]), None, [], [], None
        self.start = 0
        for _ in range(NEW_TOKENS):
            out = self.model(x, past_key_values=past, use_cache=True)
            past, logprob = out.past_key_values, out.logits[0, -1].log_softmax(-1)
            first = logprob if first is None else first
            tokens.append(int(logprob.argmax()))
            logprobs.append(float(logprob.max()))
            self.start += x.shape[1]
            x = torch.tensor([tokens[-1:]])
        return tokens, logprobs, first


def make_cells(rng: random.Random, heads: dict[str, int]) -> list[dict]:
    cells = []
    for hook in HOOK_POINTS:
        for rule in RULES:
            for layer in range(LAYERS):
                for head in [None, rng.randrange(heads[hook])] if hook in heads else [None]:
                    for scale in rng.sample(SCALES, 2):
                        cells.append(dict(hook=hook, layer=layer, head=head, scale=scale, positions=rule))
        cells.append(dict(hook=hook, layer=1, head=None, scale=0.0, positions="lw2023"))
        cells.append(dict(hook=hook, layer=0, head=None, scale=-1.0, positions="lw2023"))
    return cells


def make(name: str, folder: Path) -> None:
    settings, steering_tokens, sharded = VARIANTS[name]
    torch.manual_seed(7)
    model = LlamaForCausalLM(LlamaConfig(**BASE, **settings))
    for parameter in model.parameters():  # norms start at 1: make them matter
        if parameter.dim() == 1:
            parameter.data += 0.1 * torch.randn_like(parameter)
    model.save_pretrained(folder / "model", max_shard_size="200KB" if sharded else "5GB")
    (folder / "model" / "generation_config.json").unlink()

    rng = random.Random(name)
    heads = {"value": model.config.num_key_value_heads, "head_output": HEADS}
    base = [1] + [rng.randrange(3, WORDS) for _ in range(7)]
    steering = [1] + [rng.randrange(3, WORDS) for _ in range(steering_tokens - 1)]
    cells = make_cells(rng, heads)
    given = dict(base_ids=base, steering_ids=steering, new_tokens=NEW_TOKENS, cells=cells)
    (folder / "cells.json").write_text(json.dumps(given))

    steered = Steered(folder / "model")
    bank = steered.capture(steering)
    steered.site = None
    tokens, logprobs, first = steered.generate(base)
    results = []
    for cell in cells:
        steered.steer(cell, bank, heads, len(base))
        cell_tokens, cell_logprobs, cell_first = steered.generate(base)
        kl = float((first.exp() * (first - cell_first)).sum())
        results.append(dict(tokens=cell_tokens, logprobs=cell_logprobs, kl_last=kl))
    weights = sorted((folder / "model").glob("*.safetensors"))
    expected = dict(
        made_with=dict(torch=torch.__version__, transformers=transformers.__version__, dtype="float64"),
        weights_sha256={w.name: hashlib.sha256(w.read_bytes()).hexdigest() for w in weights},
        baseline=dict(tokens=tokens, logprobs=logprobs),
        cells=results,
        taps_of_last_token={f"{hook}.{layer}": tap[-1].tolist() for (hook, layer), tap in bank.items()},
    )
    text = json.dumps(expected)
    rounded = json.loads(text, parse_float=lambda number: round(float(number), 9))
    (folder / "expected.json").write_text(json.dumps(rounded))
    print(name, len(cells), "cells")


if __name__ == "__main__":
    for variant in VARIANTS:
        make(variant, Path(sys.argv[1]) / variant)
