"""SA-V's annotation JSON: one video's masklets to the file's text, and back.

Source: facebookresearch/sam2, sav_dataset/README.md and its example files; where the two differ,
the example files.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from pycocotools import mask as coco

from inference_worker.protocol import rle

STRIDE = 4
FPS = 24
ENVIRONMENTS = ("Indoor", "Outdoor")
SPLITS = ("train", "val", "test")
KEYS = (
    "video_id",
    "video_duration",
    "video_frame_count",
    "video_height",
    "video_width",
    "video_resolution",
    "video_environment",
    "video_split",
    "masklet",
    "masklet_id",
    "masklet_size_rel",
    "masklet_size_abs",
    "masklet_size_bucket",
    "masklet_visibility_changes",
    "masklet_first_appeared_frame",
    "masklet_frame_count",
    "masklet_edited_frame_count",
    "masklet_type",
    "masklet_stability_score",
    "masklet_num",
)

Kind = Literal["manual", "auto"]

# pycocotools.mask.area raises OverflowError for 256 masks or more.
_AREA_BATCH = 255
_SPOOL_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class SavFrame:
    """The masks of one annotated frame.

    t: index among the annotated frames: working frame t * STRIDE.
    counts: one per masklet, in masklet_id order; None where the object is absent.
    stability: one score from 0 to 1 per masklet, 1.0 where absent; None when nobody scored.
    """

    t: int
    counts: Sequence[str | None]
    stability: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class SavVideo:
    """What one SA-V file says of one video.

    frame_count: frames of the working video, at 24 fps, annotated or not.
    edited_frame_counts: one per masklet: how many annotated frames a human edited.
    frames: by rising t, read once; frames left out have every object absent.
    """

    video_id: str
    frame_count: int
    height: int
    width: int
    environment: str
    split: str
    kind: Kind
    edited_frame_counts: Sequence[int]
    frames: Iterable[SavFrame]


class MaskletTotals:
    """What a masklet's areas add up to, one annotated frame after the other."""

    __slots__ = ("_was_visible", "area", "changes", "first", "visible")

    def __init__(self) -> None:
        self.area = self.visible = self.changes = 0
        self.first: int | None = None
        self._was_visible = False

    def add(self, t: int, area: int) -> None:
        """Count the object's pixels in annotated frame t. Changes count from the first appearance on."""
        visible = area > 0
        if self.first is None:
            if not visible:
                return
            self.first = t
        elif visible != self._was_visible:
            self.changes += 1
        self._was_visible = visible
        self.visible += visible
        self.area += area


