"""An LSTM of 128 on packed sequences and its last state, as PyTorch's tutorials on them; Adam, 60 epochs."""

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from benchmarks.sides._steps import Padded

EPOCHS, BATCH = 60, 32


class Reader(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.lstm = nn.LSTM(channels, 128, batch_first=True)
        self.head = nn.Linear(128, classes)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return self.head(self.lstm(packed)[1][0][-1])


def fit(sequences, labels, seed):
    torch.manual_seed(seed)
    padded = Padded(sequences, labels)
    x, lengths = (torch.from_numpy(a) for a in padded.encode(sequences))
    y = torch.from_numpy(padded.y)
    model = Reader(x.shape[2], len(padded.classes))
    rule, cost = torch.optim.Adam(model.parameters(), lr=1e-3), nn.CrossEntropyLoss()
    draw = np.random.default_rng(seed)
    for _ in range(EPOCHS):
        for rows in np.array_split(draw.permutation(len(x)), -(-len(x) // BATCH)):
            rule.zero_grad()
            cost(model(x[rows], lengths[rows]), y[rows]).backward()
            rule.step()

    @torch.no_grad()
    def predict(test):
        steps, many = (torch.from_numpy(a) for a in padded.encode(test))
        return padded.classes[model(steps, many).argmax(1).numpy()]

    return predict
