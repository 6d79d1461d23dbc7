"""The plain data at the border: class actions and selections, as JSON names them."""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
import pytest

from tb_tsne_plugin.labels.model import (
    COUNTED,
    SET_ASIDE,
    STATES,
    ClassAction,
    NeighborsSelection,
    RenameClass,
    Selection,
)
from tb_tsne_plugin.runs import format


@pytest.mark.parametrize(
    "value",
    [
        {"action": "add", "name": "cat"},
        {"action": "add", "name": "cat", "color": "#aBcDeF"},
        {"action": "rename", "class_id": 1, "name": "cat"},
        {"action": "recolor", "class_id": 2**31 - 1, "color": "#000000"},
        {"action": "move", "class_id": 1, "position": 0},
        {"action": "merge", "class_id": 1, "into": 2},
        {"action": "delete", "class_id": 1},
    ],
)
def test_class_actions_are_what_the_http_api_says(value: dict[str, Any]) -> None:
    action = msgspec.convert(value, ClassAction)
    assert value.items() <= msgspec.to_builtins(action).items()


@pytest.mark.parametrize(
    "value",
    [
        {"action": "explode"},
        {"name": "cat"},
        {"action": "add"},
        {"action": "add", "name": 3},
        {"action": "add", "name": "cat", "color": "red"},
        {"action": "add", "name": "cat", "color": "#00000g"},
        {"action": "add", "name": "cat", "color": "#0000000"},
        {"action": "delete", "class_id": 0},
        {"action": "delete", "class_id": 2**31},
        {"action": "delete", "class_id": True},
        {"action": "delete", "class_id": None},
        {"action": "move", "class_id": 1, "position": -1},
    ],
)
def test_what_no_class_action_can_be_is_refused_at_the_border(value: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(value, ClassAction)


@pytest.mark.parametrize(
    "value",
    [
        {"kind": "neighbors", "focus": "s1", "k": 37, "dropped": 2},
        {"kind": "neighbors", "k": 0},
        {"kind": "box", "dropped": 0},
        {"kind": "lasso"},
        {"kind": "search", "query": "größer"},
        {"kind": "label", "query": "", "dropped": 1},
        {"kind": "suggestion"},
        {"kind": "single", "k": 3},
    ],
)
def test_a_selection_is_kept_as_it_was_sent(value: dict[str, Any]) -> None:
    assert json.loads(msgspec.json.encode(msgspec.convert(value, Selection))) == value


def test_every_kind_of_selection_and_action_has_its_own_name() -> None:
    for union, field in ((ClassAction, "action"), (Selection, "kind")):
        (schema,), _ = msgspec.json.schema_components([union])
        assert schema["discriminator"]["propertyName"] == field
        assert len(schema["discriminator"]["mapping"]) == len(get_args(union))


def test_states_are_the_words_of_the_file_format() -> None:
    assert (format.STATES, format.SET_ASIDE) == (STATES, SET_ASIDE)
    assert set(COUNTED) | set(SET_ASIDE) | {format.UNLABELED} == set(STATES)


def test_actions_and_selections_are_values() -> None:
    assert RenameClass(1, "cat") == RenameClass(1, "cat")
    assert {NeighborsSelection(k=2): "found"}[NeighborsSelection(k=2)] == "found"
