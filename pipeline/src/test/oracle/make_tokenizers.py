"""Tiny tokenizers with the structure of the real ones, and what transformers makes of them.

  folders OUT   trains the tokenizers and writes one checkpoint folder each, with cases.json
  answers OUT   writes what the installed transformers answers into OUT/*/transformers-<major>.json

The Llama files come from transformers 4, whose converter made the tokenizer.json of the published models.
"""

import copy
import io
import json
import shutil
import sys
import tempfile
from pathlib import Path

import sentencepiece
import tokenizers
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer

CORPUS = """The old lighthouse keeper walked down to the harbour every morning and counted the boats.
She said that the weather would turn before the evening, and it did; nobody was surprised at all.
Hello world, hello there! What do you think about the weather today? I think that it is rather good.
Two  spaces  here,   three   there,    four    in the end. I'm sure they're fine, aren't they?
Die Straße über den Fluss ist schön, aber für größere Wagen zu schmal. Der Müller mahlt das Mehl.
def walk(path):\n    for name in path:\n        if name == "old":\n            return 12345 + 678\n
In 1969 and 2024 there were 365 and 366 days. The answer is 42, not 43, and 3.14 is near enough.
日本語の文章です。天気がいいですね。今日は天気がいいです。 中文的句子也在这里。 이것은 한국어 문장입니다.
I love you. I hate you. I talk about weddings. The sea was calm, the wind was low, the night was long.
"""

TEXTS = [
    "", " ", "  ", "\n", "Hello", "Hello world", " Hello", "  Hello", "Hello ", "Hello  ", "two  spaces   three",
    "The old lighthouse keeper walked.", "I'm sure they're fine , aren't they ?", "line\nbreak\n\n  indented\ttab",
    "\n x", "Straße über größere Flüsse", "e\u0301tude A\u030angstro\u0308m", "日本語の文章です。", "漢字 and 한국어",
    "emoji 😀 and 👩‍👩‍👧 and 🇩🇪", "😀", "12345 + 678 = 13023", "x\u00a0y\u3000z", "▁already▁there", "zero\u200bwidth \u0000 nul",
    "a</s>b", "<s>Hello</s>", "<s> Hello </s> there", "<unk>", "<|begin_of_text|>Hello<|eot_id|>", "<|endoftext|>x <|im_start|>user\n",
    "[INST] Hello [/INST]", "[PAD] Hello[PAD]", "<0x41>", "DON'T SHOUT", "naïve café — “quoted” … end",
]  # fmt: skip

CONTINUATIONS = [
    ("Hello", " world"), ("Hello", "world"), ("Hello ", "world"), ("Hello", "  two  spaces"), ("", "Hello"), (" ", " Hello"),
    ("I think that", " it is rather good ."), ("I'm", " fine , are n't you ?"), ("emoji", " 😀 x"), ("日本", "語の文章"), ("Straße", " ü\n\n  ö"),
    ("the end", "\n"), ("the end", ""), ("x", " "),
]  # fmt: skip

LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"

# Where tokenizer.json and tokenizer_config.json disagree about the tokens around a text. "template" is what tokenizer.json adds.
LLAMA_CLASS = {"tokenizer_class": "LlamaTokenizer"}
FAST_CLASS = {"tokenizer_class": "PreTrainedTokenizerFast"}
SPECIAL_TOKEN_CASES = [
    ("llama", {"add_bos_token": True}, ["bos"]),
    ("llama", {"add_bos_token": True}, []),
    ("llama", {"add_bos_token": True}, None),
    ("llama", {"add_bos_token": False}, ["bos"]),
    ("llama", {"add_bos_token": False}, []),
    ("llama", {"add_bos_token": False}, None),
    ("llama", {"add_bos_token": None}, ["bos"]),
    ("llama", {"add_bos_token": None}, None),
    ("llama", {"add_eos_token": True}, ["bos"]),
    ("llama", {"add_eos_token": True}, ["bos", "eos"]),
    ("llama", {"add_eos_token": False}, ["bos", "eos"]),
    ("llama", {"tokenizer_class": "LlamaTokenizerFast", "add_bos_token": True}, None),
    ("llama", {"tokenizer_class": None, "add_bos_token": True}, ["bos"]),
    ("llama", {"tokenizer_class": None, "add_bos_token": True}, None),
    ("llama", {"tokenizer_class": "PreTrainedTokenizerFast", "add_bos_token": True}, None),
    ("llama", {"tokenizer_class": "PreTrainedTokenizerFast", "add_bos_token": False}, ["bos"]),
    ("mistral", {"add_bos_token": True}, ["bos"]),
    ("mistral", {"add_bos_token": True}, None),
    ("mistral", {"add_bos_token": False}, ["bos"]),
    ("mistral", {"tokenizer_class": None}, None),
    ("llama3", {}, None),
    ("llama3", {"add_bos_token": True}, None),
    ("llama3", {"add_bos_token": False}, ["bos"]),
    ("llama3", {"tokenizer_class": None}, ["bos"]),
    ("llama3", {"tokenizer_class": None}, None),
    ("qwen2", {"add_bos_token": True, "bos_token": "<|endoftext|>"}, None),
    ("qwen2", {"add_bos_token": False}, ["bos"]),
    ("qwen2", {"tokenizer_class": None}, None),
]  # fmt: skip


