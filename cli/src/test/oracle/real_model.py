"""What is expected of SmolLM2-135M-Instruct as a GGUF file: the answers that RealModelTest compares the program with.

    real_model.py MODEL.gguf OUT_DIR corpus     # corpus.json, the lines that llama.cpp is to cut into tokens
    real_model.py MODEL.gguf OUT_DIR cells      # cells.json and expected.json: 300 random cells, by transformers in float64

transformers reads the file itself (which takes the package accelerate, too); nothing of this program takes part. tokens.jsonl is
what llama.cpp makes of corpus.json: with the jars of the Maven packages de.kherud:llama:4.2.0 and jackson-databind in LIB,
`java -cp 'LIB/*' LlamaCppTokens.java MODEL.gguf corpus.json tokens.jsonl`.
"""

import json
import random
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from steered import HOOK_POINTS, RULES, Steered, heads, kl
from transformers import AutoModelForCausalLM, AutoTokenizer

SEED = 20261124
CELLS, NEW_TOKENS, AT_ONCE = 300, 8, 50
BASE = "Yesterday I went to the park and"
STEERING = "I am so sad. I cry every day."
# of the hook point's own activation; larger ones break the text
SCALES = (-2.0, -1.0, -0.5, 0.25, 0.5, 1.0, 2.0, 4.0)

WORDS = (
    "the a model steers layers attention Heads vegan Paris I we're don't it'll She'd they've I'm can't CAN'T WE'RE naïve café "
    "résumé jalapeño über straße Ελλάδα Москва привет שלום مرحبا नमस्ते สวัสดี 東京 こんにちは 안녕하세요 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 e\u0301 A\u030a ﬁne ½ ² Ⅷ ١٢٣ "
    "x1 v2.0 GPT4 3.14159 1,000,000 007 2026-11-24 12:30 +49-30 100% $5.00 €7 #1 C++ C# f(x) a[i] i++ == != -> => :: // /* */ "
    "<html> </div> {} [] () ... !!! ?? “quoted” ‘single’ – — … 🙂 👍🏽 👨‍👩‍👧 🇫🇷 ❤️ ₿ ∑ ∞ ≈ \u200bzero \u00a0nbsp \ufeffbom"
).split(" ")
CODE = (
    "def f(x):\n    return x + 1", "for (int i = 0; i < 10; i++) {\n\tsum += a[i];\n}", "SELECT * FROM t WHERE id = 42;",
    '<a href="https://example.org/?q=1&r=2">x</a>', "let x: Vec<u8> = vec![1, 2, 3];", '{"key": [1, 2.5, null], "k2": "v\\n"}',
    "#!/bin/sh\nset -e\nls -la | wc -l", "\\frac{1}{2} \\sum_{i=1}^{n} x_i^2", "0xDEADBEEF 1e-5 0b1010 1_000", "A\tB\tC\r\n1\t2\t3\r\n",
)  # fmt: skip
SPACES = (" ", " ", " ", "  ", "   ", "\n", "\n\n", "\t", " \n", "\n ", "\r\n", "", "      ")
SPECIAL = ("<|im_start|>", "<|endoftext|>", "<|im_end|>user", "<s>", "</s>")
RANGES = ((0x20, 0x250), (0x370, 0x2000), (0x2000, 0x3100), (0x4E00, 0xD7A4), (0xF900, 0xFFFE), (0x1F300, 0x1FAFF), (0x10000, 0x20000))


def corpus() -> list[str]:
    """Lines in which tokenizers differ: numbers, runs of spaces, code, contractions, scripts, emoji, special tokens."""
    rng = random.Random(SEED)

    def words(n: int) -> str:
        return "".join(rng.choice(WORDS) + rng.choice(SPACES) for _ in range(n))

    def digits(n: int) -> str:
        return "".join(rng.choice("0123456789") for _ in range(n))

    kinds = (
        lambda: words(rng.randrange(1, 15)),
        lambda: " ".join(rng.choice(WORDS) for _ in range(rng.randrange(1, 20))),
        lambda: rng.choice(SPACES) * rng.randrange(4) + rng.choice(CODE) + rng.choice(SPACES),
        lambda: digits(rng.randrange(1, 12)) + rng.choice(SPACES) + words(2) + rng.choice(SPACES) + digits(rng.randrange(1, 12)),
        lambda: "".join(chr(rng.randrange(*rng.choice(RANGES))) for _ in range(rng.randrange(1, 25))),
        lambda: "".join(rng.choice("ab cd'1 2.\n\t!-é漢🙂  ") for _ in range(rng.randrange(1, 40))),
        lambda: words(3) + rng.choice(SPECIAL) + words(3),
        lambda: f"The {rng.randrange(100)} layers of {rng.choice(WORDS)} are {rng.choice(WORDS)}." + rng.choice(SPACES) * rng.randrange(6),
    )
    return [kinds[i % len(kinds)]() for i in range(2400)]


def cells(config) -> list[dict]:
    rng = random.Random(SEED)
    made = []
    for _ in range(CELLS):
        hook = rng.choice(HOOK_POINTS)
        count = heads(config).get(hook)
        made.append(
            dict(
                hook=hook,
                layer=rng.randrange(config.num_hidden_layers),
                head=rng.randrange(count) if count and rng.random() < 0.5 else None,
                scale=rng.choice(SCALES),
                positions=rng.choice(RULES),
            )
        )
    return made


def write_cells(gguf: Path, out: Path) -> None:
    read = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    ids = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    settings = read.config.to_dict()
    settings.pop("quantization_config", None)
    with tempfile.TemporaryDirectory() as folder:
        model = type(read)(type(read.config)(**settings))  # what was read from GGUF cannot be saved
        model.load_state_dict(read.state_dict())
        model.save_pretrained(folder)
        del read, model
        steered = Steered(Path(folder), torch.float64)
    given = dict(
        base_ids=ids(BASE).input_ids, steering_ids=ids(STEERING).input_ids, new_tokens=NEW_TOKENS, cells=cells(steered.config)
    )
    (out / "cells.json").write_text(json.dumps(given) + "\n")
    bank = steered.capture(given["steering_ids"])
    tokens, logprobs, base = steered.generate(given["base_ids"], NEW_TOKENS)
    results = []
    for start in range(0, CELLS, AT_ONCE):
        some = given["cells"][start : start + AT_ONCE]
        steered.steer(some, bank, len(given["base_ids"]), NEW_TOKENS)
        t, p, first = steered.generate(given["base_ids"], NEW_TOKENS, len(some))
        results += [
            dict(tokens=row.tolist(), logprobs=[round(x, 7) for x in chosen.tolist()], kl_last=round(float(k), 7))
            for row, chosen, k in zip(t, p, kl(base, first))
        ]
        print(f"{len(results)} cells")
    expected = dict(
        made_with=dict(torch=torch.__version__, transformers=transformers.__version__, dtype="float64", file=gguf.name),
        baseline=dict(tokens=tokens[0].tolist(), logprobs=[round(x, 7) for x in logprobs[0].tolist()]),
        cells=results,
    )
    (out / "expected.json").write_text(json.dumps(expected) + "\n")
    print(len({tuple(r["tokens"]) for r in results}), "different texts")


if __name__ == "__main__":
    file, folder, what = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    if what == "corpus":
        (folder / "corpus.json").write_text(json.dumps(corpus()))
    else:
        write_cells(file, folder)
