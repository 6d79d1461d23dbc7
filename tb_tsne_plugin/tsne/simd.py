"""Moving scattered rows and short runs into columns, sixteen at a time.

LLVM turns such loops into gather instructions, which are slower than plain loads and shuffles on current CPUs (three
times, measured on Zen 4). The vectors here are generic LLVM ones, so every CPU gets its own best code.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 16
_I32, _I64 = ir.IntType(32), ir.IntType(64)


def _data(context: Any, builder: Any, signature: Any, args: Any, which: int) -> Any:
    return context.make_array(signature.args[which])(context, builder, args[which])


def _shuffle(builder: Any, pair: list[Any], lanes: list[int]) -> Any:
    return builder.shuffle_vector(*pair, ir.Constant(ir.VectorType(_I32, len(lanes)), lanes))


def _address(builder: Any, array: Any, row: Any, at: Any) -> Any:
    stride = cgutils.unpack_tuple(builder, array.shape)[1]
    return builder.gep(array.data, [builder.add(builder.mul(stride, row), at)])


@intrinsic
def load_columns(typingctx, rows, indices, first, columns, row, at):  # type: ignore[no-untyped-def]
    """columns[row + k, at:at + 16] = rows[indices[first:first + 16], k] for k = 0 ... 3.

    Args:
      typingctx: numba's.
      rows: (M, 4) numbers, C-contiguous.
      indices: (n,) int32, C-contiguous, n >= first + 16.
      first: Place of the first index.
      columns: (>= row + 4, >= at + 16), C-contiguous, of the rows' dtype.
      row: First row written.
      at: First column written.
    """

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        source, index, target = (_data(context, builder, signature, args, k) for k in (0, 1, 3))
        element = context.get_data_type(signature.args[0].dtype)
        size = context.get_abi_sizeof(element)
        four, sixteen = ir.VectorType(element, 4).as_pointer(), ir.VectorType(element, LANES).as_pointer()
        loaded = []
        for lane in range(LANES):
            place = builder.add(args[2], ir.Constant(_I64, lane))
            start = builder.shl(
                builder.sext(builder.load(builder.gep(index.data, [place])), _I64), ir.Constant(_I64, 2)
            )
            loaded.append(builder.load(builder.bitcast(builder.gep(source.data, [start]), four), align=size))
        # Four wide vectors, the q-th holding rows q, q + 4, q + 8 and q + 12; then four 4 x 4 transpositions at once.
        wide = []
        for q in range(4):
            halves = [_shuffle(builder, [loaded[q + h], loaded[q + h + 4]], list(range(8))) for h in (0, 8)]
            wide.append(_shuffle(builder, halves, list(range(16))))
        blocks = range(0, LANES, 4)
        even = [v for b in blocks for v in (b, b + 16, b + 1, b + 17)]
        odd = [v + 2 for v in even]
        low = [v for b in blocks for v in (b, b + 1, b + 16, b + 17)]
        high = [v + 2 for v in low]
        pairs = [[_shuffle(builder, [wide[q], wide[q + 1]], lanes) for q in (0, 2)] for lanes in (even, odd)]
        for k in range(4):
            column = _shuffle(builder, pairs[k // 2], high if k % 2 else low)
            address = _address(builder, target, builder.add(args[4], ir.Constant(_I64, k)), args[5])
            builder.store(column, builder.bitcast(address, sixteen), align=size)
        return context.get_dummy_value()

    return types.void(rows, indices, types.int64, columns, types.int64, types.int64), codegen


@intrinsic
def copy_run(typingctx, source, first, target, at):  # type: ignore[no-untyped-def]
    """target[:3, at:at + 16] = source[:3, first:first + 16]; both C-contiguous and of one dtype."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        arrays = [_data(context, builder, signature, args, k) for k in (0, 2)]
        element = context.get_data_type(signature.args[0].dtype)
        size = context.get_abi_sizeof(element)
        sixteen = ir.VectorType(element, LANES).as_pointer()
        for k in range(3):
            row = ir.Constant(_I64, k)
            start = builder.bitcast(_address(builder, arrays[0], row, args[1]), sixteen)
            stop = builder.bitcast(_address(builder, arrays[1], row, args[3]), sixteen)
            builder.store(builder.load(start, align=size), stop, align=size)
        return context.get_dummy_value()

    return types.void(source, types.int64, target, types.int64), codegen
