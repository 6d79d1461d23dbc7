"""The protocol: what one side says is what the other understands, and nothing else is understood."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_tsne_plugin.live.parameters import SessionParameters
from tb_tsne_plugin.live.protocol import (
    Command,
    Event,
    Specification,
    decode_command,
    decode_event,
    decode_specification,
    encode,
)
from tests.live.messages import messages

COMMANDS, EVENTS = get_args(Command), get_args(Event)


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_every_command_survives_its_line(kind: type, data: st.DataObject) -> None:
    command = data.draw(messages(kind))
    line = encode(command)
    assert decode_command(line) == command
    assert type(decode_command(line)) is kind
    assert line.index(b"\n") == len(line) - 1


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_every_event_survives_its_line(kind: type, data: st.DataObject) -> None:
    event = data.draw(messages(kind))
    line = encode(event)
    assert decode_event(line) == event
    assert type(decode_event(line)) is kind
    assert line.index(b"\n") == len(line) - 1


@settings(max_examples=50, deadline=None)
@given(specification=messages(Specification))
def test_a_specification_survives_its_line(specification: Specification) -> None:
    assert decode_specification(encode(specification)) == specification


def test_no_two_messages_are_told_by_the_same_word() -> None:
    for kinds in (COMMANDS, EVENTS):
        assert len({kind.__struct_config__.tag for kind in kinds}) == len(kinds) > 6
        assert len({kind.__struct_config__.tag_field for kind in kinds}) == 1


@pytest.mark.parametrize("kind", [*COMMANDS, *EVENTS], ids=lambda kind: kind.__name__)
def test_messages_cannot_be_changed(kind: type[msgspec.Struct]) -> None:
    assert kind.__struct_config__.frozen


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"{}\n",
        b"[]\n",
        b'{"command":"dance"}\n',
        b'{"command":"step","epochs":"many"}\n',
        b'{"command":"set_labels","column":"label","revision":1}\n',
        b'{"command":"change_parameters","parameters":{"perplexity":-1}}\n',
        b'{"event":"failed","message":"x"}\n',
        b'{"event":"frame","number":1.5}\n',
        b"Traceback (most recent call last):\n",
        b"\xff\n",
    ],
)
@pytest.mark.parametrize("decode", [decode_command, decode_event, decode_specification])
def test_other_lines_are_not_understood(line: bytes, decode: Any) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(line)


def test_parameters_keep_their_types() -> None:
    parameters = SessionParameters(learning_rate=200, speed_limit=30)
    found = msgspec.json.decode(msgspec.json.encode(parameters), type=SessionParameters)
    assert found == parameters
    assert isinstance(found.learning_rate, float)
    assert isinstance(found.speed_limit, float)
