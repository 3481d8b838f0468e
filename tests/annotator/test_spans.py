"""Which frames a pass fills, for any masks that people and passes may have left."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.spans import Bounds, Run, plan, remaining

ANNOTATED = range(0, 41, 4)
frames = st.sampled_from(list(ANNOTATED))
directions = st.sampled_from(["forward", "backward", "both"])
edges = st.one_of(st.none(), frames)
bounds = st.builds(Bounds, whole=st.booleans(), first=edges, last=edges)


@st.composite
def masks(draw: st.DrawFn) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """human and masked of up to three masklets."""
    human = {masklet: draw(st.sets(frames)) for masklet in range(draw(st.integers(1, 3)))}
    return human, {masklet: known | draw(st.sets(frames)) for masklet, known in human.items()}


any_pass = {"known": masks(), "start": frames, "direction": directions, "bounds": bounds}


def filled(runs: list[Run]) -> list[tuple[int, int]]:
    return [(masklet, frame) for run in runs for masklet, targets in run.targets.items() for frame in targets]


@given(**any_pass)
def test_a_human_frame_is_never_filled(known, start, direction, bounds) -> None:  # type: ignore[no-untyped-def]
    human, masked = known
    for masklet, frame in filled(plan(ANNOTATED, human, masked, start, direction, bounds)):
        assert frame not in human[masklet]


@given(**any_pass)
def test_no_frame_is_filled_twice(known, start, direction, bounds) -> None:  # type: ignore[no-untyped-def]
    found = filled(plan(ANNOTATED, *known, start, direction, bounds))
    assert len(found) == len(set(found))


@given(**any_pass)
def test_runs_go_one_way_from_a_frame_with_a_mask(known, start, direction, bounds) -> None:  # type: ignore[no-untyped-def]
    _, masked = known
    runs = plan(ANNOTATED, *known, start, direction, bounds)
    assert len(runs) <= (2 if direction == "both" else 1)
    for run in runs:
        steps = {after - before for before, after in pairwise(run.frames)}
        assert steps in ({4}, {-4})
        assert set(run.frames) <= set(ANNOTATED)
        assert run.size == len(filled([run])) > 0
        for masklet, targets in run.targets.items():
            order = [run.frames.index(frame) for frame in targets]
            assert order == sorted(order)
            # Something to track from lies before the first of them.
            assert masked[masklet] & set(run.frames[: order[0]])


@given(**any_pass)
def test_bounds_are_kept(known, start, direction, bounds) -> None:  # type: ignore[no-untyped-def]
    for _, frame in filled(plan(ANNOTATED, *known, start, direction, bounds)):
        assert bounds.first is None or frame >= bounds.first
        assert bounds.last is None or frame <= bounds.last


@given(known=masks(), start=frames, direction=directions)
def test_without_bounds_no_human_frame_lies_between_start_and_what_is_filled(known, start, direction) -> None:  # type: ignore[no-untyped-def]
    human, masked = known
    for run in plan(ANNOTATED, human, masked, start, direction, Bounds()):
        for masklet, targets in run.targets.items():
            between = run.frames[run.frames.index(targets[0]) : run.frames.index(targets[-1]) + 1]
            assert not human[masklet] & set(between)
            assert between == targets or direction == "both"


@given(known=masks(), start=frames)
def test_a_whole_pass_both_ways_fills_all_but_human_frames_around_a_start_with_a_mask(known, start) -> None:  # type: ignore[no-untyped-def]
    human, masked = known
    masked = {masklet: found | {start} for masklet, found in masked.items()}
    found = filled(plan(ANNOTATED, human, masked, start, "both", Bounds(whole=True)))
    assert set(found) == {
        (masklet, frame)
        for masklet in masked
        for frame in ANNOTATED
        if frame not in human[masklet] and frame != start
    }


@given(**any_pass, data=st.data())
def test_what_remains_is_what_is_not_done_and_nothing_else(known, start, direction, bounds, data) -> None:  # type: ignore[no-untyped-def]
    for run in plan(ANNOTATED, *known, start, direction, bounds):
        wanted = filled([run])
        done_ones = data.draw(st.sets(st.sampled_from(wanted)))
        done: dict[int, set[int]] = {}
        for masklet, frame in done_ones:
            done.setdefault(masklet, set()).add(frame)
        left = remaining(run, done)
        assert sorted(filled([left] if left else [])) == sorted(set(wanted) - done_ones)
        if left:
            # The end of the same run, from a frame before the first that is missing.
            assert left.frames == run.frames[-len(left.frames) :]
            assert left.frames[0] not in {frame for targets in left.targets.values() for frame in targets}


@given(**any_pass)
def test_a_run_survives_being_stored(known, start, direction, bounds) -> None:  # type: ignore[no-untyped-def]
    for run in plan(ANNOTATED, *known, start, direction, bounds):
        assert Run.from_json(run.as_json()) == run


@pytest.mark.parametrize(
    ("direction", "expected"),
    [("forward", [[12, 16]]), ("backward", [[4]]), ("both", [[12, 16], [4]])],
)
def test_a_correction_between_two_human_frames_is_carried_to_both_of_them(
    direction: str, expected: list[list[int]]
) -> None:
    known = {1: {0, 8, 20}}
    runs = plan(ANNOTATED, known, {1: set(range(0, 41, 4))}, 8, direction, Bounds())
    assert [run.targets[1] for run in runs] == expected


def test_from_between_two_human_frames_the_stretch_is_filled_once() -> None:
    known = {1: {0, 20}}
    runs = plan(ANNOTATED, known, known, 8, "both", Bounds())
    assert [run.targets for run in runs] == [{1: [4, 8, 12, 16]}]


def test_nothing_is_planned_where_nothing_is_known() -> None:
    assert plan(ANNOTATED, {1: set()}, {1: set()}, 8, "both", Bounds(whole=True)) == []
