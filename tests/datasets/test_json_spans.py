"""Values of a JSON text and where they stand: what `json` reads, and the text of each."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_tsne_plugin.datasets.json_spans import items, spliced, top_members

VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=4), VALUES, max_size=5), st.sampled_from([None, 0, 3]))
def test_members_are_those_that_json_reads(value: dict[str, Any], indent: int | None) -> None:
    text = f" {json.dumps(value, indent=indent)}\r\n"
    found = dict(top_members(text))
    assert {name: span.value for name, span in found.items()} == value
    for span in found.values():
        assert json.loads(text[span.begin : span.end]) == span.value
        if isinstance(span.value, list):
            assert [each.value for each in items(text, span.begin)] == span.value


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "{}}", '{"a" 1}', '{"a": 1 "b": 2}', '{"a": 1', '{"a": [1 2]}', "{1: 2} x", '{"a": 1]'],
)
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        dict(top_members(text))


def test_pieces_are_put_where_they_belong() -> None:
    assert spliced("abcdef", [(4, 5, "X"), (0, 1, ""), (2, 2, "--")]) == "b--cdXf"
