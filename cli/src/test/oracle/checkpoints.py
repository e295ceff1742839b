"""Tiny seeded checkpoints of every kind that the exporter reads: families, biases, norms, rotary scalings, number types, and
configs as older programs wrote them. For each, the ways in which a program could get it wrong without noticing (`mistakes`)."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from steered import RULES, heads, hook_points, layers
from torch import nn
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    GPT2Config,
    GPTNeoXConfig,
    LlamaConfig,
    MistralConfig,
    PreTrainedConfig,
    Qwen2Config,
    Qwen3Config,
    T5Config,
)
from transformers.activations import ACT2FN

SCALES = (-20.0, -8.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0, 10.0, 25.0)
SPECIAL = dict(bos_token_id=1, eos_token_id=2, pad_token_id=0)
WIDE = SPECIAL | dict(
    vocab_size=320,
    hidden_size=64,
    intermediate_size=160,
    num_hidden_layers=4,
    num_attention_heads=8,
    max_position_embeddings=256,
    initializer_range=0.08,
)
SMALL = SPECIAL | dict(
    vocab_size=200,
    hidden_size=32,
    intermediate_size=80,
    num_hidden_layers=3,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=128,
    initializer_range=0.2,
)
# with two heads, d_head is 16: wavelengths 6, 32, 168, .. tokens lie in each of llama3's three bands (under 10, up to 40, above)
ROTARY = SMALL | dict(num_attention_heads=2, num_key_value_heads=1)
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=40)
LINEAR = dict(rope_type="linear", factor=4.0)


# ---- mistakes: what a model computes if one part of it is left out ----


def no_biases(*modules: str) -> Callable[[nn.Module], None]:
    def change(model: nn.Module) -> None:
        for name, parameter in model.named_parameters():
            if name.endswith(".bias") and name.split(".")[-2] in modules:
                parameter.data.zero_()

    return change


def no_norm(which: str) -> Callable[[nn.Module], None]:
    def change(model: nn.Module) -> None:
        for block in model.model.layers:
            setattr(block.self_attn, which, nn.Identity())

    return change


def in_pairs(model: nn.Module) -> None:
    for block in model.model.layers:
        for projection in (block.self_attn.q_proj, block.self_attn.k_proj):
            for parameter in projection.parameters():
                heads = len(parameter) // block.self_attn.head_dim
                pairs = parameter.data.view(heads, 2, -1, *parameter.shape[1:]).transpose(1, 2)
                parameter.data = pairs.reshape(parameter.shape).contiguous()


def no_positions(model: nn.Module) -> None:
    model.transformer.wpe.weight.data.zero_()


def scaled_alike(model: nn.Module) -> None:
    """Every layer's scores scaled as those of the first."""
    for block in model.transformer.h:
        block.attn.scaling = model.transformer.h[0].attn.scaling


def activation(name: str) -> Callable[[nn.Module], None]:
    def change(model: nn.Module) -> None:
        for module in model.modules():
            if hasattr(module, "act"):
                module.act = ACT2FN[name]

    return change


def residual(parallel: bool) -> Callable[[nn.Module], None]:
    def change(model: nn.Module) -> None:
        for block in model.gpt_neox.layers:
            block.use_parallel_residual = parallel

    return change


def rotary_of_whole_heads(model: nn.Module) -> None:
    buffer, config = model.gpt_neox.rotary_emb, model.config
    d_head = config.hidden_size // config.num_attention_heads
    buffer.inv_freq = 1 / (config.rope_parameters["rope_theta"] ** (torch.arange(0, d_head, 2).float() / d_head))


def rotary(theta: float, factor: float = 1.0) -> Callable[[nn.Module], None]:
    def change(model: nn.Module) -> None:
        buffer = getattr(model, model.base_model_prefix).rotary_emb.inv_freq
        d_head = 2 * len(buffer)
        buffer.copy_(1 / (theta ** (torch.arange(0, d_head, 2).float() / d_head)) / factor)

    return change


# ---- config.json as older programs wrote it ----


def of_transformers_4(**replaced) -> Callable[[dict], dict]:
    """rope_theta and rope_scaling stand for themselves, and the number type is called torch_dtype."""

    def edit(config: dict) -> dict:
        config["rope_theta"] = config.pop("rope_parameters")["rope_theta"]
        config["torch_dtype"] = config.pop("dtype")
        config.pop("layer_types", None)
        return config | replaced

    return edit


