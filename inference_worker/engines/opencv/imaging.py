"""Image operations over float32 arrays at working size."""

from __future__ import annotations

import cv2
import numpy as np

EPSILON = 1e-3  # variance of colour below which an edge does not count
WINDOW = (7, 7)


def features(rgb: np.ndarray) -> np.ndarray:
    """What a pixel looks like: fine colour, coarse colour and contrast, float32 H x W x 7, Lab scaled to about 1."""
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).astype(np.float32) / 255
    lab[..., 1:] *= 2
    fine, coarse = cv2.GaussianBlur(lab, (0, 0), 0.8), cv2.GaussianBlur(lab, (0, 0), 3.0)
    variance = cv2.GaussianBlur(lab[..., 0] ** 2, (0, 0), 3.0) - coarse[..., 0] ** 2
    return np.dstack([fine, coarse, np.sqrt(np.maximum(variance, 0))])


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """A Gaussian blur whose cost does not grow with sigma: wide ones work on a smaller copy."""
    step = max(1, int(sigma / 3))
    if step == 1:
        return cv2.GaussianBlur(image, (0, 0), sigma)
    height, width = image.shape[:2]
    small = cv2.resize(image, (max(1, width // step), max(1, height // step)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / step)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def signed_distance(inside: np.ndarray) -> np.ndarray:
    """Pixels to the edge of a region, positive inside."""
    inside = inside.astype(np.uint8)
    return cv2.distanceTransform(inside, cv2.DIST_L2, 3) - cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3)


def snap(rgb: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """The probability with its edges moved to the picture's, 0 to 1.

    Source: guided filter with a colour guide, He, Sun and Tang, "Guided Image Filtering", section 3.4.
    """
    red, green, blue = cv2.split(rgb.astype(np.float32) / 255)
    mean = _mean
    r, g, b, p = mean(red), mean(green), mean(blue), mean(probability)
    pr, pg, pb = (
        mean(red * probability) - r * p,
        mean(green * probability) - g * p,
        mean(blue * probability) - b * p,
    )
    rr, rg, rb = mean(red * red) - r * r + EPSILON, mean(red * green) - r * g, mean(red * blue) - r * b
    gg, gb, bb = (
        mean(green * green) - g * g + EPSILON,
        mean(green * blue) - g * b,
        mean(blue * blue) - b * b + EPSILON,
    )
    # the symmetric 3 x 3 covariance of each window, inverted by its cofactors
    irr, irg, irb = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    igg, igb, ibb = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    determinant = rr * irr + rg * irg + rb * irb
    ar = (irr * pr + irg * pg + irb * pb) / determinant
    ag = (irg * pr + igg * pg + igb * pb) / determinant
    ab = (irb * pr + igb * pg + ibb * pb) / determinant
    offset = mean(p - ar * r - ag * g - ab * b)
    return np.clip(mean(ar) * red + mean(ag) * green + mean(ab) * blue + offset, 0, 1)


def _mean(image: np.ndarray) -> np.ndarray:
    return cv2.boxFilter(image, -1, WINDOW, borderType=cv2.BORDER_REFLECT)
