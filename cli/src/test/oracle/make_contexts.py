"""Writes what transformers makes of a small sweep over the demo model: pull, alignment, evidence and what else is measured of cells
by the prompts of a plan in words. Computed in float64 with forward hooks, from the plan alone: which prompts a cell is compared with
is worked out here once more.

    make_contexts.py MODEL FOLDER   reads FOLDER/plan.json, writes FOLDER/expected.json
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from steered import Axis, Steered, kl


def leave_out(prompts: list[str], own: int | None) -> list[str]:
    return [p for i, p in enumerate(prompts) if i != own] if own is not None and len(prompts) > 1 else prompts


def sides(concepts: list[dict], of: dict, concept: dict, steering: int) -> tuple[list[str], list[str]]:
    """Prompts that show a concept and its opposite, for cells of concept `of` that are steered with one of its prompts."""
    own = steering if concept is of else None
    plus, contrast = concept["steering_prompts"], concept["contrast_prompts"]
    if contrast:
        paired = len(contrast) == len(plus)
        return leave_out(plus, own), leave_out(contrast, own if paired else None)
    others = [other for other in concepts if other is not concept]
    others = [other for other in others if other is not of] or others
    return leave_out(plus, own), [prompt for other in others for prompt in other["steering_prompts"]]


def distinct(tokens: list[int]) -> float:
    pairs = list(zip(tokens, tokens[1:]))
    return len(set(pairs)) / len(pairs) if pairs else 1.0


class Cells:
    """All cells of one prompt pair."""

    def __init__(self, steered: Steered, tokenizer, plan: dict, of: dict, base: str, steering: int) -> None:
        self.steered, self.tokenizer, self.plan, self.of, self.base, self.own = steered, tokenizer, plan, of, base, steering
        self.ids = tokenizer.encode(base)
        self.stop = steered.config.eos_token_id
        self.unsteered()
        self.text = self.cut(steered.generate(self.ids, plan["new_tokens"])[0][0].tolist())
        self.q0 = self.follow(self.ids, self.text)

    def unsteered(self) -> None:
        self.steered.steer([], {}, 0, 0)

    def cut(self, tokens: list[int]) -> list[int]:
        return tokens[: tokens.index(self.stop) + 1] if self.stop in tokens else tokens

    def follow(self, ids: list[int], tokens: list[int]) -> torch.Tensor:
        return self.steered.follow(ids, torch.tensor([tokens]))[0]

    def after(self, prompt: str, tokens: list[int]) -> torch.Tensor:
        return self.follow(self.tokenizer.encode(f"{prompt} {self.base}"), tokens)

    def logprob(self, distributions: torch.Tensor, tokens: list[int]) -> float:
        return distributions.gather(1, torch.tensor(tokens)[:, None]).sum().item()

    def bank(self) -> dict:
        """What is added everywhere, as the second of two rows."""
        prompt, contrasts = self.of["steering_prompts"][self.own], self.of["contrast_prompts"]
        bank = {site: tap[1:].mean(0) for site, tap in self.steered.capture(self.tokenizer.encode(prompt)).items()}
        if contrasts:
            contrast = contrasts[self.own if len(contrasts) > 1 else 0]
            taken = self.steered.capture(self.tokenizer.encode(contrast))
            bank = {site: mean - taken[site][1:].mean(0) for site, mean in bank.items()}
        return {site: torch.stack([torch.zeros_like(mean), mean]) for site, mean in bank.items()}

    def measure(self, site: dict, setting: float) -> dict:
        bank = self.bank()
        cell = dict(site, scale=setting, head=None, positions="mean")
        self.steered.steer([cell], bank, len(self.ids), self.plan["new_tokens"])
        tokens = self.cut(self.steered.generate(self.ids, self.plan["new_tokens"])[0][0].tolist())
        self.steered.steer([cell], bank, len(self.ids), self.plan["new_tokens"])
        q = self.follow(self.ids, self.text)
        self.unsteered()
        axes = [
            Axis.of(*([self.after(p, self.text) for p in side] for side in sides(self.plan["concepts"], self.of, c, self.own)))
            for c in self.plan["concepts"]
        ]
        own = self.plan["concepts"].index(self.of)
        found = dict(
            concept=self.of["name"],
            base_prompt=self.base,
            steering_prompt=self.of["steering_prompts"][self.own],
            hook_point=site["hook"],
            layer=site["layer"],
            setting=setting,
            damage=kl(self.q0, q).mean().item(),
            pulls=[axis.pull(self.q0, q).item() for axis in axes],
            alignments=[axis.alignment(self.q0, q).item() for axis in axes],
            pull_prompting=axes[own].pull(self.q0, axes[own].plus.log()).item(),
        )
        return found | dict(tokens=tokens) | self.judge(tokens, setting, own)

    def judge(self, tokens: list[int], setting: float, own: int) -> dict:
        alone = self.logprob(self.follow(self.ids, tokens), tokens) / len(tokens)
        fluency = alone - self.logprob(self.q0, self.text) / len(self.text)
        own_prompt = self.of["steering_prompts"][self.own]
        uptake = self.logprob(self.after(own_prompt, tokens), tokens) / len(tokens) - alone
        coherent = fluency >= -1 and distinct(tokens) >= distinct(self.text) - 0.20
        measured = dict(logprob=alone, fluency=fluency, uptake=uptake, coherent=int(coherent))
        if not coherent:
            return measured | dict(evidence=None, evidences=[], recognised=None)
        evidences, plus, minus = [], {}, {}
        for concept in self.plan["concepts"]:
            of_sides = sides(self.plan["concepts"], self.of, concept, self.own)
            means = [sum(self.logprob(self.after(p, tokens), tokens) for p in side) / len(side) for side in of_sides]
            evidences.append(means[0] - means[1])
            plus[concept["name"]] = means[0]
            if concept["contrast_prompts"]:
                minus[concept["name"]] = means[1]
        asked = (minus if setting < 0 else plus).get(self.of["name"])
        highest = max([*plus.values(), *minus.values()])
        return measured | dict(
            evidence=evidences[own], evidences=evidences, recognised=None if asked is None else int(asked == highest)
        )


def main(model: Path, folder: Path) -> None:
    torch.set_num_threads(1)
    plan = json.loads((folder / "plan.json").read_text())
    steered = Steered(model, torch.float64)
    tokenizer = transformers.AutoTokenizer.from_pretrained(model)
    found = [
        Cells(steered, tokenizer, plan, of, base, steering).measure(site, setting)
        for of in plan["concepts"]
        for base in of["base_prompts"]
        for steering in range(len(of["steering_prompts"]))
        for site in plan["sites"]
        for setting in plan["settings"]
    ]
    made_with = dict(torch=torch.__version__, transformers=transformers.__version__, dtype="float64")
    (folder / "expected.json").write_text(json.dumps(dict(made_with=made_with, cells=found), indent=1) + "\n")
    coherent = sum(cell["coherent"] for cell in found)
    print(f"contexts: {len(found)} cells, {coherent} coherent, {sum(c['recognised'] or 0 for c in found)} recognised")


main(Path(sys.argv[1]), Path(sys.argv[2]))
