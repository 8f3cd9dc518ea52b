"""Film reviews and news from MiniLM, as features and fine-tuned, beside training from scratch, from 50 texts on."""

from benchmarks._transfer import fill

FINETUNE = {"freeze": ("body.stem", "body.blocks.0", "body.blocks.1", "body.blocks.2")}
"""The lower half of MiniLM stays: on a CPU that is twice as fast."""


def main() -> None:
    """Fill the table; needs ``python scripts/assets.py minilm movie_snippets bbc_news``."""
    fill("transfer_text", "minilm", ("movie_snippets", "bbc_news"), FINETUNE)
