import numpy as np

from netwright.metrics import accuracy


def test_both_spellings_of_binary_labels():
    logits = np.array([0.1, -0.1, 3.0, -2.0], np.float32)
    assert accuracy(logits, np.array([1, 1, 0, 0])) == 0.5
    assert accuracy(logits, np.array([1, 1, -1, -1])) == 0.5


def test_one_hot_targets_count_by_their_largest():
    assert accuracy(np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32)[[0, 1, 1]]) == np.float32(2 / 3)
