"""Small images and folders of them, written fresh."""

import numpy as np
import pytest
from PIL import Image

GENERATOR = np.random.default_rng(0)


def write(path, shade, size=(6, 5), channels=1):
    """Write noise around a shade (height, width); return what was written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = GENERATOR.integers(0, 40, (*size, channels)) + shade
    pixels = noise.astype(np.uint8)
    Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels).save(path)
    return pixels


@pytest.fixture
def picture():
    """The function that writes one image."""
    return write


@pytest.fixture
def photos(tmp_path):
    """Two classes of ten gray images each, 6 × 5."""
    for label, shade in (("dark", 20), ("light", 180)):
        for i in range(10):
            write(tmp_path / "photos" / label / f"{i}.png", shade)
    return tmp_path / "photos"
