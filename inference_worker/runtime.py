"""What a worker does with a message: answer it, or say in a sentence why not."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import ExitStack

import msgspec

from inference_worker.chains import ENDED, Chains, frames_left
from inference_worker.chunk import Chunk, known_frames, work
from inference_worker.engines import EngineError, Segmenter
from inference_worker.proposing import Proposing
from inference_worker.protocol import rle
from inference_worker.protocol.messages import (
    ChunkResult,
    FrameResult,
    Propagate,
    SegmentFrame,
    SegmentResult,
)
from inference_worker.results import Results
from inference_worker.session_pool import Held, SessionPool
from inference_worker.signs import Signs

log = logging.getLogger(__name__)


class Runtime:
    """Used by one thread; `pool`, `chains` and `proposing` are also read by the heartbeat.

    run_signs: of auto runs that propose.
    """

    def __init__(
        self,
        engine: Segmenter,
        pool: SessionPool,
        chains: Chains,
        signs: Signs,
        run_signs: Signs,
        results: Results,
        chunk_seconds: float,
    ) -> None:
        self.pool = pool
        self.chains = chains
        self.proposing = Proposing(pool, run_signs, results, chunk_seconds, _sentence)
        self._engine = engine
        self._signs = signs
        self._results = results
        self._chunk_seconds = chunk_seconds
        self._waiting: dict[int, Propagate] = {}  # the next chunk of each pass here, as it lies in the queue

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
        """Work off one chunk, report it, then send the rest to this worker's own queue.

        Passes that wait here for their own next chunk are taken along as far as the engine gains by it;
        their messages in the queue are then outdated. People's take only people's along.
        """
        first = self._begin(message)
        if first is None:
            return
        chunks = [first]
        alike = [pk for pk, waiting in self._waiting.items() if waiting.bulk == message.bulk]
        while alike and len(chunks) < self._engine.together:
            if chunk := self._begin(self._waiting.pop(alike.pop(0))):
                chunks.append(chunk)
        left = dict.fromkeys(chunks, ENDED)
        try:
            whole_ms = self._work(chunks)
            for chunk in chunks:
                self._report(chunk, whole_ms)
                left[chunk] = self._send_rest(chunk)
        finally:  # also of those whose results could not be sent: the annotator sends them again
            for chunk in chunks:
                self.chains.end(chunk.message.propagation, left[chunk])

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

    def _begin(self, message: Propagate) -> Chunk | None:
        """The message's chunk, now in work; None when a newer attempt or a later chunk has been here."""
        if self.chains.begin(message):
            self._waiting.pop(message.propagation, None)
            if self._signs.take(message.propagation, message.attempt):
                return Chunk(message, lambda: self._signs.asked(message.propagation, message.attempt))
            self.chains.end(message.propagation, ENDED)
        log.info("chunk propagation=%d attempt=%d is outdated", message.propagation, message.attempt)
        return None

    def _work(self, chunks: Sequence[Chunk]) -> float:
        """Advance them; how many milliseconds that took."""
        began = time.perf_counter()
        with ExitStack() as holds:
            held = [(chunk, self._held(chunk, holds)) for chunk in chunks]
            work([(chunk, at) for chunk, at in held if at], self._chunk_seconds, self._engine.advance)
        return (time.perf_counter() - began) * 1000

    def _held(self, chunk: Chunk, holds: ExitStack) -> Held | None:
        message = chunk.message
        midway = any(not frame.human for recipe in message.objects for frame in recipe.known)
        try:
            return holds.enter_context(self.pool.hold(message.session, message.frames, midway=midway))
        except Exception as failure:
            chunk.fail(failure)
            return None

    def _report(self, chunk: Chunk, whole_ms: float) -> None:
        message, error = chunk.message, _sentence(chunk.failure) if chunk.failure else ""
        if chunk.failure and not isinstance(chunk.failure, EngineError):
            self.pool.drop(message.session)  # its state is not to be trusted
        state = chunk.state
        if state != "superseded":
            result = ChunkResult(
                session=message.session,
                propagation=message.propagation,
                attempt=message.attempt,
                model=self._results.model,
                engine_ms=chunk.engine_ms,
                masks=chunk.masks,
                state=state,
                error=error,
                retryable=isinstance(chunk.failure, EngineError) and chunk.failure.retryable,
            )
            self._results.send(result)
        log.info(
            "chunk session=%d propagation=%d attempt=%d %s frames=%d masks=%d engine=%.1fms whole=%.1fms%s",
            message.session,
            message.propagation,
            message.attempt,
            state,
            frames_left(message) - sum(map(len, chunk.runs)),
            len(chunk.masks),
            chunk.engine_ms,
            whole_ms,
            f" error={error}" if error else "",
        )

    def _send_rest(self, chunk: Chunk) -> int:
        """How many frames are left of a pass whose next chunk now lies in this worker's queue; else ENDED."""
        if chunk.state != "running":
            return ENDED
        rest = msgspec.structs.replace(chunk.message, runs=chunk.runs, objects=chunk.objects)
        self._results.send_next_chunk(rest)
        self._waiting[rest.propagation] = rest
        return frames_left(rest)


def _sentence(failure: Exception) -> str:
    if isinstance(failure, EngineError):
        return str(failure)
    log.error("the engine failed", exc_info=failure)
    return (
        f"The inference worker failed with an internal error ({type(failure).__name__}). Its log says more."
    )
