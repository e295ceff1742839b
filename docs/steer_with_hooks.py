"""Steers a transformers model with a `steering.safetensors` that `steersweep take` wrote, by a forward hook.

    python docs/steer_with_hooks.py CHECKPOINT STEERING.safetensors "My favorite food is"
"""

import sys

from safetensors import safe_open


def steer(model, file):
    """From now on `model` (Llama, Mistral, Qwen2 or Qwen3) is steered; `remove()` on what comes back ends it."""
    with safe_open(file, "pt") as opened:
        about, name = opened.metadata(), next(iter(opened.keys()))
        added = opened.get_tensor(name).to(model.device) * float(about["factor"])
    block = model.model.layers[int(about["layer"])]
    after = lambda _, __, out: (out[0] + added.to(out[0].dtype), *out[1:]) if isinstance(out, tuple) else out + added.to(out.dtype)
    before = lambda _, args: (args[0] + added.to(args[0].dtype), *args[1:])
    parts = {"value": block.self_attn.v_proj, "attention_output": block.self_attn, "mlp_output": block.mlp, "residual_post": block}
    place = about["hook_point"]
    return block.self_attn.o_proj.register_forward_pre_hook(before) if place == "head_output" else parts[place].register_forward_hook(after)


if __name__ == "__main__":
    from transformers import AutoModelForCausalLM, AutoTokenizer

    checkpoint, file, prompt = sys.argv[1:]
    model, tokenizer = AutoModelForCausalLM.from_pretrained(checkpoint), AutoTokenizer.from_pretrained(checkpoint)
    steer(model, file)
    print(tokenizer.decode(model.generate(**tokenizer(prompt, return_tensors="pt"), do_sample=False, max_new_tokens=30)[0]))
