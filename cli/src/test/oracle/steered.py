"""Activation addition with unchanged transformers code and forward hooks: what the program is compared with.

A cell is {"hook", "layer", "head" (None: all), "scale", "positions"}. Cells of one base prompt run side by side, one row each.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, PreTrainedConfig

HOOK_POINTS = ("value", "head_output", "attention_output", "mlp_output", "residual_post")
CROSS = ("cross_value", "cross_attention_output")
ENCODER = tuple(f"encoder_{hook}" for hook in HOOK_POINTS)
AT_SOURCE = ("cross_value", *ENCODER)  # hook points at the positions of the text that an encoder reads
RULES = ("lw2023", "prompt", "mean", "last")

NOTHING = 1e-12  # rounding of float64 where nothing changes

Site = tuple[str, int]  # hook point, layer


def hook_points(config: PreTrainedConfig) -> tuple[str, ...]:
    return HOOK_POINTS + CROSS + ENCODER if config.is_encoder_decoder else HOOK_POINTS


def layers(config: PreTrainedConfig, hook: str) -> int:
    return config.num_hidden_layers if hook in ENCODER or not config.is_encoder_decoder else config.num_decoder_layers


def heads(config: PreTrainedConfig) -> dict[str, int]:
    """How many heads each hook point has, of those that have any."""
    all_heads = config.num_attention_heads
    values = getattr(config, "num_key_value_heads", all_heads)
    of_all = {"value": values, "head_output": all_heads}
    if config.is_encoder_decoder:
        of_all |= {"cross_value": values, "encoder_value": values, "encoder_head_output": all_heads}
    return of_all


def steered(checkpoint: Path, dtype: torch.dtype) -> "Steered":
    config = AutoConfig.from_pretrained(checkpoint)
    return SteeredWithEncoder(checkpoint, dtype) if config.is_encoder_decoder else Steered(checkpoint, dtype)


class Steered:
    """A model whose hook points are read, and added to."""

    def __init__(self, checkpoint: Path, dtype: torch.dtype) -> None:
        self.model = self.load(checkpoint, dtype).eval()
        self.config, self.dtype = self.model.config, dtype
        self.heads = heads(self.config)
        self.taps: dict[Site, torch.Tensor] = {}
        self.additions: dict[Site, torch.Tensor] = {}  # [row, position, width]
        self.start = 0
        self.hook()

    @staticmethod
    def load(checkpoint: Path, dtype: torch.dtype) -> nn.Module:
        return AutoModelForCausalLM.from_pretrained(checkpoint, dtype=dtype)

    def hook(self) -> None:
        for i, block in enumerate(self.blocks()):
            attention, output = self.hook_values(i, block)
            output.register_forward_pre_hook(lambda _, args, i=i: (self.at("head_output", i, args[0]),))
            attention.register_forward_hook(self.after("attention_output", i))
            block.mlp.register_forward_hook(self.after("mlp_output", i))
            block.register_forward_hook(self.after("residual_post", i))

    def blocks(self) -> nn.ModuleList:
        match self.config.model_type:
            case "gpt2":
                return self.model.transformer.h
            case "gpt_neox":
                return self.model.gpt_neox.layers
            case _:
                return self.model.model.layers

    def hook_values(self, layer: int, block: nn.Module) -> tuple[nn.Module, nn.Module]:
        """Hooks a block's values; its attention, and the projection behind the heads."""
        match self.config.model_type:
            case "gpt2":
                block.attn.c_attn.register_forward_hook(self.third_part(layer, 1))
                return block.attn, block.attn.c_proj
            case "gpt_neox":
                block.attention.query_key_value.register_forward_hook(self.third_part(layer, self.config.num_attention_heads))
                return block.attention, block.attention.dense
            case _:
                block.self_attn.v_proj.register_forward_hook(self.after("value", layer))
                return block.self_attn, block.self_attn.o_proj

    def third_part(self, layer: int, groups: int):
        """Values where they stand behind queries and keys, in each of so many groups of the output's numbers."""

        def read_and_add(_module, _inputs, output):
            parts = output.view(*output.shape[:-1], groups, 3, -1)
            value = self.at("value", layer, parts[..., 2, :].flatten(-2))
            return torch.cat([parts[..., :2, :], value.view_as(parts[..., 2:, :])], -2).view_as(output)

        return read_and_add

    def after(self, hook: str, layer: int):
        def read_and_add(_module, _inputs, output):
            if isinstance(output, tuple):
                return (self.at(hook, layer, output[0]), *output[1:])
            return self.at(hook, layer, output)

        return read_and_add

    def at(self, hook: str, layer: int, x: torch.Tensor) -> torch.Tensor:
        self.taps[hook, layer] = x
        added = self.additions.get((hook, layer))
        start = 0 if hook in AT_SOURCE else self.start
        return x if added is None else x + added[:, start : start + x.shape[1]]

    @torch.no_grad()
    def capture(self, ids: list[int]) -> dict[Site, torch.Tensor]:
        """Activations of a prompt at every hook point and layer, [position, width]."""
        self.steer([], {}, 0, 0)
        self.model(torch.tensor([ids]), use_cache=False)
        return {site: tap[0].clone() for site, tap in self.taps.items()}

    def steer(self, cells: list[dict], bank: dict[Site, torch.Tensor], prompt: int, new_tokens: int) -> None:
        """From now on adds what each cell says to its row; `prompt` is the base prompt's length. Nothing with no cells."""
        self.additions = {}
        for row, cell in enumerate(cells):
            site = cell["hook"], cell["layer"]
            if site not in self.additions:
                width = bank[site].shape[1]
                self.additions[site] = torch.zeros(len(cells), prompt + new_tokens, width, dtype=self.dtype)
            self.additions[site][row] = self.added(cell, bank[site], prompt, prompt + new_tokens)

    def added(self, cell: dict, activation: torch.Tensor, prompt: int, positions: int) -> torch.Tensor:
        """What a cell adds at each position, [position, width]."""
        added = activation * cell["scale"]
        if cell["head"] is not None:
            only = torch.zeros(self.heads[cell["hook"]], 1, dtype=added.dtype)
            only[cell["head"]] = 1
            added = (added.view(len(added), self.heads[cell["hook"]], -1) * only).flatten(1)
        nothing = torch.zeros_like(added[0])
        match cell["positions"]:
            case "mean":
                rows = [added[1:].mean(0) if len(added) > 1 else added[0]] * positions
            case "last":
                rows = [added[-1]] * positions
            case rule:
                later = added[0] if rule == "lw2023" else nothing
                rows = [later if p >= prompt else added[p] if p < len(added) else nothing for p in range(positions)]
        return torch.stack(rows)

    def logprobs(self, logits: torch.Tensor) -> torch.Tensor:
        return (logits if self.dtype == torch.float64 else logits.float()).log_softmax(-1)

    @torch.no_grad()
    def generate(self, ids: list[int], new_tokens: int, rows: int = 1) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Greedy, with a cache: tokens and their log-probabilities, [row, new], and log-probabilities of the first, [row, vocab]."""
        x, past, tokens, logprobs, first, self.start = torch.tensor([ids] * rows), None, [], [], None, 0
        for _ in range(new_tokens):
            out = self.model(x, past_key_values=past, use_cache=True, logits_to_keep=1)
            past, logprob = out.past_key_values, self.logprobs(out.logits[:, -1])
            first = logprob if first is None else first
            best = logprob.max(-1)
            tokens.append(best.indices)
            logprobs.append(best.values)
            self.start += x.shape[1]
            x = best.indices[:, None]
        self.start = 0
        return torch.stack(tokens, 1), torch.stack(logprobs, 1), first

    @torch.no_grad()
    def follow(self, ids: list[int], tokens: torch.Tensor) -> torch.Tensor:
        """Log-probabilities of every next token along given continuations, [row, new, vocab]: one pass, without a cache."""
        prompts = torch.tensor([ids] * len(tokens))
        self.start = 0
        logits = self.model(torch.cat([prompts, tokens[:, :-1]], 1), use_cache=False, logits_to_keep=tokens.shape[1]).logits
        return self.logprobs(logits)


class SteeredWithEncoder(Steered):
    """The same for a model with an encoder: prompts are what the encoder reads, the decoder starts with its own token.

    Rows of the encoder's hook points and of the cross-attention's values are aligned with the encoder's text, those of the decoder's
    with what the decoder reads: when a prompt's activations are read that is the token that it starts with.
    """

    @staticmethod
    def load(checkpoint: Path, dtype: torch.dtype) -> nn.Module:
        return AutoModelForSeq2SeqLM.from_pretrained(checkpoint, dtype=dtype)

    def hook(self) -> None:
        for i, block in enumerate(self.model.encoder.block):
            self.hook_stack("encoder_", i, block)
        for i, block in enumerate(self.model.decoder.block):
            self.hook_stack("", i, block)
            cross = block.layer[1].EncDecAttention
            cross.v.register_forward_hook(self.after("cross_value", i))
            cross.register_forward_hook(self.after("cross_attention_output", i))

    def hook_stack(self, stack: str, i: int, block: nn.Module) -> None:
        attention = block.layer[0].SelfAttention
        attention.v.register_forward_hook(self.after(stack + "value", i))
        attention.o.register_forward_pre_hook(lambda _, args: (self.at(stack + "head_output", i, args[0]),))
        attention.register_forward_hook(self.after(stack + "attention_output", i))
        block.layer[-1].DenseReluDense.register_forward_hook(self.after(stack + "mlp_output", i))
        block.register_forward_hook(self.after(stack + "residual_post", i))

    def started(self, rows: int) -> torch.Tensor:
        return torch.full((rows, 1), self.config.decoder_start_token_id)

    @torch.no_grad()
    def capture(self, ids: list[int]) -> dict[Site, torch.Tensor]:
        self.steer([], {}, 0, 0)
        self.model(torch.tensor([ids]), decoder_input_ids=self.started(1), use_cache=False)
        return {site: tap[0].clone() for site, tap in self.taps.items()}

    def steer(self, cells: list[dict], bank: dict[Site, torch.Tensor], prompt: int, new_tokens: int) -> None:
        at_source = [cell for cell in cells if cell["hook"] in AT_SOURCE]
        self.additions = {}
        for row, cell in enumerate(cells):
            site = cell["hook"], cell["layer"]
            read, more = (prompt, 0) if cell in at_source else (1, new_tokens)
            if site not in self.additions:
                self.additions[site] = torch.zeros(len(cells), read + more, bank[site].shape[1], dtype=self.dtype)
            self.additions[site][row] = self.added(cell, bank[site], read, read + more)

    @torch.no_grad()
    def generate(self, ids: list[int], new_tokens: int, rows: int = 1) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        self.start, tokens, logprobs, first, past = 0, [], [], None, None
        encoded = self.model.encoder(torch.tensor([ids] * rows))
        x = self.started(rows)
        for _ in range(new_tokens):
            out = self.model(encoder_outputs=encoded, decoder_input_ids=x, past_key_values=past, use_cache=True)
            past, logprob = out.past_key_values, self.logprobs(out.logits[:, -1])
            first = logprob if first is None else first
            best = logprob.max(-1)
            tokens.append(best.indices)
            logprobs.append(best.values)
            self.start += 1
            x = best.indices[:, None]
        self.start = 0
        return torch.stack(tokens, 1), torch.stack(logprobs, 1), first

    @torch.no_grad()
    def follow(self, ids: list[int], tokens: torch.Tensor) -> torch.Tensor:
        self.start = 0
        read = torch.cat([self.started(len(tokens)), tokens[:, :-1]], 1)
        logits = self.model(torch.tensor([ids] * len(tokens)), decoder_input_ids=read, use_cache=False).logits
        return self.logprobs(logits)


def kl(base: torch.Tensor, steered: torch.Tensor) -> torch.Tensor:
    """KL(base || steered) in nats, of log-probabilities [.., vocab]."""
    base, steered = base.double(), steered.double()
    return (base.exp() * (base - steered)).sum(-1)


@dataclass(frozen=True)
class Axis:
    """From what a model says after some contexts (minus) to what it says after others (plus), of one text: p+ and p-, [new, vocab]."""

    plus: torch.Tensor
    minus: torch.Tensor

    @staticmethod
    def of(plus: list[torch.Tensor], minus: list[torch.Tensor]) -> "Axis":
        """Of log-probabilities after each context, [new, vocab] each."""
        return Axis(*(torch.stack(side).double().exp().mean(0) for side in (plus, minus)))

    def pull(self, base: torch.Tensor, steered: torch.Tensor) -> torch.Tensor:
        """Mean over positions of sum (p+ - p-) (log q - log q0), nats, of log-probabilities [.., new, vocab]."""
        return ((self.plus - self.minus) * (steered.double() - base.double())).sum(-1).mean(-1)

    def alignment(self, base: torch.Tensor, steered: torch.Tensor) -> torch.Tensor:
        """Correlation under q0, over words and positions, of log p+ - log p- with log q - log q0; 0 where nothing changes."""
        q0, change, axis = base.double().exp(), steered.double() - base.double(), self.plus.log() - self.minus.log()
        change = change - (q0 * change).sum(-1, keepdim=True)
        axis = axis - (q0 * axis).sum(-1, keepdim=True)
        both = (q0 * axis * change).sum((-2, -1))
        size = ((q0 * axis**2).sum((-2, -1)) * (q0 * change**2).sum((-2, -1))).sqrt()
        return torch.where(size > NOTHING, both / size, 0.0)
