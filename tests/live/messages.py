"""Any message that the protocol knows, for hypothesis."""

from __future__ import annotations

import types
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st

from tb_tsne_plugin.live.parameters import SPEED_LIMITS, SessionParameters
from tb_tsne_plugin.tsne.parameters import METHODS, METRICS

SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: st.text(max_size=30),
    bytes: st.binary(max_size=30),
    bool: st.booleans(),
    type(None): st.none(),
    SessionParameters: st.builds(
        SessionParameters,
        n_components=st.sampled_from([2, 3]),
        perplexity=st.floats(1.0, 1000.0),
        learning_rate=st.just("auto") | st.floats(1e-3, 1e6),
        metric=st.sampled_from(METRICS),
        method=st.sampled_from(METHODS),
        n_epochs=st.integers(1, 1_000_000),
        speed_limit=st.none() | st.floats(*SPEED_LIMITS),
    ),
}


def messages(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a message's type, or of one of its fields'."""
    if kind in SIMPLE:
        return SIMPLE[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return st.one_of([messages(each) for each in arguments])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple and arguments[-1] is ...:
        return st.lists(messages(arguments[0]), max_size=4).map(tuple)
    if origin is tuple:
        return st.tuples(*[messages(each) for each in arguments])
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: messages(hints[field.name]) for field in msgspec.structs.fields(kind)})
