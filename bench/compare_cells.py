#!/usr/bin/env python3
"""Compare cells with their expected results, and print one row of a Markdown table.

usage: compare_cells.py NAME EXPECTED.json ACTUAL.json

Where the tokens of a cell differ, numbers are compared up to the first that does. The gap there is
between the expected token's log-probability, as expected, and that of the token made instead, as
computed: how nearly the two were equal, but for rounding. Python alone is needed.
"""
import json
import math
import sys


def main(name, expected_file, actual_file):
    with open(expected_file) as file:
        expected = json.load(file)
    with open(actual_file) as file:
        actual = json.load(file)
    rows = [(expected["baseline"], actual["baseline"])]
    if len(expected["cells"]) != len(actual["cells"]):
        sys.exit(f"{name}: got {len(actual['cells'])} cells, expected {len(expected['cells'])}")
    rows += list(zip(expected["cells"], actual["cells"]))
    equal, differences, gaps, broken = 0, [0.0], [], 0
    for want, got in rows:
        same = 0
        limit = min(len(want["tokens"]), len(got["tokens"]))
        while same < limit and want["tokens"][same] == got["tokens"][same]:
            same += 1
        for a, b in zip(want["logprobs"][:same], got["logprobs"][:same]):
            if b is None or not math.isfinite(b):
                broken += 1
            else:
                differences.append(abs(a - b))
        if want["tokens"] == got["tokens"]:
            equal += 1
        elif same < limit:
            gaps.append(abs(want["logprobs"][same] - got["logprobs"][same]))
    print(
        f"| {name} | {actual['dtype']} | {len(rows)} | {equal} "
        f"| {max(differences):.1e} | {f'{max(gaps):.1e}' if gaps else '-'} "
        f"| {broken} |"
    )


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
