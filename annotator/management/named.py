"""Rows that a command's arguments name, or a sentence that says what there is instead."""

from __future__ import annotations

from django.core.management.base import CommandError

from annotator.models import Membership, Project, User


def project(slug: str) -> Project:
    """Raises CommandError with the slugs that there are."""
    found = Project.objects.filter(slug=slug).first()
    if found is None:
        slugs = Project.objects.order_by("slug").values_list("slug", flat=True)
        raise CommandError(f"There is no project {slug}. There are: {', '.join(slugs) or 'none yet'}.")
    return found


def member(project: Project, username: str | None = None) -> User:
    """The member of that name, by default the project's first owner. Raises CommandError."""
    members = Membership.objects.filter(project=project).select_related("user").order_by("pk")
    chosen = (
        members.filter(user__username=username) if username else members.filter(role=Membership.Role.OWNER)
    ).first()
    if chosen is None:
        raise CommandError(
            f"{username or 'An owner'} is not in the project {project.slug}. Name a member with --as."
        )
    return chosen.user
