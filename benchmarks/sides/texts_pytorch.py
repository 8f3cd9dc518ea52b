"""The recipe of PyTorch's "Text classification" tutorial: the mean of vectors of 64, SGD at rate 5, clipped at 0.1."""

import numpy as np
import torch
from torch import nn

from benchmarks.sides._words import VOCABULARY, Words

EPOCHS, BATCH = 10, 64


def fit(texts, labels, seed):
    torch.manual_seed(seed)
    words = Words(texts, labels)
    bag = nn.EmbeddingBag(VOCABULARY, 64, padding_idx=0)
    nn.init.uniform_(bag.weight, -0.5, 0.5)
    head = nn.Linear(64, len(words.classes))
    nn.init.uniform_(head.weight, -0.5, 0.5)
    nn.init.zeros_(head.bias)
    model = nn.Sequential(bag, head)
    order = np.random.default_rng(seed).permutation(len(texts))
    held = order[: len(order) // 20]
    rest = order[len(held) :]
    x, y = torch.from_numpy(words.encode(texts)), torch.from_numpy(words.y)
    rule = torch.optim.SGD(model.parameters(), lr=5.0)
    schedule = torch.optim.lr_scheduler.StepLR(rule, 1.0, gamma=0.1)
    cost, best = nn.CrossEntropyLoss(), None
    for _ in range(EPOCHS):
        for rows in np.array_split(np.random.permutation(rest), -(-len(rest) // BATCH)):
            rule.zero_grad()
            cost(model(x[rows]), y[rows]).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.1)
            rule.step()
        with torch.no_grad():
            right = (model(x[held]).argmax(1) == y[held]).float().mean().item()
        if best is not None and best > right:
            schedule.step()
        else:
            best = right

    @torch.no_grad()
    def predict(test):
        return words.classes[model(torch.from_numpy(words.encode(test))).argmax(1).numpy()]

    return predict
