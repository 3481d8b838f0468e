"""Every pair of states of every state machine: what is allowed happens, everything else is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from annotator.errors import IllegalTransition
from annotator.models import Export, Masklet, Project, Propagation, Session, Task, User, Video
from annotator.services import exports, masklets, propagations, tasks, videos
from annotator.transitions import move
from tests.factories import make_video

MACHINES: dict[type, tuple[Any, set[tuple[str, str]]]] = {
    Masklet: (
        masklets.TRANSITIONS,
        {
            ("in_work", "submitted"), ("refine", "submitted"), ("submitted", "refine"),
            ("submitted", "accepted"), ("submitted", "rejected"),
            ("accepted", "refine"), ("accepted", "rejected"),  # an audit may find what the reviewer missed
            ("rejected", "submitted"),
            ("set_aside", "submitted"), ("set_aside", "refine"),
            *((state, "set_aside") for state in ("in_work", "refine", "submitted", "accepted")),
        },
    ),
    Propagation: (
        propagations.TRANSITIONS,
        {
            ("queued", "running"), ("queued", "stopping"), ("running", "stopping"),
            *((active, end) for active in ("queued", "running", "stopping")
              for end in ("stopped", "finished", "failed")),
        },
    ),
    Video: (
        videos.TRANSITIONS,
        {
            ("refused", "queued"), ("ingesting", "queued"), ("queued", "ingesting"),
            ("ingesting", "ready"), ("ingesting", "refused"),
        },
    ),
    Task: (
        tasks.TRANSITIONS,
        {
            ("waiting", "claimed"), ("claimed", "waiting"), ("claimed", "on_hold"), ("on_hold", "waiting"),
            ("on_hold", "claimed"),
            *((state, end) for state in ("waiting", "claimed", "on_hold") for end in ("done", "cancelled")),
        },
    ),
    Export: (
        exports.TRANSITIONS,
        {("running", "queued"), ("queued", "running"), ("running", "done"), ("queued", "failed"),
         ("running", "failed")},
    ),
}  # fmt: skip
PAIRS = [
    pytest.param(kind, before, after, id=f"{kind.__name__} {before} to {after}")
    for kind in MACHINES
    for before in kind.State.values  # type: ignore[attr-defined]
    for after in kind.State.values  # type: ignore[attr-defined]
]


@pytest.fixture
def rows(project: Project, annotator: User) -> dict[type, Any]:
    video = make_video(project, annotator)
    session = Session.objects.create(
        purpose="annotate", video=video, user=annotator, lease_until=timezone.now()
    )
    return {
        Video: video,
        Masklet: Masklet.objects.create(
            video=video, number=0, name="a", created_by=annotator, tracked_by=annotator, submitted_at=timezone.now()
        ),
        Propagation: Propagation.objects.create(
            session=session, requested_by=annotator, direction="forward", start_frame=0, runs=[], frames_total=1
        ),
        Task: Task.objects.create(kind="select", project=project, video=video),
        Export: Export.objects.create(project=project, format="sav"),
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "before", "after"), PAIRS)
def test_a_state_is_reached_from_where_it_may_be_and_from_nowhere_else(
    rows: dict[type, Any], annotator: User, kind: type, before: str, after: str
) -> None:
    table, allowed = MACHINES[kind]
    row = rows[kind]
    kind.objects.filter(pk=row.pk).update(state=before, **besides(kind, before, annotator))  # type: ignore[attr-defined]
    row.state = "what memory says does not count"
    if (before, after) in allowed:
        move(row, after, table, **besides(kind, after, annotator))
        assert row.state == after
    else:
        with pytest.raises(IllegalTransition) as refused:
            move(row, after, table, **besides(kind, after, annotator))
        assert refused.value.data["state"] == before
    row.refresh_from_db()
    assert row.state == (after if (before, after) in allowed else before)


def besides(kind: type, state: str, user: User) -> dict[str, Any]:
    """What a row in this state has to say as well."""
    if kind is Masklet:
        return {"set_aside": "too_easy" if state == "set_aside" else ""}
    if kind is Task:
        held = state in ("claimed", "on_hold")
        return {"holder": user if held else None, "done_at": timezone.now() if state == "done" else None}
    return {}


@pytest.mark.parametrize("kind", MACHINES)
def test_a_machine_knows_all_states_of_its_rows(kind: type) -> None:
    table, _ = MACHINES[kind]
    states = set(kind.State.values)  # type: ignore[attr-defined]
    assert set(table) == states
    assert set().union(*table.values()) <= states
