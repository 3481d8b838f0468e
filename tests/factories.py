"""Rows that tests start from."""

from __future__ import annotations

from annotator.models import Membership, Project, User, Video

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


def make_video(project: Project, user: User, *, frames: int = 41, height: int = 48, width: int = 64) -> Video:
    """A ready video whose media files are not there: for tests that look at rows only."""
    number = Video.objects.filter(project=project).count() + 1
    return Video.objects.create(
        project=project,
        number=number,
        video_id=f"{project.slug}_{number:06d}",
        name=f"clip {number}",
        state=Video.State.READY,
        stride=project.stride,
        height=height,
        width=width,
        frame_count=frames,
        working_sha256="0" * 64,
        source_key="",
        source_filename="clip.mp4",
        source_bytes=1,
        source_sha256="0" * 64,
        environment="Indoor",
        created_by=user,
    )
