"""Words into codes: a word-level tokenizer of the ``tokenizers`` library, trained on training rows alone.

Lower-case words and single signs; a character of Chinese is a word. Codes count up as words get rarer: 0 is padding,
1 any word that training did not keep, 2 the most frequent word. Layers that weigh words by their rarity read it
off the code.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import NFKC, BertNormalizer
from tokenizers.normalizers import Sequence as Normalizers
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.trainers import WordLevelTrainer

from netwright.core.errors import DataError
from netwright.data.arrays import shared_empty
from netwright.data.blocks import blocks

PADDING, UNKNOWN = "[PAD]", "[UNK]"
LONGEST_WORD = 64
"""Characters for each token that are read of a text at most: a text of megabytes is not split to its end."""


def train(texts: Iterable[str], vocabulary: int) -> Tokenizer:
    """Return a tokenizer of the ``vocabulary`` most frequent words of some texts, padding and unknown included."""
    tokenizer = Tokenizer(WordLevel(unk_token=UNKNOWN))
    tokenizer.normalizer = Normalizers([NFKC(), BertNormalizer(strip_accents=False, lowercase=True)])
    tokenizer.pre_tokenizer = BertPreTokenizer()
    trainer = WordLevelTrainer(vocab_size=vocabulary, special_tokens=[PADDING, UNKNOWN], show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    # A text may spell "[PAD]": it is no padding.
    tokenizer.encode_special_tokens = True
    return tokenizer


def load(content: str) -> Tokenizer:
    """Read a tokenizer from the content of ``tokenizer.json``; nothing in it is executed.

    Raises:
      DataError: it is damaged.
    """
    try:
        tokenizer = Tokenizer.from_str(content)
    except Exception as error:  # the library raises nothing narrower
        raise DataError(f"tokenizer.json: damaged ({' '.join(str(error).split())[:120]})") from None
    tokenizer.encode_special_tokens = True
    return tokenizer


def lengths(tokenizer: Tokenizer, texts: Sequence[str], most: int) -> NDArray[np.int64]:
    """Return how many tokens each text has, up to ``most``."""
    parts = [_codes(tokenizer, texts[block], most) for block in blocks(len(texts))]
    return np.array([len(codes) for part in parts for codes in part], np.int64)


def encode(tokenizer: Tokenizer, texts: Sequence[str], length: int) -> NDArray[np.float32]:
    """Return the codes of the first ``length`` tokens of each text (m, length), 0 after its end.

    A text without any token has the one code of an unknown word: what comes after knows no empty row.
    """
    out = shared_empty((len(texts), length))
    out[...] = 0
    for block in blocks(len(texts)):
        for row, codes in enumerate(_codes(tokenizer, texts[block], length), start=block.start):
            out[row, : len(codes)] = codes
    return out


def _codes(tokenizer: Tokenizer, texts: Sequence[str], most: int) -> list[list[int]]:
    cut = [text[: LONGEST_WORD * most] for text in texts]
    return [encoding.ids[:most] or [1] for encoding in tokenizer.encode_batch_fast(cut)]
