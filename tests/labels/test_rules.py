"""The pure rules: names and colours."""

from __future__ import annotations

import pytest

from tb_tsne_plugin.labels.classes import OKABE_ITO, checked_name, importable_name, next_color
from tb_tsne_plugin.labels.errors import InvalidEdit


@pytest.mark.parametrize(
    "name", ["cat", "Größe 3", "猫", "=cmd()", "<img onerror=1>", "__proto__", "x" * 128, "👩\u200d🔬", "می\u200cخواهم"]
)
def test_ordinary_and_odd_names_are_names(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        "a\tb",
        "a\n",
        "\0",
        "\x7f",
        "\x85",
        "\u202e",
        "\u2066",
        "\u2028",
        "\ud800",
        "x" * 129,
        "Unlabeled",
        3,
        None,
    ],
)
def test_names_that_break_tables_or_deceive_are_refused(name: object) -> None:
    with pytest.raises(InvalidEdit):
        checked_name(name)


@pytest.mark.parametrize(
    ("label", "name"),
    [("cat", "cat"), (" a\x07\u202eb ", "ab"), ("x" * 200, "x" * 128), ("", None), ("UNLABELED", None), ("\0", None)],
)
def test_labels_from_elsewhere_become_names_or_nothing(label: str, name: str | None) -> None:
    assert importable_name(label) == name
    assert name is None or checked_name(name) == name


def test_colours_never_repeat() -> None:
    taken: list[str] = []
    for _ in range(60):
        taken.append(next_color(taken))
    assert len(set(taken)) == 60
    assert tuple(taken[:8]) == OKABE_ITO
