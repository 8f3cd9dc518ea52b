"""scikit-learn's pipeline: ``MODEL DATA OUT`` predicts a file as a whole, ``train FOLDER WIDTH…`` makes the model."""

import sys
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline

from benchmarks.sides._table import preprocessing


def train(folder: str, *widths: str) -> None:
    frame, labels = pd.read_parquet(Path(folder, "adult.parquet")), np.load(Path(folder, "labels.npy"))
    network = MLPClassifier(tuple(map(int, widths)), max_iter=2, random_state=0)
    joblib.dump(make_pipeline(preprocessing(), network).fit(frame, labels), Path(folder, "sklearn"))


def predict(model: str, data: str, out: str) -> None:
    csv = data.endswith(".csv")
    pipeline, frame = joblib.load(model), pd.read_csv(data) if csv else pd.read_parquet(data)
    probabilities = pipeline.predict_proba(frame)
    table = pd.DataFrame(probabilities, columns=[f"p_{name}" for name in pipeline.classes_])
    table.insert(0, "prediction", pipeline.classes_[probabilities.argmax(axis=1)])
    table.to_csv(out) if csv else table.to_parquet(out)


if __name__ == "__main__":
    train(*sys.argv[2:]) if sys.argv[1] == "train" else predict(*sys.argv[1:])
