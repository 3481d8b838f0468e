"""Scenarios on the published video predictor."""

from __future__ import annotations

import types
from typing import Any

import numpy as np
import torch
from PIL import Image

from inference_worker.bench.published import published_module, published_predictor
from inference_worker.engines.sam2.configs import Architecture
from tests.inference_worker.engines.sam2_parity import video
from tests.inference_worker.engines.sam2_parity.answers import MEMORY_DTYPE, Answer, Answers
from tests.inference_worker.engines.sam2_parity.scenarios import Click, Draw, Pass, Remove, Scenario
from tests.inference_worker.engines.sam2_parity.weights import official_shapes, official_weights

_MEAN, _STD = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])


class _Torch(types.SimpleNamespace):
    """torch, with another type where the predictor names the one it keeps memories in."""

    def __getattr__(self, name: str) -> Any:
        return getattr(torch, name)


class Official:
    """The published predictor of one size. Features of frames are kept between scenarios. memory_dtype: see
    MEMORY_DTYPE."""

    def __init__(
        self, name: str, architecture: Architecture, memory_dtype: torch.dtype = MEMORY_DTYPE
    ) -> None:
        self._memory_dtype = memory_dtype
        self._side = architecture.image_size
        self._predictor = published_predictor(architecture)
        self._predictor.load_state_dict(official_weights(official_shapes(name)), strict=True)
        self._score_bias = self._predictor.sam_mask_decoder.pred_obj_score_head.layers[-1].bias.data
        self._usual_score_bias = self._score_bias.clone()
        self._features: dict[tuple[int, video.Size], Any] = {}

    @torch.inference_mode()
    def run(self, scenario: Scenario, *, keeps_corrections: bool = True) -> Answers:
        """keeps_corrections: not the published default, but what the model was trained with.

        Each object has a state of its own, so that a pass can begin at its own first prompt.

        The predictor treats the objects of one state independently, so this changes nothing else.
        """
        published_module("sam2_video_predictor").torch = _Torch(bfloat16=self._memory_dtype)
        self._predictor.max_cond_frames_in_attn = scenario.max_conditioning
        self._predictor.add_all_frames_to_correct_as_cond = keeps_corrections
        self._score_bias.copy_(self._usual_score_bias - scenario.hidden)
        states: dict[int, dict[str, Any]] = {}
        answers: Answers = {}
        for number, act in enumerate(scenario.acts):
            if isinstance(act, Remove):
                states.pop(act.obj)
            elif isinstance(act, Pass):
                for obj, state in states.items():
                    self._propagate(state, act, (number, obj), answers)
            else:
                if act.obj not in states:
                    states[act.obj] = self._new_state(scenario)
                self._prompt(states[act.obj], act)
                if isinstance(act, Click):
                    shown = states[act.obj]["temp_output_dict_per_obj"][0]
                    answers[number, act.frame, act.obj] = _answer(shown, act.frame)
        return answers

    def _new_state(self, scenario: Scenario) -> dict[str, Any]:
        size = scenario.size(self._side)
        seen = {frame: self._seen(frame, size) for frame in range(scenario.frames)}
        images = [image[0] for image, _ in seen.values()]
        published_module("sam2_video_predictor").load_video_frames = lambda **_: (images, *size)
        state = self._predictor.init_state(video_path="")
        state["cached_features"] = seen
        return state

    def _seen(self, frame: int, size: video.Size) -> Any:
        """The image as the model takes it, and its features."""
        if (frame, size) not in self._features:
            picture = Image.fromarray(video.picture(frame, size)).resize((self._side, self._side))
            image = (np.asarray(picture).astype(np.float32) / 255 - _MEAN) / _STD
            batch = torch.from_numpy(image).permute(2, 0, 1)[None]
            self._features[frame, size] = (batch, self._predictor.forward_image(batch))
        return self._features[frame, size]

    def _prompt(self, state: dict[str, Any], act: Click | Draw) -> None:
        height, width = state["video_height"], state["video_width"]
        if isinstance(act, Draw):
            mask = video.shape(act.obj, act.frame, (height, width)) & (not act.empty)
            self._predictor.add_new_mask(state, act.frame, obj_id=0, mask=mask)
        else:
            self._predictor.add_new_points_or_box(
                state,
                act.frame,
                obj_id=0,
                points=None if act.point is None else np.float32([act.point]) * np.float32([width, height]),
                labels=None if act.point is None else np.int32([act.positive]),
                box=None
                if act.box is None
                else np.float32(act.box) * np.float32([width, height, width, height]),
                clear_old_points=act.box is not None,
            )

    def _propagate(self, state: dict[str, Any], act: Pass, key: tuple[int, int], answers: Answers) -> None:
        reverse = act.last < act.first
        self._predictor.propagate_in_video_preflight(state)
        prompted = state["output_dict_per_obj"][0]["cond_frame_outputs"]
        first = act.first
        if not any(frame >= first if reverse else frame <= first for frame in prompted):
            first = max(prompted) if reverse else min(prompted)
        steps = self._predictor.propagate_in_video(
            state, start_frame_idx=first, max_frame_num_to_track=abs(act.last - first), reverse=reverse
        )
        for frame, _, _ in steps:
            if frame not in prompted:
                number, obj = key
                answers[number, frame, obj] = _answer(state["output_dict_per_obj"][0], frame)


def _answer(outputs: dict[str, dict[int, Any]], frame: int) -> Answer:
    found = outputs["cond_frame_outputs"].get(frame) or outputs["non_cond_frame_outputs"][frame]
    return Answer(found["pred_masks"][0, 0].numpy().copy(), float(found["object_score_logits"]))
