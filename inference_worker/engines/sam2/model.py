"""The modules of SAM 2, called stage by stage over batches, and the tensors that no frame changes."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import Sam2VideoModel
from transformers.models.sam2_video.modeling_sam2_video import get_1d_sine_pe

from inference_worker.engines.sam2.attention import MemoryAttention

ABSENT_LOGIT = -1024.0  # every mask logit of a frame on which the object is not visible
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's, per channel of RGB in 0 to 1


@dataclass(frozen=True)
class Features:
    """What the image encoder sees in one frame: three maps with a leading batch side of one.

    low: the coarsest, what memories are fused with. half, fine: twice and four times its size.
    """

    low: Tensor
    half: Tensor
    fine: Tensor

    @property
    def nbytes(self) -> int:
        return self.low.nbytes + self.half.nbytes + self.fine.nbytes


@dataclass(frozen=True)
class Decoded:
    """Candidate masks of a batch of B objects, K each.

    logits: B x K x h x w, float32, a quarter of the model's image size. iou: B x K, the model's own
    estimate. tokens: B x K x channels, or B x 1 for a single mask. visible: B x 1, logits.
    """

    logits: Tensor
    iou: Tensor
    tokens: Tensor
    visible: Tensor


class Model:
    """Stateless between calls. dtype: of the arithmetic; weights stay float32."""

    memory_dtype = torch.bfloat16  # of memory maps, as the official code keeps them

    def __init__(self, modules: Sam2VideoModel, dtype: torch.dtype) -> None:
        self.modules = modules.eval().requires_grad_(False)
        self.config = modules.config
        self.dtype = dtype
        self.device: torch.device = modules.no_memory_embedding.device
        self.low_side: int = modules.prompt_encoder.image_embedding_size[0]
        self.mask_side: int = modules.prompt_encoder.mask_input_size[0]
        self.side = 4 * self.mask_side
        self.maps: int = modules.num_maskmem
        self.channels: int = modules.mem_dim
        with torch.inference_mode():
            self._prepare()

    def _prepare(self) -> None:
        modules, side = self.modules, self.low_side
        self._mean = torch.tensor(_MEAN, device=self.device)[:, None, None]
        self._std = torch.tensor(_STD, device=self.device)[:, None, None]
        self._image_position = modules.get_image_wide_positional_embeddings()
        self._no_memory = modules.no_memory_embedding.reshape(1, -1, 1, 1)
        neck, encoder = modules.vision_encoder.neck, modules.memory_encoder
        place = _sine(neck.position_encoding, modules.hidden_dim, side, self.device)
        averaging = self.device.type == "cpu"
        self._attention = MemoryAttention(modules.memory_attention, place, averaging=averaging)
        in_space = _sine(encoder.position_encoding, self.channels, side, self.device)[:, 0]
        in_time = modules.memory_temporal_positional_encoding.reshape(self.maps, 1, self.channels)
        # [t] is for the map of t + 1 frames ago, the last one for conditioning frames
        self.map_positions = in_space + in_time
        self._pointer_positions: dict[int, Tensor] = {}
        nowhere = torch.zeros(1, 1, 1, 2, device=self.device)
        nothing = torch.full((1, 1, 1), -1, dtype=torch.int32, device=self.device)
        self.unprompted, self._no_mask = modules.prompt_encoder(nowhere, nothing, None, None)

    def precision(self) -> AbstractContextManager[Any]:
        if self.dtype == torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, dtype=self.dtype)

    def encode(self, pixels: Tensor) -> Features:
        """Features of one frame. pixels: side x side x 3, uint8, RGB, on the host or the device."""
        image = pixels.to(self.device, non_blocking=True).permute(2, 0, 1) / 255
        image = ((image - self._mean) / self._std)[None]
        with self.precision():
            return Features(*self.image_maps(image))

    def image_maps(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The parts of Features of 1 x 3 x side x side normalized pixels. See `compiled`."""
        stages = self.modules.vision_encoder.backbone(image).intermediate_hidden_states
        fine, half, low = _pyramid(self.modules.vision_encoder.neck, stages)[:3]
        decoder = self.modules.mask_decoder
        return low, decoder.conv_s1(half), decoder.conv_s0(fine)

    def without_memory(self, low: Tensor) -> Tensor:
        """Features of a frame on which nothing is remembered of the object."""
        return low + self._no_memory

    def attend(self, low: Tensor, memory: Tensor, positions: Tensor, pointer_tokens: int) -> Tensor:
        """The B x C x h x w features fused with B x T x channels tokens of memory.

        The last `pointer_tokens` of the T have no place in the image.
        """
        if self.device.type == "cpu":  # where bfloat16 gains nothing in attention, and costs precision
            return self._attention(low.float(), memory, positions, pointer_tokens)
        with self.precision():
            return self._attention(low, memory, positions, pointer_tokens)

    def prompted(self, points: Tensor, labels: Tensor) -> Tensor:
        """Tokens of N x P points in pixels of the model's image, for N objects: 1 x N x (P + 1) x C.

        labels: 1 positive, 0 negative, 2 and 3 the corners of a box.
        """
        with self.precision():
            return self.modules.prompt_encoder(points[None], labels[None], None, None)[0]

    def decode(
        self, low: Tensor, features: Features, tokens: Tensor, mask: Tensor | None, *, multimask: bool
    ) -> Decoded:
        """Candidate masks for B objects. features: with a batch side of B; tokens: B x 1 x P x C.

        mask: B x 1 x mask_side x mask_side logits of an earlier answer, or None.
        """
        with self.precision():
            dense = self._no_mask if mask is None else self.modules.prompt_encoder.mask_embed(mask)
            return _decoded(self._masks(low, features.half, features.fine, tokens, dense, multimask))

    def decode_tracked(self, low: Tensor, features: Features, *, multimask: bool) -> Decoded:
        """`decode` for B objects that nobody has prompted on this frame."""
        with self.precision():
            return _decoded(self.tracked_masks(low, features.half, features.fine, multimask))

    def tracked_masks(
        self, low: Tensor, half: Tensor, fine: Tensor, multimask: bool
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The parts of Decoded, each with a side of one after the batch's. See `compiled`."""
        tokens = self.unprompted.expand(low.shape[0], -1, -1, -1)
        return self._masks(low, half, fine, tokens, self._no_mask, multimask)

    def _masks(
        self, low: Tensor, half: Tensor, fine: Tensor, tokens: Tensor, dense: Tensor, multimask: bool
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        logits, iou, found, visible = self.modules.mask_decoder(
            image_embeddings=low,
            image_positional_embeddings=self._image_position.expand(low.shape[0], -1, -1, -1),
            sparse_prompt_embeddings=tokens,
            dense_prompt_embeddings=dense,
            multimask_output=multimask,
            high_resolution_features=[fine, half],
        )
        return logits, iou, found, visible

    def propose(self, features: Features, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Logits N x 3 x h x w and IoU estimates N x 3 for N prompts on one frame, as in image mode."""
        with self.precision():
            logits, iou, _, _ = self.modules.mask_decoder(
                image_embeddings=self.without_memory(features.low),
                image_positional_embeddings=self._image_position,
                sparse_prompt_embeddings=tokens,
                dense_prompt_embeddings=self._no_mask,
                multimask_output=True,
                high_resolution_features=[features.fine, features.half],
            )
        return logits[0].float(), iou[0].float()

    def pointers(self, tokens: Tensor, visible: Tensor) -> Tensor:
        """Object pointers B x C of B mask tokens. visible: B x 1, bool."""
        with self.precision():
            pointers = self.modules.object_pointer_proj(tokens).float()
        return torch.where(visible, pointers, self.modules.no_object_pointer)

    def pointer_mask(self, masks: Tensor) -> Tensor:
        """Drawn masks B x 1 x side x side (0 or 1) as the decoder takes them: at mask_side, as logits."""
        with self.precision():
            return self.modules.mask_downsample(masks).float()

    def remember(self, low: Tensor, shares: Tensor, visible: Tensor) -> Tensor:
        """Memory maps B x (h w) x channels of B masks.

        shares: B x 1 x side x side, how much of the object is in a pixel, 0 to 1. visible: B x 1, bool.
        """
        with self.precision():
            maps = self.memory_maps(low, shares)
        occluded = self.modules.occlusion_spatial_embedding_parameter
        if occluded is not None:
            maps = maps + torch.where(visible, 0, occluded)[..., None, None]
        return maps.to(self.memory_dtype).flatten(2).transpose(1, 2).contiguous()

    def memory_maps(self, low: Tensor, shares: Tensor) -> Tensor:
        """Memory maps B x channels x h x w before occlusion is marked. See `compiled`."""
        config = self.config
        scaled = shares * config.sigmoid_scale_for_mem_enc + config.sigmoid_bias_for_mem_enc
        maps: Tensor = self.modules.memory_encoder(low, scaled)[0]
        return maps

    def pointer_positions(self, offsets: list[int], longest: int) -> Tensor:
        """Positions len(offsets) x channels of pointers that many frames old. longest: what counts as 1."""
        if not self.config.enable_temporal_pos_encoding_for_object_pointers:
            return self.map_positions.new_zeros(len(offsets), self.channels)
        table = self._pointer_positions.get(longest)
        if table is None or len(table) <= max(offsets):
            ages = torch.arange(max(1024, 2 * max(offsets)), device=self.device) / longest
            sines = get_1d_sine_pe(ages, dim=self.modules.hidden_dim)
            table = self.modules.temporal_positional_encoding_projection_layer(sines)
            self._pointer_positions[longest] = table
        return table[torch.tensor(offsets)]


def enlarged(logits: Tensor, size: tuple[int, int]) -> Tensor:
    """B x 1 x h x w logits at another size, between pixel centres."""
    return F.interpolate(logits, size=size, mode="bilinear", align_corners=False)


def shrunk(values: Tensor, side: int) -> Tensor:
    """B x 1 x h x w values at side x side, each the mean around its place."""
    return F.interpolate(values, size=(side, side), mode="bilinear", align_corners=False, antialias=True)


def _decoded(parts: tuple[Tensor, Tensor, Tensor, Tensor]) -> Decoded:
    return Decoded(*(part[:, 0].float() for part in parts))


def _sine(encoding: Any, channels: int, side: int, device: torch.device) -> Tensor:
    position = encoding(torch.Size((1, channels, side, side)), device, torch.float32)
    return position.flatten(2).permute(2, 0, 1)


def _pyramid(neck: Any, stages: tuple[Tensor, ...]) -> list[Tensor]:
    # As the neck's own forward, without the positions of each level, which cost more than its convolutions.
    levels: list[Tensor] = []
    for conv, level in zip(neck.convs, reversed(range(len(stages))), strict=True):
        lateral = conv(stages[level].permute(0, 3, 1, 2))
        if levels and level in neck.fpn_top_down_levels:
            above = F.interpolate(levels[-1].float(), scale_factor=2.0, mode="nearest")
            lateral = lateral + above.to(lateral.dtype)
        levels.append(lateral)
    return levels[::-1]
