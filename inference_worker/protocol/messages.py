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

    bulk: nobody waits for it: people's clicks and passes go first, however long it takes.
    small_area: parts and holes of fewer pixels are cleaned from each mask, as SA-V's auto masklets are.
    """

    session: int
    frames: Frames
    objects: list[ObjectRecipe]
    propagation: int
    attempt: int
    runs: list[list[int]]
    bulk: bool = False
    small_area: int = 0


class ProposeSettings(Message):
    """How masks are proposed from grids of points on one frame, and which of them are kept.

    Source: SAM 2 paper, sections 5.1 and D.1, for the grids; the rest is not published, and is as the
    released automatic mask generator has it, where it has it.

    points_per_side: of the grid on the frame, on each of 2 x 2 windows, on each of 4 x 4, and so on.
    overlap: of 2 x 2 windows, as a share of the frame's short side; of finer ones less, in proportion.
    min_iou, min_stability: estimates by the engine below which a mask goes. stability_offset: of logits,
    between which an engine that has logits measures stability.
    edge_px: a mask that comes so near to an edge of its window, and not of the frame, is cut off and goes.
    within_iou, across_iou: boxes of one window, and of several, that overlap more are of one object.
    known_iou: masks that overlap one that the video has already by more are of its object.
    small_share: parts and holes smaller than this share of the frame are cleaned away: SA-V's example has
    none below 100 pixels at 848 x 480. most: the largest so many are kept.
    """

    points_per_side: tuple[int, ...] = (32, 16, 4)
    overlap: float = 512 / 1500
    min_iou: float = 0.8
    min_stability: float = 0.95
    stability_offset: float = 1.0
    edge_px: int = 20
    within_iou: float = 0.7
    across_iou: float = 0.7
    known_iou: float = 0.5
    small_share: float = 100 / (848 * 480)
    most: int = 24

    @property
    def points(self) -> int:
        """How many points all grids of a frame have together."""
        return sum((2**layer * per_side) ** 2 for layer, per_side in enumerate(self.points_per_side))

    def small_area(self, size: tuple[int, int]) -> int:
        """Pixels below which parts and holes are cleaned away, in a frame of (height, width)."""
        return round(self.small_share * size[0] * size[1])


class Candidate(Message):
    """A proposed mask of the whole frame. window: of how many in a row its window was one."""

    counts: str
    box: tuple[int, int, int, int]
    iou: float
    stability: float
    window: int


class Proposed(Message):
    """What came of the first so many points. found: what is left of it, by falling score; at the end, in
    the order in which masklets are made of it. candidates: how many masks were good enough on their own."""

    points: int = 0
    candidates: int = 0
    found: list[Candidate] = []


class Propose(Message):
    """Ask for masks of whatever stands out on a frame, as far as one unit of work goes.

    known: masks on that frame of objects that the video has already. done: what is left of windows that
    are through. points: how many are done, those of the window in work as well; a worker that does
    not remember these begins that window again. The worker sends itself the same message with more done.
    """

    session: int
    frames: Frames
    frame_index: int
    run: int
    attempt: int
    settings: ProposeSettings
    known: list[str]
    done: Proposed
    points: int


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


class MaskForm(Message):
    """What triage asks of a mask's pixels, measured where the bitmap is at hand.

    border: the share of the frame's outermost pixels that are object, 0 to 1. components, holes: how
    many pieces it is in, and how many stretches of background it encloses; pixels that touch by a
    corner are one piece.
    """

    border: float
    components: int
    holes: int


class FrameResult(Message):
    """score: the model's confidence that the object is visible and the mask is it, 0 to 1.

    stability: SA-V's stability score (SAM 2 only), None where the engine has none.
    Empty counts of a whole frame: the model says absent. form: of a pass's masks only.
    """

    masklet: int
    change: int
    frame_index: int
    counts: str
    score: float
    stability: float | None = None
    form: MaskForm | None = None


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


class ProposeResult(Message, tag="propose", tag_field="kind"):
    """One unit of a Propose.

    points: how many are done. engine_ms: what the engine took for this unit's. done: where a window came
    to its end, all that is left so far; at the end, what is kept. state, error, retryable: see ChunkResult.
    """

    session: int
    run: int
    attempt: int
    model: ModelVersion
    points: int
    engine_ms: float
    done: Proposed | None
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


Result = SegmentResult | ChunkResult | ProposeResult | SessionState


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
PROPOSE_TASK = "inference.propose_masks"
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


def stop_run_key(run: int) -> str:
    """As stop_key, of an auto run that proposes."""
    return f"maskloom:auto-run:{run}:stop"


def alive_run_key(run: int) -> str:
    """As alive_key, of an auto run that proposes."""
    return f"maskloom:auto-run:{run}:alive"


def worker_key(name: str) -> str:
    return f"maskloom:worker:{name}"


def encode(message: Message) -> dict[str, Any]:
    """The message as JSON-able builtins: what travels as a Celery task's one argument."""
    return msgspec.to_builtins(message)


def decode(data: Any, kind: Any) -> Any:
    """The message behind `data`. Raises msgspec.ValidationError when it is not one of `kind`."""
    return msgspec.convert(data, kind)
