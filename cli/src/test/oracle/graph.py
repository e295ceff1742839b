"""An exported graph in plain ONNX Runtime: no code of the program, only the names that its graph states."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from steered import HOOK_POINTS, Site

HOOK_NAMES = dict(zip(HOOK_POINTS, ("attn.hook_v", "attn.hook_z", "hook_attn_out", "hook_mlp_out", "hook_resid_post")))
TYPES = {"tensor(int64)": np.int64, "tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(bool)": np.bool_}


def tap(site: Site) -> str:
    return f"blocks.{site[1]}.{HOOK_NAMES[site[0]]}"


@dataclass
class Row:
    """One row of a batch: a prompt, the cell that steers it (None: nothing), and how much of it is prompt, not continuation."""

    ids: list[int]
    cell: dict | None = None
    prompt: int | None = None


class Graph:
    def __init__(self, folder: Path) -> None:
        self.manifest = json.loads((folder / "model.manifest.json").read_text())
        options = ort.SessionOptions()
        options.log_severity_level = 3
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", self.manifest["weightsFolder"])
        graph = (folder / "model.onnx").read_bytes()
        self.session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self.inputs = {i.name: i for i in self.session.get_inputs()}
        self.layers = self.manifest["shape"]["nLayers"]
        self.sites = [(hook, layer) for hook in HOOK_POINTS for layer in range(self.layers)]
        self.bank: dict[Site, np.ndarray] = {}

    def capture(self, ids: list[int]) -> dict[Site, np.ndarray]:
        """Activations of a prompt, [position, width]; they are what cells add from now on."""
        taps = dict(zip(self.sites, self.run([Row(ids)], [tap(site) for site in self.sites])))
        self.bank = {site: self.with_mean_and_zeros(value[0]) for site, value in taps.items()}
        return {site: value[0] for site, value in taps.items()}

    @staticmethod
    def with_mean_and_zeros(values: np.ndarray) -> np.ndarray:
        mean = values[1:].astype(np.float64).mean(0, keepdims=True).astype(values.dtype)
        return np.concatenate([values, mean, np.zeros_like(mean)])

    def run(self, rows: list[Row], outputs: list[str], steps: int = 0, places: list[int] = ()) -> list[np.ndarray]:
        """One run. Rows are padded on the left; `places` are positions of every row's prompt to score."""
        seq = max(len(row.ids) for row in rows)
        bank_rows = len(next(iter(self.bank.values()))) if self.bank else 1
        sizes = dict(batch=len(rows), seq=seq, rows=bank_rows, scored=len(rows) + 1, context=0)  # of all other axes there is 1
        feed = {
            name: np.zeros([size if isinstance(size, int) else sizes.get(size, 1) for size in i.shape], TYPES[i.type])
            for name, i in self.inputs.items()
        }
        feed["sequence_shape"][...] = [len(rows), seq, -1]
        feed["stop_tokens"][...] = -1
        for name in feed:
            if name.endswith(".run"):
                feed[name][...] = True
        feed["decode_steps"][...] = steps
        feed["steering.row"][...] = feed["steering.decode_row"][...] = bank_rows - 1
        for site, values in self.bank.items():
            feed[tap(site) + ".add"][...] = values
        for number, row in enumerate(rows):
            start = seq - len(row.ids)
            feed["input_ids"][number, start:] = row.ids
            feed["attention_mask"][number, start:] = 1
            if row.cell:
                self.steer(feed, number, row, start, bank_rows)
        if places:
            starts = [number * seq + seq - len(row.ids) for number, row in enumerate(rows)]
            feed["score.places"][...] = len(places)
            feed["score.position"] = np.array([[start + place for start in starts] for place in places])
            feed["score.target"] = np.zeros((len(places), len(rows) + 1), np.int64)
            feed["score.reference"] = np.zeros((len(places), *feed["score.reference"].shape[1:]), np.float32)
            feed["score.distributions"][...] = True
        return self.session.run(outputs, feed)

    @staticmethod
    def steer(feed: dict[str, np.ndarray], number: int, row: Row, start: int, bank_rows: int) -> None:
        cell, steering, prompt = row.cell, bank_rows - 2, row.prompt or len(row.ids)
        mean, nothing = bank_rows - 2, bank_rows - 1
        everywhere = {"mean": mean, "last": steering - 1}.get(cell["positions"])
        later = everywhere if everywhere is not None else 0 if cell["positions"] == "lw2023" else nothing
        for position in range(len(row.ids)):
            aligned = position if position < steering else nothing
            at_prompt = aligned if everywhere is None else everywhere
            feed["steering.row"][number, start + position] = at_prompt if position < prompt else later
        feed["steering.decode_row"][number] = later
        scale = feed[f"steering.{cell['hook']}.scale"]
        if cell["head"] is None:
            scale[number, cell["layer"]] = cell["scale"]
        else:
            scale[number, cell["layer"], cell["head"]] = cell["scale"]
