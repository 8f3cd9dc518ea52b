"""Features → x → network → predictions, as one ONNX model."""

import json
from importlib.metadata import version
from typing import Any

from netwright.export import inputs, outputs
from netwright.export.graph import Graph
from netwright.export.network import in_float32, network
from netwright.train.run import Run


def model(run: Run) -> Any:
    """Return the run's model; see :func:`netwright.export.export.export`.

    Raises:
      RunError: a part of it has no form in ONNX.
    """
    predictor = run.predictor
    graph = Graph()
    x = inputs.x_of(graph, predictor.encoder)
    skeleton = in_float32(predictor.skeleton, run.record["model"])
    traced = network(skeleton, predictor.params, predictor.rest, predictor.encoder.shape)
    outputs.write(graph, predictor, graph.take_in(traced, x, "network"))
    facts = {"netwright": version("netwright"), "task": predictor.task, "data": run.record["data"]["name"]}
    if run.classes is not None:
        facts["classes"] = json.dumps(run.classes, default=str)
    if predictor.encoder.tokenizer is not None:
        facts["tokenizer"] = predictor.encoder.tokenizer
    return graph.model("netwright", facts)
