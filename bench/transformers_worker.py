"""Runs cells with HuggingFace transformers when told to: one JSON line in, one out, like the Java worker.

loop     the way of the original work: a forward hook on one v_proj, one cell at a time, greedy, with a key and value cache
batched  as fast as it can be written with hooks: cells of any site in one batch, every row steered at its own layer, logits of
         the last position only
exact    no clock: for a list of [cell, tokens so far, candidates], the candidates' log-probabilities in float64

All with unchanged transformers code, in torch.inference_mode.
"""

import json
import sys
import time
from pathlib import Path

import torch
from transformers import LlamaForCausalLM


class Model:
    def __init__(self, folder: str, cells: str, threads: int, dtype: torch.dtype) -> None:
        torch.set_num_threads(threads)
        gguf = Path(folder).suffix == ".gguf"
        source = dict(pretrained_model_name_or_path=Path(folder).parent, gguf_file=Path(folder).name) if gguf else dict(pretrained_model_name_or_path=folder)
        self.model = LlamaForCausalLM.from_pretrained(**source, dtype=dtype).to(dtype).eval()
        with open(cells) as file:
            given = json.load(file)
        blocks = self.model.model.layers
        self.d_head = blocks[0].self_attn.head_dim
        self.mean = given.get("positions") == "MEAN"
        # the module whose output is added to
        self.modules = list(blocks) if given.get("hook_point") == "RESIDUAL_POST" else [block.self_attn.v_proj for block in blocks]
        self.cells = given["cells"]
        self.bases = [pair["base"] for pair in given["pairs"]]
        known = {}
        for pair in given["pairs"]:
            for ids in (pair["steering"], pair.get("contrast")):
                if ids and tuple(ids) not in known:
                    known[tuple(ids)] = self.capture(ids)
        self.banks = [self.bank(known, pair) for pair in given["pairs"]]

    def bank(self, known: dict, pair: dict) -> list[torch.Tensor]:
        """What a pair adds, for each layer [position, width]; with the mean rule one position, the first of a prompt left out."""
        steering, contrast = known[tuple(pair["steering"])], known.get(tuple(pair.get("contrast", ())))
        if not self.mean:
            return steering
        mean = lambda rows: rows[1:].mean(0, keepdim=True)
        return [mean(one) - (mean(contrast[i]) if contrast else 0) for i, one in enumerate(steering)]

    @torch.inference_mode()
    def capture(self, ids: list[int]) -> list[torch.Tensor]:
        """The activations of a prompt: for each layer [position, width]."""
        values = []
        hooks = [module.register_forward_hook(lambda _m, _i, out: values.append(out[0].clone())) for module in self.modules]
        self.model(torch.tensor([ids]), use_cache=False)
        for hook in hooks:
            hook.remove()
        return values

    def additions(self, cell: dict) -> torch.Tensor:
        """What a cell adds at the base prompt's positions, aligned from position 0; row 0 is added at every later one."""
        bank = self.banks[cell["pair"]][cell["layer"]]
        length = len(self.bases[cell["pair"]])
        if self.mean:
            return (bank * cell["scale"]).expand(length, -1)
        added = torch.zeros(length, bank.shape[1], dtype=bank.dtype)
        n = min(length, len(bank))
        width = slice(None)
        if cell["head"] is not None:
            width = slice(cell["head"] * self.d_head, (cell["head"] + 1) * self.d_head)
        added[:n, width] = bank[:n, width] * cell["scale"]
        return added

    def decode(self, ids: torch.Tensor, new_tokens: int) -> torch.Tensor:
        past, tokens = None, []
        for _ in range(new_tokens):
            out = self.model(ids, past_key_values=past, use_cache=True, logits_to_keep=1)
            past = out.past_key_values
            ids = out.logits[:, -1].argmax(-1, keepdim=True)
            tokens.append(ids)
        return torch.cat(tokens, 1)

    @torch.inference_mode()
    def one(self, cell: dict, new_tokens: int) -> list[list[int]]:
        added = self.additions(cell)
        hook = self.modules[cell["layer"]].register_forward_hook(
            lambda _m, _i, out: out + (added if out.shape[1] > 1 else added[0])
        )
        try:
            return self.decode(torch.tensor([self.bases[cell["pair"]]]), new_tokens).tolist()
        finally:
            hook.remove()

    @torch.inference_mode()
    def batch(self, cells: list[dict], new_tokens: int) -> list[list[int]]:
        hooks = []
        for layer, module in enumerate(self.modules):
            rows = [row for row, cell in enumerate(cells) if cell["layer"] == layer]
            if rows:
                added = torch.stack([self.additions(cells[row]) for row in rows])  # [rows, position, width]
                hooks.append(module.register_forward_hook(add_to_rows(torch.tensor(rows), added)))
        try:
            return self.decode(torch.tensor([self.bases[cell["pair"]] for cell in cells]), new_tokens).tolist()  # of one length
        finally:
            for hook in hooks:
                hook.remove()

    @torch.inference_mode()
    def logprobs(self, cell: dict, tokens: list[int], candidates: list[int]) -> list[float]:
        added = self.additions(cell)
        added = torch.cat([added, added[:1].expand(len(tokens), -1)])
        hook = self.modules[cell["layer"]].register_forward_hook(lambda _m, _i, out: out + added)
        logits = self.model(torch.tensor([self.bases[cell["pair"]] + tokens])).logits[0, -1]
        hook.remove()
        return logits.log_softmax(-1)[candidates].tolist()


def add_to_rows(rows: torch.Tensor, added: torch.Tensor):
    def hook(_module, _inputs, out):
        return out.index_add_(0, rows, added if out.shape[1] > 1 else added[:, :1])

    return hook


def main(way: str, folder: str, cells: str, threads: int, batch_size: int) -> None:
    model = Model(folder, cells, threads, torch.float64 if way == "exact" else torch.float32)
    print(json.dumps(dict(ready=True)), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        if way == "exact":
            gaps = [model.logprobs(model.cells[cell], tokens, two) for cell, tokens, two in command["questions"]]
            print(json.dumps(dict(logprobs=gaps)), flush=True)
            continue
        some = [model.cells[cell] for cell in command["cells"]]
        start, tokens = time.perf_counter(), []
        if way == "loop":
            for cell in some:
                tokens += model.one(cell, command["new_tokens"])
        else:
            size = command.get("batch_size", batch_size)
            for i in range(0, len(some), size):
                tokens += model.batch(some[i : i + size], command["new_tokens"])
        print(json.dumps(dict(seconds=time.perf_counter() - start, tokens=tokens)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
