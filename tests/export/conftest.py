"""The packages of netwright[export]: without them these tests are skipped, but not in CI."""

import importlib.util
import os

import pytest

if "NETWRIGHT_CI" not in os.environ:
    for module in ("onnx", "jax2onnx", "onnxruntime"):
        if importlib.util.find_spec(module) is None:
            collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def session():
    """Open a model, or a file of one, as its user would."""
    import onnxruntime

    def opened(model):
        content = model.read_bytes() if hasattr(model, "read_bytes") else model.SerializeToString()
        return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])

    return opened