def annotated_frame_count(frame_count: int) -> int:
    """How many of a working video's frames are annotated frames."""
    return -(-frame_count // STRIDE)


def masklet_fields(
    kind: Kind,
    totals: Sequence[MaskletTotals],
    edited_frame_counts: Sequence[int],
    annotated_frames: int,
    pixels: int,
) -> dict[str, list[Any]]:
    """The keys between `masklet` and `masklet_stability_score`, in file order.

    pixels: height x width. Manual files round sizes to 10 decimals and write first appearances
    as floats; auto files do neither. A masklet that is never visible gets size 0 and frame 0.
    """
    sizes = [total.area / max(total.visible, 1) for total in totals]
    manual = kind == "manual"
    return {
        "masklet_id": list(range(len(totals))),
        "masklet_size_rel": [round(size / pixels, 10) if manual else size / pixels for size in sizes],
        "masklet_size_abs": [round(size, 10) if manual else size for size in sizes],
        "masklet_size_bucket": [_bucket(size) for size in sizes],
        "masklet_visibility_changes": [total.changes for total in totals],
        "masklet_first_appeared_frame": [(float if manual else int)(total.first or 0) for total in totals],
        "masklet_frame_count": [annotated_frames] * len(totals),
        "masklet_edited_frame_count": list(edited_frame_counts),
        "masklet_type": [kind] * len(totals),
    }


def pieces(video: SavVideo) -> Iterator[str]:
    """The file's text, in order, a piece per annotated frame: `file.writelines(pieces(video))`.

    Holds one frame's masks and a few numbers per masklet, however long the video is; the
    stability scores, which stand after the masks, wait in a temporary file.
    Raises ValueError when frames are not in order, do not fit the video or the number of
    masklets, or when only some of the frames with masks have stability scores.
    """
    totals = [MaskletTotals() for _ in video.edited_frame_counts]
    if not totals:
        raise ValueError(f"{video.video_id} has no masklets: SA-V has no file for such a video")
    yield json.dumps(_head(video))[:-1]
    size, empty = [video.height, video.width], rle.empty(video.height, video.width)
    with tempfile.SpooledTemporaryFile(_SPOOL_BYTES, "w+", encoding="ascii") as spool:
        scores = _StabilityScores(video.kind, len(totals), spool)
        yield ', "masklet": ['
        for frame in _every_frame(video):
            masks = [{"size": size, "counts": counts or empty} for counts in frame.counts]
            for total, area in zip(totals, _areas(masks), strict=True):
                total.add(frame.t, area)
            scores.add(frame)
            yield (", " if frame.t else "") + json.dumps(masks)
        annotated, pixels = annotated_frame_count(video.frame_count), video.height * video.width
        fields = masklet_fields(video.kind, totals, video.edited_frame_counts, annotated, pixels)
        yield "], " + json.dumps(fields)[1:-1] + ', "masklet_stability_score": ['
        yield from scores.pieces()
    yield f'], "masklet_num": {len(totals)}}}'


def read(path: Path) -> SavVideo:
    """The video and masklets of a SA-V file, whole in memory.

    Raises ValueError, KeyError or TypeError when it is no SA-V file: what is wrong with it is for
    the validator to say. Absent masks keep their counts of zeros.
    """
    document = json.loads(path.read_bytes())
    scores = document["masklet_stability_score"]
    scored = bool(scores) and scores[0] is not None
    return SavVideo(
        video_id=document["video_id"],
        frame_count=int(document["video_frame_count"]),
        height=int(document["video_height"]),
        width=int(document["video_width"]),
        environment=document["video_environment"],
        split=document["video_split"],
        kind=document["masklet_type"][0],
        edited_frame_counts=document["masklet_edited_frame_count"],
        frames=[
            SavFrame(t, [mask["counts"] for mask in masks], scores[t] if scored else None)
            for t, masks in enumerate(document["masklet"])
        ],
    )


class _StabilityScores:
    def __init__(self, kind: Kind, masklets: int, spool: IO[str]) -> None:
        self._kind = kind
        self._masklets = masklets
        self._spool = spool
        self._scored = self._unscored = False

    def add(self, frame: SavFrame) -> None:
        if self._kind == "manual":
            return
        if frame.stability is None:
            self._unscored |= any(counts is not None for counts in frame.counts)
        elif len(frame.stability) != self._masklets:
            raise ValueError(f"annotated frame {frame.t} has a stability score for not every masklet")
        else:
            self._scored = True
        row = [1.0] * self._masklets if frame.stability is None else list(map(float, frame.stability))
        self._spool.write((", " if frame.t else "") + json.dumps(row, allow_nan=False))

    def pieces(self) -> Iterator[str]:
        if self._scored and self._unscored:
            raise ValueError("some annotated frames have stability scores and others do not")
        if not self._scored:
            yield ", ".join(["null"] * self._masklets)
            return
        self._spool.seek(0)
        while piece := self._spool.read(_SPOOL_BYTES):
            yield piece


def _head(video: SavVideo) -> dict[str, Any]:
    return {
        "video_id": video.video_id,
        "video_duration": video.frame_count / FPS,
        "video_frame_count": float(video.frame_count),
        "video_height": float(video.height),
        "video_width": float(video.width),
        "video_resolution": float(video.height * video.width),
        "video_environment": video.environment,
        "video_split": video.split,
    }


def _every_frame(video: SavVideo) -> Iterator[SavFrame]:
    masklets = len(video.edited_frame_counts)
    annotated = annotated_frame_count(video.frame_count)
    t = 0
    for frame in video.frames:
        if not t <= frame.t < annotated:
            raise ValueError(f"annotated frame {frame.t} is out of order or past the video's {annotated}")
        if len(frame.counts) != masklets:
            raise ValueError(f"annotated frame {frame.t} has {len(frame.counts)} masks, not {masklets}")
        yield from (SavFrame(gap, [None] * masklets) for gap in range(t, frame.t))
        yield frame
        t = frame.t + 1
    yield from (SavFrame(gap, [None] * masklets) for gap in range(t, annotated))


def _areas(masks: list[dict[str, Any]]) -> Iterator[int]:
    for start in range(0, len(masks), _AREA_BATCH):
        yield from coco.area(masks[start : start + _AREA_BATCH]).tolist()


def _bucket(size: float) -> str:
    return "small" if size < 32**2 else "medium" if size < 96**2 else "large"
