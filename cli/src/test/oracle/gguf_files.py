"""Tiny seeded GGUF files, written by the `gguf` package as llama.cpp's converter would: its names, its order of rows, its metadata.

Weights are those of a checkpoint, stored in every type that the program reads in turn; the "K" types, which the package only
decodes, get seeded blocks of their own. The checkpoint is then given what the package decodes again.
"""

import base64
import json
from collections import Counter
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf.quants import dequantize, quantize
from safetensors.numpy import load_file, save_file

TYPES = (Type.F32, Type.F16, Type.BF16, Type.Q8_0, Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1)
K_TYPES = (Type.Q4_K, Type.Q5_K, Type.Q6_K)
QUANTIZED = tuple(t for t in TYPES if t not in (Type.F32, Type.F16, Type.BF16)) + K_TYPES
TOKENIZERS = Path(__file__).resolve().parents[4] / "pipeline" / "src" / "test" / "resources" / "tokenizers"
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6


def halves(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float16).view(np.uint8).reshape(*values.shape, 2)


def k_blocks(rng: np.random.Generator, kind: Type, blocks: int, size: float) -> np.ndarray:
    """Blocks whose elements spread around 0 by about `size`, [blocks, bytes]."""
    if kind == Type.Q6_K:
        quants = rng.integers(0, 256, (blocks, 192), dtype=np.uint8)
        scales = (rng.integers(20, 128, (blocks, 16)) * rng.choice((-1, 1), (blocks, 16))).astype(np.int8).view(np.uint8)
        return np.concatenate([quants, scales, halves(np.full(blocks, size / 70 / 18))], 1)
    middle, spread = (7.5, 4.6) if kind == Type.Q4_K else (15.5, 9.2)
    scale = size / 42 / spread
    s = rng.integers(20, 64, (blocks, 8), dtype=np.uint8)  # of each group, for scale and minimum alike
    low = s[:, :4] | (s[:, 4:] >> 4) << 6
    packed = np.concatenate([low, low, s[:, 4:] & 15 | (s[:, 4:] & 15) << 4], 1)
    quants = rng.integers(0, 256, (blocks, 128 if kind == Type.Q4_K else 160), dtype=np.uint8)
    return np.concatenate([halves(np.full(blocks, scale)), halves(np.full(blocks, scale * middle)), packed, quants], 1)


def any_blocks(rng: np.random.Generator, kind: Type, blocks: int) -> np.ndarray:
    """Blocks of any bits whatever, but for scales that are no numbers, [blocks, bytes]."""
    size = gguf.GGML_QUANT_SIZES[kind][1]
    data = rng.integers(0, 256, (blocks, size), dtype=np.uint8)
    for at in {Type.Q4_1: (0, 2), Type.Q5_1: (0, 2), Type.Q4_K: (0, 2), Type.Q5_K: (0, 2), Type.Q6_K: (208,)}.get(kind, (0,)):
        number = data[:, at : at + 2].copy().view(np.uint16)
        number[(number & 0x7C00) == 0x7C00] &= 0x8FFF
        data[:, at : at + 2] = number.view(np.uint8)
    return data


def write_blocks(file: Path) -> None:
    """What the package decodes of each type: the bits of DequantizationTest."""
    rng = np.random.default_rng(5)
    text = lambda array: base64.b64encode(array.tobytes()).decode()  # noqa: E731
    types = {}
    for kind in QUANTIZED:
        blocks = any_blocks(rng, kind, 8 if kind in K_TYPES else 32)
        types[kind.name] = dict(blocks=text(blocks), floats=text(dequantize(blocks, kind).astype("<f4")))
    file.write_text(json.dumps(dict(made_with=dict(gguf=version()), types=types), indent=1) + "\n")


def version() -> str:
    from importlib.metadata import version

    return version("gguf")


# ---- a whole model ----


def paired(weights: np.ndarray, heads: int) -> np.ndarray:
    """Rows of q and k as llama.cpp's converter orders those of a Llama."""
    half = weights.shape[0] // heads // 2
    return weights.reshape(heads, 2, half, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)


def unpaired(weights: np.ndarray, heads: int) -> np.ndarray:
    half = weights.shape[0] // heads // 2
    return weights.reshape(heads, half, 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)


