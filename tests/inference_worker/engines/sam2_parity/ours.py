"""Scenarios on our tracker, through the contract that workers use."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from transformers import Sam2VideoModel

from inference_worker.engines import Known
from inference_worker.engines.sam2.recall import TRACKED
from inference_worker.engines.sam2.segmenter import Sam2Segmenter
from inference_worker.engines.sam2.tracker import Sam2Tracker
from inference_worker.protocol import rle
from inference_worker.protocol.messages import Box, MaskPrompt, ModelVersion, Point, Prompt
from tests.inference_worker.engines.sam2_parity import video
from tests.inference_worker.engines.sam2_parity.answers import MEMORY_DTYPE, Answer, Answers
from tests.inference_worker.engines.sam2_parity.scenarios import Click, Draw, Pass, Remove, Scenario

POINTERS = 15  # masks behind a frame that attention may reach


@dataclass
class _Object:
    """prompts and shown: what a frame has now. passed: what the last pass over a frame found or left there."""

    prompts: dict[int, list[Prompt]] = field(default_factory=dict)
    shown: dict[int, np.ndarray] = field(default_factory=dict)
    passed: dict[int, Known] = field(default_factory=dict)
    forward: dict[int, bool] = field(default_factory=dict)

    def human(self) -> dict[int, Known]:
        return {
            frame: Known(self.shown[frame], human=True, prompts=tuple(prompts))
            for frame, prompts in self.prompts.items()
        }

    def behind(self, frame: int, *, forward: bool) -> dict[int, Known]:
        """Masks of passes that a pass of this direction has behind it when it comes to the frame."""
        return {
            other: known
            for other, known in self.passed.items()
            if not known.human and 0 < (frame - other if forward else other - frame) <= POINTERS
        }


@dataclass(frozen=True)
class _Frames:
    size: tuple[int, int]
    indices: range

    @property
    def key(self) -> Hashable:
        return self.size

    def rgb(self, frame_index: int) -> np.ndarray:
        return video.picture(frame_index, self.size)


class Ours:
    """Our tracker of one size. Image features are kept between scenarios.

    memory_dtype: see MEMORY_DTYPE. bounds: what of the engine's is to be another.
    """

    def __init__(
        self, modules: Sam2VideoModel, memory_dtype: torch.dtype = MEMORY_DTYPE, **bounds: int
    ) -> None:
        self._modules = modules
        self._bounds = bounds
        self._memory_dtype = memory_dtype
        self._side = int(modules.config.image_size)
        self._score_bias = modules.mask_decoder.pred_obj_score_head.proj_out.bias.data
        self._usual_score_bias = self._score_bias.clone()
        self._segmenters: dict[int, Sam2Segmenter] = {}

    def run(self, scenario: Scenario) -> Answers:
        if scenario.max_conditioning not in self._segmenters:
            self._segmenters[scenario.max_conditioning] = self._segmenter(scenario.max_conditioning)
        self._score_bias.copy_(self._usual_score_bias - scenario.hidden)
        frames = _Frames(scenario.size(self._side), range(scenario.frames))
        run = _Run(self._segmenters[scenario.max_conditioning].open(frames), frames.size)
        for number, act in enumerate(scenario.acts):
            run.act(number, act)
        return run.answers

    def _segmenter(self, max_conditioning: int) -> Sam2Segmenter:
        segmenter = Sam2Segmenter(
            self._modules,
            ModelVersion(engine="sam2"),
            dtype=torch.float32,
            max_conditioning_frames=max_conditioning,
            small_area=0,
        )
        engine = segmenter._engine
        engine.model.memory_dtype = self._memory_dtype
        segmenter._engine = replace(engine, bounds=replace(engine.bounds, **self._bounds))
        return segmenter


class _Run:
    def __init__(self, tracker: Sam2Tracker, size: video.Size) -> None:
        self.answers: Answers = {}
        self._tracker = tracker
        self._size = size
        self._objects: dict[int, _Object] = {}

    def act(self, number: int, act: Click | Draw | Pass | Remove) -> None:
        match act:
            case Click():
                self._click(number, act)
            case Draw():
                self._draw(act)
            case Pass():
                self._pass(number, act)
            case Remove():
                del self._objects[act.obj]

    def _click(self, number: int, act: Click) -> None:
        obj = self._objects.setdefault(act.obj, _Object())
        prompts = obj.prompts.setdefault(act.frame, [])
        prompts.append(_as_prompt(act, self._size))
        known: dict[int, Known] = {}
        if act.frame in obj.passed:
            known = {frame: each for frame, each in obj.passed.items() if each.human}
            known |= obj.behind(act.frame, forward=obj.forward[act.frame])
            known[act.frame] = obj.passed[act.frame]
        found = self._tracker.segment(act.obj, act.frame, prompts, obj.shown.get(act.frame), known)
        obj.shown[act.frame] = found.mask
        self._take(number, act.obj, act.frame, tuple(prompts))

    def _draw(self, act: Draw) -> None:
        obj = self._objects.setdefault(act.obj, _Object())
        mask = video.shape(act.obj, act.frame, self._size) & (not act.empty)
        obj.prompts[act.frame] = [MaskPrompt(counts=rle.encode(mask))]
        obj.shown[act.frame] = mask

    def _pass(self, number: int, act: Pass) -> None:
        forward = act.last >= act.first
        frames = range(act.first, act.last + 1) if forward else range(act.first, act.last - 1, -1)
        known = {
            obj_id: {**obj.behind(act.first, forward=forward), **obj.human()}
            for obj_id, obj in self._objects.items()
        }
        for obj_id, obj in self._objects.items():
            obj.passed |= {frame: each for frame, each in known[obj_id].items() if each.human}
            obj.forward |= dict.fromkeys(known[obj_id], forward)
        for frame, results in self._tracker.track(frames, known):
            for obj_id, found in results.items():
                obj = self._objects[obj_id]
                obj.shown[frame], obj.forward[frame] = found.mask, forward
                obj.passed[frame] = Known(found.mask, human=False)
                self._take(number, obj_id, frame, TRACKED)

    def _take(self, number: int, obj: int, frame: int, asked: Hashable) -> None:
        output = self._tracker._recall.get((obj, frame, asked))
        assert output is not None, "the tracker recalls what it has just said"
        self.answers[number, frame, obj] = Answer(output.logits.numpy().copy(), float(output.visible))


def _as_prompt(act: Click, size: video.Size) -> Prompt:
    height, width = size
    if act.box is not None:
        edges = np.float32(act.box) * np.float32([width, height, width, height])
        x0, y0, x1, y1 = (float(edge) for edge in edges)
        return Box(x0=x0, y0=y0, x1=x1, y1=y1)
    assert act.point is not None
    x, y = (float(place) for place in np.float32(act.point) * np.float32([width, height]))
    return Point(x=x, y=y, positive=act.positive)
