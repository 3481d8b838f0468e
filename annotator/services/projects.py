"""Projects and who works in them."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from annotator.errors import Conflict, NotPossible, NotThere
from annotator.models import Membership, Project, User, Video
from annotator.services import routing, training

_Role = Membership.Role


def create(*, owner: User, name: str, slug: str = "", **settings: Any) -> Project:
    """A new project; its maker is its owner."""
    slug = slug or slugify(name)[:50]
    if not slug:
        raise NotPossible("Give the project a name with letters or digits, or a slug.", code="bad_slug")
    try:
        with transaction.atomic():
            project = Project.objects.create(slug=slug, name=name, **settings)
            Membership.objects.create(project=project, user=owner, role=_Role.OWNER)
    except IntegrityError:
        raise Conflict(
            f"There is a project {slug} already. Choose another name.", code="slug_taken"
        ) from None
    return project


@transaction.atomic
def edit(*, project: Project, **settings: Any) -> Project:
    """Change a project's settings. The stride stays once there are videos: their masks stand on it.

    Where work comes from the queue alone from now on, the queue asks for what is there and not done.
    """
    was_free = not project.pull_only
    if (
        settings.get("stride", project.stride) != project.stride
        and Video.objects.filter(project=project).exists()
    ):
        raise Conflict("The stride cannot change any more: videos are ingested with it.", code="stride_fixed")
    for name, value in settings.items():
        setattr(project, name, value)
    project.save(update_fields=list(settings))
    if was_free and project.pull_only:
        routing.after_pull_only(project)
    return project


@transaction.atomic
def set_member(*, project: Project, username: str, **fields: Any) -> Membership:
    """Give a person a role in the project, a queue to be served from, skills; what is not named stays.

    Raises NotPossible `no_role` where the person is new and no role is given.
    """
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise NotThere(
            f"There is nobody called {username}. An administrator can add people.", code="no_such_user"
        )
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if fields.get("role", _Role.OWNER) != _Role.OWNER:
        _keep_an_owner(project, user)
    present = Membership.objects.filter(project=project, user=user).values_list("role", flat=True).first()
    role = fields.get("role", present)
    if role is None:
        raise NotPossible(f"{username} is not in this project. Give them a role first.", code="no_role")
    if role == _Role.REVIEWER:  # who labels nothing has nothing to train on
        fields["queue"] = Membership.Queue.PRODUCTION
    new = {"queue": training.first_queue(project, role), **fields}
    member, made = Membership.objects.update_or_create(
        project=project, user=user, defaults=fields, create_defaults=new
    )
    if not made:
        training.take_back(member, None)
    return member


@transaction.atomic
def remove_member(*, project: Project, username: str) -> None:
    """Take a person out of the project; what they did stays theirs."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    rows = Membership.objects.select_for_update(of=("self",)).select_related("user")
    member = rows.filter(project=project, user__username=username).first()
    if member is None:
        raise NotThere(f"{username} is not in this project.")
    _keep_an_owner(project, member.user)
    training.take_back(member, None, left=True)
    member.delete()


def _keep_an_owner(project: Project, leaving: User) -> None:
    owners = Membership.objects.filter(project=project, role=_Role.OWNER)
    if owners.filter(user=leaving).exists() and owners.count() == 1:
        raise Conflict("A project needs an owner. Make somebody else owner first.", code="last_owner")
