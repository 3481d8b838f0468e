"""The rules for one SA-V annotation file: its form, its video's fields, and its masklets' fields."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from annotator.export_formats import sav, sav_mask_rules
from annotator.export_formats.problems import Findings
from annotator.export_formats.sav import Kind, MaskletTotals

HEAD = sav.KEYS[: sav.KEYS.index("masklet")]
_PER_MASKLET = sav.KEYS[sav.KEYS.index("masklet_id") : sav.KEYS.index("masklet_stability_score")]
_TEXTS = ("video_id", "video_environment", "video_split")
_TYPES = {key: str if key in _TEXTS else float if key in HEAD else list for key in sav.KEYS} | {
    "masklet_num": int
}
# The colours of sav_utils.SAVDataset, and the frames a training sample takes.
_COLOURS = 256
_TRAINING_FRAMES = 8


def check(raw: bytes, video_id: str, kind: Kind, found: Findings) -> dict[str, Any] | None:
    """The video's fields of a file that can be read, with every broken rule added to `found`.

    None when the fields are not sound enough to compare the mp4 with.
    """
    document = _document(raw, found)
    if document is None or not _has_form(document, found):
        return None
    if not _check_head(document, video_id, found):
        return None
    if _check_counts(document, found):
        _check_masklets(document, kind, found)
    return {key: document[key] for key in HEAD}


def _document(raw: bytes, found: Findings) -> dict[str, Any] | None:
    try:
        document = json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        found.error("json_unreadable", f"This is not JSON: {error}.")
        return None
    if type(document) is not dict:
        found.error("json_not_object", "The file does not hold one JSON object.")
        return None
    if raw != json.dumps(document).encode():
        found.error(
            "json_bytes",
            'The bytes are not those of json.dumps: ", " and ": " between values, ASCII only, '
            "each key once, nothing after the last brace.",
        )
    return document


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _has_form(document: dict[str, Any], found: Findings) -> bool:
    keys = list(document)
    if missing := [key for key in sav.KEYS if key not in document]:
        found.error("keys", f"Keys are missing: {', '.join(missing)}.")
    if extra := [key for key in keys if key not in sav.KEYS]:
        found.error("keys", f"SA-V has no such keys: {', '.join(extra)}.")
    if not missing and not extra and keys != list(sav.KEYS):
        found.error("keys", f"The keys are not in SA-V's order: {', '.join(sav.KEYS)}.")
    wrong = [key for key in sav.KEYS if key in document and type(document[key]) is not _TYPES[key]]
    for key in wrong:
        found.error(
            "type", f"{key} is a {type(document[key]).__name__}; SA-V writes a {_TYPES[key].__name__}."
        )
    return not missing and not wrong


def _check_head(document: dict[str, Any], video_id: str, found: Findings) -> bool:
    frames, height, width = (document[f"video_{name}"] for name in ("frame_count", "height", "width"))
    if document["video_id"] != video_id:
        found.error("video_id", f"video_id is {document['video_id']!r}; the file's name says {video_id!r}.")
    if document["video_environment"] not in sav.ENVIRONMENTS:
        found.error(
            "video_environment",
            f"The environment is {document['video_environment']!r}; SA-V knows {' and '.join(sav.ENVIRONMENTS)}.",
        )
    if document["video_split"] not in sav.SPLITS:
        found.error(
            "video_split", f"The split is {document['video_split']!r}; SA-V knows {', '.join(sav.SPLITS)}."
        )
    whole = True
    for code, value in (("video_frame_count", frames), ("video_height", height), ("video_width", width)):
        if not (value.is_integer() and value >= 1):
            found.error(code, f"{code} is {value}; it must be a whole number from 1 up.")
            whole = False
    if whole and document["video_duration"] != frames / sav.FPS:
        found.error(
            "video_duration",
            f"video_duration is {document['video_duration']}; {frames:.0f} frames at 24 fps are {frames / sav.FPS}.",
        )
    if whole and document["video_resolution"] != height * width:
        found.error(
            "video_resolution",
            f"video_resolution is {document['video_resolution']}; height x width is {height * width}.",
        )
    return whole


def _check_counts(document: dict[str, Any], found: Findings) -> bool:
    annotated = sav.annotated_frame_count(int(document["video_frame_count"]))
    frames = document["masklet"]
    masklets = len(frames[0]) if frames and type(frames[0]) is list else 0
    before = len(found.problems)
    if len(frames) != annotated:
        found.error(
            "annotated_frames",
            f"masklet has {len(frames)} frames; a video of {document['video_frame_count']:.0f} frames "
            f"has {annotated} annotated ones, every {sav.STRIDE}th.",
        )
    if not masklets:
        found.error("no_masklets", "The video has no masklets; leave it out of the export.")
    if document["masklet_num"] != masklets:
        found.error(
            "masklet_num", f"masklet_num is {document['masklet_num']}; the frames hold {masklets} masks each."
        )
    for t, masks in enumerate(frames):
        if type(masks) is not list or len(masks) != masklets:
            found.error("ragged_frame", f"Annotated frame {t} does not hold {masklets} masks.")
            break
    for key in _PER_MASKLET:
        if len(document[key]) != masklets:
            found.error("list_length", f"{key} has {len(document[key])} entries for {masklets} masklets.")
    if masklets > _COLOURS:
        found.warning(
            "many_masklets",
            f"SA-V's viewer draws the first {_COLOURS} masklets of a file; this has {masklets}.",
        )
    if len(frames) < _TRAINING_FRAMES:
        found.warning(
            "few_frames",
            f"SAM 2's training takes {_TRAINING_FRAMES} annotated frames of a video and fails on fewer; "
            f"this has {len(frames)}.",
        )
    return all(problem.level == "warning" for problem in found.problems[before:])


def _check_masklets(document: dict[str, Any], kind: Kind, found: Findings) -> None:
    height, width = int(document["video_height"]), int(document["video_width"])
    frames = document["masklet"]
    _check_edited(document["masklet_edited_frame_count"], len(frames), found)
    areas = sav_mask_rules.check(frames, height, width, found)
    if areas is None:
        return
    expected = sav.masklet_fields(
        kind, _totals(areas), document["masklet_edited_frame_count"], len(frames), height * width
    )
    for key, values in expected.items():
        _check_values(key, document[key], values, found)
    _check_visibility(areas, found)
    _check_stability(document["masklet_stability_score"], kind, areas, found)


def _totals(areas: np.ndarray) -> list[MaskletTotals]:
    totals = [MaskletTotals() for _ in range(areas.shape[1])]
    for t, row in enumerate(areas.tolist()):
        for total, area in zip(totals, row, strict=True):
            total.add(t, area)
    return totals


def _check_edited(edited: Sequence[Any], annotated: int, found: Findings) -> None:
    for masklet, count in enumerate(edited):
        if type(count) is not int or not 0 <= count <= annotated:
            found.error(
                "masklet_edited_frame_count",
                f"Masklet {masklet} has {count!r} edited frames of {annotated} annotated ones.",
            )


def _check_values(key: str, values: Sequence[Any], expected: Sequence[Any], found: Findings) -> None:
    wrong = [
        masklet
        for masklet, (value, right) in enumerate(zip(values, expected, strict=True))
        if type(value) is not type(right) or value != right
    ]
    if wrong:
        at = wrong[0]
        found.error(
            key, f"{key} of masklet {at} is {values[at]!r}; it must be {expected[at]!r}.{_more(wrong[1:])}"
        )


def _check_visibility(areas: np.ndarray, found: Findings) -> None:
    seen = (areas > 0).any(axis=0)
    never = np.flatnonzero(~seen).tolist()
    if never:
        found.error(
            "never_visible",
            f"Masklet {never[0]} is visible in no annotated frame; leave it out of the export.{_more(never[1:])}",
        )
    edges = np.flatnonzero(seen & ~(areas[1:-1] > 0).any(axis=0)).tolist()
    if edges:
        found.warning(
            "unscored",
            f"Masklet {edges[0]} is visible in the first or last annotated frame only, which SA-V's "
            f"evaluator leaves out: it stops on such an object.{_more(edges[1:])}",
        )


def _check_stability(scores: list[Any], kind: Kind, areas: np.ndarray, found: Findings) -> None:
    code, (annotated, masklets) = "masklet_stability_score", areas.shape
    if scores == [None] * masklets:
        return
    if kind == "manual":
        found.error(code, "A manual file has one null per masklet as stability scores.")
    elif len(scores) != annotated or any(type(row) is not list or len(row) != masklets for row in scores):
        found.error(
            code,
            "Stability scores are a list per annotated frame with a number per masklet, or a null per masklet.",
        )
    elif not all(_is_score(score) for row in scores for score in row):
        found.error(code, "Stability scores are floats from 0 to 1.")
    elif (np.array(scores)[areas == 0] != 1).any():
        found.error(code, "The stability score of an absent mask is 1.0.")


def _is_score(score: Any) -> bool:
    return type(score) is float and math.isfinite(score) and 0 <= score <= 1


def _more(others: Sequence[int]) -> str:
    return f" The same with {len(others)} more." if others else ""
