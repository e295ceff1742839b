"""Steers a transformers model with a `steering.safetensors` that `steersweep take` wrote, by a forward hook.

    python docs/steer_with_hooks.py CHECKPOINT STEERING.safetensors "My favorite food is"
"""

import sys

import torch
from safetensors import safe_open


def parts(model, layer, added):
    """A block, its attention, the projections to values and behind the heads, and what is added to the first: it may make q and k too."""
    match model.config.model_type:
        case "gpt2":
            block = model.transformer.h[layer]
            return block, block.attn, block.attn.c_attn, block.attn.c_proj, torch.cat([0 * added, 0 * added, added])
        case "gpt_neox":
            block = model.gpt_neox.layers[layer]
            heads = added.view(model.config.num_attention_heads, 1, -1)
            fused = torch.cat([0 * heads, 0 * heads, heads], 1).flatten()
            return block, block.attention, block.attention.query_key_value, block.attention.dense, fused
        case _:
            block = model.model.layers[layer]
            return block, block.self_attn, block.self_attn.v_proj, block.self_attn.o_proj, added


def steer(model, file):
    """From now on `model` (Llama, Mistral, Qwen2, Qwen3, GPT-2 or GPT-NeoX) is steered; `remove()` on what comes back ends it."""
    with safe_open(file, "pt") as opened:
        about, name = opened.metadata(), next(iter(opened.keys()))
        added = opened.get_tensor(name).to(model.device) * float(about["factor"])
    block, attention, values, output, fused = parts(model, int(about["layer"]), added)
    added = fused if about["hook_point"] == "value" else added
    after = lambda _, __, out: (out[0] + added.to(out[0].dtype), *out[1:]) if isinstance(out, tuple) else out + added.to(out.dtype)
    before = lambda _, args: (args[0] + added.to(args[0].dtype), *args[1:])
    places = {"value": values, "attention_output": attention, "mlp_output": block.mlp, "residual_post": block}
    place = about["hook_point"]
    return output.register_forward_pre_hook(before) if place == "head_output" else places[place].register_forward_hook(after)


if __name__ == "__main__":
    from transformers import AutoModelForCausalLM, AutoTokenizer

    checkpoint, file, prompt = sys.argv[1:]
    model, tokenizer = AutoModelForCausalLM.from_pretrained(checkpoint), AutoTokenizer.from_pretrained(checkpoint)
    steer(model, file)
    print(tokenizer.decode(model.generate(**tokenizer(prompt, return_tensors="pt"), do_sample=False, max_new_tokens=30)[0]))
