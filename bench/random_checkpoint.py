#!/usr/bin/env python3
"""Write a Llama checkpoint of random weights: something of the right size to time, no model.

usage: random_checkpoint.py OUT_DIR [7b|tiny]      (float16; 7b: 13.5 GB; needs Python alone)

Every matrix is a piece of one block of seeded gaussian numbers, begun at a place of its own: timing
needs numbers of a sensible size that are not zeros, not numbers that are all different.
"""
import json
import random
import struct
import sys
from pathlib import Path

SIZES = {
    "7b": dict(layers=32, hidden=4096, heads=32, mlp=11008, vocab=32000),
    "tiny": dict(layers=2, hidden=64, heads=4, mlp=172, vocab=256),
}
BLOCK = 1 << 22  # numbers
BYTES = 2  # of a float16
DEVIATION = 0.02


def tensors(layers, hidden, heads, mlp, vocab):
    yield "model.embed_tokens.weight", [vocab, hidden]
    for layer in range(layers):
        block = f"model.layers.{layer}."
        yield block + "input_layernorm.weight", [hidden]
        for name in "qkvo":
            yield block + f"self_attn.{name}_proj.weight", [hidden, hidden]
        yield block + "post_attention_layernorm.weight", [hidden]
        yield block + "mlp.gate_proj.weight", [mlp, hidden]
        yield block + "mlp.up_proj.weight", [mlp, hidden]
        yield block + "mlp.down_proj.weight", [hidden, mlp]
    yield "model.norm.weight", [hidden]
    yield "lm_head.weight", [vocab, hidden]


def bytes_of(shape):
    size = BYTES
    for n in shape:
        size *= n
    return size


def write(out, layers, hidden, heads, mlp, vocab):
    out.mkdir(parents=True, exist_ok=True)
    config = {
        "model_type": "llama",
        "architectures": ["LlamaForCausalLM"],
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": heads,
        "intermediate_size": mlp,
        "vocab_size": vocab,
        "max_position_embeddings": 2048,
        "rms_norm_eps": 1e-6,
        "rope_theta": 10000.0,
        "hidden_act": "silu",
        "tie_word_embeddings": False,
        "torch_dtype": "float16",
        "bos_token_id": 1,
        "eos_token_id": 2,
    }
    (out / "config.json").write_text(json.dumps(config, indent=2))
    seeded = random.Random(7)
    numbers = [seeded.gauss(0, DEVIATION) for _ in range(1 << 16)]
    # shuffled again and again: drawing each number would take minutes in plain Python
    pieces = []
    for _ in range(BLOCK // len(numbers)):
        seeded.shuffle(numbers)
        pieces.append(struct.pack(f"<{len(numbers)}e", *numbers))
    block = memoryview(b"".join(pieces))
    shapes = list(tensors(layers, hidden, heads, mlp, vocab))
    header, offset = {}, 0
    for name, shape in shapes:
        end = offset + bytes_of(shape)
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(out / "model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, shape in shapes:
            left = bytes_of(shape)
            if len(shape) == 1:
                file.write(struct.pack("<e", 1.0) * shape[0])
                continue
            start = BYTES * seeded.randrange(BLOCK)
            while left:
                piece = block[start : start + left]
                file.write(piece)
                left -= len(piece)
                start = 0
    print(f"{out}: {offset / 1e9:.2f} GB", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or sys.argv[-1] not in SIZES and len(sys.argv) == 3:
        sys.exit(__doc__)
    write(Path(sys.argv[1]), **SIZES[sys.argv[2] if len(sys.argv) == 3 else "7b"])