def main(step, out):
    transformers.logging.set_verbosity_error()
    if step == "folders":
        make_folders(out)
        write(out / "special-token-cases.json", [{"folder": f, "config": c, "template": t} for f, c, t in SPECIAL_TOKEN_CASES])
    else:
        major = transformers.__version__.split(".")[0]
        for cases in sorted(out.glob("*/cases.json")):
            write(cases.parent / f"transformers-{major}.json", answers(cases.parent, json.loads(cases.read_text())))
        cases = json.loads((out / "special-token-cases.json").read_text())
        write(out / f"special-tokens-transformers-{major}.json", versions() | {"ids": [special_token_answer(out, c) for c in cases]})


def versions():
    return {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__}


# ---- folders


def make_folders(out):
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    sentencepiece_model = out / "tokenizer.model"
    train_sentencepiece(sentencepiece_model)
    llama = {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True, "add_eos_token": False, "bos_token": "<s>", "eos_token": "</s>",
             "unk_token": "<unk>", "clean_up_tokenization_spaces": False}  # fmt: skip
    config = {"model_type": "llama", "vocab_size": 400}
    converted(folder(out, "llama", config, llama | {"legacy": False}), sentencepiece_model, legacy=True)
    converted(folder(out, "llama-metaspace", config, llama | {"legacy": False}), sentencepiece_model, legacy=False)
    converted(folder(out, "mistral", config | {"model_type": "mistral"}, llama | {"legacy": False}), sentencepiece_model, legacy=True,
              more=["[INST]", "[/INST]"])  # fmt: skip
    for name, more in [("sentencepiece", {}), ("sentencepiece-not-legacy", {"legacy": False})]:
        target = folder(out, name, config, llama | more)
        shutil.copy(sentencepiece_model, target / "tokenizer.model")
    write(out / "sentencepiece" / "added_tokens.json", {"[PAD]": 400})
    write(out / "sentencepiece" / "special_tokens_map.json", {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "[PAD]"})
    sentencepiece_model.unlink()
    byte_level(
        folder(out, "llama3", config, {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>",
               "clean_up_tokenization_spaces": True, "model_input_names": ["input_ids", "attention_mask"]}),
        LLAMA3, ["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"], "<|begin_of_text|>", None)  # fmt: skip
    byte_level(
        folder(out, "qwen2", config | {"model_type": "qwen2"}, {"tokenizer_class": "Qwen2Tokenizer", "add_bos_token": False, "add_prefix_space": False,
               "bos_token": None, "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>", "unk_token": None, "errors": "replace",
               "split_special_tokens": False, "clean_up_tokenization_spaces": False}),
        QWEN2, ["<|endoftext|>", "<|im_start|>", "<|im_end|>"], None, normalizers.NFC())  # fmt: skip
    for target in sorted(p.parent for p in out.glob("*/config.json")):
        write(target / "cases.json", cases(target))


def train_sentencepiece(file):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(line for line in CORPUS.splitlines() for _ in range(20)), model_writer=model, model_type="bpe", vocab_size=400,
        character_coverage=0.99, byte_fallback=True, split_digits=True, allow_whitespace_only_pieces=True, remove_extra_whitespaces=False,
        normalization_rule_name="identity", unk_surface=" \u2047 ", num_threads=1, minloglevel=2)  # fmt: skip
    file.write_bytes(model.getvalue())


def folder(out, name, config, tokenizer_config):
    target = out / name
    target.mkdir()
    write(target / "config.json", config)
    write(target / "tokenizer_config.json", tokenizer_config)
    return target


def converted(target, sentencepiece_model, legacy, more=()):
    slow = transformers.LlamaTokenizer(str(sentencepiece_model), legacy=legacy)
    backend = transformers.convert_slow_tokenizer.convert_slow_tokenizer(slow)
    backend.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in ["<unk>", "<s>", "</s>", *more]])
    tree = json.loads(backend.to_str())
    tree["post_processor"] = template(["<s>"], {"<s>": 1})
    # Left behind by fine-tuning; transformers lifts both unless asked.
    tree["truncation"] = {"direction": "Right", "max_length": 6, "strategy": "LongestFirst", "stride": 0}
    tree["padding"] = {"strategy": {"Fixed": 9}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 2, "pad_type_id": 0, "pad_token": "</s>"}
    write(target / "tokenizer.json", tree)


