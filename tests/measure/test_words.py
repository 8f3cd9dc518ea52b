import numpy as np
import pytest

from netwright.core.layout import Layout
from netwright.measure.words import TOPICS, with_distances

TEXT = Layout("text", (6,), vocabulary=200)


@pytest.fixture(scope="module")
def texts():
    """Sixty texts: the first half about the words 1 to 99, the second about 100 to 199."""
    rng = np.random.default_rng(0)
    return np.vstack([rng.integers(1, 100, (30, 6)), rng.integers(100, 200, (30, 6))]).astype(np.float32)


def test_the_order_and_the_place_of_words_say_nothing(texts):
    turned = np.concatenate([texts[:1, ::-1], texts[1:]])
    np.testing.assert_allclose(with_distances(TEXT, turned), with_distances(TEXT, texts), atol=1e-5)


def test_padding_is_no_word(texts):
    longer = Layout("text", (9,), vocabulary=200)
    padded = np.pad(texts, ((0, 0), (0, 3)))
    np.testing.assert_allclose(with_distances(longer, padded), with_distances(TEXT, texts), atol=1e-5)


def test_texts_without_a_common_word_are_orthogonal(texts):
    found = with_distances(TEXT, texts)
    assert found.shape == (60, TOPICS)
    np.testing.assert_allclose(found[:30] @ found[30:].T, 0, atol=1e-4)


def test_parts_stand_side_by_side_and_numbers_stay(texts):
    table = np.arange(120, dtype=np.float32).reshape(60, 2)
    both = Layout("several", (8,), parts=(TEXT, Layout("table", (2,))))
    found = with_distances(both, np.hstack([texts, table]))
    np.testing.assert_array_equal(found[:, -2:], table)
    np.testing.assert_allclose(found[:, :-2], with_distances(TEXT, texts), atol=1e-5)
