"""Augmentation: every step sees other images of the same things.

All of it happens on the device, and all random numbers are a pure function of the member's seed and the step: a
resumed run sees what the uninterrupted one would have seen, and the members of a population see different images.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from netwright.core.controls import Regularization
from netwright.core.errors import ControlError
from netwright.core.keys import key
from netwright.core.layout import Layout
from netwright.train.plan import Hyper, Plan


class Mixed(NamedTuple):
    """The targets of mixed rows: a row's own, the other's, and the share (B,) ≥ ½ of its own."""

    own: jax.Array
    other: jax.Array
    share: jax.Array


Targets = jax.Array | Mixed


def check_augmentation(asked: Regularization, layout: Layout) -> None:
    """Refuse an augmentation of what it makes no sense for.

    Raises:
      ControlError: pixels are moved or hidden in what are no images, or all of them; codes, or steps of unlike
        length, are mixed.
    """
    side = min(layout.shape[:2])
    for name, pixels in (("flip", asked.flip != "none"), ("crop", int(asked.crop)), ("cutout", asked.cutout)):
        if pixels and layout.kind != "image":
            off = "none" if name == "flip" else 0
            raise ControlError(
                f"regularization.{name}: is for images, the data has examples of kind '{layout.kind}'; set it to {off}"
            )
        if pixels >= side and name != "flip":
            raise ControlError(
                f"regularization.{name}: found {pixels} pixels, expected less than the side, {side}"
            )
    if asked.mixup and (layout.kind in ("text", "several") or layout.masked or layout.embeddings):
        what = "steps of unlike length" if layout.masked else "codes" if layout.embeddings else layout.kind
        raise ControlError(f"regularization.mixup: {what} cannot be mixed; set it to 0")


def augmented(
    plan: Plan, hyper: Hyper, step: jax.Array, x: jax.Array, y: jax.Array, weight: jax.Array
) -> tuple[jax.Array, Targets]:
    """Return the batch x (B, …) and its targets as this step sees them."""
    moves = plan.flip != "none" or plan.crop or plan.cutout
    if not (moves or plan.mixup):
        return x, y
    keys = jax.random.split(jax.random.fold_in(key(hyper["seed"], "augment"), step), 4)
    if moves:
        images = flipped(keys[0], x.reshape(*x.shape[:3], -1), plan.flip)  # (B, H, W, C)
        images = shifted(keys[1], images, hyper["crop"]) if plan.crop else images
        images = hidden(keys[2], images, hyper["cutout"]) if plan.cutout else images
        x = images.reshape(x.shape)
    return mixed(keys[3], x, y, weight, hyper["mixup"]) if plan.mixup else (x, y)


def flipped(key: jax.Array, x: jax.Array, flip: str) -> jax.Array:
    """Mirror each image (B, H, W, C) with probability ½: "horizontal" left to right, "vertical" top to bottom."""
    chances = jax.random.bernoulli(key, shape=(2, len(x), 1, 1, 1))
    if flip in ("horizontal", "both"):
        x = jnp.where(chances[0], x[:, :, ::-1], x)
    if flip in ("vertical", "both"):
        x = jnp.where(chances[1], x[:, ::-1], x)
    return x


def shifted(key: jax.Array, x: jax.Array, pixels: jax.Array) -> jax.Array:
    """Move each image by up to ``pixels`` each way; its edge is repeated where it moved away."""
    rows, height, width, _ = x.shape
    most = pixels.astype(jnp.int32)
    moves = jax.random.randint(key, (2, rows, 1), -most, most + 1)
    down = jnp.clip(
        jnp.arange(height)[None] - moves[0], 0, height - 1
    )  # (B, H): the row that each row comes from
    right = jnp.clip(jnp.arange(width)[None] - moves[1], 0, width - 1)
    x = jnp.take_along_axis(x, down[:, :, None, None], axis=1)
    return jnp.take_along_axis(x, right[:, None, :, None], axis=2)


def hidden(key: jax.Array, x: jax.Array, side: jax.Array) -> jax.Array:
    """Set a square of ``side`` pixels to 0 in each image, its centre anywhere (DeVries and Taylor, 2017).

    Of standardized images 0 is the mean color. The square may hang over the edge, as theirs does.
    """
    rows, height, width, _ = x.shape
    places = jax.random.uniform(key, (2, rows, 1))
    top = jnp.floor(places[0] * height) - jnp.floor(side / 2)
    left = jnp.floor(places[1] * width) - jnp.floor(side / 2)
    down = jnp.arange(height, dtype=jnp.float32)[None] - top  # (B, H)
    right = jnp.arange(width, dtype=jnp.float32)[None] - left
    square = ((down >= 0) & (down < side))[:, :, None] & ((right >= 0) & (right < side))[:, None, :]
    return jnp.where(square[..., None], jnp.zeros_like(x), x)


def mixed(
    key: jax.Array, x: jax.Array, y: jax.Array, weight: jax.Array, alpha: jax.Array
) -> tuple[jax.Array, Mixed]:
    """Mix each row with another: ``x ← λx + (1 − λ)x'`` with λ ~ Beta(α, α), then λ ← max(λ, 1 − λ).

    The loss is ``λ·l(z, y) + (1 − λ)·l(z, y')``: that of the mixed label for a cross-entropy, and for squares that
    of the mixed target but for a constant. The larger share is a row's own, so that its label stays the likelier.
    Rows of weight 0 (padding, or held out of a resample) are mixed into no other.

    Reference: Zhang et al. (2018), "mixup: Beyond empirical risk minimization".
    """
    order_key, share_key = jax.random.split(key)
    valid = weight > 0
    order = jnp.argsort(jnp.where(valid, jax.random.uniform(order_key, valid.shape), jnp.float32(2)))
    partner = order[jnp.arange(len(x)) % jnp.maximum(jnp.sum(valid), 1)]
    drawn = jax.random.beta(
        share_key, jnp.maximum(alpha, jnp.float32(1e-3)), jnp.maximum(alpha, jnp.float32(1e-3)), (len(x),)
    )
    share = jnp.where(alpha > 0, jnp.maximum(drawn, 1 - drawn), jnp.float32(1))
    wide = share.reshape(-1, *[1] * (x.ndim - 1))
    return wide * x + (1 - wide) * x[partner], Mixed(y, y[partner], share)
