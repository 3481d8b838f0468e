from django.db import migrations

VERIFY = """
INSERT INTO annotator_task (project_id, video_id, masklet_id, kind, state, queue, priority, skill, workers,
    skipped_by, outcome, note, created_at, waiting_since)
SELECT video.project_id, video.id, masklet.id, %(kind)s, 'waiting', 'production', 0, '',
    CASE WHEN %(kind)s = 'refine' THEN '{}' ELSE ARRAY(
        SELECT masklet.created_by_id UNION SELECT masklet.tracked_by_id WHERE masklet.tracked_by_id IS NOT NULL
        UNION SELECT change.user_id FROM annotator_change change WHERE change.masklet_id = masklet.id) END,
    '{}', '', '', now(), coalesce(masklet.submitted_at, now())
FROM annotator_masklet masklet JOIN annotator_video video ON video.id = masklet.video_id
WHERE masklet.state = %(state)s AND masklet.deleted_at IS NULL AND video.deleted_at IS NULL
"""


def make(apps, editor):
    """What waited for a verdict or for refinement waits as a task from now on."""
    with editor.connection.cursor() as cursor:
        cursor.execute(VERIFY, {"kind": "verify", "state": "submitted"})
        cursor.execute(VERIFY, {"kind": "refine", "state": "refine"})
        # A hold on a masklet to verify belongs to a task from now on; its page opens it again.
        cursor.execute(
            "UPDATE annotator_session SET state = 'closed', closed_at = now() "
            "WHERE state = 'open' AND purpose = 'verify'"
        )


class Migration(migrations.Migration):
    dependencies = [("annotator", "0003_data_engine")]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
