"""What people and passes do to a video, in the order in which they do it.

Places are fractions of the frame's width and height, so that one scenario fits a model of any size.
Objects are numbered as `video.py` numbers its shapes; their places there are where prompts go.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.inference_worker.engines.sam2_parity.video import centre, extent


@dataclass(frozen=True)
class Click:
    """New prompts of an object on a frame, beside those it has: one box at first, or one point."""

    obj: int
    frame: int
    point: tuple[float, float] | None = None
    positive: bool = True
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Draw:
    """A mask of an object on a frame instead of what it had there. empty: the object is absent."""

    obj: int
    frame: int
    empty: bool = False


@dataclass(frozen=True)
class Pass:
    """All objects tracked from frame `first` to frame `last`, each from its first prompted frame on."""

    first: int
    last: int


@dataclass(frozen=True)
class Remove:
    obj: int


Act = Click | Draw | Pass | Remove


@dataclass(frozen=True)
class Scenario:
    """model: one of models.ARCHITECTURES. max_conditioning: how many conditioning frames attention may see, -1 for all of them.

    hidden: what is taken from every object score, so that objects are lost and found again.
    aspect: height and width of the video in sides of the model's image.
    """

    name: str
    frames: int
    acts: tuple[Act, ...]
    model: str = "small"
    max_conditioning: int = -1
    hidden: float = 0.0
    aspect: tuple[float, float] = (1.0, 1.0)

    def size(self, side: int) -> tuple[int, int]:
        """Height and width of the video for a model whose image has this side."""
        return round(self.aspect[0] * side), round(self.aspect[1] * side)


def on(obj: int, frame: int, *, dx: float = 0.0, dy: float = 0.0, positive: bool = True) -> Click:
    """A click beside the object's middle by (dx, dy) of its half width and height."""
    (x, y), (rx, ry) = centre(obj, frame), extent(obj)
    return Click(obj, frame, (x + dx * rx, y + dy * ry), positive)


def around(obj: int, frame: int) -> Click:
    (x, y), (rx, ry) = centre(obj, frame), extent(obj)
    return Click(obj, frame, box=(x - rx, y - ry, x + rx, y + ry))


def _many_conditioning_frames() -> tuple[Act, ...]:
    return tuple(on(0, frame, dx=0.2 * (frame % 3)) for frame in (*range(20), *range(24, 44)))


SCENARIOS = (
    Scenario("one click", 8, (on(0, 0), Pass(0, 7))),
    Scenario(
        "several clicks",
        6,
        (on(0, 0), on(0, 0, dx=0.5), on(0, 0, dx=1.4, positive=False), on(0, 0, dy=-0.5), Pass(0, 5)),
    ),
    Scenario("box", 6, (around(1, 0), Pass(0, 5))),
    Scenario("box and clicks", 6, (around(1, 0), on(1, 0), on(1, 0, dy=1.3, positive=False), Pass(0, 5))),
    Scenario("mask", 8, (Draw(0, 0), Pass(0, 7))),
    Scenario(
        "mask and clicks",
        5,
        (Draw(0, 0), on(0, 0, dx=1.2), Pass(0, 4), Draw(0, 2), on(0, 2, dx=0.5), Pass(0, 4)),
    ),
    Scenario("empty mask", 8, (on(0, 0), Pass(0, 7), Draw(0, 4, empty=True), Pass(0, 7))),
    Scenario("two objects", 8, (on(0, 0), around(1, 3), Pass(0, 7))),
    Scenario("five objects", 9, (on(0, 0), on(1, 1), around(2, 2), Draw(3, 3), on(4, 4), Pass(0, 8))),
    Scenario(
        "correction on a tracked frame",
        9,
        (on(0, 0), Pass(0, 8), on(0, 4, dx=0.4), on(0, 4, dx=1.2, positive=False), Pass(0, 8)),
    ),
    Scenario("correction by a mask", 9, (on(0, 0), Pass(0, 8), Draw(0, 4), Pass(0, 8))),
    Scenario("another click on the first frame", 6, (on(0, 0), Pass(0, 5), on(0, 0, dx=0.5), Pass(0, 5))),
    Scenario("reverse", 8, (on(0, 7), Pass(7, 0))),
    Scenario("both ways", 11, (around(0, 5), Pass(5, 10), Pass(5, 0))),
    Scenario(
        "correction on a frame tracked in reverse", 8, (on(1, 7), Pass(7, 0), on(1, 3, dx=0.4), Pass(7, 0))
    ),
    Scenario("object added after tracking", 8, (on(0, 0), Pass(0, 7), on(1, 2), Pass(2, 7))),
    Scenario("object removed", 8, (on(0, 0), on(1, 0), Pass(0, 3), Remove(0), Pass(4, 7))),
    Scenario("a pass that goes on where another ended", 12, (on(0, 0), Pass(0, 5), Pass(6, 11))),
    Scenario("40 conditioning frames", 44, (*_many_conditioning_frames(), Pass(19, 24))),
    Scenario(
        "40 conditioning frames, 4 attended",
        44,
        (*_many_conditioning_frames(), Pass(19, 24)),
        max_conditioning=4,
    ),
    Scenario(
        "objects lost and found",
        10,
        (Draw(0, 0), around(1, 1), Pass(0, 9), Draw(0, 4), Pass(0, 9)),
        hidden=3.0,
    ),
    Scenario("a wide video", 5, (Draw(3, 0), around(1, 0), on(1, 0), Pass(0, 4)), aspect=(0.7, 1.3)),
    Scenario(
        "first generation",
        6,
        (on(0, 0), Pass(0, 5), on(0, 3, dx=0.4), Draw(0, 4), Pass(0, 5)),
        model="small, first generation",
    ),
    Scenario("image", 1, (on(0, 0), on(2, 0), around(1, 0), on(1, 0, dx=0.3))),
)
# With a model that takes seconds for a frame.
SHORT_SCENARIOS = (
    Scenario(
        "box and click, correction",
        4,
        (around(1, 0), on(1, 0), Pass(0, 3), on(1, 2, dx=0.4), Pass(0, 3)),
        model="sam2.1-tiny",
    ),
    Scenario("mask, reverse", 3, (Draw(0, 2), Pass(2, 0)), model="sam2.1-tiny"),
)
