"""Reads the kinds of values that CIFAR's pickled batches are made of, and nothing else.

`pickle` itself calls what a file names with what a file holds; even if that may be nothing but numpy's own array and
data type, these take pointers from their state. Here a file's instructions, as `pickletools` lists them, make plain
values, and arrays of whole numbers whose bytes the file holds. Protocols 1 to 5, of Python 2 and 3, of any numpy.
"""

from __future__ import annotations

import math
import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

MAX_STEPS = 5_000_000
"""Instructions; CIFAR-100, all of it, has a tenth of them."""
STEP_BYTES = 100
"""What an instruction takes, beside what the file itself holds: a byte of it makes a dict, or remembers one."""
SPARE_BYTES = 16 * 2**20
"""What a file may make in any case, four times its size apart."""

_NUMBERS = {f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8)}
_ARRAY, _TYPE, _ENCODE = "numpy ndarray", "numpy dtype", "_codecs encode"
_RECONSTRUCT, _FROM_BUFFER = "numpy._core.multiarray _reconstruct", "numpy._core.numeric _frombuffer"


@dataclass
class _Name:
    """One of the functions and classes that a batch may name."""

    name: str


@dataclass
class _Type:
    """A type of whole numbers, as `u1`; the order of their bytes follows it."""

    code: str
    order: str = "="


@dataclass
class _Array:
    """An array; its values follow it."""

    values: npt.NDArray[Any] | None = None


