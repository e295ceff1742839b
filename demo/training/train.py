"""Trains the demo model from scratch on the synthetic corpus and writes a standard HF folder.

python demo/training/train.py --out demo/model
"""

import argparse
import hashlib
import json
import math
import platform
import random
import time
from collections.abc import Iterator
from pathlib import Path

import tokenizers
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from torch import Tensor
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from corpus import Corpus

UNK, BOS, EOS = "<unk>", "<s>", "</s>"
BOS_ID, EOS_ID = 1, 2
IGNORED = -100  # label of padding

VOCABULARY = 1536  # at most; merging ends when every word of the corpus is one token
HIDDEN, INTERMEDIATE, LAYERS, HEADS = 128, 352, 6, 8
BATCH = 64  # documents
HELD_OUT_DOCUMENTS = 2000
BUCKET = 32  # batches sorted by length together, so that little of a batch is padding
WARMUP_STEPS = 100
WEIGHT_DECAY = 0.05
ATTENTION_DECAY = 0.5  # of queries and keys: keeps attention diffuse, so that it sums evidence over many words


def build_tokenizer(documents: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[UNK, BOS, EOS],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(documents, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{BOS} $A", special_tokens=[(BOS, BOS_ID)])
    return tokenizer


def build_model(vocabulary: int, attention_dropout: float) -> LlamaForCausalLM:
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=HIDDEN,
        intermediate_size=INTERMEDIATE,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=HEADS,
        max_position_embeddings=256,
        rms_norm_eps=1e-6,
        tie_word_embeddings=False,
        attention_dropout=attention_dropout,
        bos_token_id=BOS_ID,
        eos_token_id=EOS_ID,
        pad_token_id=None,
    )
    return LlamaForCausalLM(config)


def batches(sequences: list[list[int]], rng: random.Random) -> Iterator[list[list[int]]]:
    order = list(range(len(sequences)))
    rng.shuffle(order)
    for start in range(0, len(order), BATCH * BUCKET):
        group = sorted(order[start : start + BATCH * BUCKET], key=lambda i: len(sequences[i]))
        chunks = [group[i : i + BATCH] for i in range(0, len(group), BATCH)]
        rng.shuffle(chunks)
        yield from ([sequences[i] for i in chunk] for chunk in chunks)


def loss_of(model: LlamaForCausalLM, batch: list[list[int]]) -> Tensor:
    """Mean cross entropy per token in nats; padding is on the right, where causal attention never looks."""
    longest = max(map(len, batch))
    inputs = torch.tensor([ids + [EOS_ID] * (longest - len(ids)) for ids in batch])
    labels = torch.tensor([ids + [IGNORED] * (longest - len(ids)) for ids in batch])
    logits = model(inputs, use_cache=False).logits
    return functional.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=IGNORED)


@torch.no_grad()
def held_out_loss(model: LlamaForCausalLM, sequences: list[list[int]]) -> float:
    model.eval()
    total, count = 0.0, 0
    for start in range(0, len(sequences), BATCH):
        batch = sequences[start : start + BATCH]
        predicted = sum(len(ids) - 1 for ids in batch)
        total += loss_of(model, batch).item() * predicted
        count += predicted
    return total / count


def learning_rate(step: int, steps: int, peak: float) -> float:
    warmup = min(1.0, (step + 1) / WARMUP_STEPS)
    return peak * warmup * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * step / steps)))


def train(
    model: LlamaForCausalLM, sequences: list[list[int]], rng: random.Random, peak: float, started: float
) -> float:
    """One pass over the sequences; returns the mean loss of the last 100 steps."""
    flat = [p for n, p in model.named_parameters() if "q_proj" in n or "k_proj" in n]
    others = [p for n, p in model.named_parameters() if "q_proj" not in n and "k_proj" not in n]
    groups = [{"params": flat, "weight_decay": ATTENTION_DECAY}, {"params": others, "weight_decay": WEIGHT_DECAY}]
    optimizer = torch.optim.AdamW(groups, lr=peak, betas=(0.9, 0.95))
    steps = math.ceil(len(sequences) / BATCH)
    recent: list[float] = []
    model.train()
    for step, batch in enumerate(batches(sequences, rng)):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, steps, peak)
        loss = loss_of(model, batch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        recent = [*recent[-99:], loss.item()]
        if step % 50 == 0 or step == steps - 1:
            mean = sum(recent) / len(recent)
            print(f"step {step}/{steps} loss {mean:.3f} {time.monotonic() - started:.0f} s", flush=True)
    return sum(recent) / len(recent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--attention-dropout", type=float, default=0.15)
    arguments = parser.parse_args()
    started = time.monotonic()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)

    documents = list(Corpus(arguments.seed).documents(arguments.steps * BATCH + HELD_OUT_DOCUMENTS))
    tokenizer = build_tokenizer(documents)
    sequences = [encoding.ids + [EOS_ID] for encoding in tokenizer.encode_batch(documents)]
    held_out, training = sequences[:HELD_OUT_DOCUMENTS], sequences[HELD_OUT_DOCUMENTS:]
    tokens = sum(map(len, training))
    print(f"{len(training)} documents, {tokens} tokens, {tokenizer.get_vocab_size()} words", flush=True)

    model = build_model(tokenizer.get_vocab_size(), arguments.attention_dropout)
    train_loss = train(model, training, random.Random(arguments.seed), arguments.learning_rate, started)
    facts = {
        "steps": arguments.steps,
        "batch_documents": BATCH,
        "learning_rate": arguments.learning_rate,
        "attention_dropout": arguments.attention_dropout,
        "train_loss": round(train_loss, 4),
        "held_out_loss": round(held_out_loss(model, held_out), 4),
        "parameters": sum(p.numel() for p in model.parameters()),
        "seed": arguments.seed,
        "training_documents": len(training),
        "training_tokens": tokens,
        "held_out_documents": len(held_out),
        "corpus_sha256": hashlib.sha256("\n".join(documents).encode()).hexdigest(),
        "seconds": round(time.monotonic() - started),
        "threads": arguments.threads,
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "tokenizers": tokenizers.__version__,
        },
    }
    model.config.attention_dropout = 0.0
    model.save_pretrained(arguments.out)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=BOS, eos_token=EOS, unk_token=UNK, model_max_length=256
    ).save_pretrained(arguments.out)
    (arguments.out / "training.json").write_text(json.dumps(facts, indent=2) + "\n")
    print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    main()
