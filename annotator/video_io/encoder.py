"""H.264 through ffmpeg, fed with raw frames over a pipe."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO, cast

import ffmpeg
import imageio_ffmpeg

from annotator.video_io.errors import TranscodeFailed
from annotator.video_io.source import THREADS
from annotator.video_io.timeline import WORKING_RATE

GOP = 12
_STALL_S = 60.0
PRESET = "veryfast"

Reader = Callable[[IO[bytes]], None]


@cache
def ffmpeg_command() -> str:
    """The ffmpeg to run: the one on PATH if it can write H.264, else imageio-ffmpeg's."""
    found = shutil.which("ffmpeg")
    if found:
        listed = subprocess.run([found, "-hide_banner", "-encoders"], capture_output=True, check=False)
        if b"libx264" in listed.stdout:
            return found
    return imageio_ffmpeg.get_ffmpeg_exe()


class Encoder:
    """Writes frames to an H.264 mp4 at the working rate: GOP 12, yuv420p, no sound, index in front.

    Frames are width x height, yuv420p in limited range and the given matrix, or rgb24 where matrix is None.
    filters: ffmpeg filters with their arguments, in order. ffmpeg is given frames only, never a
    source file, so nothing in a source can make it open anything.
    reader: called in a thread of its own with the same coded video as a NUT stream, while it is made.
    Leaving the context finishes the file. Raises what the reader raised, TranscodeFailed when ffmpeg
    fails or takes no frame for stall_s, OSError(ENOSPC) when the disk is full.
    """

    def __init__(
        self,
        target: Path,
        width: int,
        height: int,
        *,
        crf: int,
        matrix: str | None = None,
        filters: Iterable[tuple[str, dict]] = (),
        reader: Reader | None = None,
        stall_s: float = _STALL_S,
    ) -> None:
        frames = _frames(f"{width}x{height}", matrix, filters)
        self._command = _command(frames, target.name, crf, copied=reader is not None)
        self._folder = target.parent
        self._reader = reader
        self._reader_error: BaseException | None = None
        self._stall_s = stall_s
        self._stalled = False

    def __enter__(self) -> Encoder:
        self._messages = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if self._reader else subprocess.DEVNULL,
            stderr=self._messages,
            bufsize=0,
        )
        self._last_taken = time.monotonic()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._kill_when_stalled, daemon=True)]
        if self._reader:
            self._threads.append(threading.Thread(target=self._read, args=(self._reader,), daemon=True))
        for thread in self._threads:
            thread.start()
        return self

    def write(self, planes: Iterable[memoryview]) -> None:
        """Hands over one frame."""
        assert self._process.stdin is not None
        try:
            for plane in planes:
                sent = 0
                while sent < len(plane):
                    sent += self._process.stdin.write(plane[sent:])
        except BrokenPipeError:
            self._process.wait()
            raise self._failure() from None
        self._last_taken = time.monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is not None:
                self._process.kill()
            self._close_pipe()
            failed = self._process.wait() != 0
            self._over.set()
            for thread in self._threads:
                thread.join()
            if kind is None and (failed or self._reader_error):
                raise self._failure()
        finally:
            self._messages.close()

    def _close_pipe(self) -> None:
        assert self._process.stdin is not None
        self._last_taken = time.monotonic()
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def _read(self, reader: Reader) -> None:
        assert self._process.stdout is not None
        # Closing the pipe early ends ffmpeg, and with it the writing side.
        with io.BufferedReader(cast(io.RawIOBase, self._process.stdout)) as copy:
            try:
                reader(copy)
            except BaseException as error:  # it is raised again where the context is left
                self._reader_error = error

    def _kill_when_stalled(self) -> None:
        while not self._over.wait(min(1.0, self._stall_s / 4)):
            if time.monotonic() - self._last_taken > self._stall_s:
                self._stalled = True
                self._process.kill()
                return

    def _failure(self) -> BaseException:
        self._messages.seek(0)
        said = self._messages.read().decode("utf-8", "replace").strip()
        # Asked first: a copy that ends early is also an error to its reader, but not the cause.
        if "No space left on device" in said:
            return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self._reader_error:
            return self._reader_error
        if self._stalled:
            return TranscodeFailed(
                f"ffmpeg took no frame for {self._stall_s:.0f} s and was ended. Try again."
            )
        return TranscodeFailed(f"ffmpeg ended with an error: {said[-500:] or 'it gave no reason'}")


def _frames(size: str, matrix: str | None, filters: Iterable[tuple[str, dict]]) -> ffmpeg.Stream:
    stream = ffmpeg.input(
        "pipe:0",
        protocol_whitelist="pipe",
        format="rawvideo",
        pix_fmt="yuv420p" if matrix else "rgb24",
        s=size,
        framerate=WORKING_RATE,
    ).video
    if not matrix:
        stream = stream.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", "yuv420p")
    stream = stream.filter("setparams", range="tv", colorspace=matrix or "bt709")
    for name, arguments in filters:
        stream = stream.filter(name, **arguments)
    return stream


def _command(frames: ffmpeg.Stream, name: str, crf: int, *, copied: bool) -> list[str]:
    mp4 = {"filename": f"./{name}", "format": "mp4", "movflags": "+faststart"}
    both = {
        "filename": f"[f=mp4:movflags=+faststart]./{name}|[f=nut]pipe:1",
        "format": "tee",
        "flags": "+global_header",
    }
    output = frames.output(
        **(both if copied else mp4),
        vcodec="libx264",
        preset=PRESET,
        crf=crf,
        pix_fmt="yuv420p",
        threads=THREADS,
        g=GOP,
        keyint_min=GOP,
        sc_threshold=0,
        bf=0,  # decode order is display order: no edit list, and any seek lands on its frame
    )
    return output.global_args("-nostdin", "-loglevel", "error", "-y").compile(cmd=ffmpeg_command())
