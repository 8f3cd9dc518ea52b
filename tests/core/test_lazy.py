import importlib
import subprocess
import sys
import types

import pytest

from netwright.core import catalog

PACKAGES = {
    "losses": "losses",
    "metrics": "metrics",
    "nn.activations": "nn.activations",
    "nn.initializers": "nn.initializers",
    "optim": "optim.rules",
    "optim.rules": "optim.rules",
    "optim.schedules": "optim.schedules",
}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_name_is_the_member_also_after_its_file_was_imported(package):
    family = PACKAGES[package]
    room = importlib.import_module(f"netwright.{package}")
    for name in catalog.names(family):
        file = importlib.import_module(f"netwright.{family}.{name}")
        member = getattr(room, name)
        assert not isinstance(member, types.ModuleType)
        assert member is getattr(file, name)
    assert set(catalog.names(family)) <= set(dir(room))


def test_an_unknown_name_suggests_the_nearest():
    room = importlib.import_module("netwright.losses")
    with pytest.raises(AttributeError, match="did you mean 'huber'"):
        _ = room.hubert


def test_importing_the_packages_imports_no_jax():
    code = "\n".join(
        [
            *(f"import netwright.{package}" for package in PACKAGES),
            "import sys",
            "print('jax' in sys.modules)",
        ]
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


def test_a_place_may_be_a_package():
    code = "import netwright.nn as nn; print(nn.activations.__name__, nn.initializers.he_normal.__name__)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["netwright.nn.activations", "he_normal"]
