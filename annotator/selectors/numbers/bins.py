"""Into which bar of a figure a masklet falls: conditions on MaskletFacts, for sums and for the rows behind."""

from __future__ import annotations

# By mean area, in pixels.
SIZES = {
    "small": "mean_area < 1024",
    "medium": "mean_area >= 1024 AND mean_area < 9216",
    "large": "mean_area >= 9216",
}
# Ten half decades of the frame's area, by their lower ends, and ten tenths of the video.
SHARES = [10 ** (-5 + step / 2) for step in range(10)]
SHARE = f"greatest(width_bucket(relative_area, ARRAY{SHARES}::float8[]) - 1, 0)"
TENTH = "least(first_slot * 10 / greatest(frames, 1), 9)"
