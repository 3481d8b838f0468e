"""Messages between the annotator and the inference workers.

Coordinates: float pixels of the working video, (x, y), origin at the outer corner of the
top-left pixel. Frame indices: 0-based, display order, in the working video. Masks: COCO
compressed counts (see rle.py) at the working video's size.

A message carries the whole recipe of what it asks for, so that any worker can answer it:
what a worker keeps between messages only makes it faster.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Immutable, validated on decoding. A field that does not fit raises msgspec.ValidationError."""


class Point(Message, tag="point", tag_field="kind"):
    x: float
    y: float
    positive: bool


class Box(Message, tag="box", tag_field="kind"):
    """Outer edges: x0 < x1, y0 < y1."""

    x0: float
    y0: float
    x1: float
    y1: float


class MaskPrompt(Message, tag="mask", tag_field="kind"):
    """A mask as a human drew, erased or imported it. Empty counts of a whole frame mean absent."""

    counts: str


class Absent(Message, tag="absent", tag_field="kind"):
    """The object is not visible in this frame."""


Prompt = Point | Box | MaskPrompt | Absent


class Frames(Message):
    """Where the annotated frames of a working video are.

    uri: a file path or an http(s) URL of an uncompressed zip whose member for frame index i
    is named `%05d.jpg` % i; the members are the annotated frames, i = 0, stride, 2 * stride, ...
    frame_count: frames of the working video, annotated or not.
    """

    video: int
    uri: str
    height: int
    width: int
    stride: int
    frame_count: int


class KnownFrame(Message):
    """A frame of a masklet on which the model need not guess.

    human: a person edited, accepted or marked it absent: conditions every pass and is never
    given back by one. Not human: a mask of an earlier chunk of the same pass, with which a
    worker that has lost the session warms its memory.
    counts: the stored mask; None when it is still to be computed from the prompts.
    prompts: the active prompts of the frame, oldest first.
    """

    frame_index: int
    human: bool
    counts: str | None
    prompts: list[Prompt] = []


class ObjectRecipe(Message):
    """One masklet and the change under which its new masks are to be stored."""

    masklet: int
    change: int
    known: list[KnownFrame]


class SegmentFrame(Message):
    """Ask for one masklet's mask on one frame, from all active prompts of that frame.

    previous: the mask that was shown on this frame before the newest prompt, None if none was.
    object.known: frames around it, for a model that looks at how the object was elsewhere: human
    ones, and those from which a pass came to this frame. The frame itself only if a pass has seen it.
    """

    session: int
    frames: Frames
    object: ObjectRecipe
    frame_index: int
    prompts: list[Prompt]
    previous: str | None = None


class Propagate(Message):
    """Ask for the masks of `objects` on the frames of `runs`, as far as one chunk goes.

    runs: one or two monotone lists of annotated frame indices in tracking order, what is still
    to be done. The worker sends itself the same message with shorter runs until they are empty,
    the stop flag is up, or a newer attempt of this propagation has reached it. An object is
    tracked on a frame of a run once a known frame of it lies at or before that frame in the
    run's order (a forward run starts from known frames with smaller indices, a backward run
    from larger ones); its human frames are left out of the results.
    """

    session: int
    frames: Frames
    objects: list[ObjectRecipe]
    propagation: int
    attempt: int
    runs: list[list[int]]


class ModelVersion(Message):
    """What made a mask. weights_sha256 is empty for engines without weights."""

    engine: str
    weights: str = ""
    weights_sha256: str = ""
    thresholds: dict[str, float] = {}

    @property
    def label(self) -> str:
        """What people know it by: the name of the weights where there are any."""
        return self.weights or self.engine


class FrameResult(Message):
    """score: the model's confidence that the object is visible and the mask is it, 0 to 1.

    stability: SA-V's stability score (SAM 2 only), None where the engine has none.
    Empty counts of a whole frame: the model says absent.
    """

    masklet: int
    change: int
    frame_index: int
    counts: str
    score: float
    stability: float | None = None


class SegmentResult(Message, tag="segment", tag_field="kind"):
    """The answer to SegmentFrame. error: a sentence for people; then mask is None."""

    session: int
    change: int
    model: ModelVersion
    engine_ms: float
    mask: FrameResult | None
    error: str = ""


class ChunkResult(Message, tag="chunk", tag_field="kind"):
    """One chunk of a Propagate.

    state: running (another chunk follows), finished (runs are empty), stopped (the stop flag
    was seen), failed (error says why, in a sentence for people; retryable says if another try may help).
    """

    session: int
    propagation: int
    attempt: int
    model: ModelVersion
    engine_ms: float
    masks: list[FrameResult]
    state: str
    error: str = ""
    retryable: bool = False


class SessionState(Message, tag="session", tag_field="kind"):
    """What a worker does with a session: warming, ready, rebuilding, evicted.

    engine: the model's label. notice: see WorkerInfo.
    """

    session: int
    worker: str
    engine: str
    state: str
    notice: str = ""


Result = SegmentResult | ChunkResult | SessionState


class WorkerInfo(Message):
    """A worker's sign of life, kept in Redis under worker_key(name) for WORKER_TTL seconds.

    notice: why another engine is at work than the one that was asked for, or not as it was asked to be,
    in a sentence for people. warming: it compiles its engine and takes no message yet.
    """

    name: str
    model: ModelVersion
    device: str
    sessions: int
    queue: str
    notice: str = ""
    warming: bool = False


# Newest masks of a pass, per object, with which a tracker goes on elsewhere: SAM 2 attends to as many.
WARM_UP_FRAMES = 7

# Task names and queues are protocol: both sides send by name.
SEGMENT_TASK = "inference.segment_frame"
PROPAGATE_TASK = "inference.propagate_chunk"
CLOSE_TASK = "inference.close_session"
RECORD_TASK = "annotator.record_result"
INFERENCE_QUEUE = "inference"
RESULTS_QUEUE = "results"
CLICK_PRIORITY, PROPAGATE_PRIORITY, BULK_PRIORITY = 0, 5, 9  # 0 is served first
PRIORITY_STEPS = [0, 5, 9]

LEASE_TTL = 6  # seconds a session stays with a worker that has stopped renewing
WORKER_TTL = 6  # seconds


def lease_key(session: int) -> str:
    """Redis key whose value is the name of the direct queue of the worker that holds the session."""
    return f"maskloom:session:{session}:queue"


def stop_key(propagation: int) -> str:
    """Redis key whose presence asks a worker to end this propagation after the frame in work."""
    return f"maskloom:propagation:{propagation}:stop"


def alive_key(propagation: int) -> str:
    """Redis key whose presence says that a worker has this propagation in hand (value: attempt)."""
    return f"maskloom:propagation:{propagation}:alive"


def worker_key(name: str) -> str:
    return f"maskloom:worker:{name}"


def encode(message: Message) -> dict[str, Any]:
    """The message as JSON-able builtins: what travels as a Celery task's one argument."""
    return msgspec.to_builtins(message)


def decode(data: Any, kind: Any) -> Any:
    """The message behind `data`. Raises msgspec.ValidationError when it is not one of `kind`."""
    return msgspec.convert(data, kind)
