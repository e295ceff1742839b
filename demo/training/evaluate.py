"""Counts which cells steer the demo model: activation addition with transformers and forward hooks.

For every concept, base prompt and steering prompt of prompts.json, every cell (hook point, layer, head,
scale) of one position rule is a row of one batch. Greedy, 16 new tokens. A cell is

- broken: the text is not well formed (see `is_well_formed`);
- moved: well formed, with a target word of the concept that the baseline's text does not have;
- other: well formed, without such a word (often the baseline's text itself).

The same cells with the steering prompt of an unrelated concept and the same target words are the
control: what hits by chance.

    python demo/training/evaluate.py --model demo/model --out demo/training/evaluation.json
"""

import argparse
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerFast

from corpus import lexicon, load_prompts, words_of

SCALES = (-10.0, -5.0, -2.0, -1.0, 1.0, 2.0, 5.0, 10.0)
RULES = ("lw2023", "mean")
NEW_TOKENS = 16
LOGPROB_MARGIN = 1.5  # nats per token that a well-formed text may lie below the baseline's mean
OPPOSITES = {"good": "evil", "evil": "good", "happy": "sad", "sad": "happy"}


@dataclass(frozen=True)
class Cell:
    hook: str  # value or residual_post
    layer: int
    head: int | None  # None: all heads
    scale: float

    @property
    def site(self) -> str:
        head = "" if self.hook == "residual_post" else " all heads" if self.head is None else f" head {self.head}"
        return f"{self.hook} layer {self.layer}{head}"

    def __str__(self) -> str:
        return f"{self.site} scale {self.scale:g}"


@dataclass(frozen=True)
class Completion:
    cell: Cell | None  # None: the baseline
    text: str
    logprob: float  # mean per generated token under the unsteered model, nats


