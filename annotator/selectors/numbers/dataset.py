"""Table 3 and the figures of the SAM 2 paper (sections 5.2 and G.2), of what the project accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from annotator.models import Project
from annotator.models.videos import WORKING_FPS
from annotator.selectors.numbers import bins
from annotator.selectors.numbers.filters import Filters, rows, where

MOST_NAMES = 20

_ACCEPTED = """
SELECT cell.type, sum(cell.masklets)::int AS masklets, sum(cell.visible_frames)::bigint AS masks,
    sum(cell.disappearing)::int AS disappearing, {arrays}
FROM annotator_factscell cell WHERE {where} AND cell.state = 'accepted' GROUP BY 1 ORDER BY 1 DESC
"""
_LENGTHS = {"sizes": 3, "shares": 10, "tenths": 10}
_ARRAYS = ", ".join(
    f"ARRAY[{', '.join(f'sum(cell.{name}[{place}])::int' for place in range(1, length + 1))}] AS {name}"
    for name, length in _LENGTHS.items()
)
_VIDEOS = """
SELECT GROUPING(video.country, video.environment, video.author) AS by,
    coalesce(video.country, video.environment, video.author) AS name, wanted.manual, wanted.auto,
    count(*)::int AS videos,
    coalesce(sum(video.frame_count), 0)::bigint AS frames,
    coalesce(sum((video.frame_count + video.stride - 1) / video.stride), 0)::bigint AS annotated
FROM annotator_video video JOIN (
    SELECT facts.video_id, bool_or(facts.type = 'manual') AS manual, bool_or(facts.type = 'auto') AS auto
    FROM annotator_maskletfacts facts WHERE {where} AND facts.state = 'accepted' GROUP BY 1
) AS wanted ON wanted.video_id = video.id
GROUP BY GROUPING SETS ((wanted.manual, wanted.auto), (video.country), (video.environment), (video.author))
"""
# What GROUPING says of each: a bit for every one of the video's columns that is not grouped by.
_TYPES, _COUNTRY, _ENVIRONMENT, _AUTHOR = 0b111, 0b011, 0b101, 0b110
Row = dict[str, Any]


def dataset(project: Project, filters: Filters) -> dict[str, Any]:
    """What the accepted masklets of a project come to, by type and together, and how they are spread.

    videos: those with any such masklet; hours: of their working videos; frames: their annotated frames.
    masks: that show the object. disappearance_percent: masklets that go and come back (visibility_changes
    >= 2). Figures: size_buckets by mean area (32 and 96 pixels squared); sizes by the part of the frame, in
    half decades; first_appearance by tenths of the video; countries, environments, authors: of videos, the
    most frequent first; name is None for all that are rarer.
    """
    condition, parameters = where(project, filters, "cell")
    kinds = rows(_ACCEPTED.format(arrays=_ARRAYS, where=condition), parameters)
    condition, parameters = where(project, filters, "facts")
    videos = rows(_VIDEOS.format(where=condition), parameters)
    tenths = [f"{10 * tenth} to {10 * tenth + 10} %" for tenth in range(10)]
    return {
        "rows": [_line("all", kinds, videos), *(_line(kind["type"], [kind], videos) for kind in kinds)],
        "size_buckets": _figure(list(bins.SIZES), kinds, "sizes"),
        "sizes": _figure(list(map(_percent, bins.SHARES)), kinds, "shares"),
        "first_appearance": _figure(tenths, kinds, "tenths"),
        "countries": _names(videos, _COUNTRY),
        "environments": _names(videos, _ENVIRONMENT),
        "authors": _names(videos, _AUTHOR),
    }


def _line(label: str, kinds: Sequence[Row], videos: list[Row]) -> Row:
    masklets = sum(kind["masklets"] for kind in kinds)
    gone = sum(kind["disappearing"] for kind in kinds)
    theirs = [row for row in videos if row["by"] == _TYPES and (label == "all" or row[label])]
    return {
        "label": label,
        "videos": sum(row["videos"] for row in theirs),
        "hours": sum(row["frames"] for row in theirs) / WORKING_FPS / 3600,
        "masklets": masklets,
        "masks": sum(kind["masks"] for kind in kinds),
        "frames": sum(row["annotated"] for row in theirs),
        "disappearance_percent": 100 * gone / masklets if masklets else None,
    }


def _figure(labels: Sequence[str], kinds: list[Row], name: str) -> list[Row]:
    return [
        {"label": label, "value": sum(kind[name][place] for kind in kinds)}
        for place, label in enumerate(labels)
    ]


def _names(videos: list[Row], by: int) -> list[Row]:
    found = Counter({row["name"]: row["videos"] for row in videos if row["by"] == by})
    unsaid = [{"label": "not said", "name": "", "value": found.pop("")}] if "" in found else []
    top = [{"label": name, "name": name, "value": count} for name, count in found.most_common(MOST_NAMES)]
    rest = sum(found.values()) - sum(line["value"] for line in top)
    others = [{"label": f"{len(found) - len(top)} others", "name": None, "value": rest}] if rest else []
    return [*sorted([*top, *unsaid], key=lambda line: -line["value"]), *others]


def _percent(share: float) -> str:
    return f"from {100 * share:.2g} %"
