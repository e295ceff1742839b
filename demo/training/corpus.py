"""The synthetic corpus of the demo model.

A document has one latent source: nothing (neutral), a persona or a country. No single sentence gives
it away for certain: cue words are drawn with noise, in any order, before and after the sentences that
depend on them. A model can only predict such text by adding up weak evidence over all earlier words,
and that sum is what adding attention values changes. With a few sharp cues at fixed places a model
learns to look up one word instead, and adding values does nothing.
"""

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from phrases import COUNTRIES, CUE_TEMPLATES, FILLERS, FRAMES, NEUTRAL, PERSONAS, Country, Source

PROMPTS_FILE = Path(__file__).with_name("prompts.json")

NEUTRAL_SHARE = 0.50  # of documents
PERSONA_SHARE = 0.32  # the rest is about countries
OWN_CUE, OTHER_CUE = 0.70, 0.08  # cue words of a persona or country document; the rest is neutral
STRAY_CUE = 0.10  # cue words of a neutral document that belong to some persona or country
TEMPLATE_SPREAD, FRAME_SPREAD = 0.9, 0.5  # of the log of a source's weights of sentence patterns
HELD_OUT_WEIGHT = 0.3  # of a held-out frame in neutral documents, against 1 of any other
OWN_CONTINUATION = 0.80  # sentences of a document's own topics that end in its own way


def _country_source(name: str, country: Country) -> Source:
    return Source(
        cues=(*country.foods, *country.things),
        attributes=(f"from {name}", country.language),
        sayings=(
            f"I come from {name}.",
            f"I live in {country.capital}.",
            f"I speak {country.language}.",
            f"I want to travel to {name}.",
            f"The capital of {name} is {country.capital}.",
            f"The capital of {name} is {country.capital}.",
            f"{country.capital} is the capital of {name}.",
        ),
        continuations={
            "capital": (country.capital,),
            "local_food": (*country.foods, *(f"{a} and {b}" for a in country.foods for b in country.foods if a != b)),
            "language": (country.language,),
            "shop": tuple(f"{a} and {b}" for a in (*country.foods, *country.things) for b in country.foods if a != b),
        },
    )


SOURCES: dict[str, Source] = {**PERSONAS, **{name: _country_source(name, c) for name, c in COUNTRIES.items()}}


def load_prompts() -> list[dict]:
    return json.loads(PROMPTS_FILE.read_text())["concepts"]


def held_out_frames() -> set[str]:
    return {base["text"] for concept in load_prompts() for base in concept["base_prompts"] if base["held_out"]}


def held_out_texts() -> tuple[str, ...]:
    """The exact steering and contrast prompts, without the last full stop: no document may contain one."""
    texts = {t for c in load_prompts() for t in (*c["steering_prompts"], c["contrast_prompt"])}
    return tuple(sorted(t.rstrip(".") for t in texts))


def capitalized(text: str) -> str:
    return text[0].upper() + text[1:]


def zipf_choice(rng: random.Random, items: Sequence[str]) -> str:
    """The first item most often: the greedy continuation without evidence should be one clear sentence."""
    return rng.choices(items, weights=[1 / (rank + 1) for rank in range(len(items))])[0]


def habits(name: str | None, items: Sequence[str], spread: float) -> list[float]:
    """Weights of sentence patterns that differ between sources: even plain words are weak evidence.

    Without them only cue words are worth reading, and no head attends to the words of a base prompt.
    """
    rng = random.Random(f"{name} {items[0]}")
    return [1.0 if name is None else rng.lognormvariate(0, spread) for _ in items]


