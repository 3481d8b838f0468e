from __future__ import annotations

from django.db.models import Q, QuerySet

from annotator.models import Consensus, Masklet, Project


def in_project(project: Project) -> QuerySet[Consensus]:
    """The project's pairs, newest first, ready for ConsensusShape."""
    rows = Consensus.objects.filter(first__video__project=project, first__video__deleted_at__isnull=True)
    return _described(rows).order_by("-pk")


def decided(masklet: Masklet) -> Consensus | None:
    """The pair that the masklet is one of, ready for ConsensusShape; None as long as somebody is to decide."""
    mine = Q(first=masklet) | Q(second=masklet)
    return _described(Consensus.objects.filter(mine, decided_at__isnull=False)).first()


def _described(rows: QuerySet[Consensus]) -> QuerySet[Consensus]:
    people = ("first__tracked_by", "second__tracked_by", "decided_by", "first__video")
    return rows.select_related(*people, "second")
