from django.conf import settings
from django.db import migrations, models
from django.db.models import PROTECT, Q

# Of verdicts given so far it is only known who handed the masklet in last.
BEFORE = """
UPDATE annotator_verification given SET worker_id = masklet.tracked_by_id
FROM annotator_masklet masklet WHERE masklet.id = given.masklet_id
"""


class Migration(migrations.Migration):
    dependencies = [("annotator", "0006_suspicious_first")]

    operations = [
        migrations.AddField(
            model_name="verification",
            name="worker",
            field=models.ForeignKey(
                null=True, on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.RunSQL(BEFORE, migrations.RunSQL.noop),
        migrations.AlterField(model_name="goldscore", name="j", field=models.FloatField(null=True)),
        migrations.AlterField(model_name="goldscore", name="f", field=models.FloatField(null=True)),
        migrations.AddIndex(
            model_name="consensus",
            index=models.Index(
                condition=Q(("j__isnull", True)), fields=["created_at"], name="consensus_owed"
            ),
        ),
        migrations.AddIndex(
            model_name="goldscore",
            index=models.Index(
                condition=Q(("j__isnull", True)), fields=["created_at"], name="gold_score_owed"
            ),
        ),
        migrations.AddIndex(
            model_name="masklet",
            index=models.Index(condition=Q(("is_gold", True)), fields=["video"], name="masklet_gold"),
        ),
        migrations.AddConstraint(
            model_name="masklet",
            constraint=models.CheckConstraint(
                condition=Q(("is_gold", False), ("state", "accepted"), _connector="OR"),
                name="masklet_gold_is_accepted",
            ),
        ),
    ]
