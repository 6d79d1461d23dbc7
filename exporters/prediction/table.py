"""The table of predicted labels: one line a sample, tab-separated, which `tb-tsne labels import` takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from tb_tsne_plugin.runs.format import FILE, LABEL, SAMPLE_ID, clean_text

COLUMNS = (SAMPLE_ID, FILE, LABEL, "probability", "second", "second_probability")


def header() -> bytes:
    """The first line."""
    return _line(COLUMNS)


def lines(
    names: Sequence[tuple[str, str]], classes: Sequence[str], probabilities: npt.NDArray[np.float32]
) -> Iterator[bytes]:
    """A line for each sample.

    Args:
        names: (n,) sample id and file of each.
        classes: (C,) names, of two classes at least.
        probabilities: (n, C).
    """
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :2]
    for (sample_id, file), row, (first, second) in zip(names, probabilities, best.tolist(), strict=True):
        guesses = (classes[first], f"{row[first]:.4f}", classes[second], f"{row[second]:.4f}")
        yield _line((sample_id, clean_text(file), *guesses))


def _line(cells: Sequence[str]) -> bytes:
    return ("\t".join(cells) + "\n").encode()
