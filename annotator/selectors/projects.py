from __future__ import annotations

from django.db.models import Count, F, QuerySet

from annotator.models import Masklet, Project, User, Video


def of_user(user: User) -> QuerySet[Project]:
    """The projects that the person is in, with their role."""
    return (
        Project.objects.filter(memberships__user=user)
        .annotate(role=F("memberships__role"))
        .order_by("name", "id")
    )


def counts(project: Project) -> dict[str, int]:
    """How many videos there are, and masklets in each state."""
    masklets = Masklet.objects.filter(
        video__project=project, deleted_at__isnull=True, video__deleted_at__isnull=True
    )
    by_state = dict(masklets.order_by().values_list("state").annotate(n=Count("*")))
    videos = Video.objects.filter(project=project, deleted_at__isnull=True).count()
    return {"videos": videos, **{state: by_state.get(state, 0) for state in Masklet.State.values}}