def of_llama_1(config: dict) -> dict:
    """As the first conversions of llama-7b: most keys missing, the context length under another name."""
    for key in ("rope_parameters", "num_key_value_heads", "max_position_embeddings", "head_dim", "attention_bias", "mlp_bias"):
        config.pop(key, None)
    config["torch_dtype"] = config.pop("dtype")
    return config | dict(max_sequence_length=128, pad_token_id=-1)


def of_pythia(config: dict) -> dict:
    """As on hubs: the rotary embedding in keys of its own."""
    rope = config.pop("rope_parameters")
    config["torch_dtype"] = config.pop("dtype")
    return config | dict(rotary_emb_base=rope["rope_theta"], rotary_pct=rope["partial_rotary_factor"])


# ---- weights as older programs wrote them ----


def with_frequencies(weights: dict, model: nn.Module) -> dict:
    frequencies = model.model.rotary_emb.inv_freq.float()
    return weights | {
        f"model.layers.{layer}.self_attn.rotary_emb.inv_freq": frequencies.clone()
        for layer in range(model.config.num_hidden_layers)
    }


def of_first_gpt2(weights: dict, model: nn.Module) -> dict:
    """Without the language model's prefix, with causal masks."""
    length = model.config.n_positions
    mask = torch.tril(torch.ones(length, length)).view(1, 1, length, length).to(torch.uint8)
    weights = {name.removeprefix("transformer."): weight for name, weight in weights.items()}
    return weights | {f"h.{layer}.attn.bias": mask.clone() for layer in range(model.config.n_layer)}


def with_masks_and_frequencies(weights: dict, model: nn.Module) -> dict:
    frequencies = model.gpt_neox.rotary_emb.inv_freq.half()
    for layer in range(model.config.num_hidden_layers):
        attention = f"gpt_neox.layers.{layer}.attention."
        weights[attention + "bias"] = torch.tril(torch.ones(1, 1, 8, 8, dtype=torch.bool))
        weights[attention + "masked_bias"] = torch.tensor(-1e9)
        weights[attention + "rotary_emb.inv_freq"] = frequencies.clone()
    return weights


# ---- the variants ----


@dataclass(frozen=True)
class Variant:
    """One kind of checkpoint.

    base, steering: lengths of the prompts; shard: weights in several files; dtype: of the weights in the golden files;
    edit, weights: config.json and tensors as another program would have written them.
    """

    config: PreTrainedConfig
    base: int = 8
    steering: int = 5
    shard: bool = False
    dtype: torch.dtype = torch.float32
    edit: Callable[[dict], dict] | None = None
    gguf: str | None = None  # tokenizer of a GGUF file, instead of a folder
    weights: Callable[[dict, nn.Module], dict] | None = None
    scales: int = 1  # of each site and rule in the golden files
    mistakes: dict[str, Callable[[nn.Module], None]] = field(default_factory=dict)


def qwen3(**settings) -> Qwen3Config:
    return Qwen3Config(**SMALL | dict(head_dim=16, rope_parameters=dict(rope_type="default", rope_theta=1e6)) | settings)


def qwen2(**settings) -> Qwen2Config:
    return Qwen2Config(**SMALL | dict(rope_parameters=dict(rope_type="default", rope_theta=1e6)) | settings)


def mistral(**settings) -> MistralConfig:
    rope = dict(rope_type="default", rope_theta=1e6)
    return MistralConfig(**SMALL | dict(sliding_window=None, rope_parameters=rope, rms_norm_eps=1e-5) | settings)


def gpt2(**settings) -> GPT2Config:
    sizes = dict(vocab_size=200, n_embd=32, n_layer=3, n_head=4, n_positions=128, initializer_range=0.35)
    return GPT2Config(**SPECIAL | sizes | settings)


def gpt_neox(theta: float, share: float, **settings) -> GPTNeoXConfig:
    small = {key: value for key, value in SMALL.items() if key != "num_key_value_heads"}
    rope = dict(rope_type="default", rope_theta=theta, partial_rotary_factor=share)
    return GPTNeoXConfig(**small | dict(rope_parameters=rope, initializer_range=0.35) | settings)


