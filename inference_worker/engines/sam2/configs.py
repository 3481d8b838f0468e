"""The members of the SAM 2 family: what each is built of and where its weights come from.

Nothing here imports torch or transformers before a model is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import Sam2VideoConfig

PUBLISHER = "https://dl.fbaipublicfiles.com/segment_anything_2"
STRIDE = 16  # image pixels of one side of a position of the coarsest features


@dataclass(frozen=True)
class Architecture:
    """What tells one member of the family from another.

    blocks, windows: blocks and window side of each of the four encoder stages; a stage has twice
    the channels and heads of the one before. global_blocks: which blocks attend to the whole image.
    background: side of the learned position embedding that is stretched over the image.
    timed_pointers: SAM 2.1's additions, a time for object pointers and a mark on the memory of
    frames without the object.
    image_size, hidden_size: side of the square image, channels of features and tokens.
    """

    embed_dim: int
    heads: int
    blocks: tuple[int, int, int, int]
    global_blocks: tuple[int, ...]
    windows: tuple[int, int, int, int] = (8, 4, 14, 7)
    background: int = 7
    timed_pointers: bool = True
    image_size: int = 1024
    hidden_size: int = 256


@dataclass(frozen=True)
class Release:
    """Published weights. file: the publisher's name of them."""

    name: str
    file: str
    url: str
    architecture: Architecture


def _releases() -> dict[str, Release]:
    found = {}
    for version, folder, timed in (("sam2.1", "092824", True), ("sam2", "072824", False)):
        sizes = {
            "tiny": Architecture(96, 1, (1, 2, 7, 2), (5, 7, 9), timed_pointers=timed),
            "small": Architecture(96, 1, (1, 2, 11, 2), (7, 10, 13), timed_pointers=timed),
            "base-plus": Architecture(
                112, 2, (2, 3, 16, 3), (12, 16, 20), background=14, timed_pointers=timed
            ),
            "large": Architecture(
                144, 2, (2, 6, 36, 4), (23, 33, 43), windows=(8, 4, 16, 8), timed_pointers=timed
            ),
        }
        for size, architecture in sizes.items():
            name, file = f"{version}-{size}", f"{version}_hiera_{size.replace('-', '_')}.pt"
            found[name] = Release(name, file, f"{PUBLISHER}/{folder}/{file}", architecture)
    return found


RELEASES = _releases()


def video_config(architecture: Architecture) -> Sam2VideoConfig:
    """The configuration of the modules, as the publisher's own configuration files have it."""
    from transformers import (
        Sam2HieraDetConfig,
        Sam2VideoConfig,
        Sam2VideoMaskDecoderConfig,
        Sam2VideoPromptEncoderConfig,
        Sam2VisionConfig,
    )

    hidden, image = architecture.hidden_size, architecture.image_size
    channels = [architecture.embed_dim << stage for stage in range(4)]
    backbone = Sam2HieraDetConfig(
        hidden_size=architecture.embed_dim,
        num_attention_heads=architecture.heads,
        image_size=[image, image],
        blocks_per_stage=list(architecture.blocks),
        embed_dim_per_stage=channels,
        num_attention_heads_per_stage=[architecture.heads << stage for stage in range(4)],
        window_size_per_stage=list(architecture.windows),
        global_attention_blocks=list(architecture.global_blocks),
        window_positional_embedding_background_size=[architecture.background] * 2,
    )
    vision = Sam2VisionConfig(
        backbone_config=backbone,
        backbone_channel_list=channels[::-1],
        backbone_feature_sizes=[[image // stride] * 2 for stride in (4, 8, STRIDE)],
        fpn_hidden_size=hidden,
    )
    return Sam2VideoConfig(
        vision_config=vision,
        prompt_encoder_config=Sam2VideoPromptEncoderConfig(
            hidden_size=hidden, image_size=image, patch_size=STRIDE
        ),
        mask_decoder_config=Sam2VideoMaskDecoderConfig(hidden_size=hidden),
        image_size=image,
        enable_occlusion_spatial_embedding=architecture.timed_pointers,
        enable_temporal_pos_encoding_for_object_pointers=architecture.timed_pointers,
        memory_attention_hidden_size=hidden,
        memory_attention_rope_feat_sizes=[image // STRIDE] * 2,
        memory_encoder_hidden_size=hidden,
        mask_downsampler_embed_dim=hidden,
        memory_fuser_embed_dim=hidden,
        memory_fuser_intermediate_dim=4 * hidden,
    )
