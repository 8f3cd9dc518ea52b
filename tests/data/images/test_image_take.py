"""Some rows of images, as a user or a report asks for them."""

import numpy as np
import pytest

import netwright as nw
from netwright.core.errors import DataError
from netwright.data.images.images import Images
from netwright.data.images.pixels import Pixels

GENERATOR = np.random.default_rng(0)
SIZES = [(8, 6, 1), (8, 6, 3), (4, 9, 1), (8, 6, 1)]
PICTURES = [GENERATOR.integers(0, 256, size).astype(np.uint8) for size in SIZES]


def test_images_of_one_size_are_an_array():
    same = np.stack([PICTURES[0], PICTURES[3]])
    np.testing.assert_array_equal(Images(Pixels.of_array(same)).take(np.array([1])), same[[1]])


def test_images_of_many_sizes_stay_images_and_can_be_looked_at():
    found = Images(Pixels.of_images(PICTURES), list("abcd")).take(np.array([2, 1, 0]))
    assert isinstance(found, Images)
    np.testing.assert_array_equal(found.pixels[1], PICTURES[1])
    shown = found.alike()
    assert shown.shape == (3, 8, 6, 3)
    np.testing.assert_array_equal(shown[1], PICTURES[1])


@pytest.mark.parametrize("example", ["iris", "adult"])
def test_images_are_no_table(example):
    encoder = nw.example(example).prepare(nw.DataControls(), embeddings=True).encoder
    with pytest.raises(DataError, match=r"photos: found .*, expected rows × columns"):
        encoder.transform(Images(Pixels.of_images(PICTURES)), source="photos")
