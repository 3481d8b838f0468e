"""What is measured of the masks of a pass as they are stored, and that undo brings it back as it was."""

from __future__ import annotations

import pytest

from annotator.models import Change, Masklet, Project, User
from annotator.selectors import masks, triage
from tests.annotator.desk import Desk, square
from tests.factories import make_video

FRAMES = list(range(4, 41, 4))


@pytest.fixture
def desk(annotator: User, project: Project) -> Desk:
    return Desk(annotator, make_video(project, annotator))


def measured(desk: Desk) -> dict[int, triage.Measured]:
    return {row.frame_index: row for row in triage.measured(Masklet.objects.get(pk=desk.masklet))}


def suspicions(desk: Desk) -> dict[int, float | None]:
    return {frame: row.suspicion for frame, row in masks.by_frame(desk.masklet).items()}


def with_a_jump(desk: Desk) -> None:
    """A pass that loses the object on frame 20, for another one far away, and finds it again."""
    desk.draw(0, square(5))
    row = desk.propagate(0)
    desk.fill(row, [4, 8, 12, 16], 5)
    desk.fill(row, [20], 45)
    desk.fill(row, [24, 28, 32, 36, 40], 5, state="finished")


def test_a_jump_is_seen_across_chunks_and_calm_frames_are_not_suspected(desk: Desk) -> None:
    with_a_jump(desk)
    found = suspicions(desk)
    assert found.pop(0) is None  # a person drew it
    assert {frame for frame, value in found.items() if value and value > 0.5} == {20, 24}
    assert found[12] == found[40] == 0
    assert measured(desk)[20].signals == {
        "flicker": 0, "temporal_iou": 0, "area_jump": 0, "identity_jump": 5, "score": 0.8,
    }  # fmt: skip


def test_many_frames_in_one_chunk_are_measured_as_in_many(desk: Desk, annotator: User) -> None:
    with_a_jump(desk)
    other = Desk(annotator, desk.video)
    with_a_jump(other)
    assert suspicions(desk) == suspicions(other)


def test_undo_of_a_pass_brings_back_what_was_suspected_before_it(desk: Desk) -> None:
    with_a_jump(desk)
    before = measured(desk)
    again = desk.propagate(0, whole=True)
    desk.fill(again, FRAMES, 5, state="finished")
    assert max(value or 0 for value in suspicions(desk).values()) == 0
    desk.undo()
    assert measured(desk) == before
    desk.redo()
    assert triage.worst(list(measured(desk).values())) == 0


def test_what_a_person_decides_is_no_more_suspected_and_undo_makes_it_so_again(desk: Desk) -> None:
    with_a_jump(desk)
    before = suspicions(desk)
    desk.mark(Change.Kind.ACCEPT, 20, 24)
    assert {suspicions(desk)[frame] for frame in (20, 24)} == {None}
    assert triage.worst(list(measured(desk).values())) == 0
    desk.undo()
    assert suspicions(desk) == before


def test_a_pass_is_held_against_the_one_that_came_the_other_way(desk: Desk) -> None:
    with_a_jump(desk)
    desk.draw(40, square(5))
    desk.fill(desk.propagate(40, "backward", whole=True), [36, 32, 28, 24, 20, 16], 5, state="stopped")
    assert measured(desk)[20].signals["agreement"] == 0
    assert measured(desk)[32].signals["agreement"] == 1
    # Backward, the frame behind is the later one.
    assert measured(desk)[36].signals["temporal_iou"] == 1


def test_a_pass_in_the_same_direction_is_not_a_second_opinion(desk: Desk) -> None:
    with_a_jump(desk)
    desk.fill(desk.propagate(0, whole=True), FRAMES, 5, state="finished")
    assert all("agreement" not in row.signals for row in measured(desk).values() if row.signals)


def test_a_pass_that_runs_into_a_persons_frame_elsewhere_is_suspected_at_the_seam(desk: Desk) -> None:
    desk.draw(0, square(5))
    desk.draw(12, square(45))
    desk.fill(desk.propagate(0), [4, 8], 5, state="finished")
    found = suspicions(desk)
    assert found[4] == 0
    assert (found[8] or 0) > 0.5


def test_chunks_that_are_told_twice_are_measured_once(desk: Desk) -> None:
    with_a_jump(desk)
    before = measured(desk)
    row = desk.propagate(0, whole=True)
    desk.fill(row, [4, 8], 5)
    desk.fill(row, [4, 8], 5)
    assert len(measured(desk)) == len(before)
    assert all("agreement" not in measured(desk)[frame].signals for frame in (4, 8))
