"""The machine's own float32 matrix product: GFLOP/s of torch and numpy over a few sizes, the best of several repetitions."""

import json
import sys
import time

import numpy
import torch

SIZES = ((1024, 1024, 1024), (2048, 2048, 2048), (3072, 3072, 3072), (512, 4096, 4096))
SECONDS = 0.4  # for each library and size


def best(product, flops: int) -> float:
    product()
    times, end = [], time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(times) < 3:
        start = time.perf_counter()
        product()
        times.append(time.perf_counter() - start)
    return flops / min(times) / 1e9


def measure() -> dict[str, float]:
    results = {}
    for m, n, k in SIZES:
        a, b = torch.randn(m, k), torch.randn(k, n)
        c = torch.empty(m, n)
        results[f"torch {m}x{n}x{k}"] = best(lambda: torch.mm(a, b, out=c), 2 * m * n * k)
        x, y, z = a.numpy(), b.numpy(), c.numpy()
        results[f"numpy {m}x{n}x{k}"] = best(lambda: numpy.matmul(x, y, out=z), 2 * m * n * k)
    return results


if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[1]))
    print(json.dumps(measure()))
