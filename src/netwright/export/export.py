"""``Run.export``: the model in a file for other runtimes, with what comes before and after the network."""

from pathlib import Path

from netwright.core import atomic
from netwright.core.errors import ControlError
from netwright.core.extras import needed
from netwright.train.run import Run


def export(run: Run, path: str | Path) -> Path:
    """Write the trained model as one ONNX file, which ``onnxruntime`` and others run without netwright.

    Its inputs are features as in training, as far as ONNX can take them: an input (rows,) for each used column of a
    table, numbers as double and levels as text; an array as one input; images as bytes of the size trained on; texts
    as codes of the tokenizer that stands in the file's metadata. Each input says what it expects. Its outputs are
    ``label`` and ``probabilities`` (rows, K), or ``value``: those of :meth:`Run.predict` and
    :meth:`Run.predict_proba` but for rounding: in float32, as the file is, and in bfloat16 where the run is in
    mixed precision.

    Args:
      run: a finished run.
      path: the file, which ends in .onnx.

    Returns:
      the file's path.

    Raises:
      ControlError: the path ends otherwise.
      RunError: the packages of ``netwright[export]`` are missing, or the network has no form in ONNX.

    Example:
      ``run.export("model.onnx")``
    """
    path = Path(path)
    if path.suffix != ".onnx":
        raise ControlError(f"export: found '{path}', expected a file that ends in .onnx")
    for module in ("onnx", "jax2onnx"):
        needed(module, "export", "export")
    from netwright.export.model import model  # start-up cost, and a package that need not be there

    atomic.write_bytes(path, model(run).SerializeToString())
    return path
