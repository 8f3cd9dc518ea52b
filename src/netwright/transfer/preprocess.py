"""What a backbone's rows went through when it was trained, as the encoders of the data room take it."""

import json
from collections.abc import Mapping
from typing import Any

from tokenizers import Tokenizer

from netwright.core.errors import BackboneError
from netwright.data.text import tokenizer as words
from netwright.models.backbones._settings import number, numbers, whole, word

INTERPOLATIONS = {"2": "bilinear", "3": "bicubic"}
"""Pillow's numbers, which the hub's files use."""
PROBE = ("", "Words and ünknown ☃ 123, [PAD]!")
"""Texts with words, a sign that few tokenizers know, and a special token spelled out."""
LARGEST_SIDE = 1 << 12
STRETCHED_FROM = 384


def text(tokenizer: str, *, longest: int, first_code: int, vocabulary: int) -> dict[str, Any]:
    """Return the text encoder's fields.

    Args:
      tokenizer: content of ``tokenizer.json``.
      longest: tokens of the longest text, special ones included.
      first_code: the code of the tokenizer's number 0: code 0 is padding.
      vocabulary: how many numbers the backbone knows.

    Raises:
      BackboneError: the tokenizer is damaged, or has numbers that the backbone does not know.
    """
    try:
        fields = json.loads(tokenizer)
        if first_code:
            fields = _moved(fields, first_code)
        found = Tokenizer.from_str(json.dumps(fields))
        found.no_padding()
        found.enable_truncation(longest)
        # Some damage shows only in the file read back, or at work.
        words.load(found.to_str()).encode_batch_fast(PROBE)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the library raises nothing narrower, and its panics are no Exception
        raise BackboneError(f"damaged ({' '.join(str(error).split())[:120]})") from None
    largest = max(found.get_vocab().values(), default=-1)
    if largest >= vocabulary + first_code:
        raise BackboneError(
            f"number {largest - first_code} of a token, expected fewer than {vocabulary}, which "
            "the weights have; the files belong to two models"
        )
    return {"encoder": "text", "length": longest, "tokenizer": found.to_str()}


def image(fields: Mapping[str, Any], channels: int) -> dict[str, Any]:
    """Return the image encoder's fields from ``preprocessor_config.json``.

    A pixel from 0 to 255 is multiplied by ``rescale_factor``, then ``image_mean`` is subtracted and the rest divided
    by ``image_std``: the same as (pixel − center) / scale.

    Raises:
      BackboneError: a field is missing, out of range, or stands for what netwright does not have.
    """
    factor = number(fields, "rescale_factor", 1 / 255) if fields.get("do_rescale", True) else 1.0
    mean, deviation = [0.0] * channels, [1.0] * channels
    if fields.get("do_normalize", True):
        mean = numbers(fields, "image_mean", low=-1e3, high=1e3)
        deviation = numbers(fields, "image_std", low=1e-6, high=1e3)
    if not len(mean) == len(deviation) == channels:
        raise BackboneError(
            f"{len(mean)} image_mean and {len(deviation)} image_std, expected one of each for {channels} channels"
        )
    size, crop = _size(fields)
    return {
        "encoder": "image",
        "size": [size, size],
        "center": [value / factor for value in mean],
        "scale": [value / factor for value in deviation],
        "crop": crop,
        "interpolation": word({"resample": str(fields.get("resample", 2))}, "resample", "2", INTERPOLATIONS),
    }


def _size(fields: Mapping[str, Any]) -> tuple[int, float | None]:
    """Return the side of the square image, and the part of the middle that it is cut from, None for stretching."""
    size = fields.get("size", 224)
    cut = "crop_pct" in fields or fields.get("do_center_crop", False)
    if isinstance(size, int):  # the older way of writing it
        size = {"shortest_edge": size} if cut else {"height": size, "width": size}
    if not isinstance(size, dict):
        raise BackboneError("size is neither a number nor names with numbers")
    if "shortest_edge" not in size:
        side = whole(size, "height", most=LARGEST_SIDE)
        if whole(size, "width", most=LARGEST_SIDE) != side:
            raise BackboneError(f"images of {side} × {size['width']}, expected square ones")
        return side, None
    shorter = whole(size, "shortest_edge", most=LARGEST_SIDE)
    if "crop_pct" in fields:
        # The hub's processor with this field stretches larger images.
        return shorter, number(fields, "crop_pct", 1.0) if shorter < STRETCHED_FROM else None
    side = fields.get("crop_size", shorter) if cut else shorter
    side = whole(side if isinstance(side, dict) else {"height": side}, "height", most=LARGEST_SIDE)
    return side, min(1.0, side / shorter)


def _moved(fields: dict[str, Any], by: int) -> dict[str, Any]:
    """Return a tokenizer whose numbers are greater by ``by``: 0 becomes free for padding."""
    model = {**fields["model"], "vocab": {word: n + by for word, n in fields["model"]["vocab"].items()}}
    added = [{**one, "id": one["id"] + by} for one in fields.get("added_tokens") or []]
    post: Any = fields.get("post_processor")
    if isinstance(post, dict) and "special_tokens" in post:
        special = {
            name: {**one, "ids": [n + by for n in one["ids"]]} for name, one in post["special_tokens"].items()
        }
        post = {**post, "special_tokens": special}
    return {**fields, "model": model, "added_tokens": added, "post_processor": post}
