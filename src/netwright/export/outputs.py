"""What comes out of an exported model: labels and probabilities, or values in the target's own units."""

from typing import Any

import numpy as np

from netwright.data.target_encoder import TargetEncoder
from netwright.export.graph import Graph, Value
from netwright.train.goals import LOSS_OF_TASK
from netwright.train.predictor import Predictor


def write(graph: Graph, predictor: Predictor, z: Value) -> None:
    """Add the outputs, of the network's own z: float32 (rows, n_out).

    Regression: ``value`` (rows,). Classes: ``label`` (rows,) and ``probabilities`` (rows, K), or with a hinge loss,
    which gives none, ``scores``. Of several targets each has these, as ``label.income``.
    """
    target = predictor.target
    if isinstance(target, TargetEncoder):
        _write_one(graph, target, z / np.float32(predictor.temperature), predictor.loss, "")
        return
    start = 0
    for name, part in target.parts.items():
        stop = start + part.n_out
        own = graph.node("Slice", z, np.array([start]), np.array([stop]), np.array([1]))
        _write_one(graph, part, own, LOSS_OF_TASK[part.task], f".{name}")
        start = stop


def _write_one(graph: Graph, target: TargetEncoder, z: Value, loss: Any, name: str) -> None:
    several = target.task == "multiclass"
    if not several:
        z = graph.node("Reshape", z, np.array([-1]))
    if target.classes is None:
        graph.output(f"value{name}", "double", z.cast("double") * target.scale + target.mean)
        return
    if several:
        code = graph.node("ArgMax", z, axis=1, keepdims=0)
    else:
        code = graph.node("Greater", z, np.float32(0)).cast("int64")
    type, labels = _labels(target.classes)
    graph.output(f"label{name}", type, graph.node("Gather", labels, code))
    count = len(target.classes)
    if loss == "hinge":
        graph.output(f"scores{name}", "float", z, *([count] if several else []))
        return
    if several:
        probabilities = graph.node("Softmax", z, axis=1)
    else:
        second = graph.node("Sigmoid", z).with_axis(1)
        probabilities = graph.joined([graph.node("Sub", np.float32(1), second), second])
    graph.output(f"probabilities{name}", "float", probabilities, count)


def _labels(classes: list[Any]) -> tuple[str, np.ndarray]:
    """Return the classes in the type that ONNX has for them; others as text."""
    for type, kind, array in (
        ("bool", bool, np.bool_),
        ("int64", int, np.int64),
        ("double", float, np.float64),
    ):
        if all(isinstance(label, kind) for label in classes):
            return type, np.array(classes, array)
    return "string", np.array([str(label) for label in classes], object)
