"""The pure rules: names, colours, class actions, imports."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any, get_args

import msgspec
import pytest

from tb_tsne_plugin.labels import rules
from tb_tsne_plugin.labels.errors import InvalidEdit
from tb_tsne_plugin.labels.model import (
    AddClass,
    ClassAction,
    ClassInfo,
    DeleteClass,
    MergeClass,
    MoveClass,
    RecolorClass,
    RenameClass,
)
from tb_tsne_plugin.labels.rules import (
    OKABE_ITO,
    PALETTE,
    Before,
    checked_color,
    checked_name,
    import_change,
    next_color,
    unused_colors,
)
from tb_tsne_plugin.runs.class_names import clean_label


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
    [
        ("cat", "cat"),
        (" a\x07\u202eb ", "a__b"),
        ("x" * 200, "x" * 118 + "…~01d7de14"),
        ("u\u0308ber", "über"),
        ("", None),
        ("UNLABELED", None),
        ("\0", "_"),
    ],
)
def test_labels_from_elsewhere_become_names_or_nothing(label: str, name: str | None) -> None:
    assert clean_label(label) == name
    assert name is None or checked_name(name) == name


# What version 0.1.0 gave to the first sixty classes, one after another: runs keep their colours.
# fmt: off
FIRST_SIXTY = [
    "#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#0072B2", "#D55E00", "#F0E442", "#8C6BB1", "#AB782B", "#7B54D4",
    "#2BAB2D", "#D45477", "#2B74AB", "#C2D454", "#982BAB", "#54D49B", "#AB4D2B", "#5457D4", "#54AB2B", "#D454A2",
    "#2B9FAB", "#D4BB54", "#6D2BAB", "#54D470", "#AB2B34", "#5482D4", "#7FAB2B", "#D454CD", "#2BAB8D", "#D49054",
    "#422BAB", "#62D454", "#AB2B5F", "#54ADD4", "#AAAB2B", "#B054D4", "#2BAB62", "#D46554", "#2B3FAB", "#8DD454",
    "#AB2B8A", "#54D4D0", "#AB822B", "#8554D4", "#2BAB37", "#D4546D", "#2B6AAB", "#B8D454", "#A22BAB", "#54D4A5",
    "#AB572B", "#5A54D4", "#4AAB2B", "#D45498", "#2B95AB", "#D4C554", "#772BAB", "#54D47A", "#AB2C2B", "#5478D4",
]
# fmt: on


def test_the_first_classes_get_the_colours_that_they_always_got() -> None:
    taken: list[str] = []
    for _ in range(60):
        taken.append(next_color(taken))
    assert taken == FIRST_SIXTY
    assert tuple(taken[:8]) == OKABE_ITO


def test_the_palette_is_at_least_sixty_four_distinct_colours_in_the_order_of_use() -> None:
    assert len(set(PALETTE)) == len(PALETTE) >= 64
    assert next_color([]) == PALETTE[0]
    assert next_color(PALETTE[:5]) == PALETTE[5]
    assert next_color([*PALETTE[:5], *PALETTE[6:9]]) == PALETTE[5]


def test_colours_never_repeat_however_many_there_are() -> None:
    colors = list(itertools.islice(unused_colors([PALETTE[3], "#000000"]), 20_000))
    assert colors[:3] == list(PALETTE[:3])
    assert len(set(colors)) == 20_000
    assert not {PALETTE[3], "#000000"} & set(colors)
    assert {checked_color(color) for color in colors} == set(colors)
    assert next_color(colors) not in colors


def test_an_import_of_ten_thousand_names_looks_for_colours_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looked for from the first one on for each class, as it once was, ten thousand colours took minutes."""
    looked: list[list[str]] = []

    def counted(taken: Iterable[str]) -> Iterator[str]:
        looked.append(list(taken))
        return unused_colors(looked[-1])

    monkeypatch.setattr(rules, "unused_colors", counted)
    change = import_change({f"s{number}": f"class {number}" for number in range(10_000)})
    assert looked == [[]]
    infos = [item.after for item in change.classes if item.after is not None]
    assert len({info.color for info in infos}) == len({info.name for info in infos}) == 10_000
    assert [info.color for info in infos[: len(PALETTE)]] == list(PALETTE)


EVERY_ACTION: list[ClassAction] = [
    AddClass("cat"),
    RenameClass(1, "cat"),
    RecolorClass(1, "#000000"),
    MoveClass(1, 0),
    MergeClass(1, 2),
    DeleteClass(1),
]


@pytest.mark.parametrize("action", EVERY_ACTION)
def test_every_class_action_is_carried_out_under_its_own_name(action: ClassAction) -> None:
    before = Before([ClassInfo(1, "ant", PALETTE[0], 0), ClassInfo(2, "bee", PALETTE[1], 1)], 3, lambda _class_id: {})
    done = before.after(action)
    assert done.kind == msgspec.to_builtins(action)["action"]
    assert {type(action) for action in EVERY_ACTION} == set(get_args(ClassAction))


@pytest.mark.parametrize("value", [True, "1", 1.0, None])
def test_what_is_no_class_id_names_no_class(value: Any) -> None:
    """The structs' types hold only where HTTP is decoded: the rules look for themselves."""
    before = Before([ClassInfo(1, "ant", PALETTE[0], 0)], 2, lambda _class_id: {})
    with pytest.raises(InvalidEdit, match="There is no class with the id"):
        before.after(DeleteClass(value))
    with pytest.raises(InvalidEdit, match="A position is a whole number from 0 to 0"):
        before.after(MoveClass(1, value))