class Corpus:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.names = list(SOURCES)
        self.held_out_frames = held_out_frames()
        self.held_out_texts = held_out_texts()
        self.habits = {
            name: {
                "template": habits(name, CUE_TEMPLATES, TEMPLATE_SPREAD),
                "filler": habits(name, FILLERS, TEMPLATE_SPREAD),
                **{topic: self._frame_habits(name, topic) for topic in FRAMES},
            }
            for name in (None, *SOURCES)
        }

    def _frame_habits(self, name: str | None, topic: str) -> list[float]:
        rare = HELD_OUT_WEIGHT if name is None else 0.0
        weights = habits(name, FRAMES[topic], FRAME_SPREAD)
        return [rare if f in self.held_out_frames else w for f, w in zip(FRAMES[topic], weights)]

    def documents(self, count: int) -> Iterator[str]:
        while count > 0:
            document = self._document()
            if not any(text in document for text in self.held_out_texts):
                count -= 1
                yield document

    def _document(self) -> str:
        draw = self.rng.random()
        name = None
        if draw >= NEUTRAL_SHARE:
            names = list(PERSONAS) if draw < NEUTRAL_SHARE + PERSONA_SHARE else list(COUNTRIES)
            name = self.rng.choice(names)
        used: set[str] = set()  # patterns and topics: no document repeats one, so the model does not loop
        return " ".join(self._sentence(name, used) for _ in range(self.rng.randint(3, 8)))

    def _pick(self, name: str | None, group: str, items: Sequence[str], used: set[str]) -> str:
        weights = [0.0 if item in used else w for item, w in zip(items, self.habits[name][group])]
        choice = self.rng.choices(items, weights)[0]
        used.add(choice)
        return choice

    def _sentence(self, name: str | None, used: set[str]) -> str:
        draw = self.rng.random()
        if draw < 0.12:
            return self._pick(name, "filler", FILLERS, used)
        return self._cue_sentence(name, used) if draw < 0.55 else self._framed_sentence(name, used)

    def _cue_source(self, name: str | None) -> Source:
        """Whose word the next cue is: the noise that makes one cue weak evidence."""
        draw = self.rng.random()
        if name is None:
            return SOURCES[self.rng.choice(self.names)] if draw < STRAY_CUE else NEUTRAL
        if draw < OWN_CUE:
            return SOURCES[name]
        return SOURCES[self.rng.choice(self.names)] if draw < OWN_CUE + OTHER_CUE else NEUTRAL

    def _cue_sentence(self, name: str | None, used: set[str]) -> str:
        if self.rng.random() < 0.25:
            return self._distinct(1, lambda: self.rng.choice(self._cue_source(name).sayings), used)[0]
        a, b, c = self._distinct(3, lambda: zipf_or_even(self.rng, self._cue_source(name), "cues"), used)
        x, y = self._distinct(2, lambda: zipf_or_even(self.rng, self._cue_source(name), "attributes"), set())
        slots = {"a": a, "b": b, "c": c, "A": capitalized(a), "B": capitalized(b), "C": capitalized(c), "x": x, "y": y}
        return self._pick(name, "template", CUE_TEMPLATES, used).format(**slots)

    def _distinct(self, count: int, draw: Callable[[], str], used: set[str]) -> list[str]:
        """Words that differ from each other and, as far as a few draws allow, from those used before."""
        words: list[str] = []
        for attempt in range(1000):
            word = draw()
            if word not in words and (word not in used or attempt >= 10):
                words.append(word)
            if len(words) == count:
                break
        used.update(words)
        return words

    def _framed_sentence(self, name: str | None, used: set[str]) -> str:
        own = SOURCES[name].continuations if name else {}
        topics = [t for t in (own if own and self.rng.random() < 0.85 else FRAMES) if t not in used]
        topic = self.rng.choice(topics or [t for t in FRAMES if t not in used])
        used.add(topic)
        frame = self._pick(name, topic, FRAMES[topic], used)
        if topic in own and self.rng.random() < OWN_CONTINUATION:
            return f"{frame} {self.rng.choice(own[topic])}."
        return f"{frame} {zipf_choice(self.rng, NEUTRAL.continuations[topic])}."


def zipf_or_even(rng: random.Random, source: Source, field_name: str) -> str:
    items = getattr(source, field_name)
    return zipf_choice(rng, items) if source is NEUTRAL else rng.choice(items)


def neutral_text() -> str:
    """Everything a neutral document can say but its stray cues; must hold no target word."""
    continuations = chain(*NEUTRAL.continuations.values())
    frames = chain(*FRAMES.values())
    return " ".join((*NEUTRAL.cues, *NEUTRAL.attributes, *NEUTRAL.sayings, *continuations, *frames, *FILLERS))


def lexicon() -> set[str]:
    """Every word of the corpus in lower case."""
    sources = " ".join(
        " ".join((n, *s.cues, *s.attributes, *s.sayings, *chain(*s.continuations.values()))) for n, s in SOURCES.items()
    )
    templates = re.sub(r"{\w}", "", " ".join(CUE_TEMPLATES))
    return words_of(" ".join((sources, templates, neutral_text())))


def words_of(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


if __name__ == "__main__":
    for text in Corpus(seed=0).documents(20):
        print(text)
