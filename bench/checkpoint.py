"""Writes the checkpoint that is measured: a seeded Llama of 58 million parameters, float32, with a tokenizer whose words are
numbers ("12 345 7"), so that the whole program can sweep it. Written once; a folder that is complete is left alone."""

import json
import shutil
import sys
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

WORDS = 32_000
UNKNOWN, BOS, EOS = 0, 1, 2
SETTINGS = dict(
    vocab_size=WORDS,
    hidden_size=512,
    intermediate_size=1376,
    num_hidden_layers=8,
    num_attention_heads=8,
    num_key_value_heads=8,
    max_position_embeddings=512,
    initializer_range=0.05,  # at the default of 0.02 greedy texts repeat themselves
    bos_token_id=BOS,
    eos_token_id=EOS,
    pad_token_id=UNKNOWN,
)
# Attention of random weights writes so much into the residual stream that every cell's text differs from the baseline's. With
# its output made smaller, about as many single-head cells change nothing as in the demo model.
ATTENTION_OUTPUT = 0.005


def tokenizer() -> dict:
    special = {"<unk>": UNKNOWN, "<s>": BOS, "</s>": EOS}
    flags = dict(single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
    return dict(
        version="1.0",
        truncation=None,
        padding=None,
        added_tokens=[dict(id=id, content=word, **flags) for word, id in special.items()],
        normalizer=None,
        pre_tokenizer=dict(type="WhitespaceSplit"),
        post_processor=dict(
            type="TemplateProcessing",
            single=[dict(SpecialToken=dict(id="<s>", type_id=0)), dict(Sequence=dict(id="A", type_id=0))],
            pair=[dict(Sequence=dict(id="A", type_id=0)), dict(Sequence=dict(id="B", type_id=1))],
            special_tokens={"<s>": dict(id="<s>", ids=[BOS], tokens=["<s>"])},
        ),
        decoder=None,
        model=dict(type="WordLevel", vocab=special | {str(i): i for i in range(3, WORDS)}, unk_token="<unk>"),
    )


def write(folder: Path) -> None:
    done = folder / "settings.json"
    settings = json.dumps(SETTINGS | dict(attention_output=ATTENTION_OUTPUT))
    if done.exists() and done.read_text() == settings:
        return
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(7)
    model = LlamaForCausalLM(LlamaConfig(**SETTINGS))
    for block in model.model.layers:
        block.self_attn.o_proj.weight.data *= ATTENTION_OUTPUT
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink()
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer()))
    done.write_text(settings)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
