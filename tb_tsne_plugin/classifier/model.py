"""What was learned, as an ONNX model: from features to the probability of each class, as `Learned` gives them.

Features are brought to unit length in double precision, as `Components` does it, and all that follows is in single.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.classifier.errors import ClassifierError
from tb_tsne_plugin.guidance.components import Components
from tb_tsne_plugin.guidance.kernel import KernelModel
from tb_tsne_plugin.guidance.suggestions import (
    LINEAR,
    LINEAR_ALONE,
    PRIOR,
    REMEMBERED,
    SHAPED,
    SMALLEST,
    STEP,
    WALK,
    Learned,
)
from tb_tsne_plugin.runs.format import CLASSIFIER_INPUT, CLASSIFIER_OUTPUT

OPSET, IR_VERSION = 17, 8
"""Of 2022: what runs models today knows them."""
MOST_BYTES = 2**31 - 2**24
"""Of the model's arrays: a file of protobuf's holds 2 GiB."""


def load_onnx() -> Any:
    """The package `onnx`.

    Raises:
      ClassifierError: If it is not installed, or does not load.
    """
    try:
        return importlib.import_module("onnx")
    except ImportError as error:
        raise ClassifierError(f"A classifier is saved with onnx ({error}): pip install 'tb-tsne[onnx]'.") from error


def build_model(components: Components, learned: Learned, classes: Sequence[str]) -> bytes:
    """The model's file.

    Args:
      components: Of the run's features.
      learned: From the labels of two classes at least.
      classes: (C,) names; the model's metadata say them, too.

    Returns:
      An ONNX model from `features`, (M, D) float32, to `probabilities`, (M, C) float32.

    Raises:
      ClassifierError: If there is too much for one file, or onnx is not installed.
    """
    graph = _Graph()
    inputs = _components(graph, components)
    evidence = graph.sum(
        graph.scaled(WALK, _walk(graph, inputs, learned)),
        *(graph.scaled(weight, scores) for weight, scores in _classifiers(graph, inputs, learned)),
    )
    graph.add("Softmax", graph.scaled(learned.temperature, evidence), axis=1, name=CLASSIFIER_OUTPUT)
    return graph.model(components.axes.shape[0], classes)


def _components(graph: _Graph, components: Components) -> str:
    """(M, d)."""
    features = graph.add("Cast", CLASSIFIER_INPUT, to=graph.onnx.TensorProto.DOUBLE)
    shaped = graph.add("Mul", features, graph.array(np.array(components.scale)))
    if components.is_rooted:
        shaped = graph.add("Sqrt", graph.add("Max", shaped, graph.array(np.array(0.0))))
    unit = _unit(graph, graph.add("Sub", shaped, graph.array(components.center)), np.array(0.0))
    single = graph.add("Cast", unit, to=graph.onnx.TensorProto.FLOAT)
    return graph.product(single, components.axes)


def _unit(graph: _Graph, rows: str, zero: NDArray[np.floating[Any]]) -> str:
    """Rows of length 1; those without any length stay so. `zero` is of their type."""
    norms = graph.add("ReduceL2", rows, axes=[1], keepdims=1)
    is_long = graph.add("Greater", norms, graph.array(zero))
    return graph.add("Div", rows, graph.add("Where", is_long, norms, graph.array(np.ones_like(zero))))


def _walk(graph: _Graph, inputs: str, learned: Learned) -> str:
    """(M, C) log-probabilities by what arrives at each row's nearest neighbours among the run's samples."""
    lengths = graph.add("ReduceSumSquare", inputs, axes=[1], keepdims=1)
    to_others = graph.add("Add", graph.product(inputs, -2.0 * learned.inputs.T), graph.single(learned.norms))
    squared = graph.add("Add", to_others, lengths)
    steps = graph.add("Round", graph.scaled(1.0 / STEP, squared))
    _, near = graph.add_two("TopK", steps, graph.array(np.array([learned.n_neighbors])), axis=1, largest=0)
    distances = graph.add("Max", graph.add("GatherElements", squared, near, axis=1), graph.single(0.0))
    largest = graph.add("Max", graph.add("ReduceMax", distances, axes=[1], keepdims=1), graph.single(SMALLEST))
    closeness = graph.add("Softmax", graph.add("Neg", graph.add("Div", distances, largest)), axis=1)
    arriving = learned.models.arriving
    axis = graph.array(np.array([1]))
    arrived = graph.add("Gather", graph.single(arriving), near)  # (M, k, C)
    here = graph.add("Squeeze", graph.add("MatMul", graph.add("Unsqueeze", closeness, axis), arrived), axis)
    reach = graph.add("ReduceSum", here, axis, keepdims=1)
    share = graph.add("Add", here, graph.single(PRIOR / arriving.shape[1]))
    return graph.add("Log", graph.add("Div", share, graph.add("Add", reach, graph.single(PRIOR))))


def _classifiers(graph: _Graph, inputs: str, learned: Learned) -> list[tuple[float, str]]:
    """What each of the other models counts for, and its (M, C) scores."""
    linear, discriminant, kernel = learned.models.linear, learned.models.discriminant, learned.models.kernel
    if linear is None or discriminant is None:
        raise ValueError("A classifier needs labels of two classes.")
    shaped = graph.add("Sub", graph.product(inputs, discriminant.coefficients), graph.single(discriminant.offsets))
    found = [(SHAPED, shaped), (LINEAR_ALONE if kernel is None else LINEAR, graph.product(inputs, linear.coefficients))]
    return found if kernel is None else [*found, (REMEMBERED, _kernel(graph, inputs, kernel))]


def _kernel(graph: _Graph, inputs: str, kernel: KernelModel) -> str:
    """(M, C) scores by likeness to the labelled samples."""
    cosines = graph.product(_unit(graph, inputs, np.array(0.0, np.float32)), kernel.unit.T)
    return graph.product(graph.add("Exp", graph.add("Sub", cosines, graph.single(1.0))), kernel.coefficients)


class _Graph:
    """A graph as it grows: every node and array gets a name, by which others take it."""

    def __init__(self) -> None:
        self.onnx = load_onnx()
        self._nodes: list[Any] = []
        self._arrays: list[Any] = []
        self._bytes = 0

    def array(self, values: NDArray[Any]) -> str:
        """A constant, of the type that it has."""
        self._bytes += values.nbytes
        if self._bytes > MOST_BYTES:
            raise ClassifierError(
                "The run has too many samples and classes for one ONNX file, which holds 2 GiB: label a sample of the "
                "images (tb-tsne export --max-samples), and save the classifier of that run."
            )
        name = f"array{len(self._arrays)}"
        self._arrays.append(self.onnx.numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def single(self, values: NDArray[np.floating[Any]] | float) -> str:
        """A constant of float32."""
        return self.array(np.asarray(values, np.float32))

    def add(self, kind: str, *inputs: str, name: str | None = None, **attributes: Any) -> str:
        """A node's only output."""
        return self._add(kind, inputs, [name or f"{kind.lower()}{len(self._nodes)}"], attributes)[0]

    def add_two(self, kind: str, *inputs: str, **attributes: Any) -> list[str]:
        """A node's two outputs."""
        number = len(self._nodes)
        return self._add(kind, inputs, [f"values{number}", f"places{number}"], attributes)

    def product(self, rows: str, columns: NDArray[np.floating[Any]]) -> str:
        """Rows times a constant matrix, in float32."""
        return self.add("MatMul", rows, self.single(columns))

    def scaled(self, factor: float, values: str) -> str:
        """Values times a constant."""
        return self.add("Mul", values, self.single(factor))

    def sum(self, *values: str) -> str:
        """The sum of values of one shape."""
        return self.add("Sum", *values)

    def model(self, width: int, classes: Sequence[str]) -> bytes:
        """The file's bytes, once onnx itself has found it right."""
        helper, kind = self.onnx.helper, self.onnx.TensorProto.FLOAT
        takes = helper.make_tensor_value_info(CLASSIFIER_INPUT, kind, ["samples", width])
        gives = helper.make_tensor_value_info(CLASSIFIER_OUTPUT, kind, ["samples", len(classes)])
        graph = helper.make_graph(self._nodes, "classifier", [takes], [gives], self._arrays)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="tb-tsne"
        )
        helper.set_model_props(model, {"classes": json.dumps(list(classes), ensure_ascii=False)})
        self.onnx.checker.check_model(model)
        return bytes(model.SerializeToString())

    def _add(self, kind: str, inputs: Sequence[str], outputs: list[str], attributes: dict[str, Any]) -> list[str]:
        self._nodes.append(self.onnx.helper.make_node(kind, list(inputs), outputs, **attributes))
        return outputs