def read_pickled(content: bytes) -> dict[Any, Any]:
    """The dict that a pickle holds, of plain values and arrays.

    Raises:
        ValueError: If it holds anything else, or is no pickle.
    """
    machine = _Machine(4 * len(content) + SPARE_BYTES)
    try:
        for step, (instruction, argument, _) in enumerate(pickletools.genops(content)):
            if step >= MAX_STEPS:
                raise ValueError(f"it has over {MAX_STEPS:,} parts")
            if instruction.name not in _DO:
                raise ValueError(f"it has the instruction {instruction.name}")
            machine.take(STEP_BYTES)
            _DO[instruction.name](machine, argument)
        (found,) = machine.stack
    except (IndexError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError("its parts do not fit together") from error
    if not isinstance(found, dict):
        raise ValueError("it holds no dict")
    return {key: value.values if isinstance(value, _Array) else value for key, value in found.items()}


class _Machine:
    """The stack that a pickle's instructions work on, and how many bytes they may still make."""

    def __init__(self, allowed: int) -> None:
        self._left = allowed
        self.stack: list[Any] = []
        self._before_mark: list[list[Any]] = []
        self._memo: dict[int, Any] = {}

    def take(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise ValueError("it makes many times its size")

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def put(self, place: int | None) -> None:
        self._memo[len(self._memo) if place is None else place] = self.stack[-1]

    def get(self, place: int) -> None:
        value = self._memo[place]
        if isinstance(value, (bytes, bytearray, str)):
            self.take(len(value))  # as if it stood there again: whoever reads it may copy it
        self.stack.append(value)

    def mark(self) -> None:
        self._before_mark.append(self.stack)
        self.stack = []

    def marked(self) -> list[Any]:
        """All since the last mark; it leaves the stack."""
        marked, self.stack = self.stack, self._before_mark.pop()
        return marked

    def last(self, count: int) -> list[Any]:
        """The last values; they leave the stack."""
        if count > len(self.stack):
            raise IndexError(count)
        values = self.stack[-count:]
        del self.stack[-count:]
        return values

    def append(self, values: list[Any]) -> None:
        if type(self.stack[-1]) is not list:
            raise ValueError("it adds to what is no list")
        self.stack[-1].extend(values)

    def set_items(self, values: list[Any]) -> None:
        if type(self.stack[-1]) is not dict or not all(isinstance(key, (bytes, str, int)) for key in values[::2]):
            raise ValueError("it adds to what is no dict")
        self.stack[-1].update(zip(values[::2], values[1::2], strict=True))

    def call(self, function: _Name, arguments: tuple[Any, ...]) -> None:
        if function.name == _ENCODE:
            self.take(len(arguments[0]))
        self.stack.append(_called(function, arguments))

    def build(self, state: Any) -> None:
        _fill(self.stack[-1], state)


# What each instruction does with its argument.
_DO: dict[str, Callable[[_Machine, Any], None]] = {
    **dict.fromkeys(("PROTO", "FRAME", "STOP"), lambda _machine, _: None),
    **dict.fromkeys(("INT", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"), _Machine.push),
    **dict.fromkeys(("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"), _Machine.push),
    **dict.fromkeys(("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"), _Machine.push),
    # Python 2's strings
    **dict.fromkeys(("BINSTRING", "SHORT_BINSTRING"), lambda machine, text: machine.push(text.encode("latin-1"))),
    "NONE": lambda machine, _: machine.push(None),
    "NEWTRUE": lambda machine, _: machine.push(True),
    "NEWFALSE": lambda machine, _: machine.push(False),
    **dict.fromkeys(("BINPUT", "LONG_BINPUT", "MEMOIZE"), _Machine.put),
    **dict.fromkeys(("BINGET", "LONG_BINGET"), _Machine.get),
    "MARK": lambda machine, _: machine.mark(),
    "EMPTY_TUPLE": lambda machine, _: machine.push(()),
    "TUPLE1": lambda machine, _: machine.push(tuple(machine.last(1))),
    "TUPLE2": lambda machine, _: machine.push(tuple(machine.last(2))),
    "TUPLE3": lambda machine, _: machine.push(tuple(machine.last(3))),
    "TUPLE": lambda machine, _: machine.push(tuple(machine.marked())),
    "EMPTY_LIST": lambda machine, _: machine.push([]),
    "APPEND": lambda machine, _: machine.append(machine.last(1)),
    "APPENDS": lambda machine, _: machine.append(machine.marked()),
    "EMPTY_DICT": lambda machine, _: machine.push({}),
    "SETITEM": lambda machine, _: machine.set_items(machine.last(2)),
    "SETITEMS": lambda machine, _: machine.set_items(machine.marked()),
    "GLOBAL": lambda machine, name: machine.push(_named(name)),
    "STACK_GLOBAL": lambda machine, _: machine.push(_named(" ".join(machine.last(2)))),
    "REDUCE": lambda machine, _: machine.call(*machine.last(2)),
    "BUILD": lambda machine, _: machine.build(machine.last(1)[0]),
}


def _named(name: str) -> _Name:
    known = name.replace("numpy.core.", "numpy._core.")  # as numpy 1 called it
    if known not in (_ARRAY, _TYPE, _ENCODE, _RECONSTRUCT, _FROM_BUFFER):
        raise ValueError(f"it names {name[:80]!r}")
    return _Name(known)


def _called(function: _Name, arguments: tuple[Any, ...]) -> Any:
    if function.name == _ENCODE:  # how Python 3 writes bytes for Python 2
        text, encoding = arguments
        if encoding in ("latin1", "latin-1") and isinstance(text, str):
            return text.encode("latin-1")
    elif function.name == _TYPE:
        return _Type(_word(arguments[0]))
    elif function.name == _RECONSTRUCT and arguments[0] == _Name(_ARRAY):
        return _Array()
    elif function.name == _FROM_BUFFER:
        content, of, shape, order = arguments
        return _Array(_values(content, of, shape, order))
    raise ValueError(f"it calls {function.name}")


def _fill(what: Any, state: tuple[Any, ...]) -> None:
    """Gives an array or a type its state, once."""
    if isinstance(what, _Array) and what.values is None:
        _, shape, of, is_by_columns, content = state
        what.values = _values(content, of, shape, "F" if is_by_columns else "C")
    elif isinstance(what, _Type) and state[2:5] == (None, None, None):
        what.order = _word(state[1])
    else:
        raise ValueError("it changes what is complete")


def _values(content: bytes, of: _Type, shape: tuple[int, ...], order: str) -> npt.NDArray[Any]:
    if of.code not in _NUMBERS or of.order not in ("|", "=", "<", ">"):
        raise ValueError(f"it holds an array of {of.code[:20]!r}")
    dtype = np.dtype(f"{of.order}{of.code}")
    if not isinstance(content, (bytes, bytearray)) or not all(type(side) is int and side >= 0 for side in shape):
        raise ValueError("it holds an array of nothing")
    if len(shape) > 4 or math.prod(shape) * dtype.itemsize != len(content):
        raise ValueError("it holds an array of another size than it says")
    return np.frombuffer(content, dtype).reshape(shape, order="F" if order == "F" else "C")


def _word(text: bytes | str) -> str:
    return text.decode("ascii") if isinstance(text, bytes) else text
