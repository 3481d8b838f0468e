"""Who may do what in a project. One table; everything else asks it."""

from __future__ import annotations

from enum import StrEnum

from annotator.errors import NotAllowed, NotThere
from annotator.models import Membership, Project, User

_Role = Membership.Role


class Act(StrEnum):
    SEE = "see this project"
    ANNOTATE = "label masklets"
    VERIFY = "give verdicts"
    UPLOAD = "upload and edit videos"
    DELETE_VIDEO = "delete videos"
    EXPORT = "export datasets"
    STEER = "steer the project's work"
    SEE_MEMBERS = "see the members"
    ADMINISTER = "change the project and its members"


ALLOWED: dict[Act, frozenset[str]] = {
    Act.SEE: frozenset(_Role.values),
    Act.ANNOTATE: frozenset({_Role.ANNOTATOR, _Role.MANAGER, _Role.OWNER}),
    Act.VERIFY: frozenset({_Role.REVIEWER, _Role.MANAGER, _Role.OWNER}),
    Act.UPLOAD: frozenset({_Role.MANAGER, _Role.OWNER}),
    Act.DELETE_VIDEO: frozenset({_Role.OWNER}),
    Act.EXPORT: frozenset({_Role.MANAGER, _Role.OWNER}),
    Act.STEER: frozenset({_Role.MANAGER, _Role.OWNER}),
    Act.SEE_MEMBERS: frozenset({_Role.MANAGER, _Role.OWNER}),
    Act.ADMINISTER: frozenset({_Role.OWNER}),
}


def role_in(user: User, project: Project) -> str | None:
    """The person's role, None for a stranger."""
    return Membership.objects.filter(user=user, project=project).values_list("role", flat=True).first()


def membership_of(user: User, project: Project, *, held: bool = False) -> Membership:
    """The person's place in the project; held: as it stays until commit.

    Raises NotThere for a stranger, who is not to learn what exists.
    """
    rows = Membership.objects.filter(user=user, project=project)
    found = (rows.select_for_update(no_key=True) if held else rows).first()
    if found is None:
        raise NotThere()
    found.user, found.project = user, project
    return found


def require(user: User, project: Project, act: Act) -> str:
    """The role that allows the act.

    Raises NotThere for a stranger and NotAllowed for a member whose role does not reach.
    """
    role = membership_of(user, project).role
    check_role(role, act)
    return role


def check_role(role: str, act: Act) -> None:
    """Raises NotAllowed when the role does not reach."""
    if role not in ALLOWED[act]:
        raise NotAllowed(f"Your role in this project ({role}) does not let you {act.value}.", role=role)
