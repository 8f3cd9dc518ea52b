"""One file into pixels, for every mode an image can have."""

import numpy as np
import pytest
from PIL import Image

from netwright.data.images.decode import LARGEST_SIDE, UnreadableError, decode

GENERATOR = np.random.default_rng(0)
COLOR = GENERATOR.integers(0, 256, (7, 9, 3)).astype(np.uint8)
GRAY = COLOR[:, :, 0]


def saved(tmp_path, image, name="a.png", **options):
    image.save(tmp_path / name, **options)
    return decode(tmp_path / name)


def test_gray_and_color_come_back_as_written(tmp_path):
    np.testing.assert_array_equal(saved(tmp_path, Image.fromarray(GRAY)), GRAY[:, :, None])
    np.testing.assert_array_equal(saved(tmp_path, Image.fromarray(COLOR)), COLOR)


def test_color_that_is_gray_has_one_channel(tmp_path):
    same = np.repeat(GRAY[:, :, None], 3, axis=2)
    np.testing.assert_array_equal(saved(tmp_path, Image.fromarray(same)), GRAY[:, :, None])


def test_transparent_pixels_are_white_and_half_transparent_ones_half_white(tmp_path):
    alpha = np.zeros((7, 9, 1), np.uint8)
    alpha[0, :], alpha[1, :] = 255, 128
    found = saved(tmp_path, Image.fromarray(np.concatenate([COLOR, alpha], axis=2))).astype(int)
    np.testing.assert_array_equal(found[0], COLOR[0])
    np.testing.assert_allclose(found[1], COLOR[1] * (128 / 255) + 255 * (127 / 255), atol=1.01)
    assert (found[2:] == 255).all()
    clear = Image.fromarray(GRAY).convert("LA")
    clear.putalpha(0)
    assert (saved(tmp_path, clear) == 255).all()


def test_a_palette_is_looked_up_and_its_transparent_entry_is_white(tmp_path):
    palette = Image.fromarray(COLOR).quantize(8)
    np.testing.assert_array_equal(saved(tmp_path, palette), np.asarray(palette.convert("RGB")))
    found = saved(tmp_path, palette, transparency=0)
    assert (found[np.asarray(palette) == 0] == 255).all()


def test_sixteen_bits_become_the_upper_eight(tmp_path):
    deep = (GRAY.astype(np.uint16) << 8) + 77
    np.testing.assert_array_equal(saved(tmp_path, Image.fromarray(deep)), GRAY[:, :, None])


def test_one_bit_is_black_and_white(tmp_path):
    found = saved(tmp_path, Image.fromarray(GRAY > 128))
    np.testing.assert_array_equal(found[:, :, 0], np.where(GRAY > 128, 255, 0))


def test_cmyk_becomes_rgb(tmp_path):
    red = Image.new("CMYK", (4, 4), (0, 255, 255, 0))
    found = saved(tmp_path, red, "a.jpg").astype(int)
    assert found.shape == (4, 4, 3)
    assert found[..., 0].min() > 200 > 60 > found[..., 1:].max()


def test_the_first_picture_of_an_animation_counts(tmp_path):
    first, second = (Image.fromarray(np.full((4, 4), shade, np.uint8)) for shade in (10, 200))
    first.save(tmp_path / "a.gif", save_all=True, append_images=[second])
    assert (decode(tmp_path / "a.gif") == 10).all()


@pytest.mark.parametrize("ending", ["png", "jpg", "tif"])
def test_the_cameras_orientation_is_applied(tmp_path, ending):
    wide = np.zeros((16, 32, 3), np.uint8)
    wide[:, :16] = 255
    image = Image.fromarray(wide)
    exif = image.getexif()
    exif[0x0112] = 6  # the camera was turned: the picture must be rotated clockwise by a quarter
    image.save(tmp_path / f"a.{ending}", exif=exif)
    found = decode(tmp_path / f"a.{ending}")
    assert found.shape[:2] == (32, 16)
    assert found[:14].min() > 200 > 60 > found[18:].max()


def test_one_pixel_is_an_image(tmp_path):
    assert saved(tmp_path, Image.fromarray(GRAY[:1, :1])).shape == (1, 1, 1)


def test_a_large_image_is_made_smaller_in_proportion(tmp_path):
    found = saved(tmp_path, Image.new("RGB", (2400, 1200), (10, 20, 30)), "a.jpg")
    assert found.shape == (LARGEST_SIDE // 2, LARGEST_SIDE, 3)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"GIF89a\x10\x00\x10\x00\x80\x00\x00", "is no image"),
        (b"hello, this is no image", "is text, no image"),
        (bytes(range(200, 256)), "is no image"),
    ],
)
def test_what_is_no_image_says_what_it_is(tmp_path, content, reason):
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(UnreadableError, match=reason):
        decode(path)


def test_fractions_are_refused(tmp_path):
    Image.fromarray(GRAY.astype(np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(UnreadableError, match="fractions; save it with 8 or 16 bits"):
        decode(tmp_path / "a.tif")


def test_far_too_many_pixels_are_refused_before_they_are_decoded(tmp_path, monkeypatch):
    Image.fromarray(GRAY).save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(UnreadableError, match="has too many pixels; make it smaller first"):
        decode(tmp_path / "a.png")
