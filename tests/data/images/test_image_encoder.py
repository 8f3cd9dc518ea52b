"""Images into float32 examples of one size."""

import json

import numpy as np
import pytest
from PIL import Image

import netwright as nw
from netwright.core.errors import DataError
from netwright.data.encoder import Encoder
from netwright.data.images.encoder import ImageEncoder, image_size
from netwright.data.images.images import Images
from netwright.data.images.pixels import Pixels
from netwright.data.images.resize import LUMA, Fit, one

GENERATOR = np.random.default_rng(0)
COLOR = GENERATOR.integers(0, 256, (60, 6, 5, 3)).astype(np.uint8)
TRAIN = np.arange(0, 60, 2)


def fitted(images, rows=TRAIN, **controls):
    features = Images(images if isinstance(images, Pixels) else Pixels.of_array(images))
    return features.fit(rows, nw.DataControls(**controls), embeddings=True, left_out=None), features


@pytest.mark.parametrize("normalize", ["standard", "minmax", "none"])
def test_each_channel_is_scaled_by_the_training_pixels(normalize):
    encoder, features = fitted(COLOR, normalize=normalize)
    known = COLOR[TRAIN].astype(np.float64)
    axes = (0, 1, 2)
    center, scale = {
        "standard": (known.mean(axes), known.std(axes)),
        "minmax": (known.min(axes), known.max(axes) - known.min(axes)),
        "none": (np.zeros(3), np.ones(3)),
    }[normalize]
    found = encoder.transform(features, rows=np.array([1, 0, 59]))
    assert found.dtype == np.float32
    expected = (COLOR[[1, 0, 59]] - center) / scale
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_one_image_is_not_many_gray_ones():
    encoder, _ = fitted(COLOR)
    with pytest.raises(DataError, match=r"one image of shape \(6, 5, 3\), .*; give image\[None\]"):
        encoder.transform(COLOR[0])
    assert encoder.transform(COLOR[0][None]).shape == (1, 6, 5, 3)


def test_layout_and_json_survive():
    encoder, features = fitted(COLOR)
    assert (encoder.layout.kind, encoder.layout.shape) == ("image", (6, 5, 3))
    again = Encoder.from_json(json.loads(json.dumps(encoder.to_json())))
    np.testing.assert_array_equal(again.transform(features), encoder.transform(features))


def test_a_channel_without_contrast_is_safe():
    plain = COLOR.copy()
    plain[..., 1] = 7
    encoder, features = fitted(plain)
    np.testing.assert_array_equal(encoder.transform(features)[..., 1], 0)


def test_gray_images_have_one_channel_and_a_colored_one_turns_gray_for_them():
    encoder, _ = fitted(COLOR[..., :1])
    assert encoder.shape == (6, 5, 1)
    gray = np.rint(COLOR[:2] @ LUMA).astype(np.uint8)
    np.testing.assert_array_equal(encoder.transform(COLOR[:2]), encoder.transform(gray))


def test_a_gray_image_among_colored_ones_gets_equal_channels():
    encoder, _ = fitted(COLOR, normalize="none")
    found = encoder.transform(COLOR[:2, :, :, 0])
    np.testing.assert_array_equal(found, np.repeat(COLOR[:2, :, :, :1], 3, axis=3))


def mixed():
    sizes = [(8, 6)] * 5 + [(16, 12), (3, 9)]
    return [GENERATOR.integers(0, 256, (*size, 1)).astype(np.uint8) for size in sizes]


