"""``python -m benchmarks.sides.digits_sklearn digits.csv``: scikit-learn's pipeline as a user writes it."""

import sys
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks._digits import BATCH, EPOCHS, HIDDEN, RATE

warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is meant
table = np.loadtxt(sys.argv[1], delimiter=",", skiprows=1, dtype=np.float32)
X, X_test, y, y_test = train_test_split(table[:, :-1], table[:, -1], test_size=0.15, random_state=0)
network = MLPClassifier(
    HIDDEN, alpha=0, batch_size=BATCH, learning_rate_init=RATE, max_iter=EPOCHS, random_state=0
)
model = make_pipeline(StandardScaler(), network).fit(X, y)
print(f"accuracy {model.score(X_test, y_test):.3f}")
