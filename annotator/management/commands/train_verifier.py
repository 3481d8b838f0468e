"""manage.py train_verifier --project SLUG"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.errors import AnnotatorError
from annotator.management import named
from annotator.models import VerifierModel
from annotator.services import verifier_models


class Command(BaseCommand):
    help = "Trains a project's verifier model on the verdicts that people gave."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", required=True, metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        project = named.project(options["project"])
        try:
            asked = verifier_models.request(project=project, user=named.member(project), wake=False)
        except AnnotatorError as error:
            raise CommandError(error.message) from error
        model = verifier_models.train(asked.pk)
        if model.state == VerifierModel.State.FAILED:
            raise CommandError(model.error)
        report = model.report
        self.stdout.write(
            f"Model {model.pk} of {report['verdicts']} verdicts, {report['satisfactory']} of them satisfactory. "
            f"Brier score {report['brier']:.3f}; {report['brier_of_the_share']:.3f} is that of a constant."
        )
        for row in report["confusion"]:
            self.stdout.write(
                f"from {row['threshold']:.2f}: {row['both']} rightly, {row['model_only']} wrongly accepted; "
                f"{row['people_only']} satisfactory ones left to people"
            )