def test_mixed_sizes_are_brought_to_the_most_common_one_of_training():
    images = mixed()
    encoder, features = fitted(Pixels.of_images(images), rows=np.arange(7), normalize="none")
    assert encoder.shape == (8, 6, 1)
    found = encoder.transform(features)
    np.testing.assert_array_equal(found[0], images[0])
    expected = Image.fromarray(images[5][:, :, 0]).resize((6, 8), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(found[5, :, :, 0], np.asarray(expected))


def test_the_size_can_be_said():
    images = Pixels.of_images(mixed())
    assert fitted(images, np.arange(7), image_size=4)[0].shape == (4, 4, 1)
    assert fitted(images, np.arange(7), image_size=(4, 7))[0].shape == (4, 7, 1)


def test_the_chosen_size_is_bounded_and_a_median_when_all_differ():
    chosen = nw.DataControls()
    assert image_size(np.array([[400, 300, 3]] * 4), chosen) == (128, 96)
    assert image_size(np.array([[10, 30, 3], [20, 40, 3], [60, 20, 3]]), chosen) == (20, 30)
    assert image_size(np.array([[1, 4000, 1]]), chosen) == (1, 128)


def test_shrinking_averages():
    board = np.indices((8, 8)).sum(0) % 2 * 255
    found = one(board.astype(np.uint8)[:, :, None], (2, 2), 1)
    np.testing.assert_allclose(found, 127.5, atol=12)


def test_pixels_beyond_memory_lie_in_a_file(monkeypatch):
    images = mixed()
    here = Pixels.of_images(images)
    monkeypatch.setattr("netwright.data.images.pixels.host_memory", lambda: 8 * 100)
    there = Pixels.of_images(images)
    assert isinstance(there.flat, np.memmap)
    np.testing.assert_array_equal(there.flat, here.flat)
    np.testing.assert_array_equal(there[6], images[6])
    np.testing.assert_array_equal(there.take(np.array([5, 0]))[1], images[0])


def test_examples_beyond_memory_lie_in_a_file(monkeypatch):
    encoder, features = fitted(COLOR)
    expected = encoder.transform(features)
    monkeypatch.setattr("netwright.data.arrays.host_memory", lambda: 100)
    found = encoder.transform(features)
    assert isinstance(found, np.memmap)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (
            COLOR.astype(np.float32),
            r"found float32 of shape \(60, 6, 5, 3\), expected images as in training: uint8",
        ),
        (COLOR.transpose(0, 3, 1, 2), r"found images of 5 channels.*come last: X\.transpose\(0, 2, 3, 1\)"),
        (COLOR[:, :0], "expected at least one pixel"),
    ],
)
def test_what_are_no_images_is_refused(X, words):
    with pytest.raises(DataError, match=words):
        fitted(COLOR)[0].transform(X)


def test_arrays_of_bytes_are_images_and_numbers_are_not():
    y = np.arange(60) % 2
    dataset = nw.Dataset.from_arrays(COLOR[..., 0], y, X_test=COLOR[:6, :, :, 1], y_test=y[:6])
    assert isinstance(dataset.features, Images)
    assert dataset.prepare(nw.DataControls(), embeddings=True).test.x.shape == (6, 6, 5, 1)
    numbers = nw.Dataset.from_arrays(COLOR[..., 0].astype(np.float32), y)
    assert numbers.prepare(nw.DataControls(), embeddings=True).encoder.layout.kind == "sequence"
    with pytest.raises(
        DataError, match=r"X_test: found images of shape \(3, 5, 3\), expected \(6, 5, 3\) as in X"
    ):
        nw.Dataset.from_arrays(COLOR, y, X_test=COLOR[:, :3], y_test=y)


def test_images_are_compared_at_28_pixels_a_side():
    images = Pixels.of_images(
        GENERATOR.integers(0, 256, (size, 2 * size, 1)).astype(np.uint8) for size in (50, 60)
    )
    encoder, features = fitted(images, np.arange(2))
    assert encoder.small(features).shape == (2, 14, 28, 1)
    same, features = fitted(COLOR)
    np.testing.assert_array_equal(same.small(features), COLOR)


@pytest.mark.parametrize(("crop", "edge"), [(1.0, 4), (0.5, 8)])
def test_a_crop_keeps_the_middle_of_the_asked_for_proportions(crop, edge):
    """Each place of a wide image is its column's number: what is left of it says what was kept."""
    columns = np.broadcast_to(np.arange(24, dtype=np.uint8)[None, :, None], (16, 24, 3))
    found = one(columns, (8, 8), 3, Fit(crop=crop))
    pixels = np.linspace(edge, 24 - edge, 8, endpoint=False) + (24 - 2 * edge) / 16 - 0.5
    np.testing.assert_allclose(found, np.broadcast_to(pixels[None, :, None], (8, 8, 3)), atol=0.75)


def test_a_crop_survives_json_and_is_taken_of_images_of_the_right_size_too():
    fit = Fit(crop=0.5, interpolation="bicubic")
    encoder = ImageEncoder((6, 5), np.zeros(3), np.ones(3), fit)
    again = Encoder.from_json(json.loads(json.dumps(encoder.to_json())))
    assert again.fit == fit
    expected = [one(image, (6, 5), 3, fit) for image in COLOR[:2]]
    np.testing.assert_array_equal(again.transform(COLOR[:2]), np.stack(expected))
    assert not np.array_equal(expected[0], COLOR[0])


def test_an_encoder_of_an_earlier_version_stretches():
    fields = ImageEncoder((6, 5), np.zeros(3), np.ones(3)).to_json()
    old = {name: fields[name] for name in ("encoder", "size", "center", "scale")}
    assert Encoder.from_json(old).fit == Fit()