def stored(rng: np.random.Generator, weights: np.ndarray, turn: int) -> tuple[np.ndarray, Type]:
    if weights.ndim == 1:
        return weights.astype(np.float32), Type.F32
    if weights.shape[1] % 256 == 0:
        kind = K_TYPES[turn % len(K_TYPES)]
        blocks = k_blocks(rng, kind, weights.size // 256, 0.1)
        return blocks.reshape(weights.shape[0], -1), kind
    kind = TYPES[turn % len(TYPES)]
    return quantize(weights.astype(np.float32), kind), kind


def write_model(checkpoint: Path, config, tokenizer: str, file: Path) -> None:
    """A GGUF file of a checkpoint; the checkpoint gets the weights that the file has."""
    architecture = config.model_type
    llama = architecture == "llama"
    names = gguf.get_tensor_name_map(
        {"llama": gguf.MODEL_ARCH.LLAMA, "qwen2": gguf.MODEL_ARCH.QWEN2, "qwen3": gguf.MODEL_ARCH.QWEN3}[architecture],
        config.num_hidden_layers,
    )
    writer = gguf.GGUFWriter(file, architecture)
    write_settings(writer, config)
    write_tokenizer(writer, tokenizer)
    weights = load_file(checkpoint / "model.safetensors")
    rng = np.random.default_rng(11)
    turns = Counter()
    for name in sorted(weights):
        tied = name == "lm_head.weight" and config.tie_word_embeddings
        if not tied:
            heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}.get(name.split(".")[-2], 0)
            put = paired(weights[name], heads) if llama and heads else weights[name]
            data, kind = stored(rng, put, turns[put.shape[-1]])
            turns[put.shape[-1]] += 1
            writer.add_tensor(names.get_name(name, try_suffixes=(".weight", ".bias")), data, raw_dtype=kind)
            back = dequantize(data, kind).reshape(put.shape).astype(np.float32)
            weights[name] = np.ascontiguousarray(unpaired(back, heads) if llama and heads else back)
    if config.rope_parameters["rope_type"] == "llama3":
        writer.add_tensor("rope_freqs.weight", rope_factors(config))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    save_file(weights, checkpoint / "model.safetensors", metadata={"format": "pt"})


def rope_factors(config) -> np.ndarray:
    """As llama.cpp's converter works them out."""
    rope = config.rope_parameters
    d_head, length = config.head_dim, rope["original_max_position_embeddings"]
    low, high = length / rope["low_freq_factor"], length / rope["high_freq_factor"]
    factors = []
    for i in range(0, d_head, 2):
        wavelength = 2 * np.pi * rope["rope_theta"] ** (i / d_head)
        smooth = (length / wavelength - rope["low_freq_factor"]) / (rope["high_freq_factor"] - rope["low_freq_factor"])
        between = 1 / ((1 - smooth) / rope["factor"] + smooth)
        factors.append(1 if wavelength < high else rope["factor"] if wavelength > low else between)
    return np.array(factors, dtype=np.float32)


def write_settings(writer: gguf.GGUFWriter, config) -> None:
    writer.add_type("model")
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_vocab_size(config.vocab_size)
    if config.model_type == "qwen3":
        writer.add_key_length(config.head_dim)
        writer.add_value_length(config.head_dim)
    if config.model_type == "llama":
        writer.add_rope_dimension_count(config.head_dim)


def write_tokenizer(writer: gguf.GGUFWriter, name: str) -> None:
    """The metadata of one of the tiny tokenizers of the tests."""
    folder = TOKENIZERS / name
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    ids = dict(tokenizer["model"]["vocab"])
    special = {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
    ids |= special
    tokens = sorted(ids, key=ids.get)
    writer.add_tokenizer_model("llama" if name == "llama" else "gpt2")
    writer.add_token_list(tokens)
    if name == "llama":
        types = [UNKNOWN if t == "<unk>" else CONTROL if t in special else BYTE if t.startswith("<0x") else NORMAL for t in tokens]
        writer.add_token_scores([-float(max(0, i - 259)) for i in range(len(tokens))])
        writer.add_add_bos_token(True)
        writer.add_add_eos_token(False)
    else:
        types = [CONTROL if t in special else NORMAL for t in tokens]
        writer.add_tokenizer_pre({"llama3": "llama-bpe"}.get(name, name))
        writer.add_token_merges([" ".join(m) if isinstance(m, list) else m for m in tokenizer["model"]["merges"]])
    writer.add_token_types(types)
    writer.add_bos_token_id(1 if name == "llama" else min(special.values()))
    writer.add_eos_token_id(2 if name == "llama" else min(special.values()) + (name == "llama3") * 2)


def write_vocabulary(name: str, file: Path) -> None:
    """A file with nothing but a tokenizer."""
    writer = gguf.GGUFWriter(file, "qwen2" if name == "qwen2" else "llama")
    write_tokenizer(writer, name)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
