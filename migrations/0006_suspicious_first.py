from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotator", "0005_phase_of_a_masklet")]

    operations = [
        migrations.AddField(
            model_name="project",
            name="suspicious_first",
            field=models.BooleanField(default=False),
        ),
    ]
