"""These tests need the package ``netwright-native``: skipped without it, unless NETWRIGHT_NATIVE=1 demands it."""

import os

import pytest

from netwright.nn.kernels import native


@pytest.fixture(autouse=True, scope="session")
def the_kernels() -> None:
    if not native.available():
        (pytest.fail if os.environ.get(native.SWITCH) == "1" else pytest.skip)(native.status().says)
