"""Emoji from EfficientNet-Lite0, as features and fine-tuned, beside training from scratch, from 50 images on."""

from benchmarks._transfer import fill

FINETUNE = {"freeze": ("body.stem", *(f"body.blocks.{place}" for place in range(10)))}
"""The lower ten of sixteen blocks stay, which have most of the pixels: on a CPU that is several times as fast."""


def main() -> None:
    """Fill the table; needs ``python scripts/assets.py efficientnet_lite0 emoji``."""
    fill("transfer_images", "efficientnet_lite0", ("emoji",), FINETUNE)
