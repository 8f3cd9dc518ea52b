import pytest

from netwright.core.errors import ControlError
from netwright.core.patterns import check, chosen, fits

NAMES = ("body.stem.kernel", "body.blocks.1.kernel", "body.blocks.10.kernel", "output.bias")


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("body", 3),
        ("body.*", 3),
        ("*.kernel", 3),
        ("body.blocks.1", 1),
        ("body.blocks.?", 1),
        ("!output", 1),
        ("bod", 0),
    ],
)
def test_a_pattern_fits_names_and_all_within_a_part(pattern, count):
    assert sum(fits(pattern, name) for name in NAMES) == count


def test_the_last_pattern_that_fits_decides():
    assert chosen(("body", "!body.stem"), NAMES) == {NAMES[1], NAMES[2]}
    assert chosen(("!body", "*.kernel"), NAMES) == set(NAMES[:3])
    assert chosen((), NAMES) == set()


def test_a_pattern_that_fits_nothing_is_refused():
    with pytest.raises(
        ControlError, match=r"^here: no parameter fits 'body.stam'; did you mean .*'body.stem'"
    ):
        check(("body", "body.stam"), NAMES, "here")
