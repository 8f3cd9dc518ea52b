import itertools

import jax

from netwright.core.keys import key


def test_a_key_is_a_function_of_seed_and_purpose_and_purposes_share_nothing():
    pairs = list(itertools.product((0, 1, 2**32 - 1), ("init", "dropout")))
    drawn = {pair: jax.random.bits(key(*pair), (4,)).tolist() for pair in pairs}
    assert drawn == {pair: jax.random.bits(key(*pair), (4,)).tolist() for pair in pairs}
    words = [word for words in drawn.values() for word in words]
    assert len(set(words)) == len(words)
