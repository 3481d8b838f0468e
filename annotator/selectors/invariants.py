"""What must hold in every project at every moment, asked of the tables themselves."""

from __future__ import annotations

from django.db import connection

from annotator.models import Project

# Whole numbers that cells keep of the masklets of one kind.
_SUMS = {
    "masklets": "count(*)", "clicks": "sum(clicks)", "clicked_frames": "sum(clicked_frames)",
    "timed_ms": "sum(active_ms)", "timed_frames": "coalesce(sum(frames) FILTER (WHERE active_ms > 0), 0)",
    "framed": "count(*) FILTER (WHERE frames > 0)", "verified": "count(*) FILTER (WHERE verdicts > 0)",
    "refined": "count(*) FILTER (WHERE returns > 0)", "visible_frames": "sum(visible_frames)",
    "disappearing": "count(*) FILTER (WHERE visibility_changes >= 2)",
}  # fmt: skip
# Each query gives the rows that break the promise in its name. %(project)s: the project's id.
_BROKEN = {
    "a submitted masklet waits for exactly one judgement": """
        SELECT masklet.id FROM annotator_masklet masklet JOIN annotator_video video ON video.id = masklet.video_id
        WHERE video.project_id = %(project)s AND masklet.state = 'submitted' AND masklet.deleted_at IS NULL
            AND video.deleted_at IS NULL
            AND 1 <> (SELECT count(*) FROM annotator_task task WHERE task.masklet_id = masklet.id
                AND task.kind = 'verify' AND task.state IN ('waiting', 'claimed', 'on_hold'))
            -- Of two of one object the first in waits for the second, and then both for one decision.
            AND NOT EXISTS (SELECT FROM annotator_consensus pair
                JOIN annotator_masklet other ON other.id IN (pair.first_id, pair.second_id) AND other.id <> masklet.id
                WHERE masklet.id IN (pair.first_id, pair.second_id) AND pair.decided_at IS NULL
                    AND other.deleted_at IS NULL
                    AND (other.state = 'in_work' OR EXISTS (SELECT FROM annotator_task task
                        WHERE task.masklet_id = pair.first_id AND task.kind = 'decide'
                            AND task.state IN ('waiting', 'claimed', 'on_hold'))))""",
    "a masklet that was sent back waits for refinement": """
        SELECT masklet.id FROM annotator_masklet masklet JOIN annotator_video video ON video.id = masklet.video_id
        WHERE video.project_id = %(project)s AND masklet.state = 'refine' AND masklet.deleted_at IS NULL
            AND video.deleted_at IS NULL
            AND NOT EXISTS (SELECT FROM annotator_task task WHERE task.masklet_id = masklet.id
                AND task.kind = 'refine' AND task.state IN ('waiting', 'claimed', 'on_hold'))""",
    "what was selected waits to be tracked until it is handed in": """
        SELECT masklet.id FROM annotator_masklet masklet JOIN annotator_video video ON video.id = masklet.video_id
        WHERE video.project_id = %(project)s AND masklet.state = 'in_work' AND masklet.deleted_at IS NULL
            AND masklet.type = 'manual' AND video.deleted_at IS NULL
            AND (EXISTS (SELECT FROM annotator_task task WHERE task.masklet_id = masklet.id AND task.kind = 'track')
                OR EXISTS (SELECT FROM annotator_task task WHERE task.video_id = video.id AND task.kind = 'select'
                    AND task.holder_id = masklet.created_by_id AND task.created_at <= masklet.created_at
                    AND task.done_at >= masklet.created_at))
            AND NOT EXISTS (SELECT FROM annotator_task task WHERE task.masklet_id = masklet.id
                AND task.kind = 'track' AND task.state IN ('waiting', 'claimed', 'on_hold'))""",
    "what waits fits the state of its masklet and video": """
        SELECT task.id FROM annotator_task task JOIN annotator_video video ON video.id = task.video_id
        LEFT JOIN annotator_masklet masklet ON masklet.id = task.masklet_id
        WHERE task.project_id = %(project)s AND task.state IN ('waiting', 'claimed', 'on_hold')
            AND (video.deleted_at IS NOT NULL OR masklet.deleted_at IS NOT NULL
                OR masklet.id IS NOT NULL AND (task.kind, masklet.state) NOT IN (('track', 'in_work'),
                    ('refine', 'refine'), ('verify', 'submitted'), ('decide', 'submitted'), ('audit', 'accepted')))""",
    "a claimed task is held under one open session of its holder": """
        SELECT task.id FROM annotator_task task
        WHERE task.project_id = %(project)s AND task.state = 'claimed'
            AND 1 <> (SELECT count(*) FROM annotator_session session WHERE session.task_id = task.id
                AND session.state = 'open' AND session.user_id = task.holder_id)""",
    "an open session of a task is that of a claimed one": """
        SELECT session.id FROM annotator_session session JOIN annotator_task task ON task.id = session.task_id
        WHERE task.project_id = %(project)s AND session.state = 'open' AND task.state <> 'claimed'""",
    "nobody judged what they worked on": """
        SELECT verdict.id FROM annotator_verification verdict
        JOIN annotator_masklet masklet ON masklet.id = verdict.masklet_id
        JOIN annotator_video video ON video.id = masklet.video_id
        JOIN annotator_project project ON project.id = video.project_id
        WHERE video.project_id = %(project)s AND project.independent_review
            -- Who had a model propose masklets may judge them, and is named on what it did.
            AND (masklet.created_by_id = verdict.reviewer_id AND NOT EXISTS (
                    SELECT FROM annotator_change change
                    JOIN annotator_propagation pass ON pass.id = change.propagation_id
                    JOIN annotator_autorun run ON run.session_id = pass.session_id
                    WHERE change.masklet_id = masklet.id)
                OR EXISTS (SELECT FROM annotator_change change WHERE change.masklet_id = masklet.id
                    AND change.user_id = verdict.reviewer_id AND change.created_at < verdict.created_at
                    AND NOT EXISTS (SELECT FROM annotator_propagation pass
                        JOIN annotator_autorun run ON run.session_id = pass.session_id
                        WHERE pass.id = change.propagation_id)))""",
    "nobody audited their own verdict": """
        SELECT audit.id FROM annotator_verification audit
        JOIN annotator_verification verdict ON verdict.masklet_id = audit.masklet_id AND verdict.id < audit.id
            AND verdict.reviewer_id = audit.reviewer_id
        JOIN annotator_masklet masklet ON masklet.id = audit.masklet_id
        JOIN annotator_video video ON video.id = masklet.video_id
        JOIN annotator_project project ON project.id = video.project_id
        WHERE video.project_id = %(project)s AND project.independent_review AND audit.stage = 'audit'""",
    "nobody judges work on gold": """
        SELECT masklet.id FROM annotator_masklet masklet JOIN annotator_video video ON video.id = masklet.video_id
        WHERE video.project_id = %(project)s AND masklet.gold_of_id IS NOT NULL
            AND (EXISTS (SELECT FROM annotator_task task WHERE task.masklet_id = masklet.id AND task.kind <> 'track')
                OR EXISTS (SELECT FROM annotator_verification verdict WHERE verdict.masklet_id = masklet.id))""",
    "nobody meets a gold masklet twice": """
        SELECT copy.gold_of_id FROM annotator_task task JOIN annotator_masklet copy ON copy.id = task.masklet_id
        WHERE task.project_id = %(project)s AND copy.gold_of_id IS NOT NULL
        GROUP BY copy.gold_of_id, task.for_user_id HAVING count(*) > 1""",
    "what a finished auto run tracked was handed in or put away": """
        SELECT masklet.id FROM annotator_autorun run JOIN annotator_video video ON video.id = run.video_id
        JOIN annotator_propagation pass ON pass.session_id = run.session_id
        JOIN annotator_propagation_masklets link ON link.propagation_id = pass.id
        JOIN annotator_masklet masklet ON masklet.id = link.masklet_id
        WHERE video.project_id = %(project)s AND run.state IN ('finished', 'stopped', 'failed')
            AND masklet.state = 'in_work' AND masklet.deleted_at IS NULL
            AND NOT EXISTS (SELECT FROM annotator_change change
                LEFT JOIN annotator_propagation made ON made.id = change.propagation_id
                WHERE change.masklet_id = masklet.id AND made.session_id IS DISTINCT FROM run.session_id)""",
    "nobody tracks what they selected": """
        SELECT task.id FROM annotator_task task
        JOIN annotator_project project ON project.id = task.project_id
        JOIN annotator_masklet masklet ON masklet.id = task.masklet_id
        WHERE task.project_id = %(project)s AND project.independent_review AND task.kind = 'track'
            AND task.state IN ('claimed', 'on_hold', 'done') AND task.holder_id = masklet.created_by_id""",
    "of two masklets of one object at most one is in the dataset": """
        SELECT pair.id FROM annotator_consensus pair
        JOIN annotator_masklet first ON first.id = pair.first_id
        JOIN annotator_masklet second ON second.id = pair.second_id
        JOIN annotator_video video ON video.id = first.video_id
        WHERE video.project_id = %(project)s AND first.state = 'accepted' AND second.state = 'accepted'
            AND first.deleted_at IS NULL AND second.deleted_at IS NULL""",
    "the facts of a masklet are as it stands": """
        SELECT masklet.id FROM annotator_masklet masklet JOIN annotator_video video ON video.id = masklet.video_id
        LEFT JOIN annotator_maskletfacts facts ON facts.masklet_id = masklet.id
        WHERE video.project_id = %(project)s AND (
            (facts.project_id, facts.video_id, facts.type, facts.state, facts.set_aside, facts.gone, facts.copy,
                facts.phase, facts.person_id, facts.submitted_at)
            IS DISTINCT FROM (video.project_id, masklet.video_id, masklet.type, masklet.state, masklet.set_aside,
                masklet.deleted_at IS NOT NULL OR video.deleted_at IS NOT NULL, masklet.gold_of_id IS NOT NULL,
                masklet.phase, masklet.tracked_by_id, masklet.submitted_at)
            -- What is counted of it follows with the next sweep.
            OR NOT facts.stale AND facts.verdicts <> (
                SELECT count(*) FROM annotator_verification verdict WHERE verdict.masklet_id = masklet.id))""",
    # As of what is added up: a person's week that was touched since is left out. Ids of people, 0 for nobody.
    "counts add up: cells are the sums of facts": f"""
        WITH facts AS (
            SELECT coalesce(person_id, 0) AS person, annotator_week(coalesce(submitted_at, moved_at)) AS week,
                type, state, set_aside, copy, submitted_at IS NOT NULL AS tracked, phase, model_version_id,
                {", ".join(f"{sum}::bigint AS {name}" for name, sum in _SUMS.items())}
            FROM annotator_maskletfacts WHERE project_id = %(project)s AND NOT gone GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
        ), cells AS (
            SELECT coalesce(person_id, 0) AS person, week, type, state, set_aside, copy, tracked, phase,
                model_version_id, {", ".join(f"sum({name})::bigint AS {name}" for name in _SUMS)}
            FROM annotator_factscell WHERE project_id = %(project)s GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
        ), differing AS (
            (TABLE facts EXCEPT TABLE cells) UNION ALL (TABLE cells EXCEPT TABLE facts)
        )
        SELECT DISTINCT person FROM differing
        WHERE NOT EXISTS (SELECT FROM annotator_factstouched touched WHERE touched.project_id = %(project)s
            AND touched.person = differing.person AND touched.week = differing.week)""",  # noqa: S608 - constants
    "a task that is done is told of once since it last waited": """
        SELECT task.id FROM annotator_task task
        WHERE task.project_id = %(project)s AND task.state = 'done'
            AND 1 <> (SELECT count(*) FROM annotator_taskevent event WHERE event.task_id = task.id
                AND event.kind = 'done')""",
    "an accepted masklet was found satisfactory last": """
        SELECT masklet.id FROM annotator_masklet masklet JOIN annotator_video video ON video.id = masklet.video_id
        WHERE video.project_id = %(project)s AND masklet.state = 'accepted'
            AND 'satisfactory' IS DISTINCT FROM (SELECT verdict.verdict FROM annotator_verification verdict
                WHERE verdict.masklet_id = masklet.id ORDER BY verdict.id DESC LIMIT 1)""",
    "every verdict finished a task": """
        SELECT video.id FROM annotator_video video
        WHERE video.project_id = %(project)s AND (
            SELECT count(*) FROM annotator_verification verdict
            JOIN annotator_masklet masklet ON masklet.id = verdict.masklet_id
            WHERE masklet.video_id = video.id AND verdict.reviewer_id IS NOT NULL
        ) <> (
            SELECT count(*) FROM annotator_task task
            WHERE task.video_id = video.id AND task.kind IN ('verify', 'audit') AND task.state = 'done'
                AND task.holder_id IS NOT NULL)""",
}


def broken(project: Project) -> dict[str, list[int]]:
    """The promises that do not hold in the project, each with the ids of the rows that break it; empty is well."""
    found = {}
    with connection.cursor() as cursor:
        for promise, query in _BROKEN.items():
            cursor.execute(query, {"project": project.pk})
            if rows := [row[0] for row in cursor]:
                found[promise] = rows
    return found
