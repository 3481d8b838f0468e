"""Whether a folder is a SA-V export that SA-V's own tools read rightly."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from annotator.export_formats import sav_mp4, sav_rules
from annotator.export_formats.problems import Findings, Problem

_NAME = re.compile(r"(?P<video_id>.+?)(?:_(?P<kind>manual|auto)\.json|\.mp4)", re.DOTALL)


def validate(folder: Path) -> list[Problem]:
    """Every broken rule of the export in `folder`; empty when it can be called done without remarks.

    The folder is flat: `{video_id}.mp4`, `{video_id}_manual.json` and, where there is one,
    `{video_id}_auto.json`. Holds one video's annotation file in memory at a time.
    Sources: facebookresearch/sam2, sav_dataset/ and training/dataset/.
    """
    return [problem for problems in validate_each(folder) for problem in problems]


def validate_each(folder: Path) -> Iterator[list[Problem]]:
    """The same in steps: the folder's own problems, then each video's, by id, as it is checked.

    A step decodes one mp4 to its end, so that a caller can tell between steps how far it is.
    """
    folder_problems: list[Problem] = []
    videos: dict[str, set[str]] = defaultdict(set)
    for path in sorted(folder.iterdir()):
        name = _NAME.fullmatch(path.name)
        if name is None or not path.is_file():
            folder_problems.append(
                Problem("error", "stray_file", path.name, "This is no part of an export; remove it.")
            )
        else:
            videos[name["video_id"]].add(name["kind"] or "mp4")
    if not videos:
        folder_problems.append(Problem("error", "empty_export", "", "There is no video in this export."))
    yield folder_problems
    for video_id in sorted(videos):
        yield _check_video(folder, video_id, videos[video_id])


def _check_video(folder: Path, video_id: str, parts: set[str]) -> list[Problem]:
    mp4 = Findings(f"{video_id}.mp4")
    manual, auto = Findings(f"{video_id}_manual.json"), Findings(f"{video_id}_auto.json")
    if re.search(r"[.\s]", video_id):
        mp4.error("video_id_form", f"{video_id!r} has a dot or a blank, at which list files are cut.")
    if "manual" not in parts:
        manual.error("manual_missing", "Every video of SA-V has a manual file, and training reads no other.")
    if "mp4" not in parts:
        mp4.error("mp4_missing", "The annotations have no video; SA-V's tools skip them.")
    heads = {}
    if "manual" in parts:
        heads["manual"] = sav_rules.check((folder / manual.file).read_bytes(), video_id, "manual", manual)
    if "auto" in parts:
        heads["auto"] = sav_rules.check((folder / auto.file).read_bytes(), video_id, "auto", auto)
    known = [head for head in heads.values() if head is not None]
    if len(known) == 2 and known[0] != known[1]:
        auto.error("heads_differ", "The video's fields are not those of the manual file.")
    picture = sav_mp4.check(folder / mp4.file, mp4) if "mp4" in parts else None
    if picture and known:
        _compare(picture, known[0], mp4)
    return [*mp4.problems, *manual.problems, *auto.problems]


def _compare(picture: sav_mp4.Picture, head: dict[str, Any], found: Findings) -> None:
    frames, size = head["video_frame_count"], (head["video_height"], head["video_width"])
    if picture.frames != frames:
        found.error(
            "mp4_frame_count",
            f"{picture.frames} frames decode; the annotations are for {frames:.0f}: masks would stand on wrong frames.",
        )
    if picture.size != size:
        found.error(
            "mp4_size",
            f"The frames are {picture.size[0]} x {picture.size[1]} (height x width); "
            f"the annotations are for {size[0]:.0f} x {size[1]:.0f}.",
        )
