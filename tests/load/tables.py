"""Tables as full as a large team's after years, made by the database itself."""

from __future__ import annotations

MASKLETS = 600_000
PER_VIDEO, PEOPLE = 12, 120

_FILL = """
SET LOCAL session_replication_role = replica;  -- neither triggers nor foreign keys: the rows below agree

INSERT INTO annotator_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
    date_joined)
SELECT '', false, 'person' || n, '', '', '', false, true, now() FROM generate_series(1, {people}) n;

INSERT INTO annotator_membership (project_id, user_id, role, queue, skills)
SELECT {project}, id, CASE id % 3 WHEN 0 THEN 'reviewer' ELSE 'annotator' END, 'production', '{{}}'
FROM annotator_user WHERE username IN (SELECT 'person' || n FROM generate_series(1, {people}) n);

INSERT INTO annotator_modelversion (engine, weights, weights_sha256, thresholds)
SELECT 'sam2', 'weights' || n, '', '{{}}' FROM generate_series(1, 6) n;

INSERT INTO annotator_video (project_id, number, video_id, name, state, progress, attempt, refusal_code,
    refusal_message, source_key, source_filename, source_bytes, source_sha256, source_facts, stride, height,
    width, frame_count, is_image, working_sha256, source_mapping, decode_faults, filmstrip, environment, country,
    author, licence, consent_reference, objectionable, tags, split, created_by_id, created_at)
SELECT {project}, n, 'load_' || n, 'clip ' || n, 'ready', 1, 1, '', '', '', '', 1, '', '{{}}', 4, 1080, 1440,
    100 + n % 400, false, 'x', '{{}}', '[]', '{{}}', CASE n % 2 WHEN 0 THEN 'Indoor' ELSE 'Outdoor' END,
    'country' || n % 47, 'author' || n % 900, '', '', false, '{{}}', 'train', {user}, now()
FROM generate_series(1, {videos}) n;

INSERT INTO annotator_masklet (video_id, number, name, color, type, state, version, created_by_id, tracked_by_id,
    submitted_at, set_aside, is_gold, phase, created_at)
SELECT video.id, place, 'Object', place % 12,
    -- Of a model: three of four. Some that failed people mended, and those are theirs.
    CASE WHEN place % 4 = 0 OR (video.id + place) % 12 = 11 THEN 'manual' ELSE 'auto' END,
    made.state, 3, {user}, CASE WHEN made.state <> 'in_work' THEN {user} + 1 + (video.id * 7 + place) % {people} END,
    CASE WHEN made.state <> 'in_work' THEN now() - (200 - 200.0 * video.number / {videos}) * interval '1 day' END,
    CASE WHEN made.state <> 'set_aside' THEN '' WHEN place % 4 = 0 THEN 'too_easy' ELSE 'auto_failure' END, false,
    CASE WHEN made.state <> 'in_work' THEN 1 + video.number * 3 / ({videos} + 1) END, now()
FROM annotator_video video CROSS JOIN generate_series(0, {per_video} - 1) place
CROSS JOIN LATERAL (SELECT (ARRAY['in_work', 'submitted', 'submitted', 'refine', 'rejected', 'set_aside', 'accepted',
    'accepted', 'accepted', 'accepted', 'accepted', 'accepted'])[1 + (video.id + place) % 12] AS state) made
WHERE video.project_id = {project};

-- Of each video a run, most of them of the newest model version.
INSERT INTO annotator_session (purpose, video_id, user_id, state, lease_until, engine_name, engine_state,
    engine_notice, opened_at, closed_at)
SELECT 'auto', id, {user}, 'closed', now(), '', 'none', '', now(), now()
FROM annotator_video WHERE project_id = {project};

INSERT INTO annotator_autorun (video_id, session_id, requested_by_id, state, settings, model_version_id, candidates,
    kept, found, engine_ms, prompts_done, prompts_total, attempt, error, created_at, progress_at, finished_at)
SELECT video.id, session.id, {user}, 'finished', '{{}}',
    newest.id - CASE WHEN video.number % 4 = 0 THEN 1 + video.number / 4 % 5 ELSE 0 END, 100, {per_video} * 3 / 4, '{{}}',
    60000, 2304, 2304, 1, '', now(), now(), now()
FROM annotator_video video JOIN annotator_session session ON session.video_id = video.id
CROSS JOIN (SELECT max(id) AS id FROM annotator_modelversion) newest
WHERE video.project_id = {project};

INSERT INTO annotator_maskletfacts (masklet_id, project_id, video_id, type, state, set_aside, gone, copy, phase,
    person_id, submitted_at, moved_at, stale, frames, edited_frames, clicks, clicked_frames, active_ms,
    visible_frames, mean_area, relative_area, first_slot, visibility_changes, engine_ms, verdicts, returns,
    compared, aligned, bucket, proposed_by_id, failed, model_version_id)
SELECT masklet.id, {project}, masklet.video_id, type, masklet.state, set_aside, false, false, phase, tracked_by_id,
    submitted_at, coalesce(submitted_at, now()), false, 60, 1 + masklet.id % 20, masklet.id % 40,
    1 + masklet.id % 15, 200000 + masklet.id % 100000, 50, 100 + masklet.id % 40000,
    (100 + masklet.id % 40000) / 1555200.0, masklet.id % 60, masklet.id % 4, 4000, 1, (masklet.id % 5 = 0)::int,
    50, 43, 'medium', run.model_version_id,
    run.id IS NOT NULL AND (type = 'manual' OR masklet.state IN ('refine', 'set_aside')),
    newest.id - least((row_number() OVER (ORDER BY masklet.id)) * 6 / ({videos} * {per_video} + 1), 5)
FROM annotator_masklet masklet JOIN annotator_video video ON video.id = masklet.video_id
LEFT JOIN annotator_autorun run ON run.video_id = video.id AND masklet.number % 4 > 0
CROSS JOIN (SELECT max(id) AS id FROM annotator_modelversion) newest
WHERE video.project_id = {project};

INSERT INTO annotator_propagation (session_id, requested_by_id, direction, start_frame, runs, state, attempt,
    frames_total, frames_done, engine_ms, error, created_at, progress_at)
SELECT session_id, {user}, 'forward', 0, '[]', 'finished', 1, 60, 60, 3000, '', now(), now()
FROM annotator_autorun CROSS JOIN generate_series(1, {per_video} * 3 / 4)
WHERE video_id IN (SELECT id FROM annotator_video WHERE project_id = {project});

INSERT INTO annotator_propagation_masklets (propagation_id, masklet_id)
SELECT pass.id, masklet.id
FROM (
    SELECT id, video_id, row_number() OVER (PARTITION BY video_id ORDER BY id) AS place
    FROM annotator_masklet WHERE number % 4 > 0
) masklet
JOIN annotator_autorun run ON run.video_id = masklet.video_id
JOIN (
    SELECT id, session_id, row_number() OVER (PARTITION BY session_id ORDER BY id) AS place FROM annotator_propagation
) pass ON pass.session_id = run.session_id AND pass.place = masklet.place
WHERE run.video_id IN (SELECT id FROM annotator_video WHERE project_id = {project});

INSERT INTO annotator_verification (project_id, masklet_id, reviewer_id, worker_id, stage, verdict, comment, version,
    unseen_frames, created_at)
SELECT {project}, masklet.id, {user} + 1 + masklet.id % {people},
    CASE WHEN number % 4 = 0 OR type = 'manual' AND given.version = 2 THEN tracked_by_id END, 'verify',
    CASE WHEN given.version = 1 OR masklet.state IN ('refine', 'set_aside') THEN 'unsatisfactory'
        WHEN masklet.state = 'accepted' THEN 'satisfactory' ELSE 'rejected' END,
    '', given.version, (masklet.id % 20 = 0)::int, submitted_at
FROM annotator_masklet masklet CROSS JOIN generate_series(1, 2) given(version)
WHERE (given.version = 2 AND (masklet.state IN ('accepted', 'refine', 'rejected') OR set_aside = 'auto_failure')
        -- What failed before people mended it.
        OR given.version = 1 AND number % 4 > 0 AND type = 'manual' AND masklet.state = 'accepted')
    AND video_id IN (SELECT id FROM annotator_video WHERE project_id = {project});

INSERT INTO annotator_verification (project_id, masklet_id, reviewer_id, worker_id, stage, verdict, comment, version,
    created_at)
SELECT project_id, masklet_id, {user}, worker_id, 'audit', CASE WHEN masklet_id % 70 = 0 THEN 'unsatisfactory'
    ELSE 'satisfactory' END, '', 3, created_at + interval '1 hour'
FROM annotator_verification WHERE project_id = {project} AND verdict = 'satisfactory' AND masklet_id % 10 = 0;

INSERT INTO annotator_factstouched (project_id, person, week)
SELECT DISTINCT project_id, coalesce(person_id, 0), annotator_week(coalesce(submitted_at, moved_at))
FROM annotator_maskletfacts WHERE project_id = {project};

INSERT INTO annotator_task (project_id, video_id, masklet_id, kind, state, queue, priority, skill, holder_id, workers,
    skipped_by, outcome, note, answer_note, held_because, created_at, waiting_since, claimed_at,
    done_at)
SELECT {project}, video_id, id, CASE state WHEN 'refine' THEN 'refine' WHEN 'in_work' THEN 'track' ELSE 'verify' END,
    CASE WHEN state IN ('in_work', 'submitted', 'refine') THEN 'waiting' ELSE 'done' END, 'production', 0, '',
    CASE WHEN state NOT IN ('in_work', 'submitted', 'refine') THEN {user} + 1 + id % {people} END,
    CASE WHEN number % 4 = 0 THEN array_remove(ARRAY[{user}, tracked_by_id], NULL) ELSE '{{}}' END, '{{}}',
    CASE state WHEN 'accepted' THEN 'satisfactory' WHEN 'rejected' THEN 'rejected' ELSE '' END, '', '', '', now(),
    coalesce(submitted_at, now()), done.at, done.at
FROM annotator_masklet
CROSS JOIN LATERAL (SELECT CASE WHEN state NOT IN ('in_work', 'submitted', 'refine') THEN submitted_at END AS at) done
WHERE video_id IN (SELECT id FROM annotator_video WHERE project_id = {project});

INSERT INTO annotator_thread (video_id, masklet_id, first_frame, last_frame, created_by_id, created_at, said_at,
    resolved_at)
SELECT video_id, CASE WHEN video_id % 5 > 0 THEN id END, 8, 8, {user}, now(), now() - id * 7919 % 9973 * interval '1 h',
    CASE WHEN video_id % 3 = 0 THEN now() END
FROM annotator_masklet
WHERE number = 4 AND video_id IN (SELECT id FROM annotator_video WHERE project_id = {project});

INSERT INTO annotator_comment (thread_id, user_id, text, created_at)
SELECT thread.id, {user} + 1 + (thread.id + turn) % {people}, 'Is this the corner of it, or its shadow?', now()
FROM annotator_thread thread CROSS JOIN generate_series(1, 3) turn
WHERE thread.video_id IN (SELECT id FROM annotator_video WHERE project_id = {project})
ORDER BY thread.id * turn % 9973;

INSERT INTO annotator_task (project_id, video_id, kind, state, queue, priority, skill, holder_id, workers, skipped_by,
    outcome, note, answer_note, held_because, created_at, waiting_since, done_at)
SELECT project_id, id, 'select', 'done', 'production', 0, '', {user} + 1 + id % {people}, '{{}}', '{{}}', 'selected', '',
    '', '', now(), now(), now() - (200 - 200.0 * number / {videos}) * interval '1 day'
FROM annotator_video WHERE project_id = {project};
"""


def filling(project: int, user: int, masklets: int = MASKLETS) -> str:
    """The script that fills an empty project: members, videos, masklets with their runs and facts, tasks and comments.
    For one transaction, by a superuser of the database.

    user: who made them; tracked by others, whose ids follow on it.
    """
    return _FILL.format(
        project=project, user=user, videos=masklets // PER_VIDEO, per_video=PER_VIDEO, people=PEOPLE
    )
