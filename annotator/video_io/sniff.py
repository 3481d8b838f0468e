"""What a file is, judged by its first bytes before any demuxer sees it."""

from __future__ import annotations

import re
from pathlib import Path

from annotator.video_io.errors import UnusableSource

IMAGE_FORMATS = {"JPEG", "PNG", "WEBP"}
ACCEPTED = "MP4, MOV, MKV, WebM, AVI, MPEG, WMV, FLV or Ogg video, or a JPEG, PNG or WebP image"

_HEAD = 4096
_ISO_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"}
_ISO_STILLS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis", b"crx "}
# Demuxers that read one file and follow no reference out of it.
_SIGNATURES = {
    b"\x1a\x45\xdf\xa3": "matroska",
    b"FLV\x01": "flv",
    b"OggS": "ogg",
    b"\x00\x00\x01\xba": "mpeg",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11": "asf",
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
}
_PLAYLIST = re.compile(
    rb"#EXTM3U|ffconcat version|\[playlist\]|\[Reference\]|<asx|<smil|<MPD|file\s+['\"/.\w]", re.I
)
_MARKUP = re.compile(rb"<(\?xml|!doctype|html|svg|script)", re.I)
_TEXT_BYTES = bytes({7, 8, 9, 10, 12, 13, 27} | set(range(0x20, 0x100)))


def media_format(path: Path) -> str:
    """The name of the one demuxer (or of the image format, a member of IMAGE_FORMATS) for a file.

    Raises UnusableSource for everything that is not on the list of accepted formats: above all
    for playlists and scripts, which would have a demuxer open other files or the network.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise UnusableSource("empty", "The file is empty. Upload it again; perhaps the copy was interrupted.")
    found = _by_signature(head)
    if found is None:
        raise _refusal(head)
    return found


def _by_signature(head: bytes) -> str | None:
    for signature, name in _SIGNATURES.items():
        if head.startswith(signature):
            return name
    if head[4:8] in _ISO_BOXES:
        return _iso(head)
    if head[:4] == b"RIFF":
        return {b"AVI ": "avi", b"WEBP": "WEBP"}.get(head[8:12])
    if any(_repeats_sync(head, first, step) for first, step in ((0, 188), (4, 192))):
        return "mpegts"
    return None


def _iso(head: bytes) -> str:
    if head[4:8] == b"ftyp" and head[8:12] in _ISO_STILLS:
        raise UnusableSource(
            "unsupported_image", "HEIC, AVIF and camera raw images cannot be read. Save it as JPEG or PNG."
        )
    return "mov"


def _repeats_sync(head: bytes, first: int, step: int) -> bool:
    syncs = head[first::step]
    return len(syncs) >= 4 and set(syncs) == {0x47}


def _refusal(head: bytes) -> UnusableSource:
    if head[:4] == b"GIF8":
        return UnusableSource(
            "animated_image", "GIF is not accepted. Convert it to MP4, or to PNG for one picture."
        )
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if _MARKUP.match(text):
        return UnusableSource(
            "not_media",
            f"This is a page or a drawing in markup (HTML, XML, SVG), not a video. Upload {ACCEPTED}.",
        )
    if _PLAYLIST.match(text):
        return UnusableSource(
            "playlist",
            "This is a playlist or script that points to other files, not a video. Upload the video itself.",
        )
    if not head.translate(None, _TEXT_BYTES):
        return UnusableSource("not_media", f"This is a text file, not a video. Upload {ACCEPTED}.")
    return UnusableSource("unknown_format", f"This file's format is not known. Upload {ACCEPTED}.")
