from __future__ import annotations

from django.db.models import QuerySet

from annotator.models import Consensus, Project


def in_project(project: Project) -> QuerySet[Consensus]:
    """The project's pairs, newest first, ready for ConsensusShape."""
    people = ("first__tracked_by", "second__tracked_by", "decided_by", "first__video")
    rows = Consensus.objects.filter(first__video__project=project, first__video__deleted_at__isnull=True)
    return rows.select_related(*people, "second").order_by("-pk")
