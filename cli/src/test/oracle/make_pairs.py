"""Writes how well pairs of texts agree, and how far apart their sides are, at every site of the demo model: read by transformers in
float64, every pair judged by the mean over the others, which is worked out anew for each.

    make_pairs.py MODEL FOLDER   reads FOLDER/pairs.jsonl, writes FOLDER/expected.json
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import transformers
from steered import Steered

NOTHING = 1e-5  # of an activation: what float32 rounds, where both texts have the same activation


def common(a: list[int], b: list[int]) -> int:
    """How many tokens both begin with."""
    return next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))


def first(tokens: str, ids: list[int], shared: int) -> int:
    """Where what counts of a text begins."""
    return min(len(ids) - 1, {"last": len(ids) - 1, "answer": shared, "all": 1}[tokens])


def figures(plus: np.ndarray, minus: np.ndarray) -> dict:
    """Of two sides, [pair, width]."""
    cosines, up, down = [], [], []
    for i in range(len(plus)):
        others = np.arange(len(plus)) != i
        mean = (plus[others] - minus[others]).mean(0)
        centre = (plus[others].mean(0) + minus[others].mean(0)) / 2
        own, size = plus[i] - minus[i], NOTHING * np.linalg.norm(plus[i])
        if np.linalg.norm(mean) < size:
            cosines.append(0)
            continue
        direction = mean / np.linalg.norm(mean)
        cosines.append(own @ direction / np.linalg.norm(own) if np.linalg.norm(own) > size else 0)
        up.append((plus[i] - centre) @ direction)
        down.append((minus[i] - centre) @ direction)
    if len(up) < 2:
        return dict(agreement=float(np.mean(cosines)), separation=None)
    spread = np.sqrt((np.var(up, ddof=1) + np.var(down, ddof=1)) / 2)
    return dict(agreement=float(np.mean(cosines)), separation=float((np.mean(up) - np.mean(down)) / spread))


def side(steered: Steered, pair: tuple[list[int], list[int]], which: int, tokens: str) -> dict:
    """What is read of one text of a pair, by hook point and layer."""
    ids = pair[which]
    read = steered.capture(ids)
    return {site: taps[first(tokens, ids, common(*pair)) :].mean(0).numpy() for site, taps in read.items()}


def main(model: Path, folder: Path) -> None:
    torch.set_num_threads(1)
    steered = Steered(model, torch.float64)
    tokenizer = transformers.AutoTokenizer.from_pretrained(model)
    lines = [json.loads(line) for line in (folder / "pairs.jsonl").read_text().splitlines()]
    pairs = [(tokenizer.encode(line["positive"]), tokenizer.encode(line["negative"])) for line in lines]
    found = []
    for tokens in ("last", "answer", "all"):
        read = [[side(steered, pair, which, tokens) for pair in pairs] for which in (0, 1)]
        for hook, layer in read[0][0]:
            plus, minus = (np.stack([of[hook, layer] for of in texts]) for texts in read)
            heads = steered.heads.get(hook, 0)
            for head in [None, *range(heads)]:
                of = slice(None) if head is None else slice(head * plus.shape[1] // heads, (head + 1) * plus.shape[1] // heads)
                place = dict(pair_tokens=tokens, hook_point=hook, layer=layer, head=head)
                found.append(place | figures(plus[:, of], minus[:, of]))
    made_with = dict(torch=torch.__version__, transformers=transformers.__version__, dtype="float64")
    (folder / "expected.json").write_text(json.dumps(dict(made_with=made_with, sites=found), indent=1) + "\n")
    print(f"pairs: {len(found)} sites, agreement up to {max(of['agreement'] for of in found):.2f}")


main(Path(sys.argv[1]), Path(sys.argv[2]))
