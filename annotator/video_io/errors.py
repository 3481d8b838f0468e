"""What goes wrong with media files, in words for people."""

from __future__ import annotations


class UnusableSource(Exception):
    """The file cannot become a working video, and trying again will not help.

    code: stable, for programs. message: a sentence or two that say why and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[type[UnusableSource], tuple[str, str]]:
        return type(self), (self.code, self.message)


class TranscodeFailed(Exception):
    """ffmpeg did not do its work, though nothing is known to be wrong with the file."""
