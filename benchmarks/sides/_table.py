"""How users of scikit-learn, PyTorch and Keras prepare a table: scaled numbers and one-hot categories."""

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.preprocessing import LabelEncoder, OneHotEncoder, StandardScaler


def preprocessing() -> ColumnTransformer:
    return make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (
            OneHotEncoder(handle_unknown="ignore", sparse_output=False),
            make_column_selector(dtype_exclude="number"),
        ),
    )


class Encoded:
    """float32 features (m, d); class numbers int64 or standardized targets float32 (m,); and the way back."""

    def __init__(self, frame: pd.DataFrame, target: np.ndarray, task: str) -> None:
        self.regression = task == "regression"
        self._features = preprocessing().fit(frame)
        self._target = StandardScaler() if self.regression else LabelEncoder()
        self.x = self.features(frame)
        if self.regression:
            self.y = self._target.fit_transform(target[:, None])[:, 0].astype(np.float32)
            self.outputs = 1
        else:
            self.y = self._target.fit_transform(target)
            self.outputs = len(self._target.classes_)

    def features(self, frame: pd.DataFrame) -> np.ndarray:
        return self._features.transform(frame).astype(np.float32)

    def predictions(self, outputs: np.ndarray) -> np.ndarray:
        """Labels of outputs (m, K), or numbers of outputs (m, 1) in the target's units."""
        if self.regression:
            return self._target.inverse_transform(outputs)[:, 0]
        return self._target.inverse_transform(outputs.argmax(axis=1))
