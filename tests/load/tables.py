"""Tables as full as a large team's after years, made by the database itself."""

from __future__ import annotations

MASKLETS = 600_000
PER_VIDEO, PEOPLE = 12, 120

_FILL = """
INSERT INTO annotator_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
    date_joined)
SELECT '', false, 'person' || n, '', '', '', false, true, now() FROM generate_series(1, {people}) n;

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
SELECT video.id, place, 'Object', place % 12, CASE WHEN place % 4 = 0 THEN 'manual' ELSE 'auto' END,
    made.state, 3, {user}, CASE WHEN made.state <> 'in_work' THEN {user} + 1 + (video.id * 7 + place) % {people} END,
    CASE WHEN made.state <> 'in_work' THEN now() - (200 - 200.0 * video.number / {videos}) * interval '1 day' END,
    CASE WHEN made.state = 'set_aside' THEN 'too_easy' ELSE '' END, false,
    CASE WHEN made.state <> 'in_work' THEN 1 + video.number * 3 / ({videos} + 1) END, now()
FROM annotator_video video CROSS JOIN generate_series(0, {per_video} - 1) place
CROSS JOIN LATERAL (SELECT (ARRAY['in_work', 'submitted', 'submitted', 'refine', 'rejected', 'set_aside', 'accepted',
    'accepted', 'accepted', 'accepted', 'accepted', 'accepted'])[1 + (video.id + place) % 12] AS state) made
WHERE video.project_id = {project};

UPDATE annotator_maskletfacts SET stale = false, frames = 60, edited_frames = 1 + masklet_id % 20,
    clicks = masklet_id % 40, clicked_frames = 1 + masklet_id % 15, active_ms = 200000 + masklet_id % 100000,
    visible_frames = 50, mean_area = 100 + masklet_id % 40000, relative_area = (100 + masklet_id % 40000) / 1555200.0,
    first_slot = masklet_id % 60, visibility_changes = masklet_id % 4, engine_ms = 4000, verdicts = 1,
    returns = (masklet_id % 5 = 0)::int, compared = 50, aligned = 43, bucket = 'medium',
    moved_at = coalesce(submitted_at, now()),
    model_version_id = (SELECT max(id) FROM annotator_modelversion)
        - least(masklet_id * 6 / ({videos} * {per_video} + 1), 5)
WHERE project_id = {project};

INSERT INTO annotator_task (project_id, video_id, masklet_id, kind, state, queue, priority, skill, holder_id, workers,
    skipped_by, outcome, note, created_at, waiting_since, done_at)
SELECT {project}, video_id, id, CASE state WHEN 'refine' THEN 'refine' WHEN 'in_work' THEN 'track' ELSE 'verify' END,
    CASE WHEN state IN ('in_work', 'submitted', 'refine') THEN 'waiting' ELSE 'done' END, 'production', 0, '',
    CASE WHEN state NOT IN ('in_work', 'submitted', 'refine') THEN {user} + 1 + id % {people} END, '{{}}', '{{}}',
    CASE state WHEN 'accepted' THEN 'satisfactory' WHEN 'rejected' THEN 'rejected' ELSE '' END, '', now(),
    coalesce(submitted_at, now()),
    CASE WHEN state NOT IN ('in_work', 'submitted', 'refine') THEN submitted_at END
FROM annotator_masklet WHERE video_id IN (SELECT id FROM annotator_video WHERE project_id = {project});
"""


def statements(project: int, user: int, masklets: int = MASKLETS) -> list[str]:
    """What fills a project that is empty yet: people, videos, masklets with their facts, and tasks.

    user: who made them; tracked by others, whose ids follow on it.
    """
    filled = _FILL.format(
        project=project, user=user, videos=masklets // PER_VIDEO, per_video=PER_VIDEO, people=PEOPLE
    )
    return [part for part in filled.split(";\n") if part.strip()]
