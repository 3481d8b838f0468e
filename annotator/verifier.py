"""The verifier model: a logistic regression of people's verdicts over what triage measured of a masklet.

Only training needs scikit-learn, which takes a second to load; judging is a dot product.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from annotator.triage import FEATURES

FOLDS, BINS = 5, 10
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


def fit(
    samples: Sequence[Sequence[float]],
    satisfactory: Sequence[bool],
    masklets: Sequence[int],
    verdicts: Sequence[int],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Weights, and a report of how they judge masklets that they were not made from.

    samples: features of one masklet each, in the order of triage.FEATURES, as it stood when people judged
    it. satisfactory: what people said. masklets: whose sample it is; one masklet's samples stay in one fold.
    verdicts: ids, under which the report has each probability, from a model that had not learned from it.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = np.asarray(samples, float), np.asarray(satisfactory, bool)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    unseen = cross_val_predict(pipeline, x, y, groups=masklets, cv=folds, method="predict_proba")[:, 1]
    unseen = unseen.round(4)  # as the report keeps them, so that its numbers are those of the list
    pipeline.fit(x, y)
    scaler, model = pipeline[0], pipeline[1]
    weights = {
        "names": list(FEATURES),
        "means": scaler.mean_.tolist(),
        "scales": scaler.scale_.tolist(),
        "coefficients": model.coef_[0].tolist(),
        "intercept": float(model.intercept_[0]),
    }
    held_out = dict(zip(map(str, verdicts), unseen.tolist(), strict=True))
    return weights, {**_report(unseen, y), "held_out": held_out}


def probability(weights: dict[str, Any], sample: Sequence[float]) -> float:
    """How likely people find a masklet with these features satisfactory, 0 to 1.

    Raises ValueError when the weights are of other features.
    """
    if weights["names"] != list(FEATURES):
        raise ValueError("these weights are of other features: train the model again")
    scaled = (np.asarray(sample, float) - weights["means"]) / weights["scales"]
    logit = float(scaled @ np.asarray(weights["coefficients"])) + weights["intercept"]
    return 1 / (1 + math.exp(-min(max(logit, -50.0), 50.0)))


def tenth(probability: float) -> int:
    """The place of a probability in the report's calibration, 0 to 9."""
    return min(int(probability * BINS), BINS - 1)


def _report(predicted: np.ndarray, satisfactory: np.ndarray) -> dict[str, Any]:
    share = float(satisfactory.mean())
    return {
        "verdicts": len(satisfactory),
        "satisfactory": int(satisfactory.sum()),
        "folds": FOLDS,
        "brier": float(np.mean((predicted - satisfactory) ** 2)),
        "brier_of_the_share": share * (1 - share),  # of one who says the same of every masklet
        "calibration": _calibration(predicted, satisfactory),
        "confusion": [_confusion(predicted >= limit, satisfactory, limit) for limit in THRESHOLDS],
    }


def _calibration(predicted: np.ndarray, satisfactory: np.ndarray) -> list[dict[str, float]]:
    bins = np.asarray([tenth(one) for one in predicted])
    return [
        {
            "from": at / BINS,
            "to": (at + 1) / BINS,
            "predicted": float(predicted[bins == at].mean()),
            "observed": float(satisfactory[bins == at].mean()),
            "count": int((bins == at).sum()),
        }
        for at in range(BINS)
        if (bins == at).any()
    ]


def _confusion(accepted: np.ndarray, satisfactory: np.ndarray, threshold: float) -> dict[str, float]:
    """both, model_only, people_only, neither: who found the masklet satisfactory."""
    return {
        "threshold": threshold,
        "both": int((accepted & satisfactory).sum()),
        "model_only": int((accepted & ~satisfactory).sum()),
        "people_only": int((~accepted & satisfactory).sum()),
        "neither": int((~accepted & ~satisfactory).sum()),
    }
