"""How much memory a t-SNE will take, told before it is started."""

from __future__ import annotations

from pathlib import Path

from tb_tsne_plugin.tsne.parameters import Parameters, same_affinities

BASE_BYTES = 260 << 20
"""Interpreter, numba, scipy and the compiled kernels."""
BYTES_PER_VALUE = 15
"""The features, mapped, with the conditioned copies that are made of them while neighbours are looked for."""
BYTES_PER_NEIGHBOR = 60
"""Both directions of each pair, while P is made symmetric."""
BYTES_PER_SAMPLE = 600
"""Positions, optimiser, tree, frames, block of products."""


def forecast_bytes(n_samples: int, n_features: int, parameters: Parameters) -> int:
    """The most memory that a worker takes at a time, roughly and rather too much.

    Args:
      n_samples: N.
      n_features: D.
      parameters: Of the t-SNE.

    Returns:
      Bytes.
    """
    neighbors = min(3 * parameters.perplexity, max(n_samples - 1, 0))
    a_sample = BYTES_PER_VALUE * n_features + BYTES_PER_NEIGHBOR * neighbors + BYTES_PER_SAMPLE
    return BASE_BYTES + int(n_samples * a_sample)


def forecast_change_bytes(n_samples: int, n_features: int, before: Parameters, after: Parameters) -> int:
    """The most memory that a worker takes beyond what it has, when its parameters change.

    Only other affinities take any: they are made, with an embedding of them, while the old ones are still there.

    Args:
      n_samples: N.
      n_features: D.
      before: What it has.
      after: What it gets.

    Returns:
      Bytes.
    """
    return 0 if same_affinities(before, after) else forecast_bytes(n_samples, n_features, after) - BASE_BYTES


def available_bytes() -> int | None:
    """Memory that a new process can have without swapping; None where this system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        free = int(next(line for line in lines if line.startswith("MemAvailable")).split()[1]) << 10
    except (OSError, StopIteration, ValueError):
        return None
    return min([free, *(limit - used for limit, used in _control_groups())])


def _control_groups() -> list[tuple[int, int]]:
    """Limit and use of this process's control group (a container's), in either version."""
    found = []
    for folder, limit, used in (
        ("/sys/fs/cgroup", "memory.max", "memory.current"),
        ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
    ):
        try:
            found.append((int(Path(folder, limit).read_text()), int(Path(folder, used).read_text())))
        except (OSError, ValueError):
            continue
    return found