class Steering:
    """A model whose hooks add one row of a batch its own cell, in prefill and in decode steps."""

    def __init__(self, folder: Path) -> None:
        self.model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        self.tokenizer: PreTrainedTokenizerFast = AutoTokenizer.from_pretrained(folder)
        self.taps: dict[tuple[str, int], Tensor] = {}
        self.additions: dict[tuple[str, int], Tensor] = {}  # [batch, pos, width] of the pass to come
        for layer, block in enumerate(self.model.model.layers):
            block.self_attn.v_proj.register_forward_hook(self._hook("value", layer))
            block.register_forward_hook(self._hook("residual_post", layer))

    def _hook(self, hook: str, layer: int):
        def steer(_module: nn.Module, _inputs: tuple, output: Tensor | tuple) -> Tensor | tuple:
            x = output[0] if isinstance(output, tuple) else output
            self.taps[hook, layer] = x
            if (hook, layer) in self.additions:
                x = x + self.additions[hook, layer]
            return (x, *output[1:]) if isinstance(output, tuple) else x

        return steer

    def cells(self) -> list[Cell]:
        config = self.model.config
        heads = (None, *range(config.num_key_value_heads))
        layers = range(config.num_hidden_layers)
        values = [Cell("value", layer, h, s) for layer in layers for h in heads for s in SCALES]
        return values + [Cell("residual_post", layer, None, s) for layer in layers for s in SCALES]

    @torch.no_grad()
    def capture(self, steering_prompt: str) -> dict[tuple[str, int], Tensor]:
        self.additions = {}
        self.model(torch.tensor([self.tokenizer(steering_prompt).input_ids]), use_cache=False)
        return {site: x[0].clone() for site, x in self.taps.items()}

    def _plan(
        self, bank: dict[tuple[str, int], Tensor], cells: list[Cell], rule: str, length: int
    ) -> tuple[dict, dict]:
        """Additions of the prompt [batch, length, width] and of every generated token [batch, 1, width]."""
        prompt: dict[tuple[str, int], Tensor] = {}
        generated: dict[tuple[str, int], Tensor] = {}
        for site, steering in bank.items():
            rows = [i for i, c in enumerate(cells) if (c.hook, c.layer) == site]
            if rule == "mean":  # of all positions but BOS, at every position
                at_prompt = steering[1:].mean(0).expand(length, -1)
                at_generated = at_prompt[:1]
            else:  # aligned from position 0, cut or zero-padded; generated tokens get position 0
                at_prompt = torch.zeros(length, steering.shape[1])
                at_prompt[: len(steering)] = steering[:length]
                at_generated = steering[:1]
            prompt[site] = torch.zeros(len(cells), length, steering.shape[1])
            generated[site] = torch.zeros(len(cells), 1, steering.shape[1])
            for row in rows:
                factor = cells[row].scale * self._head_mask(cells[row], steering.shape[1])
                prompt[site][row] = at_prompt * factor
                generated[site][row] = at_generated * factor
        return prompt, generated

    def _head_mask(self, cell: Cell, width: int) -> Tensor:
        if cell.head is None:
            return torch.ones(width)
        mask = torch.zeros(self.model.config.num_key_value_heads, width // self.model.config.num_key_value_heads)
        mask[cell.head] = 1
        return mask.flatten()

    @torch.no_grad()
    def complete(
        self, base_prompt: str, cells: list[Cell], steering_prompt: str = "", rule: str = "lw2023"
    ) -> list[Completion]:
        ids = self.tokenizer(base_prompt).input_ids
        prompt, generated = self._plan(self.capture(steering_prompt), cells, rule, len(ids)) if cells else ({}, {})
        tokens = self._decode(ids, max(1, len(cells)), prompt, generated)
        logprobs = self._logprobs(tokens, len(ids))
        completions = []
        for row, (generated_ids, scores) in enumerate(zip(tokens[:, len(ids) :].tolist(), logprobs)):
            eos = self.model.config.eos_token_id
            end = generated_ids.index(eos) + 1 if eos in generated_ids else NEW_TOKENS
            text = self.tokenizer.decode(generated_ids[:end], skip_special_tokens=True)
            completions.append(Completion(cells[row] if cells else None, text, scores[:end].mean().item()))
        return completions

    def _decode(self, ids: list[int], rows: int, prompt: dict, generated: dict) -> Tensor:
        tokens = torch.tensor(ids).expand(rows, -1)
        step, past = tokens, None
        for index in range(NEW_TOKENS):
            self.additions = prompt if index == 0 else generated
            out = self.model(step, past_key_values=past, use_cache=True, logits_to_keep=1)
            past, step = out.past_key_values, out.logits[:, -1].argmax(-1, keepdim=True)
            tokens = torch.cat((tokens, step), dim=1)
        self.additions = {}
        return tokens

    def _logprobs(self, tokens: Tensor, prompt_length: int) -> Tensor:
        """Log-probabilities of the generated tokens under the unsteered model, [batch, new tokens]."""
        self.additions = {}
        logits = self.model(tokens, use_cache=False).logits[:, prompt_length - 1 : -1]
        return logits.log_softmax(-1).gather(-1, tokens[:, prompt_length:, None])[..., 0]


def repeats(words: list[str]) -> int:
    """Trigrams that occurred before, and words that follow themselves."""
    trigrams = list(zip(words, words[1:], words[2:]))
    return len(trigrams) - len(set(trigrams)) + sum(a == b for a, b in zip(words, words[1:]))


def is_well_formed(text: str, logprob: float, baseline: Completion, known: set[str]) -> bool:
    """A full first sentence of known words, no more repeats than the baseline, not much less likely than it."""
    first, stop, _rest = text.partition(".")
    words = re.findall(r"\w+", text.lower())
    complete = words if text.rstrip().endswith(".") else words[:-1]  # the last word may be cut off
    loops = repeats(words) > repeats(re.findall(r"\w+", baseline.text.lower()))
    return (
        stop == "."
        and bool(first.strip())
        and all(w in known for w in complete)
        and not loops
        and logprob >= baseline.logprob - LOGPROB_MARGIN
    )


def outcome(completion: Completion, baseline: Completion, targets: set[str], known: set[str]) -> str:
    if not is_well_formed(completion.text, completion.logprob, baseline, known):
        return "broken"
    new_words = words_of(completion.text) - words_of(baseline.text)
    return "moved" if new_words & targets else "other"


def tally(outcomes: dict[Cell, str], hook: str) -> dict[str, int]:
    counts = Counter(o for cell, o in outcomes.items() if cell.hook == hook)
    return {"cells": sum(counts.values()), "moved": counts["moved"], "broken": counts["broken"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--texts", type=Path, help="every completion as a line of JSON, to read")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    steering = Steering(arguments.model)
    cells, known, concepts = steering.cells(), lexicon(), load_prompts()
    by_name = {c["name"]: c for c in concepts}
    targets = {name: set(c["targets"]) for name, c in by_name.items()}
    pairs: list[dict] = []
    site_hits: dict[tuple[str, str], dict[str, Counter]] = {}  # (rule, concept) -> kind -> cell -> pairs moved
    by_scale: dict[str, Counter] = {}
    texts: list[str] = []

    for concept in concepts:
        name = concept["name"]
        prompts = {"own": concept["steering_prompts"], "control": by_name[concept["control"]]["steering_prompts"]}
        for base in concept["base_prompts"]:
            baseline = steering.complete(base["text"], [])[0]
            for rule in RULES:
                for kind, steering_prompts in prompts.items():
                    for prompt in steering_prompts:
                        completions = steering.complete(base["text"], cells, prompt, rule)
                        outcomes = {c.cell: outcome(c, baseline, targets[name], known) for c in completions}
                        row = {
                            "concept": name,
                            "base": base["text"],
                            "held_out": base["held_out"],
                            "baseline": baseline.text,
                        }
                        row |= {"rule": rule, "kind": kind, "steering": prompt}
                        row |= {hook: tally(outcomes, hook) for hook in ("value", "residual_post")}
                        if kind == "own" and name in OPPOSITES:
                            opposite = {
                                c.cell: outcome(c, baseline, targets[OPPOSITES[name]], known) for c in completions
                            }
                            row["value_opposite"] = {
                                sign: sum(
                                    o == "moved" and c.hook == "value" and (c.scale < 0) == (sign == "negative")
                                    for c, o in opposite.items()
                                )
                                for sign in ("negative", "positive")
                            }
                        pairs.append(row)
                        hits = site_hits.setdefault((rule, name), {"own": Counter(), "control": Counter()})[kind]
                        hits.update(c for c, o in outcomes.items() if o == "moved")
                        for cell, result in outcomes.items():
                            by_scale.setdefault(f"{rule} {kind} {cell.hook} {cell.scale:g}", Counter())[result] += 1
                        texts += [
                            json.dumps(
                                {
                                    "concept": name,
                                    "rule": rule,
                                    "kind": kind,
                                    "base": base["text"],
                                    "steering": prompt,
                                    "cell": str(c.cell),
                                    "outcome": outcomes[c.cell],
                                    "logprob": round(c.logprob - baseline.logprob, 2),
                                    "text": c.text,
                                    "baseline": baseline.text,
                                }
                            )
                            for c in completions
                        ]
        print(name, "done", flush=True)

    best = {
        f"{rule} {name}": [
            {"cell": str(cell), "pairs_moved": n, "control_pairs_moved": hits["control"][cell]}
            for cell, n in hits["own"].most_common(5)
        ]
        for (rule, name), hits in site_hits.items()
    }
    report = {
        "model": json.loads((arguments.model / "training.json").read_text()),
        "new_tokens": NEW_TOKENS,
        "scales": SCALES,
        "logprob_margin": LOGPROB_MARGIN,
        "pairs": pairs,
        "best_cells": best,
        "by_scale": by_scale,
    }
    arguments.out.write_text(json.dumps(report, indent=1) + "\n")
    if arguments.texts:
        arguments.texts.write_text("\n".join(texts) + "\n")


if __name__ == "__main__":
    main()
