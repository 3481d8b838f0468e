from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("annotator", "0012_cells_follow_facts")]

    operations = [
        migrations.AddField(
            model_name="project",
            name="auto_min_iou",
            field=models.FloatField(default=0.8, validators=[MinValueValidator(0), MaxValueValidator(1)]),
        ),
        migrations.AddField(
            model_name="project",
            name="auto_min_stability",
            field=models.FloatField(default=0.95, validators=[MinValueValidator(0), MaxValueValidator(1)]),
        ),
        migrations.AddField(
            model_name="project",
            name="auto_most",
            field=models.PositiveSmallIntegerField(
                default=24, validators=[MinValueValidator(1), MaxValueValidator(100)]
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=Q(
                    auto_min_iou__range=(0, 1), auto_min_stability__range=(0, 1), auto_most__range=(1, 100)
                ),
                name="project_auto_limits",
            ),
        ),
    ]
