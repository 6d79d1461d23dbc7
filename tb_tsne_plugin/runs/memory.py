"""What is kept of what was read: small values with their object, large ones as long as there is room for them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar, overload
from weakref import WeakKeyDictionary

Owner = TypeVar("Owner")
Value = TypeVar("Value")

CAPACITY = 1 << 28
ALONE = 1 << 30
"""Enough for a million samples, of which nothing should be read twice."""
_MISSING = object()


class once(Generic[Owner, Value]):  # noqa: N801 (a decorator)
    """A property that is worked out when it is first asked for, by one thread; an error is not kept.

    Up to Python 3.11 all objects of a class share the lock of a `functools.cached_property`: a run on a slow disk would
    hold up all others. Here each object has its own.
    """

    def __init__(self, work: Callable[[Owner], Value]) -> None:
        self._work = work
        self.__doc__ = work.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> once[Owner, Value]: ...

    @overload
    def __get__(self, instance: Owner, owner: type) -> Value: ...

    def __get__(self, instance: Owner | None, owner: type) -> once[Owner, Value] | Value:
        if instance is None:
            return self
        kept = instance.__dict__
        with kept.setdefault(f"{self._name} lock", Lock()):
            if self._name not in kept:
                kept[self._name] = self._work(instance)  # found there from now on, without coming here
        value: Value = kept[self._name]
        return value


class Shelf:
    """Room for large values of many runs.

    Those of the runs that were longest unused make way, then those of the run in use itself that were longest unused.

    Attributes:
      capacity: Bytes of all runs, roughly; a single one may take more.
      alone: Bytes of a single one, roughly; a single value may take more.
    """

    def __init__(self, capacity: int = CAPACITY, alone: int = ALONE) -> None:
        """Makes an empty one."""
        self.capacity = capacity
        self.alone = alone
        self._lock = Lock()
        self._used: WeakKeyDictionary[Memory, None] = WeakKeyDictionary()

    @property
    def size(self) -> int:
        """Bytes taken, roughly."""
        with self._lock:
            return sum(memory.size for memory in self._used)

    def use(self, memory: Memory) -> None:
        """Notes that a run is in use."""
        with self._lock:
            self._used.pop(memory, None)
            self._used[memory] = None

    def make_room(self, keep: Memory) -> None:
        """Lets go of what there is no room for: other runs, then values of `keep`."""
        with self._lock:
            held = list(self._used)
            size = sum(memory.size for memory in held)
            for memory in held:
                if size <= self.capacity:
                    return
                if memory is not keep:
                    size -= memory.size
                    memory.clear()
                    del self._used[memory]
        keep.shrink(self.alone)


class Memory:
    """The large values of one run. Each is made by one thread while others that want it wait.

    Attributes:
      size: Bytes taken, roughly.
    """

    def __init__(self, shelf: Shelf) -> None:
        """Makes an empty one on a shelf."""
        self.size = 0
        self._shelf = shelf
        self._lock = Lock()
        self._values: dict[Hashable, tuple[Any, int]] = {}
        """Each with its bytes; the one used last is the last."""
        self._locks: dict[Hashable, Lock] = {}

    def get(self, key: Hashable, make: Callable[[], Value], weigh: Callable[[Value], int]) -> Value:
        """A value, made if it is not there (any more).

        Args:
          key: Its name in the run.
          make: Makes it.
          weigh: How many bytes it takes, roughly.
        """
        self._shelf.use(self)
        value = self._use(key)
        if value is not _MISSING:
            return value  # type: ignore[no-any-return]
        with self._locks.setdefault(key, Lock()):
            value = self._use(key)
            if value is _MISSING:
                value = make()
                self._put(key, value, weigh(value))
        self._shelf.make_room(self)
        return value  # type: ignore[no-any-return]

    def shrink(self, capacity: int) -> None:
        """Lets go of what was longest unused, until the rest takes so many bytes; what was used last stays."""
        with self._lock:
            for key in list(self._values)[:-1]:
                if self.size <= capacity:
                    return
                self.size -= self._values.pop(key)[1]

    def clear(self) -> None:
        """Lets go of all values; who has one goes on with it."""
        with self._lock:
            self._values.clear()
            self.size = 0

    def _use(self, key: Hashable) -> Any:
        with self._lock:
            found = self._values.pop(key, None)
            if found is None:
                return _MISSING
            self._values[key] = found
            return found[0]

    def _put(self, key: Hashable, value: Any, weight: int) -> None:
        with self._lock:
            self._values[key] = value, weight
            self.size += weight


SHELF = Shelf()
"""That of this process."""
