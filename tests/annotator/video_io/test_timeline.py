from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.video_io.timeline import Timeline


def held(times: list[int], end: int, time_base: Fraction) -> list[int]:
    """How many working frames each source frame fills."""
    timeline = Timeline(time_base)
    starts = [timeline.advance(time) for time in times]
    return [*starts[1:], timeline.finish(end)]


def test_24_fps_maps_one_to_one():
    assert held([0, 512, 1024, 1536], 2048, Fraction(1, 12288)) == [1, 1, 1, 1]


def test_12_fps_shows_each_frame_twice():
    assert held([0, 1, 2], 3, Fraction(1, 12)) == [2, 2, 2]


def test_48_fps_drops_every_other_frame():
    counts = held([0, 1, 2, 3, 4, 5, 6, 7], 8, Fraction(1, 48))

    assert sum(counts) == 4
    assert set(counts) <= {0, 1}


def test_a_late_start_is_no_gap():
    assert held([900, 901, 902], 903, Fraction(1, 24)) == [1, 1, 1]


def test_a_single_frame_without_length_is_one_working_frame():
    assert held([7], 7, Fraction(1, 1000)) == [1]


@settings(deadline=None, max_examples=60)
@given(
    steps=st.lists(st.integers(0, 2000), max_size=40),
    last=st.integers(0, 2000),
    time_base=st.sampled_from(
        [Fraction(1, 90000), Fraction(1, 1000), Fraction(1001, 30000), Fraction(1, 24)]
    ),
)
def test_the_working_video_lasts_as_long_as_its_source(steps, last, time_base):
    times = [sum(steps[:index]) for index in range(len(steps) + 1)]
    end = times[-1] + last

    counts = held(times, end, time_base)

    assert min(counts) >= 0
    assert abs(sum(counts) - max(end * time_base * 24, 1)) <= 1
    shown = [time for time, count in zip(times, counts, strict=True) for _ in range(count)]
    for index, time in enumerate(shown):
        assert time * time_base * 24 <= index + Fraction(1, 2), "no frame comes more than half a step early"
