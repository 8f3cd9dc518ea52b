import pytest

from netwright.core import catalog
from netwright.core.errors import ControlError
from netwright.core.names import listed, nearest

FAMILIES = (
    "losses",
    "metrics",
    "models",
    "nn.activations",
    "nn.initializers",
    "optim.rules",
    "optim.schedules",
)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_member_is_the_attribute_of_its_file(family):
    names = catalog.names(family)
    assert names
    assert list(names) == sorted(names)
    for name in names:
        assert callable(catalog.load(family, name)) or catalog.load(family, name) is not None
        assert catalog.module(family, name).__name__ == f"netwright.{family}.{name}"


def test_helpers_are_no_members():
    assert not [name for family in FAMILIES for name in catalog.names(family) if name.startswith("_")]


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(
        ControlError, match=r"^my place: 'adamm' is not known; did you mean 'adam' or 'adamw'\?"
    ):
        catalog.check("optim.rules", "adamm", "my place")
    with pytest.raises(ControlError, match=r"'\.\./core/errors' is not known"):
        catalog.load("losses", "../core/errors")


def test_nearest():
    assert nearest("Adam", ["adam", "sgd"]) == "; did you mean 'adam'?"
    assert nearest("zzz", ["adam", "sgd"]) == ""


def test_listed_cuts_long_lists():
    assert listed("abc") == "a, b, c"
    assert listed("abcde", limit=3) == "a, b, c, … (2 more)"
