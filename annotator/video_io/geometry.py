"""How the pixels of a working video lie on its source's."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Orientation:
    """How a stored picture is shown: mirrored left to right first, then turned clockwise by `rotation` degrees."""

    rotation: int = 0
    mirrored: bool = False

    @property
    def swaps_sides(self) -> bool:
        return self.rotation in (90, 270)


# The signs of (a, b, c, d) in x' = a x + c y, y' = b x + d y, y down, for the eight ways to show a picture.
_BY_SIGNS = {
    (1, 0, 0, 1): Orientation(0),
    (0, 1, -1, 0): Orientation(90),
    (-1, 0, 0, -1): Orientation(180),
    (0, -1, 1, 0): Orientation(270),
    (-1, 0, 0, 1): Orientation(0, mirrored=True),
    (0, -1, -1, 0): Orientation(90, mirrored=True),
    (1, 0, 0, -1): Orientation(180, mirrored=True),
    (0, 1, 1, 0): Orientation(270, mirrored=True),
}
_BY_EXIF = {
    2: Orientation(0, mirrored=True),
    3: Orientation(180),
    4: Orientation(180, mirrored=True),
    5: Orientation(270, mirrored=True),
    6: Orientation(90),
    7: Orientation(90, mirrored=True),
    8: Orientation(270),
}


def orientation_of_matrix(matrix: tuple[int, ...]) -> Orientation:
    """The orientation that a container's 3 x 3 display matrix asks for, to the nearest quarter turn."""
    a, b, c, d = matrix[0], matrix[1], matrix[3], matrix[4]
    largest = max(abs(a), abs(b), abs(c), abs(d)) or 1
    signs = tuple(round(value / largest) for value in (a, b, c, d))
    return _BY_SIGNS.get(signs, Orientation())  # type: ignore[arg-type]


def orientation_of_exif(tag: int) -> Orientation:
    """The orientation that EXIF's tag 0x0112 asks for; upright for unknown values."""
    return _BY_EXIF.get(tag, Orientation())


@dataclass(frozen=True)
class SourceMapping:
    """The steps from source pixels to working pixels, in this order.

    1. scaled from coded_width x coded_height to square_width x square_height (equal but for
       non-square pixels, whose width is stretched); 2. mirrored left to right; 3. turned clockwise
       by `rotation` degrees; 4. crop_right columns and crop_bottom rows (0 or 1) cut off.
    """

    coded_width: int
    coded_height: int
    square_width: int
    square_height: int
    mirrored: bool
    rotation: int
    crop_right: int
    crop_bottom: int
    width: int
    height: int


def mapping(coded_width: int, coded_height: int, pixel_aspect: Fraction, shown: Orientation) -> SourceMapping:
    """The mapping of a source with these facts. The working size is even, by at most one cut row and column."""
    square_width = coded_width
    if pixel_aspect != 1:
        square_width = 2 * max(1, round(coded_width * pixel_aspect / 2))
    width, height = square_width, coded_height
    if shown.swaps_sides:
        width, height = height, width
    return SourceMapping(
        coded_width=coded_width,
        coded_height=coded_height,
        square_width=square_width,
        square_height=coded_height,
        mirrored=shown.mirrored,
        rotation=shown.rotation,
        crop_right=width % 2,
        crop_bottom=height % 2,
        width=width - width % 2,
        height=height - height % 2,
    )
