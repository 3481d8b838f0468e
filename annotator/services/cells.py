"""Adding up anew the cells that the numbers are read from, wherever facts changed."""

from __future__ import annotations

from django.db import connection, transaction

from annotator.selectors.numbers import bins

BATCH = 500


def _counts(conditions: list[str]) -> str:
    return "ARRAY[" + ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in conditions) + "]"


def _sums(column: str) -> str:
    parts = [f"coalesce(sum({column}) FILTER (WHERE bucket = '{bucket}'), 0)" for bucket in bins.SIZES]
    return "ARRAY[" + ", ".join(parts) + "]"


_TAKE = """
DELETE FROM annotator_factstouched WHERE id IN (SELECT id FROM annotator_factstouched ORDER BY id LIMIT %s)
RETURNING project_id, person, week
"""
_FORGET = """
DELETE FROM annotator_factscell cell
USING unnest(%(projects)s::bigint[], %(people)s::bigint[], %(weeks)s::date[]) AS touched(project, person, week)
WHERE cell.project_id = touched.project AND cell.week = touched.week
    AND coalesce(cell.person_id, 0) = touched.person
"""
_ADD_UP = f"""
INSERT INTO annotator_factscell (project_id, person_id, week, type, state, set_aside, copy, tracked, phase,
    model_version_id, masklets, timed_ms, timed_frames, edited_part, framed, clicks, clicked_frames, verified,
    refined, engine_ms, visible_frames, disappearing, sizes, shares, tenths, compared, aligned)
SELECT project_id, person_id, touched.week, type, state, set_aside, copy, submitted_at IS NOT NULL, phase,
    model_version_id, count(*), sum(active_ms), coalesce(sum(facts.frames) FILTER (WHERE active_ms > 0), 0),
    coalesce(sum(edited_frames::float / nullif(frames, 0)), 0), count(*) FILTER (WHERE frames > 0), sum(clicks),
    sum(clicked_frames), count(*) FILTER (WHERE verdicts > 0), count(*) FILTER (WHERE returns > 0),
    sum(engine_ms), sum(visible_frames), count(*) FILTER (WHERE visibility_changes >= 2),
    {_counts([*bins.SIZES.values()])},
    {_counts([f"{bins.SHARE} = {bin}" for bin in range(10)])},
    {_counts([f"{bins.TENTH} = {tenth}" for tenth in range(10)])},
    {_sums("compared")}, {_sums("aligned")}
FROM unnest(%(projects)s::bigint[], %(people)s::bigint[], %(weeks)s::date[]) AS touched(project, person, week)
JOIN annotator_maskletfacts facts ON facts.project_id = touched.project
    AND coalesce(facts.person_id, 0) = touched.person
    AND annotator_week(coalesce(facts.submitted_at, facts.moved_at)) = touched.week
WHERE NOT gone
GROUP BY project_id, person_id, touched.week, type, state, set_aside, copy, submitted_at IS NOT NULL, phase,
    model_version_id
"""  # noqa: S608 - constants


def add_up_touched() -> None:
    """Bring every cell up to date with the facts that are committed by now."""
    while _add_up_batch():
        pass


@transaction.atomic
def _add_up_batch() -> int:
    with connection.cursor() as cursor:
        # One at a time: two would each add the same cell.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('annotator_factscell'))")
        cursor.execute(_TAKE, [BATCH])
        taken = cursor.fetchall()
        if taken:
            projects, people, weeks = map(list, zip(*sorted(set(taken)), strict=True))
            touched = {"projects": projects, "people": people, "weeks": weeks}
            cursor.execute(_FORGET, touched)
            cursor.execute(_ADD_UP, touched)
    return len(taken)
