"""What the paper reports for VGG-16, to stand beside our own figures (Tables 1 and 2), by run and features."""

from __future__ import annotations

RUN_TITLES = {
    "cifar10": "CIFAR-10",
    "blood_cells": "Blood cells",
    "flowers": "Flowers",
    "monkeys": "Monkeys",
    "signs": "Sign-lang.",
}
FEATURE_TITLES = {"pix": "Pix", "pre": "Pre", "rn": "RN", "im": "IM", "tf": "TF", "tr": "TR"}

_ACCURACIES = {
    "cifar10": "24±26 24±26 20±23 68±36 62±36 63±36",
    "blood_cells": "26±22 26±22 42±30 51±32 96±15 95±17",
    "flowers": "38±31 38±31 38±30 75±33 75±33 77±32",
    "monkeys": "31±28 31±28 28±26 77±31 94±20 93±21",
    "signs": "62±37 62±37 38±34 84±30 76±34 76±35",
}
NEIGHBOR_ACCURACY: dict[tuple[str, str], str] = {
    (run, features): value
    for run, row in _ACCURACIES.items()
    for features, value in zip(FEATURE_TITLES, row.split(), strict=True)
}
"""Table 1, VGG-16: 4-NN accuracy in per cent, mean ± standard deviation."""

_ACTIONS = {
    "randselect": "170 120 130 180 120 150 130 70 50 200 60 60 140 100 90",
    "uncertainty": "240 150 150 270 140 130 290 70 80 210 40 50 180 90 80",
    "margin": "210 120 110 270 110 120 220 80 60 200 40 40 150 70 70",
    "entropy": "240 190 190 250 140 120 310 90 70 210 50 50 180 90 80",
    "tsne:unsupervised": "68 86 77 247 78 58 59 37 36 67 18 27 37 37 49",
    "tsne:slight": "67 86 68 247 83 68 72 36 26 66 18 26 37 57 47",
    "tsne:strong": "68 106 77 248 68 68 56 37 27 68 27 28 37 62 49",
}
ACTIONS_TO_80: dict[tuple[str, str, str], int] = {
    (run, features, method): int(value)
    for method, row in _ACTIONS.items()
    for (run, features), value in zip(
        [(run, features) for run in RUN_TITLES for features in ("im", "tf", "tr")], row.split(), strict=True
    )
}
"""Table 2: actions to 80 % of full-labelling accuracy, by run, features and method."""


def run_title(run: str) -> str:
    """A run as the paper names it."""
    return RUN_TITLES.get(run, run)


def feature_title(features: str) -> str:
    """Features as the paper names them."""
    return FEATURE_TITLES.get(features, features)
