"""Rows that tests start from."""

from __future__ import annotations

from annotator.models import Membership, Project, User

PASSWORD = "correct horse battery staple"


def make_project(slug: str = "street") -> Project:
    return Project.objects.create(slug=slug, name=slug.capitalize())


def make_user(username: str) -> User:
    return User.objects.create_user(username=username, password=PASSWORD)


def make_member(project: Project, role: str, username: str | None = None) -> User:
    """A new user with one role in the project, named after the role unless told otherwise."""
    user = make_user(username or role)
    Membership.objects.create(project=project, user=user, role=role)
    return user
