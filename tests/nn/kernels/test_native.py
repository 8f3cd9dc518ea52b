"""Whether the native kernels serve, and that the pure ones do where they do not."""

import jax.numpy as jnp
import pytest

from netwright.nn.kernels import native


@pytest.fixture
def fresh():
    native.status.cache_clear()
    yield
    native.status.cache_clear()


@pytest.mark.usefixtures("fresh")
def test_switched_off(monkeypatch):
    monkeypatch.setenv(native.SWITCH, "0")
    assert native.status() == native.Status(False, "switched off by NETWRIGHT_NATIVE=0")
    x, w = jnp.ones((2, 4, 4, 3)), jnp.ones((3, 3, 3, 2))
    assert native.conv2d(x, w, None, (1, 1), "SAME", "float32") is None
    assert native.max_pool(x, 2, "float32") is None
    for layer, gates in ((native.lstm, 8), (native.gru, 6)):
        weights = jnp.ones((3, gates)), jnp.ones((2, gates)), jnp.ones(8)
        assert layer(jnp.ones((2, 2, 3)), *weights, None, "float32") is None


@pytest.mark.usefixtures("fresh")
def test_absent(monkeypatch):
    monkeypatch.delenv(native.SWITCH, raising=False)
    monkeypatch.setattr(native, "MODULE", "a_module_that_is_not_there")
    assert native.status() == native.Status(False, "netwright-native is not installed")


@pytest.mark.usefixtures("fresh")
def test_a_package_that_fails_is_left_alone(monkeypatch):
    """Whatever breaks, its first line is told and the pure kernels serve."""
    monkeypatch.delenv(native.SWITCH, raising=False)
    monkeypatch.setattr(native, "MODULE", "json")

    def broken():
        raise OSError("libdnnl.so.3: cannot open shared object file\nmore")

    monkeypatch.setattr(native, "_register", broken)
    assert native.status() == native.Status(
        False, "netwright-native fails: libdnnl.so.3: cannot open shared object file"
    )


@pytest.mark.usefixtures("fresh")
def test_wrong_results_are_noticed(monkeypatch):
    monkeypatch.delenv(native.SWITCH, raising=False)
    monkeypatch.setattr(native, "MODULE", "json")
    monkeypatch.setattr(native, "_register", lambda: "kernels")
    monkeypatch.setattr(native.native_images, "conv2d", lambda *_: jnp.zeros((2, 3, 3, 4)))
    monkeypatch.setattr(native.native_norm, "batch_norm", lambda *_: [jnp.zeros((3, 2, 2, 16))])
    monkeypatch.setattr(native.native_sequences, "layer", lambda _, x, *__: jnp.zeros((2, 3, 2)))
    assert native.status().says == "netwright-native fails: its convolution of a small image is wrong"
