"""Still images: JPEG, PNG and WebP as upright RGB pictures."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

from annotator.video_io.errors import UnusableSource
from annotator.video_io.geometry import Orientation, SourceMapping, orientation_of_exif
from annotator.video_io.limits import Limits
from annotator.video_io.sniff import IMAGE_FORMATS

_EXIF_ORIENTATION = 0x0112
_BROKEN = "The image cannot be read: it is cut off or damaged. Copy or export it again."


@dataclass(frozen=True)
class ImageFacts:
    """mode: Pillow's name of the pixel format. width and height: as stored."""

    mode: str
    width: int
    height: int
    orientation: Orientation


def inspect(path: Path, limits: Limits) -> ImageFacts:
    """The facts of an image, with every pixel checked to be there.

    The size is judged by the header, before any pixel is decoded.
    Raises UnusableSource for broken, animated and oversized images.
    """
    with _opened(path) as image:
        limits.check_size(*image.size)
        # A JPEG with several pictures (MPO) holds views or previews of one photograph, no animation.
        if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
            raise UnusableSource(
                "animated_image",
                "Animated images are not accepted. Convert it to MP4, or save one picture of it.",
            )
        orientation = orientation_of_exif(image.getexif().get(_EXIF_ORIENTATION, 1))
        image.load()
        return ImageFacts(image.mode, image.width, image.height, orientation)


def read_upright(path: Path, mapping: SourceMapping) -> np.ndarray:
    """The picture as people see it, cut to the working size: uint8, H x W x 3, RGB (sRGB).

    Transparent parts are shown on white.
    """
    with _opened(path) as image:
        pixels = np.asarray(_rgb(image))
    if mapping.mirrored:
        pixels = pixels[:, ::-1]
    pixels = np.rot90(pixels, -mapping.rotation // 90)
    return np.ascontiguousarray(pixels[: mapping.height, : mapping.width])


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings():
            # Our own limit decides, not Pillow's.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=sorted(IMAGE_FORMATS)) as image:
                yield image
    except Image.DecompressionBombError as error:
        raise UnusableSource("too_large", "The image has far too many pixels. Shrink it first.") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise UnusableSource("unreadable", _BROKEN) from error


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        return Image.fromarray(_eight_bits(np.asarray(image))).convert("RGB")
    if image.has_transparency_data:
        picture = image.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture).convert("RGB")
    return _in_srgb(image)


def _eight_bits(values: np.ndarray) -> np.ndarray:
    return (values.astype(np.float32) * (255 / 65535)).round().clip(0, 255).astype(np.uint8)


def _in_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            shown = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            return image.convert("RGB")
        if shown is not None:
            return shown
    return image.convert("RGB")
