"""Figures as Markdown tables, and their places in docs/benchmark.md."""

import statistics
from pathlib import Path

QUIET = 0.05  # share of the machine that other processes may use in a timing that counts
PAGE = Path(__file__).parent.parent / "docs/benchmark.md"


def write(section: str, text: str) -> None:
    """Puts the text between the section's markers."""
    page = PAGE.read_text()
    begin, end = f"<!-- begin {section} -->\n", f"<!-- end {section} -->"
    before, rest = page.split(begin)
    PAGE.write_text(before + begin + text.rstrip() + "\n" + end + rest.split(end)[1])


def rows(header: list[str], lines: list[list[str]]) -> str:
    """A Markdown table that reads well on a terminal too: first column to the left, numbers to the right."""
    widths = [max(len(line[i]) for line in [header, *lines]) for i in range(len(header))]
    show = lambda line: "| " + " | ".join(
        cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(line, widths))
    ) + " |"
    rule = "|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|"
    return "\n".join([show(header), rule, *map(show, lines)])


def quiet(runs: list[dict]) -> list[dict]:
    """The timings that no other process disturbed; all of them where there is none such."""
    return [run for run in runs if run["others"] <= QUIET] or runs


def median(runs: list[dict]) -> float:
    return statistics.median(run["seconds"] for run in quiet(runs))


def rate(runs: list[dict]) -> float:
    return runs[0]["cells"] / median(runs)


def peak(result: dict) -> tuple[str, float]:
    """The fastest product that was seen, and its name."""
    best = {}
    for measured in result["sgemm"]:
        for name, speed in measured.items():
            best[name] = max(speed, best.get(name, 0))
    name = max(best, key=best.get)
    return name, best[name]


def spread(runs: list[dict]) -> str:
    rates = [run["cells"] / run["seconds"] for run in quiet(runs)]
    return f"{min(rates):.1f}-{max(rates):.1f}"


def table(result: dict) -> str:
    given, times, memory = result["conditions"], result["times"], result["peak_mib"]
    names = {
        "a": f"(a) transformers, hooks, one cell at a time ({given['loop_cells']} cells)",
        "b": "(b) transformers, batches of 64",
        "d": "(d) `steersweep sweep`, whole process, with scores and report",
    }
    ways = [way for way in times if not way.endswith("prefill")]
    lines = []
    for way in sorted(ways, key=lambda way: (way[0].replace("r", "c"), int(way[1:] or 0), way)):
        engine = "engine" if way.startswith("c") else "engine, reading along"
        name = names.get(way, f"(c) {engine}, batches of {way[1:]}")
        own = rate(times[way])
        against = [f"{own / rate(times[other]):.1f}x" for other in "ab"]
        good = quiet(times[way])
        others = statistics.mean(run["others"] for run in good)
        lines.append([name, f"{own:.1f}", spread(times[way]), *against, f"{memory[way.replace('r', 'c')]:.0f}", f"{others:.0%}", f"{len(good)} of {len(times[way])}"])
    header = ["", "cells/s", "range", "to (a)", "to (b)", "peak MiB", "others", "timings"]
    parts = [caption(result), rows(header, lines), arithmetic(result), agreement(result)]
    return "\n\n".join(parts)


def caption(result: dict) -> str:
    given = result["conditions"]
    versions = ", ".join(f"{name} {version}" for name, version in given["versions"].items())
    what = "every layer and head" if given["heads"] else "whole layers"
    return (
        f"{given['date']}; {given['cpu']}, {given['cores']} cores, {given['threads']} threads; {versions}.\n"
        f"{given['cells']} cells: value hook, {what}, 8 scales, {given['pairs']} prompt pairs, 8-token prompts, 30 new tokens; "
        f"medians over {given['rounds']} rounds."
    )


def arithmetic(result: dict) -> str:
    times, work = result["times"], result["work"]
    name, best = peak(result)
    lines = []
    for way in sorted((way for way in times if way.startswith("c") and way[1:].isdigit()), key=lambda way: int(way[1:])):
        whole, prefill = times[way], times[f"{way} prefill"]
        cells = whole[0]["cells"]
        seconds = dict(prefill=median(prefill), total=median(whole))
        seconds["decode"] = seconds["total"] - seconds["prefill"]
        line = [f"engine, batches of {way[1:]}"]
        for part in ("prefill", "decode", "total"):
            speed = cells * work[part] / seconds[part] / 1e9
            line += [f"{1000 * seconds[part] / cells:.2f}", f"{speed:.0f}", f"{speed / best:.0%}"]
        lines.append(line)
    header = [""]
    for part in ("prefill", "decode", "all"):
        header += [f"{part} ms/cell", "GFLOP/s", "of peak"]
    return (
        f"Work of a cell: {work['prefill'] / 1e9:.2f} GFLOP in prefill (with the first token), {work['decode'] / 1e9:.2f} in decode. "
        f"Peak of this machine in the same run: {best:.0f} GFLOP/s ({name}).\n\n" + rows(header, lines)
    )


def agreement(result: dict) -> str:
    compared = ", ".join(f"{way} {n}" for way, n in sorted(result["compared"].items()))
    ties = "; ".join(f"cell {t['cell']}, token {t['at']}, {' and '.join(t['ways'])}: gap {t['gap']:.1e} nats" for t in result["ties"])
    text = f"Same tokens in every way (cells compared: {compared})" + (f", but for ties: {ties}." if ties else ", without exception.")
    if result["same_as_baseline"]:
        shares = ", ".join(f"{share:.0%} at {float(scale):g}" for scale, share in result["same_as_baseline"].items())
        text += f" Cells whose text is the baseline's, by scale: {shares}."
    return text
