"""How every kernel here is compiled."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numba
from numba.core.caching import FunctionCache


class _Kept(FunctionCache):  # type: ignore[misc]
    """What is compiled, kept on the disk as by `cache=True`; where that is full, each process compiles its own."""

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keeps one variant of a function."""
        with suppress(OSError):
            super().save_overload(sig, data)


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """As `numba.njit`, and kept on the disk: beside the sources, or in the user's home, or else not at all."""

    def decorated(function: Callable[..., Any]) -> Any:
        found = numba.njit(nogil=True, **options)(function)
        with suppress(RuntimeError):  # both are read-only, as in many a container
            found._cache = _Kept(function)
        return found

    return decorated


# error_model="numpy": the default checks every division for zero, and a loop that may raise is not vectorised.
kernel = compiled(parallel=True, fastmath=True, error_model="numpy")
"""A loop over `prange`, in which every iteration writes only its own results: the same bits at any thread count."""

inner = compiled(fastmath=True, error_model="numpy")
"""A function that kernels call, serial and inlined by LLVM."""


def available_threads() -> int:
    """How many threads kernels may use at most."""
    return int(numba.config.NUMBA_NUM_THREADS)


def use_threads(count: int) -> None:
    """Lets kernels use so many threads from now on; results stay the same to the bit.

    Args:
      count: From 1 to `available_threads()`.
    """
    numba.set_num_threads(count)
