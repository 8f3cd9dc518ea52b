"""An ONNX graph under construction: arithmetic on its values adds its nodes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from onnx import TensorProto, checker, compose, helper, numpy_helper

OPSET = 21
OPSETS = {"": OPSET, "ai.onnx.ml": 3}
IR_VERSION = 10
"""Of opset 21: a runtime need not be newer than that."""
ROWS = "rows"
"""The first dimension of every input and output: as many as are given."""
TYPES = {
    "double": TensorProto.DOUBLE,
    "float": TensorProto.FLOAT,
    "int64": TensorProto.INT64,
    "uint8": TensorProto.UINT8,
    "bool": TensorProto.BOOL,
    "string": TensorProto.STRING,
}


class Value:
    """What a node gives. Numbers that arithmetic meets count as doubles."""

    def __init__(self, graph: "Graph", name: str) -> None:
        self.graph, self.name = graph, name

    def __add__(self, other: Any) -> "Value":
        return self.graph.node("Add", self, other)

    def __sub__(self, other: Any) -> "Value":
        return self.graph.node("Sub", self, other)

    def __mul__(self, other: Any) -> "Value":
        return self.graph.node("Mul", self, other)

    def __truediv__(self, other: Any) -> "Value":
        return self.graph.node("Div", self, other)

    def __floordiv__(self, other: Any) -> "Value":
        return self.graph.node("Floor", self / other)

    def cast(self, type: str) -> "Value":
        """Return it as another type."""
        return self.graph.node("Cast", self, to=TYPES[type])

    def is_missing(self) -> "Value":
        """Return where it is NaN."""
        return self.graph.node("IsNaN", self)

    def filled(self, fill: Any) -> "Value":
        """Return it with ``fill`` where it is NaN."""
        return self.graph.node("Where", self.is_missing(), fill, self)

    def with_axis(self, place: int) -> "Value":
        """Return it with one more axis, of length 1."""
        return self.graph.node("Unsqueeze", self, np.array([place]))


Operand = Value | np.ndarray | np.generic | float


class Graph:
    """Nodes in the order they were added, with what goes in and what comes out."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self._constants: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []

    def input(self, name: str, type: str, *shape: int, about: str = "") -> Value:
        """Add an input (rows, *shape); ``about`` stands beside it in the file."""
        self._inputs.append(helper.make_tensor_value_info(name, TYPES[type], [ROWS, *shape], about))
        return Value(self, name)

    def output(self, name: str, type: str, value: Value, *shape: int) -> None:
        """Add an output (rows, *shape)."""
        self.nodes.append(helper.make_node("Identity", [value.name], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, TYPES[type], [ROWS, *shape]))

    def node(self, operation: str, *operands: Operand, domain: str = "", **attributes: Any) -> Value:
        """Add a node and return the last of what it gives; arrays among the operands become constants."""
        names = [
            operand.name if isinstance(operand, Value) else self._constant(operand) for operand in operands
        ]
        found = [f"{operation.lower()}_{len(self.nodes)}"]
        if operation == "Scan":  # it gives the state after the last step, too
            found.insert(0, f"{found[0]}_state")
        self.nodes.append(helper.make_node(operation, names, found, domain=domain, **attributes))
        return Value(self, found[-1])

    def joined(self, values: Sequence[Value], axis: int = 1) -> Value:
        """Return values side by side."""
        return values[0] if len(values) == 1 else self.node("Concat", *values, axis=axis)

    def take_in(self, model: Any, x: Value, name: str) -> Value:
        """Add another model of one input and one output, which reads ``x``; ``name`` goes before its own names."""
        part = compose.add_prefix(model, f"{name}/").graph
        self.nodes.append(helper.make_node("Identity", [x.name], [part.input[0].name]))
        self.nodes.extend(part.node)
        self._constants.extend(part.initializer)
        return Value(self, part.output[0].name)

    def model(self, name: str, facts: Mapping[str, str]) -> Any:
        """Return the whole as a checked model; ``facts`` stand in its metadata."""
        graph = helper.make_graph(self.nodes, name, self._inputs, self._outputs, self._constants)
        opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
        model = helper.make_model(
            graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="netwright"
        )
        helper.set_model_props(model, dict(facts))
        checker.check_model(model)
        return model

    def _constant(self, value: Any) -> str:
        name = f"constant_{len(self._constants)}"
        plain = isinstance(value, int | float)
        array = np.asarray(value, np.float64) if plain else np.asarray(value)
        self._constants.append(numpy_helper.from_array(array, name))
        return name
