"""Answers of the published predictor, kept small: logits on a coarse grid, scores and areas."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.inference_worker.engines.sam2_parity.answers import Answers, Key

ANSWERS = Path(__file__).with_name("official_answers.npz")
_GRID = 8  # points to a side


@dataclass(frozen=True)
class Record:
    """One scenario. grid: N x 8 x 8 logits; scores: N; areas: N, low-resolution pixels above 0."""

    keys: list[Key]
    grid: np.ndarray
    scores: np.ndarray
    areas: np.ndarray


def record(answers: Answers) -> Record:
    keys = sorted(answers)
    logits = np.stack([answers[key].logits for key in keys])
    step = logits.shape[-1] // _GRID
    return Record(
        keys,
        logits[:, step // 2 :: step, step // 2 :: step],
        np.float32([answers[key].visible for key in keys]),
        np.int32([(answers[key].logits > 0).sum() for key in keys]),
    )


def save(records: dict[str, Record]) -> None:
    arrays = {}
    for name, each in records.items():
        arrays[f"{name}/keys"] = np.int32(each.keys)
        arrays |= {f"{name}/grid": each.grid, f"{name}/scores": each.scores, f"{name}/areas": each.areas}
    np.savez_compressed(ANSWERS, **arrays)


def load(name: str) -> Record:
    with np.load(ANSWERS, allow_pickle=False) as arrays:
        act, frame, obj = arrays[f"{name}/keys"].T.tolist()
        parts = (arrays[f"{name}/{part}"] for part in ("grid", "scores", "areas"))
        return Record(list(zip(act, frame, obj, strict=True)), *parts)