def t5(**settings) -> T5Config:
    """Scores are not divided by sqrt(d): with twice these weights any float32 program is off by 1e-3, transformers too."""
    sizes = dict(vocab_size=200, d_model=32, d_kv=12, d_ff=64, num_layers=3, num_decoder_layers=2, num_heads=4)
    tokens = dict(decoder_start_token_id=0, pad_token_id=0, eos_token_id=1)
    return T5Config(**sizes | tokens | dict(initializer_factor=1.2) | settings)


def no_distances(stack: str) -> Callable[[nn.Module], None]:
    def change(model: nn.Module) -> None:
        getattr(model, stack).block[0].layer[0].SelfAttention.relative_attention_bias.weight.data.zero_()

    return change


def scaled_scores(model: nn.Module) -> None:
    for module in model.modules():
        if hasattr(module, "scaling"):
            module.scaling = module.key_value_proj_dim**-0.5


def output(scaled: bool) -> Callable[[nn.Module], None]:
    def change(model: nn.Module) -> None:
        model.config.scale_decoder_outputs = scaled

    return change


def tied_output(model: nn.Module) -> None:
    model.lm_head.weight = model.shared.weight


def of_flan(config: dict) -> dict:
    """As on hubs: the original flag says that output layer and embedding are two, and what transformers 5 made of it is not there."""
    for key in ("scale_decoder_outputs", "dense_act_fn", "is_gated_act"):
        config.pop(key, None)
    return config | dict(tie_word_embeddings=False, n_positions=512, output_past=True)


def with_own_output(weights: dict, model: nn.Module) -> dict:
    own = torch.randn(weights["shared.weight"].shape, generator=torch.Generator().manual_seed(11))
    dtype = weights["shared.weight"].dtype
    return weights | {
        "lm_head.weight": (0.3 * own).to(dtype),
        "encoder.embed_tokens.weight": weights["shared.weight"].clone(),
        "decoder.embed_tokens.weight": weights["shared.weight"].clone(),
    }


QKV_BIASES = {f"without {m} bias": no_biases(m) for m in ("q_proj", "k_proj", "v_proj")}
BIASES = QKV_BIASES | {f"without {m} bias": no_biases(m) for m in ("o_proj", "gate_proj", "up_proj", "down_proj")}
QK_NORMS = {"without q norm": no_norm("q_norm"), "without k norm": no_norm("k_norm")}
THETA = {"with rope_theta 10000": rotary(1e4)}
LONG = dict(base=44, steering=30)

