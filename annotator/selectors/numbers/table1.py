"""Table 1 of the SAM 2 paper (arXiv 2408.00714, section 5.1), of this project."""

from __future__ import annotations

from typing import Any

from annotator.models import ModelVersion, Project, User
from annotator.selectors.numbers.filters import Filters, rows, where

# Manual masklets that were handed in. Work on gold masklets counts for the alignment only.
_SQL = """
SELECT {key} AS key, GROUPING({key}) = 1 AS total, coalesce(sum(cell.masklets) FILTER (WHERE NOT cell.copy), 0)::int AS masklets,
    sum(cell.timed_ms) FILTER (WHERE NOT cell.copy) / 1000.0
        / nullif(sum(cell.timed_frames) FILTER (WHERE NOT cell.copy), 0) AS seconds_per_frame,
    100.0 * sum(cell.edited_part) FILTER (WHERE NOT cell.copy)
        / nullif(sum(cell.framed) FILTER (WHERE NOT cell.copy), 0) AS edited_percent,
    sum(cell.clicks) FILTER (WHERE NOT cell.copy)
        / nullif(sum(cell.clicked_frames) FILTER (WHERE NOT cell.copy), 0) AS clicks_per_clicked_frame,
    100.0 * sum(cell.aligned[1] + cell.aligned[2] + cell.aligned[3])
        / nullif(sum(cell.compared[1] + cell.compared[2] + cell.compared[3]), 0) AS aligned,
    100.0 * sum(cell.aligned[1]) / nullif(sum(cell.compared[1]), 0) AS aligned_small,
    100.0 * sum(cell.aligned[2]) / nullif(sum(cell.compared[2]), 0) AS aligned_medium,
    100.0 * sum(cell.aligned[3]) / nullif(sum(cell.compared[3]), 0) AS aligned_large,
    coalesce(sum(cell.compared[1] + cell.compared[2] + cell.compared[3]), 0)::int AS compared
FROM annotator_factscell cell
WHERE {where} AND cell.type = 'manual' AND cell.tracked
GROUP BY GROUPING SETS ((), ({key})) ORDER BY total DESC, key
"""
KEYS = {
    "phase": "cell.phase",
    "model": "cell.model_version_id",
    "person": "cell.person_id",
    "week": "cell.week",
}
NUMBERS = (
    "seconds_per_frame", "edited_percent", "clicks_per_clicked_frame",
    "aligned", "aligned_small", "aligned_medium", "aligned_large",
)  # fmt: skip
PUBLISHED = [
    {"label": f"SAM 2 paper, phase {phase}", "phase": phase, **dict(zip(NUMBERS, values, strict=True))}
    for phase, values in (
        (1, (37.8, 100.0, 4.80, None, None, None, None)),
        (2, (7.4, 23.25, 3.61, 86.4, 71.3, 80.4, 97.9)),
        (3, (4.5, 19.04, 2.68, 89.1, 72.8, 81.8, 100.0)),
    )
]


def table1(project: Project, filters: Filters, by: str = "phase") -> dict[str, Any]:
    """The table's columns by phase, model, person or week, all together first, beside the published ones.

    seconds_per_frame: active time of all who annotated / annotated frames, of masklets whose pages counted
    any. edited_percent: mean over masklets of edited / annotated frames. clicks_per_clicked_frame: clicks /
    frames with a click. aligned*: of masks compared with phase 1's, those whose IoU exceeds 0.75, in
    percent; small, medium and large by the area in phase 1's first frame. None where nothing counts.
    """
    condition, parameters = where(project, filters, "cell")
    # Keys and conditions are our own; what people ask for is in the parameters.
    found = rows(_SQL.format(key=KEYS[by], where=condition), parameters)
    labels = _labels(by, [row["key"] for row in found])
    for row in found:
        row["label"] = "All" if row.pop("total") else labels.get(row["key"], "none")
        row["key"] = row["key"] if row["key"] is None else str(row["key"])
        row.update({name: row[name] if row[name] is None else float(row[name]) for name in NUMBERS})
    if found:
        found[0]["key"] = "all"
    return {"rows": found, "published": PUBLISHED}


def _labels(by: str, keys: list[Any]) -> dict[Any, str]:
    if by == "person":
        return dict(User.objects.filter(pk__in=keys).values_list("pk", "username"))
    if by == "model":
        return {row.pk: model_label(row) for row in ModelVersion.objects.filter(pk__in=keys)}
    return {key: f"Phase {key}" if by == "phase" else f"Week of {key}" for key in keys if key is not None}


def model_label(version: ModelVersion) -> str:
    """An engine and its weights, with the first digits of their sha256 where there are any."""
    return " ".join(filter(None, (version.engine, version.weights, version.weights_sha256[:8])))
