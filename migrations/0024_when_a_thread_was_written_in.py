import django.utils.timezone
from django.db import migrations, models
from django.db.models import Q

_SAID_AT = """
UPDATE annotator_thread SET said_at = newest.said_at
FROM (SELECT thread_id, max(created_at) AS said_at FROM annotator_comment GROUP BY thread_id) newest
WHERE newest.thread_id = annotator_thread.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("annotator", "0023_words_of_answers"),
    ]

    operations = [
        migrations.AddField(
            model_name="thread",
            name="said_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.RunSQL(_SAID_AT, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="masklet",
            index=models.Index(
                fields=["id"],
                condition=Q(deleted_at__isnull=False) | Q(gold_of__isnull=False),
                name="masklet_apart",
            ),
        ),
    ]
