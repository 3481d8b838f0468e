"""What a frame attends to. Positions are places in the video; maps are (age - 1 or 6 for conditioning, position)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_worker.engines import Known
from inference_worker.engines.sam2.course import Course
from inference_worker.engines.sam2.memory import Bounds, Memory, closest, reach

BOUNDS = Bounds(conditioning=4, maps=7, pointers=16)
MASK = np.ones((2, 2), bool)


def test_a_forward_pass_sees_its_last_six_frames_and_conditioning_frames_on_both_sides():
    found = reach(20, forward=True, conditioning={0, 30}, passed=set(range(5, 20)), bounds=BOUNDS)
    assert found.maps == [(6, 0), (6, 30), (5, 14), (4, 15), (3, 16), (2, 17), (1, 18), (0, 19)]


def test_pointers_come_from_the_past_of_the_pass_only():
    found = reach(20, forward=True, conditioning={0, 30}, passed=set(range(5, 20)), bounds=BOUNDS)
    assert found.pointers == [(20, 0), *((age, 20 - age) for age in range(1, 16))]


def test_a_backward_pass_looks_the_other_way():
    found = reach(5, forward=False, conditioning={0, 8}, passed={4, 6, 7}, bounds=BOUNDS)
    assert found.maps == [(6, 0), (6, 8), (1, 7), (0, 6)]
    assert found.pointers == [(3, 8), (1, 6), (2, 7)]


def test_human_frames_beyond_the_limit_count_as_frames_of_the_pass_where_they_are_near():
    found = reach(10, forward=True, conditioning={0, 5, 7, 8, 9, 20}, passed=set(), bounds=BOUNDS)
    assert found.maps[:4] == [(6, 9), (6, 20), (6, 8), (6, 7)]
    assert found.maps[4:] == [(4, 5)]
    assert (5, 5) in found.pointers and (10, 0) in found.pointers


def test_without_a_limit_all_conditioning_frames_are_attended():
    every = set(range(0, 80, 2))
    found = reach(41, forward=True, conditioning=every, passed=set(), bounds=Bounds(-1, 7, 16))
    assert {position for _, position in found.maps} == every


@given(st.integers(0, 60), st.sets(st.integers(0, 60), max_size=12), st.integers(2, 6))
def test_the_nearest_on_each_side_is_always_among_the_closest(at, positions, count):
    chosen = closest(at, positions, count)
    assert len(chosen) == min(count, len(positions)) == len(set(chosen))
    before, after = [p for p in positions if p < at], [p for p in positions if p >= at]
    assert not before or max(before) in chosen
    assert not after or min(after) in chosen


def tracked_through(frames: int, humans: set[int]) -> Course:
    course = Course({place: Known(MASK, human=True) for place in humans}, forward=True, bounds=BOUNDS)
    for at in range(1, frames):
        if at in humans:
            continue
        within = course.reach(at)
        for position in course.missing(within):
            course.learn(position, Memory("map", "pointer"))
        course.move_on(at, Memory("map", "pointer"), within)
    return course


@pytest.mark.parametrize("frames", [50, 400])
def test_a_course_holds_what_the_next_frame_reaches_and_no_more(frames):
    course = tracked_through(frames, humans={0, 3, 9, 20, 35})
    wanted = course.reach(frames)
    assert not course.missing(wanted)
    assert set(course.memories) == wanted.positions
    assert sum(memory.map is not None for memory in course.memories.values()) == len(wanted.maps) == 10


def test_memories_of_human_frames_are_asked_for_when_they_come_into_reach():
    course = Course({p: Known(MASK, human=True) for p in range(0, 100, 10)}, forward=True, bounds=BOUNDS)
    assert course.missing(course.reach(41)) == [30, 40, 50, 60]


def test_an_object_without_a_human_frame_holds_on_to_its_oldest_guess():
    course = Course({p: Known(MASK, human=False) for p in (5, 6, 7)}, forward=True, bounds=BOUNDS)
    assert course.reach(8).maps == [(6, 5), (1, 6), (0, 7)]
    course = Course({p: Known(MASK, human=False) for p in (5, 6, 7)}, forward=False, bounds=BOUNDS)
    assert course.reach(4).maps == [(6, 7), (1, 6), (0, 5)]