def byte_level(target, pattern, special, bos, normalizer):
    backend = Tokenizer(models.BPE(ignore_merges=bos is not None))
    if normalizer:
        backend.normalizer = normalizer
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])  # fmt: skip
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=397, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    backend.train_from_iterator(CORPUS.splitlines(), trainer)
    backend.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    backend.post_processor = processors.ByteLevel(trim_offsets=False)
    tree = json.loads(backend.to_str())
    if bos:
        ids = {bos: backend.token_to_id(bos)}
        tree["post_processor"] = {"type": "Sequence", "processors": [tree["post_processor"], template([bos], ids)]}
    write(target / "tokenizer.json", tree)


def template(first, ids, last=()):
    single = [special(t) for t in first] + [{"Sequence": {"id": "A", "type_id": 0}}] + [special(t) for t in last]
    pair = single + [{"Sequence": {"id": "B", "type_id": 1}}]
    return {"type": "TemplateProcessing", "single": single, "pair": pair,
            "special_tokens": {t: {"id": t, "ids": [i], "tokens": [t]} for t, i in ids.items()}}  # fmt: skip


def special(token):
    return {"SpecialToken": {"id": token, "type_id": 0}}


def cases(target):
    tokenizer = AutoTokenizer.from_pretrained(target)
    def ids(text, **more):
        return tokenizer(text, **more).input_ids
    continuations = [{"prompt": ids(prompt), "tokens": ids("|" + text, add_special_tokens=False)[len(ids("|", add_special_tokens=False)):]}
                     for prompt, text in CONTINUATIONS]  # fmt: skip
    prompt, emoji = ids("Hello"), ids("😀", add_special_tokens=False)
    special_ids = sorted(tokenizer.all_special_ids)
    word = ids(" world", add_special_tokens=False)
    for tokens in [emoji[:-1], emoji[-2:], emoji[:-1] + word, special_ids, word + special_ids + word, special_ids[:1] + word, [special_ids[-1]]]:
        continuations.append({"prompt": prompt, "tokens": tokens})
    continuations.append({"prompt": ids("x 😀"), "tokens": emoji[:2]})
    return {"texts": TEXTS, "continuations": continuations}


# ---- answers


def answers(target, cases):
    tokenizer = AutoTokenizer.from_pretrained(target)
    found = versions() | {
        "class": type(tokenizer).__name__,
        "ids": [tokenizer(text).input_ids for text in cases["texts"]],
        "continuations": [continuation(tokenizer, case["prompt"], case["tokens"]) for case in cases["continuations"]],
    }
    if (target / "tokenizer.model").exists():
        own = sentencepiece.SentencePieceProcessor(model_file=str(target / "tokenizer.model"))
        found["sentencepiece_ids"] = [own.encode(text) for text in cases["texts"]]
    return found


def continuation(tokenizer, prompt, tokens):
    """What the tokens add to the prompt's text; alone where they change it (a character cut in two)."""
    before = tokenizer.decode(prompt, skip_special_tokens=True)
    whole = tokenizer.decode(prompt + tokens, skip_special_tokens=True)
    return whole[len(before) :] if whole.startswith(before) else tokenizer.decode(tokens, skip_special_tokens=True)


def special_token_answer(out, case):
    """The ids of "Hello" with this tokenizer_config.json and this template in tokenizer.json."""
    with tempfile.TemporaryDirectory() as temporary:
        target = Path(temporary) / "model"
        shutil.copytree(out / case["folder"], target)
        config = json.loads((target / "tokenizer_config.json").read_text()) | case["config"]
        config = {key: value for key, value in config.items() if value is not None}
        tree = json.loads((target / "tokenizer.json").read_text())
        tree["post_processor"] = case_template(case["template"], config, tree)
        write(target / "tokenizer_config.json", config)
        write(target / "tokenizer.json", tree)
        return AutoTokenizer.from_pretrained(target)("Hello").input_ids


def case_template(names, config, tree):
    if names is None:
        return None
    ids = {token["content"]: token["id"] for token in tree["added_tokens"]}
    tokens = [config.get(name + "_token") or config["eos_token"] for name in names]
    return template(tokens[:1], {token: ids[token] for token in tokens}, tokens[1:])


def write(file, value):
    file.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
