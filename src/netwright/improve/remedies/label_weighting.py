"""Label weighting: classes count as much as they occur among the target rows."""

import numpy as np

from netwright.core.errors import ControlError
from netwright.diagnose.shift.class_weights import class_weights
from netwright.improve.remedies._study import Study, Trained, effective_size


def label_weighting(study: Study) -> Trained:
    """Weigh each training row by ``P_target(y) / P_train(y)`` of its class, estimated without target labels.

    The shares come from what the untreated models predict for dev and target rows, the mean over seeds; see
    :func:`netwright.diagnose.shift.class_weights.class_weights`.

    Raises:
      ControlError: the task has no classes, or there are no dev rows.

    Reference: Lipton, Wang and Smola (2018), "Detecting and correcting for label shift with black box predictors".
    """
    prepared = study.prepared
    if prepared.target.classes is None or prepared.dev is None:
        raise ControlError("label_weighting: needs classes, and dev rows to see which the model confuses")
    classes = len(prepared.target.classes)
    found = [
        class_weights(
            prepared.dev.y.astype(np.int64),
            predictor.codes(predictor.outputs_of(prepared.dev.x)),
            predictor.codes(predictor.outputs_of(study.target)),
            classes,
        )
        for predictor in study.untreated
    ]
    weights = np.mean(found, axis=0)
    each = weights[prepared.train.y.astype(np.int64)]
    note = (
        f"class weights {', '.join(f'{w:.2g}' for w in weights)}, "
        f"effective sample size {effective_size(each):.0f} of {len(each)}"
    )
    return Trained(study.train_weighted(each, weights[prepared.dev.y.astype(np.int64)]), note)
