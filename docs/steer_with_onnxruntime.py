"""Steered generation with ONNX Runtime alone, on a graph that `steersweep export CHECKPOINT --out FOLDER` wrote.

    python docs/steer_with_onnxruntime.py FOLDER [BASE_IDS STEERING_IDS LAYER SCALE NEW_TOKENS]

BASE_IDS and STEERING_IDS are token ids with commas between them. What `v_proj` of one layer makes of the steering prompt, times the
scale, is added to the same layer while the model continues the base prompt: position by position, and at every generated token the
steering prompt's first position (position rule lw2023). Prints the generated token ids.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort

arguments = dict(enumerate(sys.argv))
folder, layer, scale, new_tokens = Path(sys.argv[1]), int(arguments.get(4, 1)), float(arguments.get(5, 4)), int(arguments.get(6, 12))
base, steering = ([int(i) for i in arguments.get(n, ids).split(",")] for n, ids in ((2, "1,17,29,45,80"), (3, "1,60,91")))

# the graph is opened from memory, and told where its weights are: ONNX Runtime refuses weights outside of a graph's own folder
options = ort.SessionOptions()
weights = json.loads((folder / "model.manifest.json").read_text())["weightsFolder"]
options.add_session_config_entry("session.model_external_initializers_file_folder_path", weights)
model = ort.InferenceSession((folder / "model.onnx").read_bytes(), options, providers=["CPUExecutionProvider"])


def run(output, ids, bank_rows=1, **given):
    """One prompt through the graph. Every input must be fed; zeros add nothing, score nothing and generate one token."""
    sizes = {"seq": len(ids), "rows": bank_rows, "scored": 2, "context": 0}  # of all other axes there is 1
    types = {"tensor(int64)": np.int64, "tensor(float)": np.float32, "tensor(bool)": bool}
    feed = {i.name: np.zeros([size if isinstance(size, int) else sizes.get(size, 1) for size in i.shape], types[i.type]) for i in model.get_inputs()}
    given = {"input_ids": [ids], "attention_mask": 1, "sequence_shape": [1, len(ids), -1], "stop_tokens": -1} | given
    for name, value in given.items():
        feed[name][...] = value
    for layer in (name for name in feed if name.endswith(".run")):
        feed[layer][...] = True
    return model.run([output], feed)[0][0]


site = f"blocks.{layer}.attn.hook_v"
values = run(site, steering)  # the steering prompt's values, [position, width]
bank = np.concatenate([values, np.zeros_like(values[:1])])  # and below them a row of zeros: position -1, nothing to add
rows = [position if position < len(steering) else len(steering) for position in range(len(base))]
scales = np.zeros([i.shape for i in model.get_inputs() if i.name == "steering.value.scale"][0][1:])  # [layer, head]
scales[layer] = scale
steer = {site + ".add": bank, "steering.row": rows, "steering.decode_row": 0, "steering.value.scale": scales}
tokens = run("tokens", base, len(bank), decode_steps=new_tokens - 1, **steer)
print(*tokens)
