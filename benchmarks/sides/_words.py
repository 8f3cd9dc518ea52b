"""Words as the tutorials split them: lower case, the most frequent 10,000, padded to one length."""

import re
from collections import Counter

import numpy as np

VOCABULARY, LENGTH = 10_000, 500


class Words:
    """Codes of words, 0 for padding and 1 for an unknown one."""

    def __init__(self, texts, labels):
        self.classes, self.y = np.unique(labels, return_inverse=True)
        counts = Counter(word for text in texts for word in split(text))
        self.codes = {word: i + 2 for i, (word, _) in enumerate(counts.most_common(VOCABULARY - 2))}
        longest = max(len(split(text)) for text in texts)
        self.length = min(longest, LENGTH)

    def encode(self, texts):
        out = np.zeros((len(texts), self.length), np.int64)
        for row, text in enumerate(texts):
            found = [self.codes.get(word, 1) for word in split(text)[: self.length]]
            out[row, : len(found)] = found
        return out


def split(text):
    return re.findall(r"\w+|[^\w\s]", text.lower())