VARIANTS = {
    "llama-mha": Variant(LlamaConfig(**WIDE, num_key_value_heads=8, rms_norm_eps=1e-6), scales=2),
    "llama-gqa": Variant(LlamaConfig(**WIDE, num_key_value_heads=2, rms_norm_eps=1e-5), steering=11, shard=True, scales=2),
    "llama-tied": Variant(LlamaConfig(**WIDE, num_key_value_heads=4, tie_word_embeddings=True), steering=8, scales=2),
    "llama3-rope": Variant(
        LlamaConfig(**ROTARY, rope_parameters=LLAMA3 | dict(rope_theta=5e5)),
        **LONG,
        mistakes={"without scaling": rotary(5e5), "with linear scaling": rotary(5e5, 8), "with rope_theta 10000": rotary(1e4)},
    ),
    "llama3-rope-v4": Variant(
        LlamaConfig(**ROTARY | dict(num_key_value_heads=2), rope_parameters=dict(rope_type="default", rope_theta=5e5)),
        **LONG,
        edit=of_transformers_4(rope_scaling=LLAMA3),
        mistakes={"without scaling": rotary(5e5), "with rope_theta 10000": rotary(1e4)},
    ),
    "llama-linear-rope": Variant(
        LlamaConfig(**ROTARY, rope_parameters=LINEAR | dict(rope_theta=1e4)),
        **LONG,
        mistakes={"without scaling": rotary(1e4)},
    ),
    "llama-linear-rope-v4": Variant(
        LlamaConfig(**SMALL, rope_parameters=dict(rope_type="default", rope_theta=1e4)),
        **LONG,
        edit=of_transformers_4(rope_scaling=dict(type="linear", factor=4.0)),
        mistakes={"without scaling": rotary(1e4)},
    ),
    "llama-wide-head": Variant(LlamaConfig(**SMALL, head_dim=16), steering=11),
    "llama-biases": Variant(LlamaConfig(**SMALL, attention_bias=True, mlp_bias=True), mistakes=BIASES),
    "llama-1": Variant(
        LlamaConfig(**SMALL | dict(num_key_value_heads=4)),
        dtype=torch.float16,
        edit=of_llama_1,
        weights=with_frequencies,
        mistakes={"with rope_theta 500000": rotary(5e5)},
    ),
    "llama-float16": Variant(LlamaConfig(**SMALL, tie_word_embeddings=True), steering=11, shard=True, dtype=torch.float16),
    "mistral": Variant(mistral(), mistakes=THETA),
    "mistral-bfloat16": Variant(mistral(head_dim=16), steering=11, dtype=torch.bfloat16, mistakes=THETA),
    "qwen2": Variant(qwen2(tie_word_embeddings=True), mistakes=QKV_BIASES | THETA),
    "qwen2-v4": Variant(
        qwen2(),
        steering=11,
        edit=of_transformers_4(use_sliding_window=False, sliding_window=131072, max_window_layers=3),
        mistakes=QKV_BIASES | THETA,
    ),
    "qwen3": Variant(qwen3(tie_word_embeddings=True), mistakes=QK_NORMS | THETA),
    "qwen3-biases": Variant(
        qwen3(attention_bias=True),
        steering=11,
        mistakes=QK_NORMS | THETA | {f"without {m} bias": no_biases(m) for m in ("q_proj", "k_proj", "v_proj", "o_proj")},
    ),
    "qwen3-bfloat16": Variant(qwen3(), shard=True, dtype=torch.bfloat16, mistakes=QK_NORMS | THETA),
    "gpt2": Variant(
        gpt2(),
        steering=11,
        mistakes={"without positions": no_positions, "with ReLU": activation("relu")}
        | {f"without {m} bias": no_biases(m) for m in ("c_attn", "c_proj", "c_fc", "ln_1", "ln_2", "ln_f")},
    ),
    "gpt2-first": Variant(
        gpt2(scale_attn_by_inverse_layer_idx=True, n_inner=80, activation_function="gelu"),
        weights=of_first_gpt2,
        mistakes={"without positions": no_positions, "with scores scaled alike": scaled_alike},
    ),
    "gpt2-untied": Variant(gpt2(tie_word_embeddings=False, activation_function="relu"), shard=True, dtype=torch.bfloat16),
    "pythia": Variant(
        gpt_neox(1e4, 0.25, num_attention_heads=2),
        steering=11,
        dtype=torch.float16,
        edit=of_pythia,
        weights=with_masks_and_frequencies,
        mistakes={"without parallel residual": residual(False), "with rotary of whole heads": rotary_of_whole_heads}
        | {f"without {m} bias": no_biases(m) for m in ("query_key_value", "dense", "dense_4h_to_h")},
    ),
    "gpt-neox": Variant(
        gpt_neox(50, 0.5, num_attention_heads=2, use_parallel_residual=False, attention_bias=False, hidden_act="gelu_new"),
        mistakes={"with parallel residual": residual(True), "with rope_theta 10000": rotary(1e4)},
    ),
    "gpt-neox-whole": Variant(gpt_neox(1e4, 1.0, tie_word_embeddings=True)),
    "t5": Variant(
        t5(),
        steering=11,
        mistakes={
            "without distances in the encoder": no_distances("encoder"),
            "without distances in the decoder": no_distances("decoder"),
            "with scores scaled": scaled_scores,
        },
    ),
    "t5-flan": Variant(
        t5(feed_forward_proj="gated-gelu", tie_word_embeddings=False),
        base=44,
        steering=30,
        edit=of_flan,
        weights=with_own_output,
        mistakes={
            "with the embedding as output layer": tied_output,
            "without distances in the encoder": no_distances("encoder"),
            "with ReLU": activation("relu"),
        },
    ),
    "t5-flan-saved-by-5": Variant(
        t5(feed_forward_proj="gated-gelu", tie_word_embeddings=False, num_layers=2, num_decoder_layers=3),
        shard=True,
        dtype=torch.bfloat16,
    ),
}


