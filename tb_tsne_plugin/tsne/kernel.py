"""How every kernel here is compiled."""

from __future__ import annotations

import numba

# error_model="numpy": the default checks every division for zero, and a loop that may raise is not vectorised.
kernel = numba.njit(parallel=True, fastmath=True, error_model="numpy", nogil=True, cache=True)
"""A loop over `prange`, in which every iteration writes only its own results: the same bits at any thread count."""

inner = numba.njit(fastmath=True, error_model="numpy", nogil=True, cache=True)
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
