"""What the reference implementations computed (scripts/golden_backbones.py), and fetched backbones."""

import os
from pathlib import Path

import numpy as np
import pytest

from netwright.data.examples import asset_folder

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="session")
def golden():
    """The folder of a small reference model, and the arrays that it computed."""

    def of(name):
        with np.load(GOLDEN / name / "golden.npz") as arrays:
            return GOLDEN / name, dict(arrays)

    return of


@pytest.fixture(scope="session")
def asset():
    """The folder of a fetched backbone; without it a test is skipped, but where NETWRIGHT_CI is 1."""

    def of(name):
        folder = asset_folder() / name
        if not folder.is_dir():
            assert os.environ.get("NETWRIGHT_CI") != "1", f"CI fetches it: python scripts/assets.py {name}"
            pytest.skip(f"needs python scripts/assets.py {name}")
        return folder

    return of