TINY = SMALL | dict(vocab_size=400, hidden_size=64, intermediate_size=256)
PAIRS = {"with rows of q and k in pairs": in_pairs}
GGUF_VARIANTS = {
    "gguf-llama": Variant(
        LlamaConfig(**TINY | dict(max_position_embeddings=16384), rope_parameters=LLAMA3 | dict(original_max_position_embeddings=8192, rope_theta=5e5)),
        gguf="llama",
        mistakes=PAIRS | THETA,
    ),
    "gguf-qwen2": Variant(
        Qwen2Config(**TINY, tie_word_embeddings=True, rope_parameters=dict(rope_type="default", rope_theta=1e6)),
        gguf="qwen2",
        mistakes=PAIRS | QKV_BIASES | THETA,
    ),
    "gguf-qwen3": Variant(
        Qwen3Config(**TINY, head_dim=32, rope_parameters=dict(rope_type="default", rope_theta=1e6)),
        steering=11,
        gguf="qwen2",
        mistakes=PAIRS | QK_NORMS | THETA,
    ),
}


def write(variant: Variant, folder: Path, dtype: torch.dtype | None = None) -> Path:
    """A standard checkpoint folder, with weights of the variant's own type or another."""
    torch.manual_seed(7)
    kind = AutoModelForSeq2SeqLM if variant.config.is_encoder_decoder else AutoModelForCausalLM
    model = kind.from_config(variant.config, dtype=torch.float32)
    for parameter in model.parameters():  # norms start at 1, biases at 0: make them matter
        if parameter.dim() == 1:
            parameter.data += 0.1 * torch.randn_like(parameter)
    for name, parameter in model.named_parameters():
        if name.endswith(".bias"):
            parameter.data *= 5
        elif "relative_attention_bias" in name:
            parameter.data *= 10
        elif name == "shared.weight":  # as small as what layers add: else a tied output repeats what it reads
            parameter.data *= 0.3
    dtype = dtype or variant.dtype
    limit = dtype.itemsize * 50_000 if variant.config.hidden_size > 32 else dtype.itemsize * 20_000
    model.to(dtype).save_pretrained(folder, max_shard_size=limit if variant.shard else "5GB")
    (folder / "generation_config.json").unlink()
    if variant.weights:
        weights = variant.weights(load_file(folder / "model.safetensors"), model)
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    if variant.edit:
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(variant.edit(config), indent=2) + "\n")
    return folder


def prompts(rng: random.Random, variant: Variant) -> tuple[list[int], list[int]]:
    """Base prompt and steering prompt, in token ids."""
    base = [1] + [rng.randrange(3, variant.config.vocab_size) for _ in range(variant.base - 1)]
    steering = [1] + [rng.randrange(3, variant.config.vocab_size) for _ in range(variant.steering - 1)]
    return base, steering


def make_cells(rng: random.Random, config: PreTrainedConfig, scales: int) -> list[dict]:
    """Every hook point, position rule and layer, whole and one head of it, at some scales each."""
    cells = []
    for hook in hook_points(config):
        for rule in RULES:
            for layer in range(layers(config, hook)):
                for head in [None, rng.randrange(heads(config)[hook])] if hook in heads(config) else [None]:
                    for scale in rng.sample(SCALES, scales):
                        cells.append(dict(hook=hook, layer=layer, head=head, scale=scale, positions=rule))
        cells.append(dict(hook=hook, layer=1, head=None, scale=0.0, positions="lw2023"))
        cells.append(dict(hook=hook, layer=0, head=None, scale=-1.0, positions="lw2023"))
    return cells


def make_axes(rng: random.Random, variant: Variant, base: list[int], steering: list[int]) -> list[dict[str, list[list[int]]]]:
    """Axes to read cells along: contexts before the base prompt, in token ids, that share some and differ in number and length."""

    def context(length: int) -> list[int]:
        return [1] + [rng.randrange(3, variant.config.vocab_size) for _ in range(length)] + base[1:]

    steered, other, shorter, longer = steering + base[1:], context(4), context(2), context(9)
    return [
        dict(plus=[steered], minus=[other]),
        dict(plus=[steered, shorter], minus=[other, longer, context(5)]),
        dict(plus=[longer], minus=[base]),
    ]
