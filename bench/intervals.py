"""Which 95 % interval of a mean over clusters covers the truth? Simulated; prints a Markdown table.

    python bench/intervals.py [data sets for each row, default 2000]

Needs numpy. Clusters are base prompts with two prompt pairs each. KnownTruthTest checks the method that was chosen, as it is
in the program.
"""
import sys
from statistics import NormalDist

import numpy as np

T_QUANTILE = {6: 2.5706, 12: 2.2010, 24: 2.0687, 50: 2.0096}  # 97.5 %, clusters - 1 degrees of freedom
RESAMPLES = 999
METHODS = ["percentile", "BCa", "t", "studentized"]
rng = np.random.default_rng(1)


def regular(clusters):
    return 0.3 + 0.3 * rng.normal(size=(clusters, 1)) + 0.4 * rng.normal(size=(clusters, 2)), 0.3


def skewed(clusters):
    return 0.3 * rng.exponential(size=(clusters, 1)) + 0.3 * (rng.exponential(size=(clusters, 2)) - 1), 0.3


def mostly_unchanged(clusters):
    while True:
        values = (rng.random((clusters, 2)) < 0.3) * (1 + 0.6 * rng.normal(size=(clusters, 2)))
        if (values != 0).mean() >= 0.1:  # with fewer the verdict is "negligible", whatever the interval
            return values, 0.3


def intervals(values):
    clusters = len(values)
    sums, n = values.sum(1), values.size
    mean = sums.sum() / n
    deviations = sums - 2 * mean
    error = np.sqrt((deviations**2).sum() * clusters / (clusters - 1)) / n
    times = rng.multinomial(clusters, [1 / clusters] * clusters, size=RESAMPLES)
    means = times @ sums / n
    squares = times @ sums**2 - 4 * means * (times @ sums) + 4 * clusters * means**2
    errors = np.sqrt(np.maximum(squares, 0) * clusters / (clusters - 1)) / n
    distances = (means - mean) / np.maximum(errors, error / np.sqrt(clusters))
    low, high = np.quantile(distances, [0.025, 0.975])
    t = T_QUANTILE[clusters] * error
    return {
        "percentile": np.quantile(means, [0.025, 0.975]),
        "BCa": np.quantile(means, bca(sums, n, mean, means)),
        "t": (mean - t, mean + t),
        "studentized": (mean - high * error, mean - low * error),
    }


def bca(sums, n, mean, means):
    normal = NormalDist()
    left_out = mean - (sums.sum() - sums) / (n - 2)
    left_out = left_out - left_out.mean()
    acceleration = (left_out**3).sum() / (6 * (left_out**2).sum() ** 1.5)
    share = (means < mean).mean() + (means == mean).mean() / 2
    bias = normal.inv_cdf(float(np.clip(share, 0.001, 0.999)))
    return [normal.cdf(bias + (bias + z) / (1 - acceleration * (bias + z))) for z in (-1.96, 1.96)]


def main():
    data_sets = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    print("| effects | clusters |", " | ".join(METHODS), "|")
    print("|---|---|" + "---|" * len(METHODS))
    for name, draw in (("regular", regular), ("skewed", skewed), ("0 in 70 % of pairs", mostly_unchanged)):
        for clusters in T_QUANTILE:
            covered = dict.fromkeys(METHODS, 0)
            for _ in range(data_sets):
                values, truth = draw(clusters)
                for method, (low, high) in intervals(values).items():
                    covered[method] += low <= truth <= high
            cells = [f"{100 * covered[method] / data_sets:.1f} %" for method in METHODS]
            print(f"| {name} | {clusters} |", " | ".join(cells), "|", flush=True)


main()
