"""What a worker does with a message: answer it, or say in a sentence why not."""

from __future__ import annotations

import logging
import time

import msgspec

from inference_worker.chains import ENDED, Chains, frames_left
from inference_worker.chunk import Chunk, known_frames
from inference_worker.engines import EngineError
from inference_worker.protocol import rle
from inference_worker.protocol.messages import (
    ChunkResult,
    FrameResult,
    Propagate,
    SegmentFrame,
    SegmentResult,
)
from inference_worker.results import Results
from inference_worker.session_pool import SessionPool
from inference_worker.signs import Signs

log = logging.getLogger(__name__)


class Runtime:
    """Used by one thread; `pool` and `chains` are also read by the heartbeat."""

    def __init__(
        self, pool: SessionPool, chains: Chains, signs: Signs, results: Results, chunk_seconds: float
    ):
        self.pool = pool
        self.chains = chains
        self._signs = signs
        self._results = results
        self._chunk_seconds = chunk_seconds

    def segment(self, message: SegmentFrame) -> None:
        """Answer a click."""
        began = time.perf_counter()
        mask, engine_ms, error = None, 0.0, ""
        try:
            mask, engine_ms = self._mask(message)
        except Exception as failure:
            error = _sentence(failure)
        result = SegmentResult(
            session=message.session,
            change=message.object.change,
            model=self._results.model,
            engine_ms=engine_ms,
            mask=mask,
            error=error,
        )
        self._results.send(result)
        log.info(
            "click session=%d masklet=%d frame=%d engine=%.1fms whole=%.1fms%s",
            message.session,
            message.object.masklet,
            message.frame_index,
            engine_ms,
            (time.perf_counter() - began) * 1000,
            f" error={error}" if error else "",
        )

    def propagate(self, message: Propagate) -> None:
        """Work off one chunk, report it, then send the rest to this worker's own queue."""
        if not self.chains.begin(message):
            log.info("chunk propagation=%d attempt=%d is outdated", message.propagation, message.attempt)
            return
        left = ENDED
        try:
            if self._signs.take(message.propagation, message.attempt):
                left = self._chunk(message)
            else:
                log.info("chunk propagation=%d attempt=%d is outdated", message.propagation, message.attempt)
        finally:
            self.chains.end(message.propagation, left)

    def close(self, session: int) -> None:
        self.pool.drop(session)
        log.info("session %d closed", session)

    def _mask(self, message: SegmentFrame) -> tuple[FrameResult, float]:
        frames, recipe = message.frames, message.object
        previous = None
        if message.previous is not None:
            try:
                previous = rle.decode(message.previous, frames.height, frames.width)
            except ValueError as error:
                raise EngineError(f"The mask shown before cannot be read: {error}.") from None
        midway = previous is not None or bool(recipe.known)
        with self.pool.hold(message.session, frames, midway=midway) as held:
            began = time.perf_counter()
            found = held.tracker.segment(
                recipe.masklet,
                message.frame_index,
                message.prompts,
                previous,
                known_frames(recipe.known, frames),
            )
            engine_ms = (time.perf_counter() - began) * 1000
            mask = FrameResult(
                masklet=recipe.masklet,
                change=recipe.change,
                frame_index=message.frame_index,
                counts=rle.encode(found.mask),
                score=found.score,
                stability=found.stability,
            )
        return mask, engine_ms

    def _chunk(self, message: Propagate) -> int:
        began = time.perf_counter()
        chunk = Chunk(message, lambda: self._signs.asked(message.propagation, message.attempt))
        state, error, retryable = "failed", "", False
        try:
            state = self._worked(chunk, message)
        except Exception as failure:
            error, retryable = _sentence(failure), isinstance(failure, EngineError) and failure.retryable
        if state != "superseded":
            self._report(message, chunk, state, error, retryable)
        log.info(
            "chunk session=%d propagation=%d attempt=%d %s frames=%d masks=%d engine=%.1fms whole=%.1fms%s",
            message.session,
            message.propagation,
            message.attempt,
            state,
            frames_left(message) - sum(map(len, chunk.runs)),
            len(chunk.masks),
            chunk.engine_ms,
            (time.perf_counter() - began) * 1000,
            f" error={error}" if error else "",
        )
        if state != "running":
            return ENDED
        rest = msgspec.structs.replace(message, runs=chunk.runs, objects=chunk.objects)
        self._results.send_next_chunk(rest)
        return frames_left(rest)

    def _worked(self, chunk: Chunk, message: Propagate) -> str:
        midway = any(not frame.human for recipe in message.objects for frame in recipe.known)
        with self.pool.hold(message.session, message.frames, midway=midway) as held:
            state = "failed"
            try:
                state = chunk.work(held, self._chunk_seconds)
            finally:
                if state != "running":
                    held.tracks.pop(message.propagation, None)
        return state

    def _report(self, message: Propagate, chunk: Chunk, state: str, error: str, retryable: bool) -> None:
        self._results.send(
            ChunkResult(
                session=message.session,
                propagation=message.propagation,
                attempt=message.attempt,
                model=self._results.model,
                engine_ms=chunk.engine_ms,
                masks=chunk.masks,
                state=state,
                error=error,
                retryable=retryable,
            )
        )


def _sentence(failure: Exception) -> str:
    if isinstance(failure, EngineError):
        return str(failure)
    log.error("the engine failed", exc_info=failure)
    return (
        f"The inference worker failed with an internal error ({type(failure).__name__}). Its log says more."
    )
