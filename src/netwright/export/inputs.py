"""What goes into an exported model: the steps from features to x, as far as ONNX can express them.

It can standardize, fill gaps, look levels up and take dates apart. It cannot split text into words, decode images,
or read dates and numbers from text: there the model takes codes, pixels and numbers, and the file says which.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from flax import nnx
from onnx import TensorProto, helper

from netwright.core.errors import RunError
from netwright.data.encoder import Encoder
from netwright.data.images.encoder import ImageEncoder
from netwright.data.inputs import InputsEncoder
from netwright.data.matrix_encoder import MatrixEncoder
from netwright.data.sequences.sequence_encoder import SequenceEncoder
from netwright.data.several import SeveralEncoder
from netwright.data.table_encoder import TableEncoder
from netwright.data.text.text_encoder import TextEncoder
from netwright.export.columns import encoded
from netwright.export.graph import Graph, Value
from netwright.export.network import network
from netwright.nn.skeleton import split
from netwright.transfer.features import FeatureEncoder


def x_of(graph: Graph, encoder: Encoder, prefix: str = "") -> Value:
    """Add the inputs that an encoder reads and return x: float32 (rows, *encoder.shape).

    Args:
      graph: to add to; encoder: fitted in training.
      prefix: goes before the inputs' names.

    Raises:
      RunError: the encoder has no form in ONNX.
    """
    write = WRITERS.get(type(encoder))
    if write is None:
        raise RunError(f"export: {type(encoder).__name__} has no form in ONNX")
    return write(graph, encoder, prefix)


def _table(graph: Graph, encoder: TableEncoder, prefix: str) -> Value:
    return graph.joined([encoded(graph, part, prefix + part.column.name) for part in encoder.parts])


def _matrix(graph: Graph, encoder: MatrixEncoder, prefix: str) -> Value:
    x = graph.input(f"{prefix}x", "double", *encoder.example, about="numbers as in training; NaN is missing")
    if len(encoder.example) > 1:
        return ((x.filled(encoder.fill) - encoder.center) / encoder.scale).cast("float")

    def columns(places: list[int]) -> Value:
        return graph.node("Gather", x, np.array(places, np.int64), axis=1)

    scaled = (columns(encoder.kept).filled(encoder.fill) - encoder.center) / encoder.scale
    indicators = [columns(encoder.indicators).is_missing().cast("float")] if encoder.indicators else []
    return graph.joined([scaled.cast("float"), *indicators])


def _image(graph: Graph, encoder: ImageEncoder, prefix: str) -> Value:
    height, width = encoder.size
    fit = encoder.fit
    kept = "stretched" if fit.crop is None else f"the middle {fit.crop:.3g} of it"
    about = f"bytes of {encoder.channels} channels, resized to {height} × {width} pixels ({fit.interpolation}, {kept})"
    pixels = graph.input(f"{prefix}image", "uint8", height, width, encoder.channels, about=about)
    return ((pixels.cast("double") - encoder.center) / encoder.scale).cast("float")


def _sequence(graph: Graph, encoder: SequenceEncoder, prefix: str) -> Value:
    about = "steps × channels: a longer sequence cut to its first steps; NaN is missing"
    shape = (encoder.length, len(encoder.channels))
    x = graph.input(f"{prefix}sequence", "double", *shape, about=about)
    scaled = ((_carried_on(graph, x, encoder.center) - encoder.center) / encoder.scale).cast("float")
    if not encoder.masked:
        return scaled
    lengths = graph.input(
        f"{prefix}length", "int64", about="how many of the steps exist; the others are ignored"
    )
    real = graph.node("Less", np.arange(encoder.length)[None], lengths.with_axis(1)).with_axis(2)
    return graph.joined([graph.node("Where", real, scaled, np.float32(0)), real.cast("float")], axis=2)


def _carried_on(graph: Graph, x: Value, before: np.ndarray) -> Value:
    """Return x (rows, T, C) with each gap filled by the last number before it, or else by ``before`` (C,)."""
    first = graph.node("Gather", x, np.int64(0), axis=1).filled(before)
    step = {name: helper.make_tensor_value_info(name, TensorProto.DOUBLE, None) for name in ("last", "now")}
    results = {
        name: helper.make_tensor_value_info(name, TensorProto.DOUBLE, None) for name in ("state", "filled")
    }
    nodes = [
        helper.make_node("IsNaN", ["now"], ["gap"]),
        helper.make_node("Where", ["gap", "last", "now"], ["state"]),
        helper.make_node("Identity", ["state"], ["filled"]),
    ]
    body = helper.make_graph(nodes, "carry on", list(step.values()), list(results.values()))
    return graph.node(
        "Scan", first, x, body=body, num_scan_inputs=1, scan_input_axes=[1], scan_output_axes=[1]
    )


def _features(graph: Graph, encoder: FeatureEncoder, prefix: str) -> Value:
    weights = split(nnx.clone(encoder.backbone.module))
    x = x_of(graph, encoder.inner, prefix)
    features = graph.take_in(network(*weights, encoder.inner.shape), x, f"{prefix}backbone")
    return (features - encoder.center) / encoder.scale


def _text(graph: Graph, encoder: TextEncoder, prefix: str) -> Value:
    about = "codes of the tokenizer in this file's metadata, 0 after the text's end"
    return graph.input(prefix + encoder.column, "int64", encoder.length, about=about).cast("float")


def _several(graph: Graph, encoder: SeveralEncoder, prefix: str) -> Value:
    return graph.joined([_raveled(graph, x_of(graph, part, prefix), part) for part in encoder.parts])


def _inputs(graph: Graph, encoder: InputsEncoder, prefix: str) -> Value:
    parts = encoder.encoders.items()
    return graph.joined(
        [_raveled(graph, x_of(graph, part, f"{prefix}{name}."), part) for name, part in parts]
    )


def _raveled(graph: Graph, x: Value, encoder: Encoder) -> Value:
    return graph.node("Reshape", x, np.array([-1, encoder.n_in]))


WRITERS: dict[type[Encoder], Callable[[Graph, Any, str], Value]] = {
    FeatureEncoder: _features,
    ImageEncoder: _image,
    InputsEncoder: _inputs,
    MatrixEncoder: _matrix,
    SequenceEncoder: _sequence,
    SeveralEncoder: _several,
    TableEncoder: _table,
    TextEncoder: _text,
}
